//! How Nachos 5.0j (Berkeley, Java) treats a file: its constants and its page arithmetic.
//!
//! Source: its Java machine, run.

use crate::section::SectionKind;
use crate::wire;

/// The page size in bytes.
pub const PAGE_SIZE: u32 = 1024;

/// Number of stack pages, after the last section.
pub const STACK_PAGES: u32 = 8;

/// Number of argument pages, after the stack.
pub const ARGUMENT_PAGES: u32 = 1;

/// Number of frames of the machine as shipped; `nachos.conf` sets it.
pub const FRAMES: u32 = 64;

/// Minimum number of sections.
pub const MIN_SECTIONS: u16 = 2;

/// Maximum number of sections.
pub const MAX_SECTIONS: u16 = 10;

/// Number of bytes that the loader reads before anything else.
pub const MIN_LENGTH: u32 = 48;

/// What the loader takes a section to be, from its flags alone. `None` for a section that it refuses.
pub const fn kind(flags: u32) -> Option<SectionKind> {
    match flags & 0xfff {
        wire::STYP_TEXT => Some(SectionKind::Text),
        wire::STYP_DATA => Some(SectionKind::Data),
        wire::STYP_BSS => Some(SectionKind::Bss),
        wire::STYP_RDATA => Some(SectionKind::Rdata),
        _ => None,
    }
}

//! The memory of a program, and the options that it depends on.

use crate::header::Header;
use crate::section::Section;
use crate::wire::HLEN_PLAIN;

pub use elks_kernel::{INIT_HEAP, INIT_STACK, MIN_ARGUMENT_BYTES};
pub(super) use elks_kernel::{low_word, paragraphs};

/// From this value of `chmem` on, a program gets as much memory as its data segment can have.
pub const MAX_HEAP: u16 = 0xfff0;

/// How the kernel was configured, and how the program is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Options {
    /// Medium model (far text, relocations): `CONFIG_EXEC_MMODEL`.
    pub medium_model: bool,
    /// Compressed sections: `CONFIG_EXEC_COMPRESS`.
    pub compression: bool,
    /// The size of the argument block (argc, argv, environment, strings), in bytes.
    pub argument_bytes: u16,
}

impl Default for Options {
    /// Both configured, the program called by a one-letter name, without arguments and environment.
    fn default() -> Self {
        Self { medium_model: true, compression: true, argument_bytes: MIN_ARGUMENT_BYTES }
    }
}

impl Options {
    /// A kernel without medium model and compression.
    pub const MINIMAL: Self =
        Self { medium_model: false, compression: false, argument_bytes: MIN_ARGUMENT_BYTES };
}

/// Kernel options that a file requires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Requirements {
    /// The file has a supplement, which a kernel without medium model refuses with ENOEXEC.
    pub medium_model: bool,
    /// The file has a compressed section, which a kernel without compression refuses with ENOEXEC.
    pub compression: bool,
}

impl Requirements {
    /// What a file with this header requires.
    pub const fn of(header: &Header) -> Self {
        Self { medium_model: header.hlen != HLEN_PLAIN, compression: header.is_compressed() }
    }
}

/// Whether ELKS runs the text of a program in ROMFS in place, instead of copying it: with a header of 32
/// bytes, which excludes compression. The sticky bit of the file, which is not in its bytes, prevents this
/// too.
pub const fn runs_in_place(header: &Header) -> bool {
    header.hlen == HLEN_PLAIN
}

/// The memory of a program, as `execve` sets it up. All sizes are in bytes unless stated to be in paragraphs
/// (16 bytes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    /// Size of the text segment, in paragraphs.
    pub text_paras: u16,
    /// Where the far text begins, in paragraphs from the start of the text.
    pub far_text_para: u16,
    /// Size of the data segment; a multiple of 16.
    pub data_len: u16,
    /// Size of the stack that the kernel reserves; 0 for version 0 with `chmem`.
    pub minstack: u16,
    /// Where the heap may begin: after the bss.
    pub t_enddata: u16,
    /// The end of the data segment.
    pub t_endseg: u16,
    /// The initial stack pointer; the argument block begins there.
    pub begstack: u16,
    /// The initial break: `t_enddata` rounded up to a word.
    pub endbrk: u16,
    /// The initial instruction pointer.
    pub entry: u16,
    /// Size of the text.
    pub text: u16,
    /// Size of the far text.
    pub far_text: u16,
    /// Size of the initialised data.
    pub data: u16,
    /// Size of the bss.
    pub bss: u16,
    /// Size of the argument block.
    pub argument_bytes: u16,
}

impl Layout {
    /// Number of bytes between the break and the reserved stack: how much the heap may grow.
    pub const fn heap(&self) -> u16 {
        self.begstack.saturating_sub(self.minstack).saturating_sub(self.endbrk)
    }

    /// The size of the text segment in bytes.
    pub const fn text_bytes(&self) -> u32 {
        (self.text_paras as u32).wrapping_mul(PARAGRAPH)
    }

    /// Where the far text begins, in bytes from the start of the text.
    pub const fn far_text_offset(&self) -> u32 {
        (self.far_text_para as u32).wrapping_mul(PARAGRAPH)
    }

    /// Number of bytes that the segment has from the start of a loaded section on.
    pub const fn area(&self, section: Section) -> u32 {
        match section {
            Section::Text => self.text_bytes(),
            Section::FarText => self.text_bytes().saturating_sub(self.far_text_offset()),
            _ => self.data_len as u32,
        }
    }
}

const PARAGRAPH: u32 = 16;

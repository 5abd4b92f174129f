use alloc::string::String;
use core::fmt;

use execfmt_common::Severity;

use crate::elks::ElksRefusal;
use crate::elks_symbol::MAX_ELKS_TABLE;

/// Something that a user should know about a successful conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A relocation section was left out, because it belongs to a section and not to the program.
    RelocationsIgnored {
        /// Its name.
        name: String,
    },
    /// Names of symbols were shortened to the 255 bytes that a record can hold.
    NamesCut {
        /// Number of them.
        count: usize,
    },
    /// The symbol table is longer than the reader on the target accepts.
    LongSymbolTable {
        /// Its length in bytes.
        bytes: usize,
    },
    /// A symbol table was requested, but the input has none.
    NoSymbols,
    /// A word that a relocation of an OS/2 program changes seems to continue a chain, which ELKS does not
    /// follow.
    Chain {
        /// The segment, counted from 1.
        segment: u16,
        /// Offset of the word in the segment, in bytes.
        place: u16,
        /// The word's value.
        next: u16,
    },
    /// ELKS refuses to run the result even without arguments.
    Refused(ElksRefusal),
}

impl Note {
    /// A warning when the program may not run as intended; `None` for plain information.
    pub const fn severity(&self) -> Option<Severity> {
        match self {
            Self::RelocationsIgnored { .. } | Self::NamesCut { .. } => None,
            _ => Some(Severity::Warning),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RelocationsIgnored { name } => {
                write!(f, "relocation section {name} left out: it does not belong to the linked program")
            }
            Self::NamesCut { count } => write!(f, "{count} symbol names shortened to 255 bytes"),
            Self::LongSymbolTable { bytes } => write!(
                f,
                "the symbol table has {bytes} bytes, but programs on ELKS read at most {MAX_ELKS_TABLE}; make some symbols local and strip them"
            ),
            Self::NoSymbols => f.write_str("the input has no symbol table; link it without -s"),
            Self::Chain { segment, place, next } => write!(
                f,
                "the relocated word at {place:#x} of segment {segment} holds {next:#x}, not 0xffff: if this is the next link of a chain, it is lost"
            ),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

use core::fmt;

use super::process::{PROTO_CODE, SmallModelFlaw};
use crate::capability::CapType;
use crate::object::Slot;
use crate::rules::CoyotosFinding;
use crate::space::SpaceError;
use crate::try_vec::OutOfMemory;

/// Why a builder's call failed. The builder is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// An object or an address space does not allow it, or there is no memory for it.
    Space(SpaceError),
    /// An object has no such slot.
    NoSuchSlot {
        /// The type of the capability to the object.
        cap_type: CapType,
        /// The slot.
        slot: Slot,
    },
    /// Bytes beyond the end of a page.
    PastEnd {
        /// Where the bytes would end in the page.
        end: u64,
        /// The size of a page in bytes.
        size: u64,
    },
    /// Page 0 holds the header, which is written last.
    HeaderPage,
    /// An `l2v` of more than 6 bits.
    GptSize(u8),
    /// The image breaks one of the original's 16 rules.
    Refused(CoyotosFinding),
    /// The image would have so many bytes, and `imgBytes` has 32 bits.
    TooLarge(u64),
    /// The caller's buffer is too small.
    BufferTooSmall {
        /// The bytes that the image needs.
        needed: u64,
        /// The bytes that the buffer has.
        given: u64,
    },
    /// The address where a program is to start is not mapped, or may not be executed.
    EntryNotExecutable(u64),
    /// A space larger than the one GPT of a small-model constructor.
    NotSmall {
        /// The binary logarithm of the bytes that the space covers, with its guard.
        l2: u32,
        /// That of what one GPT of pages covers.
        most: u32,
    },
    /// A space that breaks a rule of the small model.
    SmallModel(SmallModelFlaw),
    /// A `ProtoSpace` program that is not one page at address 0 whose code begins at byte 8.
    NotProtoSpace {
        /// Where the program starts.
        entry: u64,
    },
    /// A symbol's name holds a NUL, or the string table would be longer than 32 bits hold.
    SymbolName,
    /// Bytes were to be written at an address where there is no page of the image.
    NotWritable {
        /// The address.
        address: u64,
        /// What is there.
        found: CapType,
    },
    /// A range of addresses that ends beyond 64 bits.
    AddressOverflow(u64),
}

impl From<SpaceError> for BuildError {
    fn from(error: SpaceError) -> Self {
        Self::Space(error)
    }
}

impl From<OutOfMemory> for BuildError {
    fn from(error: OutOfMemory) -> Self {
        SpaceError::from(error).into()
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Space(error) => error.fmt(f),
            Self::NoSuchSlot { cap_type, slot } => write!(f, "a {cap_type} has no slot {slot}"),
            Self::PastEnd { end, size } => write!(f, "byte {end} lies beyond the {size} bytes of a page"),
            Self::HeaderPage => {
                f.write_str("page 0 holds the image's header; allocate a page for other contents")
            }
            Self::GptSize(l2v) => write!(f, "l2v {l2v} does not fit into 6 bits"),
            Self::Refused(finding) => finding.fmt(f),
            Self::TooLarge(bytes) => {
                write!(f, "the image would have {bytes} bytes, and its header counts them in 32 bits")
            }
            Self::BufferTooSmall { needed, given } => {
                write!(f, "the buffer has {given} bytes, but {needed} are needed")
            }
            Self::EntryNotExecutable(pc) => {
                write!(
                    f,
                    "the start address {pc:#x} is not mapped executable; check the entry point of the program"
                )
            }
            Self::NotSmall { l2, most } => write!(
                f,
                "the space covers 2^{l2} bytes, and the small model has one GPT of 2^{most}; link the program to low addresses"
            ),
            Self::SmallModel(flaw) => flaw.fmt(f),
            Self::NotProtoSpace { entry } => write!(
                f,
                "a ProtoSpace program is one page at address 0 and starts at address {PROTO_CODE}, after the PC; this one \
                 starts at {entry:#x}, or has other pages: link it with -Ttext=0 -e {PROTO_CODE}"
            ),
            Self::SymbolName => {
                f.write_str("a symbol's name holds a NUL, or the names are longer together than 4 GiB")
            }
            Self::NotWritable { address, found } => {
                write!(
                    f,
                    "at {address:#x} there is a {found}, not a page of the image that bytes could go to"
                )
            }
            Self::AddressOverflow(address) => write!(f, "the range from {address:#x} on ends beyond 64 bits"),
        }
    }
}

impl core::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Space(error) => Some(error),
            Self::Refused(finding) => Some(finding),
            _ => None,
        }
    }
}

use core::fmt;

use super::process::{PROTO_CODE, SmallModelFlaw};
use crate::capability::CapType;
use crate::object::Slot;
use crate::rules::CoyotosFinding;
use crate::space::SpaceError;
use crate::try_vec::OutOfMemory;

/// Why a call of the builder failed. The builder is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// An object or an address space does not allow the operation, or memory ran out.
    Space(SpaceError),
    /// An object has no such slot.
    NoSuchSlot {
        /// The type of the capability to the object.
        cap_type: CapType,
        /// The slot.
        slot: Slot,
    },
    /// Bytes past the end of a page.
    PastEnd {
        /// Offset in the page at which the bytes would end.
        end: u64,
        /// The size of a page in bytes.
        size: u64,
    },
    /// Page 0 holds the header, which is written last.
    HeaderPage,
    /// An `l2v` of more than 6 bits.
    GptSize(u8),
    /// The image breaks a rule: by default, one of the 16 rules of the original.
    Refused(CoyotosFinding),
    /// The size that the image would have in bytes, which does not fit into the 32 bits of `imgBytes`.
    TooLarge(u64),
    /// The caller's buffer is too small.
    BufferTooSmall {
        /// The bytes that the image needs.
        needed: u64,
        /// The bytes that the buffer has.
        given: u64,
    },
    /// The start address of a program is not mapped, or is not executable.
    EntryNotExecutable(u64),
    /// A space larger than the one GPT of a small-model constructor.
    NotSmall {
        /// The binary logarithm of the bytes that the space covers, with its guard.
        l2: u32,
        /// The binary logarithm of the bytes that one GPT of pages covers.
        most: u32,
    },
    /// A space that breaks a rule of the small memory model.
    SmallModel(SmallModelFlaw),
    /// A `ProtoSpace` program that is not one page at address 0 whose code begins at byte 8.
    NotProtoSpace {
        /// The start address of the program.
        entry: u64,
    },
    /// A symbol's name contains a NUL, or the string table would be longer than 32 bits can express.
    SymbolName,
    /// A write to an address at which the space has no page of the image.
    NotWritable {
        /// The address.
        address: u64,
        /// What is mapped there.
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
            Self::PastEnd { end, size } => {
                write!(f, "bytes up to {end} do not fit into a page of {size} bytes")
            }
            Self::HeaderPage => {
                f.write_str("page 0 holds the image's header; allocate a page for other contents")
            }
            Self::GptSize(l2v) => write!(f, "l2v {l2v} does not fit into 6 bits"),
            Self::Refused(finding) => finding.fmt(f),
            Self::TooLarge(bytes) => {
                write!(f, "the image would have {bytes} bytes, but its header counts them in 32 bits")
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
                "the space covers 2^{l2} bytes, but the one GPT of the small model covers 2^{most}; link the program to low addresses"
            ),
            Self::SmallModel(flaw) => flaw.fmt(f),
            Self::NotProtoSpace { entry } => write!(
                f,
                "a ProtoSpace program is one page at address 0 and starts at address {PROTO_CODE}, after the PC; this one \
                 starts at {entry:#x}, or has other pages: link it with -Ttext=0 -e {PROTO_CODE}"
            ),
            Self::SymbolName => {
                f.write_str("a symbol's name contains a NUL, or the names together are longer than 4 GiB")
            }
            Self::NotWritable { address, found } => {
                write!(
                    f,
                    "at {address:#x} there is a {found}, not a page of the image, so it cannot be written to"
                )
            }
            Self::AddressOverflow(address) => write!(f, "the range at {address:#x} ends beyond 64 bits"),
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

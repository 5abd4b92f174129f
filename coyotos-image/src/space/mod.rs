//! Address spaces: trees of guarded page tables.
//!
//! A capability covers the addresses whose bits from `l2g` up equal its `match`. Below it, a GPT selects a
//! slot by the address bits from `l2v` up; a page is a leaf. Restrictions accumulate on the path.

mod leaf;
#[cfg(feature = "alloc")]
mod list;
mod walk;

pub use leaf::{Leaf, leaf};
#[cfg(feature = "alloc")]
pub use list::{Space, Summary};
pub use walk::{Mapping, Visit, Walk, WalkLimits, walk};

use core::fmt;

use crate::capability::{CapType, Capability};
use crate::image::Image;
use crate::object::{GptAttrs, ObjectId, ObjectType, Slot};

/// Maximum number of GPTs from the root to a leaf. A well-formed tree uses at least one bit of the address at
/// each; a cyclic one is infinite.
pub const MAX_DEPTH: usize = 64;

/// A source of GPTs: an [`Image`], or a builder.
pub trait GptSource {
    /// A GPT; `None` when there is none with this OID.
    fn gpt_state(&self, oid: u64) -> Option<GptAttrs>;
    /// The capability in a GPT's slot, 0 to 15.
    fn gpt_slot(&self, oid: u64, slot: u32) -> Option<Capability>;
    /// The number of GPTs.
    fn gpt_count(&self) -> u64;
}

impl GptSource for Image<'_> {
    fn gpt_state(&self, oid: u64) -> Option<GptAttrs> {
        self.gpt(oid)
    }

    fn gpt_slot(&self, oid: u64, slot: u32) -> Option<Capability> {
        self.capability(ObjectId { object_type: ObjectType::Gpt, oid }, Slot::Index(slot))
    }

    fn gpt_count(&self) -> u64 {
        self.count(ObjectType::Gpt).into()
    }
}

/// Why an operation on an address space failed. The space is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpaceError {
    /// A capability that cannot be part of an address space.
    NotMemory(CapType),
    /// A capability that is not a bank.
    NotABank(CapType),
    /// A capability to an object of another kind than required.
    WrongType {
        /// The type found.
        found: CapType,
        /// The type required.
        expected: CapType,
    },
    /// A capability to an object that does not exist.
    NoSuchObject {
        /// The capability's type.
        cap_type: CapType,
        /// Its OID.
        oid: u64,
        /// Number of objects of the kind.
        count: u64,
    },
    /// A size below a page or above 64 bits.
    Size {
        /// The binary logarithm of the requested size.
        l2: u32,
        /// The binary logarithm of the page size.
        page: u8,
    },
    /// An address that is not a multiple of the size to be mapped there.
    Unaligned {
        /// The address.
        address: u64,
        /// The binary logarithm of the size.
        l2: u32,
    },
    /// The address is within a window or a leaf, which cannot be divided.
    Indivisible(CapType),
    /// A tree that the algorithm cannot change without losing something: fields of its GPTs are inconsistent.
    Inconsistent(&'static str),
    /// A path through more than [`MAX_DEPTH`] GPTs: a cycle, or a chain longer than any address needs.
    TooDeep,
    /// More objects than an image can count.
    TooMany,
    /// The allocator returned no memory.
    OutOfMemory {
        /// Number of bytes requested.
        bytes: u64,
    },
}

impl fmt::Display for SpaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotMemory(kind) => write!(
                f,
                "a capability of type {kind} cannot be part of an address space; use a Page, CapPage, GPT or window"
            ),
            Self::NotABank(kind) => {
                write!(f, "a capability of type {kind} is not a bank; use the Entry or Endpoint of one")
            }
            Self::WrongType { found, expected } => {
                write!(f, "a capability of type {found} was given, but {expected} is required")
            }
            Self::NoSuchObject { cap_type, oid, count } => {
                write!(f, "there is no {cap_type} {oid}: the image has {count}")
            }
            Self::Size { l2, page } => {
                write!(f, "2^{l2} bytes cannot be mapped: a size must be between a page, 2^{page}, and 2^64")
            }
            Self::Unaligned { address, l2 } => {
                write!(f, "{address:#x} is not a multiple of the 2^{l2} bytes to be mapped there")
            }
            Self::Indivisible(kind) => {
                write!(
                    f,
                    "a {kind} covers this address and more, and cannot be divided; map something smaller there first"
                )
            }
            Self::Inconsistent(what) => write!(f, "the tree is inconsistent: {what}"),
            Self::TooDeep => {
                write!(
                    f,
                    "more than {MAX_DEPTH} GPTs are nested: map with fewer levels, or break the cycle if there is one"
                )
            }
            Self::TooMany => f.write_str("there would be more objects than an image can count in 32 bits"),
            Self::OutOfMemory { bytes } => {
                write!(
                    f,
                    "the allocator refused {bytes} more bytes of memory; free some, or build a smaller image"
                )
            }
        }
    }
}

impl core::error::Error for SpaceError {}

#[cfg(feature = "alloc")]
impl From<crate::try_vec::OutOfMemory> for SpaceError {
    fn from(error: crate::try_vec::OutOfMemory) -> Self {
        Self::OutOfMemory { bytes: error.bytes }
    }
}

impl<'a> Image<'a> {
    /// The pages that a space maps: their addresses, and the part of their contents that the space exposes.
    /// Leaves that are not pages of the image are omitted: windows, capability pages, physical pages.
    ///
    /// # Errors
    /// An error that ends the [walk](walk()) early is the last item.
    pub fn mapped_pages(
        &self,
        space: Capability,
        limits: WalkLimits,
    ) -> impl Iterator<Item = Result<(Mapping, &'a [u8]), SpaceError>> + use<'a, '_> {
        let image = *self;
        walk(self, space, limits).pages().filter_map(move |mapping| match mapping {
            Ok(mapping) => {
                let id = ObjectId::of(mapping.capability)?;
                let page = image.object_bytes(id).filter(|_| id.object_type == ObjectType::Page)?;
                let shown = 1_usize.checked_shl(mapping.l2_size.into()).unwrap_or(usize::MAX);
                Some(Ok((mapping, page.get(..shown).unwrap_or(page))))
            }
            Err(error) => Some(Err(error)),
        })
    }
}

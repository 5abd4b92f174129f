//! A whole image, borrowed.

use core::fmt;
use core::mem::size_of;

use zerocopy::FromBytes;
use zerocopy::byteorder::LittleEndian;

use crate::arch::Arch;
use crate::capability::Capability;
use crate::header::Header;
use crate::object::{EndpointAttrs, GptAttrs, ObjectId, ObjectType, ProcessAttrs, Slot};
use crate::options::Options;
use crate::rules::CoyotosFinding;
use crate::wire::{self, Codec, Layout, Packing, with_codec};

/// An image whose header passed the kernel's own checks, so every object and table is within the bytes.
///
/// The contents of objects and tables are not checked by this: see [`check`](crate::check()).
#[derive(Clone, Copy)]
pub struct Image<'a> {
    header: Header,
    arch: Arch,
    codec: Codec,
    bytes: &'a [u8],
    /// The objects of each kind, contiguous, indexed by the number of the kind.
    regions: [&'a [u8]; ObjectType::ALL.len()],
}

/// The objects of a kind, contiguous.
fn region<'a>(header: &Header, bytes: &'a [u8], object_type: ObjectType) -> &'a [u8] {
    // The header's check has compared the sum of all regions with the length of the file.
    let range = || {
        let start = usize::try_from(header.start(object_type)).ok()?;
        let size = u64::from(header.object_size(object_type));
        let length = size.checked_mul(header.count(object_type).into())?;
        bytes.get(start..)?.get(..usize::try_from(length).ok()?)
    };
    range().unwrap_or_default()
}

/// A record of the bank table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bank {
    /// The OID of the bank's endpoint.
    pub endpoint_oid: u64,
    /// The index of the parent bank; the root, bank 0, is its own.
    pub parent: u64,
}

/// A record of the alloc table: the bank to which an object is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alloc {
    /// The object's OID.
    pub oid: u64,
    /// The index of the bank.
    pub bank: u64,
    /// The number of the object's [type](ObjectType).
    pub frame_type: u32,
    /// Zero.
    pub reserved: u32,
}

impl Bank {
    fn decode(bytes: &[u8], codec: Codec) -> Self {
        with_codec!(codec, O => {
            let wire = wire::Bank::<O>::ref_from_bytes(bytes).ok();
            wire.map_or(Self { endpoint_oid: 0, parent: 0 }, |wire| Self {
                endpoint_oid: wire.oid.get(),
                parent: wire.parent.get(),
            })
        })
    }
}

impl Alloc {
    fn decode(bytes: &[u8], codec: Codec) -> Self {
        with_codec!(codec, O => {
            let wire = wire::Alloc::<O>::ref_from_bytes(bytes).ok();
            let none = Self { oid: 0, bank: 0, frame_type: 0, reserved: 0 };
            wire.map_or(none, |wire| Self {
                oid: wire.oid.get(),
                bank: wire.bank.get(),
                frame_type: wire.frame_type.get(),
                reserved: wire.reserved.get(),
            })
        })
    }
}

impl<'a> Image<'a> {
    /// Reads an image without copying it. Uncompressed bytes only: see `inflate` for a gzip file.
    ///
    /// # Errors
    /// The first defect of the header.
    pub fn parse(bytes: &'a [u8], options: Options<'_>) -> Result<Self, CoyotosFinding> {
        let header = Header::parse(bytes)?;
        let arch = header.check(bytes.len() as u64, &options)?;
        let layout = header.layout();
        let codec = Codec { byte_order: header.byte_order, packing: options.packing, layout };
        let regions = ObjectType::ALL.map(|kind| region(&header, bytes, kind));
        Ok(Self { header, arch, codec, bytes, regions })
    }

    /// The header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The architecture.
    pub const fn arch(&self) -> Arch {
        self.arch
    }

    /// How bit-fields are packed into words, as chosen by the caller.
    pub const fn packing(&self) -> Packing {
        self.codec.packing
    }

    /// The whole image.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The layout.
    pub const fn layout(&self) -> Layout {
        self.codec.layout
    }

    /// The size of an object of a kind in the file, in bytes.
    pub const fn object_size(&self, object_type: ObjectType) -> u32 {
        match (object_type, self.codec.layout) {
            (ObjectType::Endpoint, Layout::July2007) => self.header.object_size(object_type),
            _ => object_type.size(self.header.pg_size),
        }
    }

    pub(crate) const fn codec(&self) -> Codec {
        self.codec
    }

    /// Number of objects of a kind; their OIDs count from 0.
    pub const fn count(&self, object_type: ObjectType) -> u32 {
        self.header.count(object_type)
    }

    /// All objects, in the order of the alloc table.
    pub fn objects(&self) -> impl Iterator<Item = ObjectId> + use<> {
        let header = self.header;
        ObjectType::ALL.into_iter().flat_map(move |object_type| {
            (0..header.count(object_type)).map(move |oid| ObjectId { object_type, oid: oid.into() })
        })
    }

    /// The object at an index in the order of the alloc table.
    pub(crate) fn object_at(&self, index: u32) -> Option<ObjectId> {
        let mut left = index;
        for object_type in ObjectType::ALL {
            let count = self.count(object_type);
            if left < count {
                return Some(ObjectId { object_type, oid: left.into() });
            }
            left = left.checked_sub(count)?;
        }
        None
    }

    /// File offset of an object, in bytes; `None` when there is none.
    pub fn object_offset(&self, object: ObjectId) -> Option<u64> {
        let ObjectId { object_type, oid } = object;
        (oid < u64::from(self.count(object_type))).then_some(())?;
        let size = u64::from(self.object_size(object_type));
        self.header.start(object_type).checked_add(oid.checked_mul(size)?)
    }

    /// An object's bytes.
    #[inline]
    pub fn object_bytes(&self, object: ObjectId) -> Option<&'a [u8]> {
        let size = usize::try_from(self.object_size(object.object_type)).ok()?;
        let start = usize::try_from(object.oid).ok()?.checked_mul(size)?;
        self.region(object.object_type).get(start..)?.get(..size)
    }

    /// The objects of a kind, contiguous.
    #[inline]
    pub(crate) fn region(&self, object_type: ObjectType) -> &'a [u8] {
        let [pages, cap_pages, gpts, processes, endpoints] = self.regions;
        match object_type {
            ObjectType::Page => pages,
            ObjectType::CapPage => cap_pages,
            ObjectType::Gpt => gpts,
            ObjectType::Process => processes,
            ObjectType::Endpoint => endpoints,
        }
    }

    /// A page's contents.
    pub fn page(&self, oid: u64) -> Option<&'a [u8]> {
        self.object_bytes(ObjectId { object_type: ObjectType::Page, oid })
    }

    /// All pages, including the header's and the tables'.
    pub fn pages(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let size = usize::try_from(self.header.pg_size).unwrap_or(usize::MAX);
        self.region(ObjectType::Page).chunks_exact(size)
    }

    /// A GPT without its capabilities.
    pub fn gpt(&self, oid: u64) -> Option<GptAttrs> {
        let bytes = self.object_bytes(ObjectId { object_type: ObjectType::Gpt, oid })?;
        with_codec!(self.codec, O, K => {
            Some(GptAttrs::of_word(wire::Gpt::<O>::ref_from_bytes(bytes).ok()?.canonical_word0::<K>()))
        })
    }

    /// An endpoint without its recipient.
    pub fn endpoint(&self, oid: u64) -> Option<EndpointAttrs> {
        let bytes = self.object_bytes(ObjectId { object_type: ObjectType::Endpoint, oid })?;
        with_codec!(self.codec, O, K => {
            // One of the old layout begins with the same fields.
            let (wire, _) = wire::Endpoint::<O>::ref_from_prefix(bytes).ok()?;
            Some(EndpointAttrs {
                pm: wire.canonical_word0::<K>() & 1 != 0,
                prot_payload: wire.prot_payload.get(),
                endpoint_id: wire.endpoint_id.get(),
            })
        })
    }

    /// A process without its capabilities.
    pub fn process(&self, oid: u64) -> Option<ProcessAttrs> {
        let bytes = self.object_bytes(ObjectId { object_type: ObjectType::Process, oid })?;
        with_codec!(self.codec, O => {
            let wire = wire::Process::<O>::ref_from_bytes(bytes).ok()?;
            Some(ProcessAttrs {
                run_state: wire.run_state,
                flags: wire.flags.get(),
                notices: wire.notices.get(),
                fault_code: wire.fault_code.get(),
                fault_info: wire.fault_info.get(),
            })
        })
    }

    /// The capability in a slot of an object; `None` when there is no such object or slot.
    pub fn capability(&self, object: ObjectId, slot: Slot) -> Option<Capability> {
        let index = match (object.object_type, slot) {
            (ObjectType::Endpoint, Slot::RcvQueue) if self.layout() == Layout::July2007 => 1,
            (object_type, slot) => object_type.slot_index(slot, self.header.pg_size)?,
        };
        self.capability_at(self.object_bytes(object)?, object.object_type, index)
    }

    fn capability_at(&self, object: &[u8], object_type: ObjectType, index: u32) -> Option<Capability> {
        let caps = object.get(object_type.caps_at()..)?;
        with_codec!(self.codec, O, K => {
            let size = size_of::<wire::Capability<O>>();
            let at = usize::try_from(index).ok()?.checked_mul(size)?;
            let (wire, _) = wire::Capability::<O>::ref_from_prefix(caps.get(at..)?).ok()?;
            let cap = wire.unpack::<K>();
            Some(if self.codec.layout == Layout::July2007 { cap.with_current_type() } else { cap })
        })
    }

    /// The capabilities of an object in file order; none when there is no such object, or it is a page.
    pub fn capabilities(&self, object: ObjectId) -> impl Iterator<Item = (Slot, Capability)> + use<'a> {
        let image = *self;
        let bytes = self.object_bytes(object);
        let old = object.object_type == ObjectType::Endpoint && self.layout() == Layout::July2007;
        let more = Some(Slot::RcvQueue).filter(|_| old);
        let slots = bytes.map_or(0, |_| object.object_type.slot_count(self.header.pg_size));
        let slots = (0..slots).filter_map(move |index| object.object_type.slot(index, image.header.pg_size));
        slots.chain(more).filter_map(move |slot| Some((slot, image.capability(object, slot)?)))
    }

    fn bank_records(&self) -> core::slice::ChunksExact<'a, u8> {
        self.records::<wire::Bank<LittleEndian>>(self.header.bank_vec_oid, self.header.n_bank)
    }

    fn alloc_records(&self) -> core::slice::ChunksExact<'a, u8> {
        self.records::<wire::Alloc<LittleEndian>>(self.header.alloc_vec_oid, self.header.n_alloc)
    }

    /// The bank table.
    pub fn banks(&self) -> impl ExactSizeIterator<Item = Bank> + use<'a> {
        let codec = self.codec;
        self.bank_records().map(move |bytes| Bank::decode(bytes, codec))
    }

    /// A record of the bank table.
    pub fn bank(&self, index: u32) -> Option<Bank> {
        let bytes = self.bank_records().nth(usize::try_from(index).ok()?)?;
        Some(Bank::decode(bytes, self.codec))
    }

    /// The alloc table.
    pub fn allocs(&self) -> impl ExactSizeIterator<Item = Alloc> + use<'a> {
        let codec = self.codec;
        self.alloc_records().map(move |bytes| Alloc::decode(bytes, codec))
    }

    /// A record of the alloc table.
    pub fn alloc(&self, index: u32) -> Option<Alloc> {
        let bytes = self.alloc_records().nth(usize::try_from(index).ok()?)?;
        Some(Alloc::decode(bytes, self.codec))
    }

    /// The bytes of a table's records, from a page on.
    pub(crate) fn table(&self, first_page: u64, length: u64) -> &'a [u8] {
        // Within the file: the check of the header has compared the tables' sizes with their pages.
        let bytes = || {
            let start = first_page.checked_mul(self.header.pg_size.into())?;
            self.bytes.get(usize::try_from(start).ok()?..)?.get(..usize::try_from(length).ok()?)
        };
        bytes().unwrap_or_default()
    }

    fn records<T>(&self, first_page: u64, count: u32) -> core::slice::ChunksExact<'a, u8> {
        let length = u64::from(count).saturating_mul(size_of::<T>() as u64);
        self.table(first_page, length).chunks_exact(size_of::<T>())
    }
}

impl fmt::Debug for Image<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image")
            .field("arch", &self.arch)
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

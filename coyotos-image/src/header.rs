//! The header as numbers, and what follows from them: the offset of each kind of object.

use core::mem::size_of;

use execfmt_common::{ByteOrder, Expected};
use execfmt_detect::{Magic, MagicBytes};
use zerocopy::byteorder::{BigEndian, LittleEndian};
use zerocopy::{FromBytes, IntoBytes};

use crate::arch::Arch;
use crate::field::CoyotosField;
use crate::object::ObjectType;
use crate::options::Options;
use crate::rules::{CoyotosFinding, CoyotosRule};
use crate::wire::{self, HEADER_SIZE, Layout, Located, MAGIC, VERSION, endian_word, field};

type Wire = wire::Header<LittleEndian>;

macro_rules! header {
    ($($(#[$doc:meta])* $field:ident: $kind:ty;)+) => {
        /// The header as numbers, by the names of the specification in snake case.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct Header {
            /// The byte order, from `endian`.
            pub byte_order: ByteOrder,
            $($(#[$doc])* pub $field: $kind,)+
        }

        impl Header {
            /// Every field except the magic and `endian`: its name in the specification, and its value.
            pub fn fields(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
                [$((field!(Header.$field).name.as_str(), u64::from(self.$field))),+].into_iter()
            }

            fn from_wire<O: zerocopy::ByteOrder>(wire: &wire::Header<O>, byte_order: ByteOrder) -> Self {
                Self { byte_order, $($field: wire.$field.get()),+ }
            }

            fn to_wire<O: zerocopy::ByteOrder>(self) -> wire::Header<O> {
                wire::Header {
                    magic: MAGIC,
                    endian: endian_word(self.byte_order).into(),
                    $($field: self.$field.into()),+
                }
            }
        }
    };
}

header! {
    /// 1.
    version: u32;
    /// [`Arch::number`].
    target: u32;
    /// The page size in bytes.
    pg_size: u32;
    /// Number of records of the alloc table: one for every object.
    n_alloc: u32;
    /// Number of records of the bank table.
    n_bank: u32;
    /// Number of records of the symbol table.
    n_symbol: u32;
    /// The size of the string table in bytes.
    n_string_bytes: u32;
    /// Number of pages, including the header's and the tables'.
    n_page: u32;
    /// Number of capability pages.
    n_cap_page: u32;
    /// Number of GPTs.
    n_gpt: u32;
    /// Number of endpoints.
    n_endpoint: u32;
    /// Number of processes.
    n_proc: u32;
    /// The size of the image in bytes.
    img_bytes: u32;
    /// OID of the first page of the bank table: the number of header and user pages.
    bank_vec_oid: u64;
    /// OID of the first page of the symbol table.
    sym_vec_oid: u64;
    /// OID of the first page of the string table.
    string_table_oid: u64;
    /// OID of the first page of the alloc table.
    alloc_vec_oid: u64;
    /// One past the OID of the last page of the tables.
    end_vec_oid: u64;
}

impl Header {
    /// Number of objects of a kind.
    pub const fn count(&self, object_type: ObjectType) -> u32 {
        match object_type {
            ObjectType::Page => self.n_page,
            ObjectType::CapPage => self.n_cap_page,
            ObjectType::Gpt => self.n_gpt,
            ObjectType::Process => self.n_proc,
            ObjectType::Endpoint => self.n_endpoint,
        }
    }

    /// The sum of the sizes of all objects in bytes, if endpoints had this size.
    const fn sum(&self, endpoint_size: u64) -> u64 {
        let page = self.pg_size as u64;
        // Four products of 32-bit numbers: far from 2^64 for every possible page size.
        let sum = (self.n_page as u64).saturating_mul(page);
        let sum = sum.saturating_add((self.n_cap_page as u64).saturating_mul(page));
        let gpts = (self.n_gpt as u64).saturating_mul(ObjectType::Gpt.size(self.pg_size) as u64);
        let processes = (self.n_proc as u64).saturating_mul(ObjectType::Process.size(self.pg_size) as u64);
        let endpoints = (self.n_endpoint as u64).saturating_mul(endpoint_size);
        sum.saturating_add(gpts).saturating_add(endpoints).saturating_add(processes)
    }

    /// The size of the image in bytes that follows from the counts.
    pub const fn size_formula(&self) -> u64 {
        self.sum(ObjectType::Endpoint.size(self.pg_size) as u64)
    }

    /// The layout that matches the counts and `imgBytes`.
    pub const fn layout(&self) -> Layout {
        let img_bytes = self.img_bytes as u64;
        if self.size_formula() != img_bytes && self.sum(OLD_ENDPOINT_SIZE) == img_bytes {
            Layout::July2007
        } else {
            Layout::Current
        }
    }

    /// The size of an object of a kind in the file, in bytes.
    pub const fn object_size(&self, object_type: ObjectType) -> u32 {
        match (object_type, self.layout()) {
            #[expect(clippy::cast_possible_truncation, reason = "48")]
            (ObjectType::Endpoint, Layout::July2007) => OLD_ENDPOINT_SIZE as u32,
            _ => object_type.size(self.pg_size),
        }
    }

    /// File offset of the objects of a kind, in bytes.
    pub(crate) fn start(&self, object_type: ObjectType) -> u64 {
        let order = [ObjectType::Page].into_iter().chain(ObjectType::WITH_CAPABILITIES);
        order.take_while(|&kind| kind != object_type).fold(0, |start, kind| {
            start.saturating_add(u64::from(self.count(kind)).saturating_mul(self.object_size(kind).into()))
        })
    }

    /// Reads the header at the start of an image, and checks only its magic and byte order: an image that
    /// [`parse`](crate::Image::parse) refuses can still be shown.
    ///
    /// # Errors
    /// [`CoyotosRule::Truncated`], [`CoyotosRule::BadMagic`], [`CoyotosRule::Compressed`], [`CoyotosRule::BadEndian`].
    pub fn parse(bytes: &[u8]) -> Result<Self, CoyotosFinding> {
        // A file of another format is not called a truncated image, however short it is.
        let mut magic = MAGIC;
        magic.iter_mut().zip(bytes).for_each(|(place, &byte)| *place = byte);
        if magic != MAGIC {
            let start = MagicBytes::of(bytes);
            let rule = match start.magic() {
                Magic::Gzip => CoyotosRule::Compressed,
                _ => CoyotosRule::BadMagic(start),
            };
            let expected = Expected::Exactly(u64::from_be_bytes(MAGIC));
            let found = u64::from_be_bytes(magic);
            return Err(refused(rule, field!(Header.magic), found, expected));
        }
        let (wire, _) = Wire::ref_from_prefix(bytes).map_err(|_| truncated(bytes, HEADER_SIZE as u64))?;
        let endian = wire.endian.get();
        if endian == endian_word(ByteOrder::Little) {
            return Ok(Self::from_wire(wire, ByteOrder::Little));
        }
        let big = wire::Header::<BigEndian>::ref_from_prefix(bytes).ok();
        match big.filter(|(wire, _)| wire.endian.get() == endian_word(ByteOrder::Big)) {
            Some((wire, _)) => Ok(Self::from_wire(wire, ByteOrder::Big)),
            None => {
                let expected = Expected::Exactly(endian_word(ByteOrder::Little).into());
                Err(refused(CoyotosRule::BadEndian, field!(Header.endian), endian.into(), expected))
            }
        }
    }

    /// Writes the header at the start of `out`; `None` when there is too little room.
    #[cfg_attr(not(feature = "alloc"), expect(dead_code, reason = "only the builder writes"))]
    pub(crate) fn encode(self, out: &mut [u8]) -> Option<()> {
        match self.byte_order {
            ByteOrder::Little => self.to_wire::<LittleEndian>().write_to_prefix(out).ok(),
            ByteOrder::Big => self.to_wire::<BigEndian>().write_to_prefix(out).ok(),
        }
    }

    /// Checks the header of a file of `file_len` bytes, as the kernel does when it loads an image: afterwards
    /// every object and table is known to be within the file.
    pub(crate) fn check(&self, file_len: u64, options: &Options<'_>) -> Result<Arch, CoyotosFinding> {
        let exactly = |rule: CoyotosRule, field: Located, found: u64, wanted: u64| {
            let finding = refused(rule, field, found, Expected::Exactly(wanted));
            if found == wanted { Ok(()) } else { Err(finding) }
        };
        exactly(CoyotosRule::BadVersion, field!(Header.version), self.version.into(), VERSION.into())?;
        let arch = self.arch(options.archs)?;
        let page_size = arch.page_size().into();
        exactly(CoyotosRule::PageSize, field!(Header.pg_size), self.pg_size.into(), page_size)?;
        let (img_bytes, formula) = (u64::from(self.img_bytes), self.size_formula());
        match self.layout() {
            Layout::July2007 if options.old_layouts => {}
            Layout::July2007 => return Err(self.old_layout()),
            Layout::Current => {
                exactly(CoyotosRule::SizeFormula, field!(Header.img_bytes), img_bytes, formula)?;
            }
        }
        if file_len != img_bytes {
            let (rule, field) = (CoyotosRule::FileSize, CoyotosField::FileLength);
            return Err(rule.finding(field, file_len.min(img_bytes), file_len, Expected::Exactly(img_bytes)));
        }
        self.check_tables()?;
        Ok(arch)
    }

    /// Reports that the layout is not the current one.
    pub(crate) fn old_layout(&self) -> CoyotosFinding {
        let expected = Expected::Exactly(self.size_formula());
        refused(CoyotosRule::OldLayout, field!(Header.img_bytes), self.img_bytes.into(), expected)
    }

    /// One past the OID of the last page of the tables: the number of pages.
    const fn tables_end(&self) -> u64 {
        self.n_page as u64
    }

    /// The architecture that the image is for.
    fn arch(&self, archs: &[Arch]) -> Result<Arch, CoyotosFinding> {
        let known = |arch: &&Arch| arch.number() == self.target && arch.byte_order() == self.byte_order;
        if let Some(&arch) = archs.iter().find(known) {
            return Ok(arch);
        }
        // The first two architectures with this byte order: more than are known.
        let mut numbers = archs.iter().filter(|arch| arch.byte_order() == self.byte_order);
        let mut next = || numbers.next().map(|arch| u64::from(arch.number()));
        let expected = match (next(), next()) {
            (Some(one), Some(other)) => Expected::Either(one, other),
            (Some(one), None) => Expected::Exactly(one),
            (None, _) => Expected::AnythingBut(self.target.into()),
        };
        Err(refused(CoyotosRule::UnknownTarget, field!(Header.target), self.target.into(), expected))
    }

    fn check_tables(&self) -> Result<(), CoyotosFinding> {
        let page = u64::from(self.pg_size);
        let (bank, symbol, string, alloc) = (
            (field!(Header.bank_vec_oid), self.bank_vec_oid),
            (field!(Header.sym_vec_oid), self.sym_vec_oid),
            (field!(Header.string_table_oid), self.string_table_oid),
            (field!(Header.alloc_vec_oid), self.alloc_vec_oid),
        );
        let end = (field!(Header.end_vec_oid), self.tables_end());
        let old = u64::from(self.layout() == Layout::July2007);
        let expected = Expected::Exactly(end.1.saturating_sub(old));
        if !expected.allows(self.end_vec_oid) {
            return Err(refused(CoyotosRule::TableEnd, end.0, self.end_vec_oid, expected));
        }
        let mut least = 1;
        for (field, oid) in [bank, symbol, string, alloc] {
            for expected in [Expected::AtLeast(least), Expected::AtMost(end.1)] {
                if !expected.allows(oid) {
                    return Err(refused(CoyotosRule::TableOrder, field, oid, expected));
                }
            }
            least = oid;
        }
        let pages = |records: u32, size: usize| u64::from(records).saturating_mul(size as u64).div_ceil(page);
        let banks = pages(self.n_bank, size_of::<wire::Bank<LittleEndian>>());
        let symbols = pages(self.n_symbol, size_of::<wire::Symbol<LittleEndian>>());
        let strings = pages(self.n_string_bytes, 1);
        let allocs = pages(self.n_alloc, size_of::<wire::Alloc<LittleEndian>>());
        // Original readers tolerate more pages than the symbols need between the bank table and the alloc
        // table.
        for (start, next, needed, exact) in [
            (bank, symbol, banks, true),
            (symbol, string, symbols, false),
            (string, alloc, strings, false),
            (alloc, end, allocs, true),
        ] {
            let wanted = start.1.saturating_add(needed);
            let expected = if exact { Expected::Exactly(wanted) } else { Expected::AtLeast(wanted) };
            if !expected.allows(next.1) {
                return Err(refused(CoyotosRule::TablePages, next.0, next.1, expected));
            }
        }
        Ok(())
    }
}

/// The size of an endpoint in July 2007, in bytes.
const OLD_ENDPOINT_SIZE: u64 = size_of::<wire::OldEndpoint<LittleEndian>>() as u64;

fn refused(rule: CoyotosRule, field: Located, found: u64, expected: Expected) -> CoyotosFinding {
    rule.finding(CoyotosField::Header(field.name), field.at as u64, found, expected)
}

pub(crate) fn truncated(bytes: &[u8], needed: u64) -> CoyotosFinding {
    let len = bytes.len() as u64;
    CoyotosRule::Truncated.finding(CoyotosField::FileLength, len, len, Expected::AtLeast(needed))
}

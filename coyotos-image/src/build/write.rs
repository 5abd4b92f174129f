//! Writing an image.

use alloc::vec::Vec;
use core::mem::size_of;

use zerocopy::IntoBytes;
use zerocopy::byteorder::LittleEndian;

use super::{BuildError, Builder, Charged};
use crate::header::Header;
use crate::object::ObjectType;
use crate::try_vec::zeros;
use crate::wire::{self, BitFields, Layout, VERSION, with_codec};

impl Builder {
    /// The header of the image, with every count and size checked.
    pub(super) fn plan(&self) -> Result<Header, BuildError> {
        let page = u64::from(self.arch.page_size());
        let pages = |count: usize, size: usize| (count as u64).saturating_mul(size as u64).div_ceil(page);
        let symbol_size = size_of::<wire::Symbol<LittleEndian>>();
        let user_pages = self.count(ObjectType::Page);
        let bank_pages = pages(self.banks.len(), size_of::<wire::Bank<LittleEndian>>());
        let symbol_pages = pages(self.symbols.records.len(), symbol_size);
        let string_pages = pages(self.symbols.strings.len(), 1);
        let tables = bank_pages.saturating_add(symbol_pages).saturating_add(string_pages);
        let objects =
            ObjectType::ALL.into_iter().fold(tables, |sum, kind| sum.saturating_add(self.count(kind)));
        let alloc_pages = alloc_pages(objects, page);
        let sym_vec_oid = user_pages.saturating_add(bank_pages);
        let string_table_oid = sym_vec_oid.saturating_add(symbol_pages);
        let alloc_vec_oid = string_table_oid.saturating_add(string_pages);
        let end_vec_oid = alloc_vec_oid.saturating_add(alloc_pages);
        let too_large = BuildError::TooLarge(end_vec_oid.saturating_mul(page));
        let count = |count: u64| u32::try_from(count).map_err(|_| too_large);
        let header = Header {
            byte_order: self.arch.byte_order(),
            version: VERSION,
            target: self.arch.number(),
            pg_size: self.arch.page_size(),
            n_alloc: count(objects.saturating_add(alloc_pages))?,
            n_bank: count(self.banks.len() as u64)?,
            n_symbol: count(self.symbols.records.len() as u64)?,
            n_string_bytes: count(self.symbols.strings.len() as u64)?,
            n_page: count(end_vec_oid)?,
            n_cap_page: count(self.count(ObjectType::CapPage))?,
            n_gpt: count(self.count(ObjectType::Gpt))?,
            n_endpoint: count(self.count(ObjectType::Endpoint))?,
            n_proc: count(self.count(ObjectType::Process))?,
            img_bytes: 0,
            bank_vec_oid: user_pages,
            sym_vec_oid,
            string_table_oid,
            alloc_vec_oid,
            end_vec_oid,
        };
        let size = header.size_formula();
        let img_bytes = u32::try_from(size).map_err(|_| BuildError::TooLarge(size))?;
        Ok(Header { img_bytes, ..header })
    }

    /// The header that the image will have.
    ///
    /// # Errors
    /// [`BuildError::TooLarge`].
    pub fn header(&self) -> Result<Header, BuildError> {
        self.plan()
    }

    /// The length of the image in bytes.
    ///
    /// # Errors
    /// [`BuildError::TooLarge`].
    pub fn written_len(&self) -> Result<u64, BuildError> {
        Ok(self.plan()?.img_bytes.into())
    }

    /// Writes the image at the start of `out` and returns its length in bytes.
    ///
    /// # Errors
    /// Those of [`validate`](Self::validate), and [`BuildError::BufferTooSmall`]; nothing is written.
    pub fn write_to(&self, out: &mut [u8]) -> Result<usize, BuildError> {
        let header = self.plan()?;
        self.check(&header)?;
        self.write_checked(&header, out)
    }

    fn write_checked(&self, header: &Header, out: &mut [u8]) -> Result<usize, BuildError> {
        let (needed, given) = (u64::from(header.img_bytes), out.len() as u64);
        let too_small = BuildError::BufferTooSmall { needed, given };
        let len = usize::try_from(header.img_bytes).map_err(|_| too_small)?;
        let out = out.get_mut(..len).ok_or(too_small)?;
        let codec = wire::Codec {
            byte_order: self.arch.byte_order(),
            packing: self.packing,
            layout: Layout::Current,
        };
        with_codec!(codec, O, K => self.write_in::<O, K>(header, out)).ok_or(too_small)?;
        Ok(len)
    }

    /// The whole image.
    ///
    /// # Errors
    /// Those of [`validate`](Self::validate), and [`SpaceError::OutOfMemory`](crate::space::SpaceError::OutOfMemory).
    pub fn to_vec(&self) -> Result<Vec<u8>, BuildError> {
        let header = self.plan()?;
        self.check(&header)?;
        let size = u64::from(header.img_bytes);
        let mut image = zeros(usize::try_from(size).map_err(|_| BuildError::TooLarge(size))?)?;
        self.write_checked(&header, &mut image)?;
        Ok(image)
    }

    fn write_in<O: zerocopy::ByteOrder, K: BitFields>(&self, header: &Header, out: &mut [u8]) -> Option<()> {
        let page_len = self.page_len();
        let mut out = Cursor { rest: out };
        let first = out.take(page_len)?;
        first.fill(0);
        header.encode(first)?;
        for page in self.pages.iter().skip(1) {
            match &page.object {
                Some(contents) => out.take(contents.len())?.copy_from_slice(contents),
                None => out.take(page_len)?.fill(0),
            }
        }
        out.table(
            page_len,
            self.banks
                .iter()
                .map(|bank| wire::Bank::<O> { oid: bank.endpoint_oid.into(), parent: bank.parent.into() }),
        )?;
        out.table(
            page_len,
            self.symbols.records.iter().map(|symbol| wire::Symbol::<O> {
                value: symbol.value.into(),
                object: symbol.object.into(),
                string_offset: symbol.string_offset.into(),
                kind: symbol.kind.into(),
            }),
        )?;
        out.table(page_len, self.symbols.strings.iter().copied())?;
        out.table(page_len, self.alloc_records::<O>(header))?;
        for page in &self.cap_pages {
            for &cap in &page.object {
                out.put(&wire::Capability::<O>::pack::<K>(cap))?;
            }
        }
        for Charged { object: gpt, .. } in &self.gpts {
            out.put(&wire::Gpt::<O> {
                word0: wire::Gpt::<O>::pack_word0::<K>(gpt.state.word()),
                reserved: 0.into(),
                cap: gpt.caps.map(wire::Capability::pack::<K>),
            })?;
        }
        for Charged { object: endpoint, .. } in &self.endpoints {
            out.put(&wire::Endpoint::<O> {
                word0: wire::Endpoint::<O>::pack_word0::<K>(endpoint.state.pm.into()),
                prot_payload: endpoint.state.prot_payload.into(),
                endpoint_id: endpoint.state.endpoint_id.into(),
                recipient: wire::Capability::pack::<K>(endpoint.recipient),
            })?;
        }
        for Charged { object: process, .. } in &self.processes {
            let state = process.state;
            let (state_caps, cap_reg) = process.caps.split_first_chunk::<6>()?;
            out.put(&wire::Process::<O> {
                run_state: state.run_state,
                reserved0: 0,
                flags: state.flags.into(),
                notices: state.notices.into(),
                fault_code: state.fault_code.into(),
                reserved1: 0.into(),
                fault_info: state.fault_info.into(),
                state_caps: state_caps.map(wire::Capability::pack::<K>),
                cap_reg: cap_reg.first_chunk()?.map(wire::Capability::pack::<K>),
            })?;
        }
        out.rest.is_empty().then_some(())
    }

    /// The alloc table, sorted by type and OID: processes come before endpoints, unlike in the file.
    fn alloc_records<O: zerocopy::ByteOrder>(
        &self,
        header: &Header,
    ) -> impl Iterator<Item = wire::Alloc<O>> + '_ {
        fn banks<T>(objects: &[Charged<T>]) -> impl Iterator<Item = u64> + '_ {
            objects.iter().map(|object| object.bank)
        }
        let of = |object_type: ObjectType| (0_u64..).map(move |oid| (object_type.number(), oid));
        let tables = header.end_vec_oid.saturating_sub(header.bank_vec_oid);
        let tables = (0..tables).map(|_| 0);
        of(ObjectType::Page)
            .zip(banks(&self.pages).chain(tables))
            .chain(of(ObjectType::CapPage).zip(banks(&self.cap_pages)))
            .chain(of(ObjectType::Gpt).zip(banks(&self.gpts)))
            .chain(of(ObjectType::Process).zip(banks(&self.processes)))
            .chain(of(ObjectType::Endpoint).zip(banks(&self.endpoints)))
            .map(|((frame_type, oid), bank)| wire::Alloc {
                oid: oid.into(),
                bank: bank.into(),
                frame_type: frame_type.into(),
                reserved: 0.into(),
            })
    }
}

/// The number of pages of the alloc table, which has a record for each of its own pages too: the smallest
/// number n of pages that hold the records of `objects` and of n.
fn alloc_pages(objects: u64, page: u64) -> u64 {
    let pages =
        |records: u64| records.saturating_mul(size_of::<wire::Alloc<LittleEndian>>() as u64).div_ceil(page);
    let mut n = pages(objects);
    // A page holds more than one record, so each step is smaller than the one before.
    while n < pages(objects.saturating_add(n)) {
        n = pages(objects.saturating_add(n));
    }
    n
}

/// The part of the output that is not written yet.
struct Cursor<'a> {
    rest: &'a mut [u8],
}

impl<'a> Cursor<'a> {
    fn take(&mut self, len: usize) -> Option<&'a mut [u8]> {
        let (taken, rest) = core::mem::take(&mut self.rest).split_at_mut_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    #[inline]
    fn put<T: IntoBytes + zerocopy::Immutable>(&mut self, record: &T) -> Option<()> {
        record.write_to(self.take(size_of::<T>())?).ok()
    }

    /// Records end to end, and zeros up to the end of the page.
    fn table<T: IntoBytes + zerocopy::Immutable>(
        &mut self,
        page_len: usize,
        records: impl Iterator<Item = T>,
    ) -> Option<()> {
        let before = self.rest.len();
        for record in records {
            self.put(&record)?;
        }
        let written = before.checked_sub(self.rest.len())?;
        let padding = written.next_multiple_of(page_len).checked_sub(written)?;
        self.take(padding)?.fill(0);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alloc_pages_is_the_least_number_that_holds_its_own_records() {
        for page in [128_u64, 4096, 8192] {
            for objects in 0..2000 {
                let n = alloc_pages(objects, page);
                let least = (0..).find(|n| *n == ((objects + n) * 24).div_ceil(page)).unwrap();
                assert_eq!(n, least, "{objects} objects, pages of {page} bytes");
            }
        }
    }
}

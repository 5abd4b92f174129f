//! Writing into an address space directly, without an ELF file, for a code generator.

use super::{BuildError, Builder};
use crate::bits::{hi, lo};
use crate::capability::{CapType, Capability, Restr};
use crate::object::ObjectType;
use crate::space::Leaf;

/// Writes bytes at addresses of a space; pages and GPTs are allocated as needed.
///
/// New pages get the current rights ([`rights`](Self::rights)): by default they are readable and writable,
/// but not executable. [`protect`](Self::protect) changes them later. The writer itself is not subject to the
/// rights of pages. A page that is mapped at two addresses has the same bytes at both.
///
/// A call that fails leaves the builder and the space unchanged.
///
/// ```
/// use coyotos_image::{Arch, Builder, Restr, SpaceWriter};
///
/// let mut builder = Builder::new(Arch::I386);
/// let bank = builder.prime_bank();
/// let mut writer = SpaceWriter::new(&mut builder, bank);
/// writer.rights(Restr::RO);
/// writer.write(0x1000, &[0xb8, 1, 0, 0, 0, 0xcd, 0x80])?;
/// writer.rights(Restr::NX);
/// writer.zero(0x8000, 0x4000)?;
/// writer.set_pc(0x1000);
/// let process = writer.into_process()?;
/// assert_eq!(builder.process(process)?.fault_info, 0x1000);
/// # Ok::<(), coyotos_image::BuildError>(())
/// ```
#[derive(Debug)]
pub struct SpaceWriter<'a> {
    builder: &'a mut Builder,
    bank: Capability,
    space: Capability,
    restr: Restr,
    pc: Option<u64>,
}

impl<'a> SpaceWriter<'a> {
    /// Writes into a new space; everything is charged to `bank`.
    pub fn new(builder: &'a mut Builder, bank: Capability) -> Self {
        Self::extend(builder, bank, Capability::NULL)
    }

    /// Writes into an existing space.
    pub fn extend(builder: &'a mut Builder, bank: Capability, space: Capability) -> Self {
        Self { builder, bank, space, restr: Restr::NX, pc: None }
    }

    /// The current root of the space. Later calls may add a GPT above it.
    pub const fn space(&self) -> Capability {
        self.space
    }

    /// Sets the restrictions of pages that are allocated from now on.
    pub fn rights(&mut self, restr: Restr) {
        self.restr = restr;
    }

    /// What is mapped at an address.
    ///
    /// # Errors
    /// Those of [`leaf`](crate::space::leaf).
    pub fn leaf(&self, address: u64) -> Result<Leaf, BuildError> {
        Ok(self.builder.leaf(self.space, address)?)
    }

    /// Sets the start address of the program.
    pub fn set_pc(&mut self, pc: u64) {
        self.pc = Some(pc);
    }

    fn log2(&self) -> u32 {
        self.builder.arch().page_size_log2().into()
    }

    /// The pieces of a range that lie within one page each: address and length. An image has less than 2^32
    /// bytes, and so does a range.
    /// has a range.
    fn pieces(&self, address: u64, len: u64) -> Result<impl Iterator<Item = (u64, u64)> + use<>, BuildError> {
        let overflow = BuildError::AddressOverflow(address);
        let last = match len.checked_sub(1) {
            Some(len) => address.checked_add(len).ok_or(overflow)?,
            None => address,
        };
        if len > u32::MAX.into() {
            return Err(BuildError::TooLarge(len));
        }
        let (log2, mut next) = (self.log2(), Some(address).filter(|_| len > 0));
        Ok(core::iter::from_fn(move || {
            let start = next?;
            let end = (start | lo(u64::MAX, log2)).min(last);
            next = end.checked_add(1).filter(|_| end < last);
            Some((start, end.saturating_sub(start).saturating_add(1)))
        }))
    }

    /// The page at an address, which is allocated if there is none.
    fn page_at(
        builder: &mut Builder,
        (bank, restr): (Capability, Restr),
        space: &mut Capability,
        address: u64,
    ) -> Result<Capability, BuildError> {
        if builder.leaf(*space, address)?.capability.cap_type() != CapType::NULL {
            return Self::writable(builder, *space, address);
        }
        let mut page = builder.alloc(ObjectType::Page, bank)?;
        page.set_restr(restr);
        let log2 = builder.arch().page_size_log2();
        *space = builder.add(bank, *space, hi(address, log2.into()), page, 0)?;
        Ok(page)
    }

    /// The page at an address: one of the image, with the offset within it.
    fn writable(builder: &Builder, space: Capability, address: u64) -> Result<Capability, BuildError> {
        let leaf = builder.leaf(space, address)?;
        let within = leaf.offset < u64::from(builder.arch().page_size());
        let found = leaf.capability.cap_type();
        let page = Some(leaf.capability).filter(|&page| within && builder.is_page(page));
        page.ok_or(BuildError::NotWritable { address, found })
    }

    /// Ensures that there is a page at each address of a range, and prepares it.
    fn prepare(
        &mut self,
        address: u64,
        len: u64,
        prepare: impl Fn(&mut Builder, Capability) -> Result<(), BuildError>,
    ) -> Result<(), BuildError> {
        let (first, again) = (self.pieces(address, len)?, self.pieces(address, len)?);
        let (target, mut space) = ((self.bank, self.restr), self.space);
        self.builder.atomically(|builder| {
            for (start, _) in first {
                Self::page_at(builder, target, &mut space, start)?;
            }
            // In a tree that contradicts itself a later page may have replaced an earlier one.
            for (start, _) in again {
                let page = Self::writable(builder, space, start)?;
                prepare(builder, page)?;
            }
            Ok::<_, BuildError>(())
        })?;
        self.space = space;
        Ok(())
    }

    /// The pages of a range that was prepared, with the offset and length of the part that belongs to it.
    fn for_each_part(
        &mut self,
        address: u64,
        len: u64,
        mut write: impl FnMut(&mut Builder, Capability, u64, u64) -> Result<(), BuildError>,
    ) -> Result<(), BuildError> {
        for (start, len) in self.pieces(address, len)? {
            let page = self.builder.leaf(self.space, start)?.capability;
            write(self.builder, page, lo(start, self.log2()), len)?;
        }
        Ok(())
    }

    /// Writes bytes at an address and the following ones.
    ///
    /// # Errors
    /// [`BuildError::NotWritable`], [`BuildError::AddressOverflow`], [`BuildError::TooLarge`], and those of
    /// [`Builder::add`].
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), BuildError> {
        let (length, mut rest) = (bytes.len() as u64, bytes);
        self.prepare(address, length, Builder::back_page)?;
        self.for_each_part(address, length, |builder, page, offset, len| {
            let len = usize::try_from(len).unwrap_or(usize::MAX);
            let (part, after) = rest.split_at_checked(len).unwrap_or((rest, &[]));
            rest = after;
            // The page has contents and the part is within it, so this does not fail halfway.
            builder.write_page(page, offset, part)
        })
    }

    /// Writes zeros at an address and the following ones. A new page of zeros takes no memory until the image
    /// is written.
    ///
    /// # Errors
    /// Those of [`write`](Self::write).
    pub fn zero(&mut self, address: u64, len: u64) -> Result<(), BuildError> {
        self.prepare(address, len, |_, _| Ok(()))?;
        self.for_each_part(address, len, Builder::clear_page)
    }

    /// Sets the rights of all pages that a range of addresses touches; missing pages are allocated.
    ///
    /// Rights apply to whole pages: of two ranges in one page, the later call decides.
    ///
    /// # Errors
    /// Those of [`write`](Self::write).
    pub fn protect(&mut self, address: u64, len: u64, restr: Restr) -> Result<(), BuildError> {
        let (log2, bank, pieces) = (self.log2(), self.bank, self.pieces(address, len)?);
        let mut space = self.space;
        self.builder.atomically(|builder| {
            for (start, _) in pieces {
                let mut page = Self::page_at(builder, (bank, restr), &mut space, start)?;
                page.set_restr(restr);
                space = builder.add(bank, space, hi(start, log2), page, 0)?;
            }
            Ok::<_, BuildError>(())
        })?;
        self.space = space;
        Ok(())
    }

    /// The space and the start address, if one was set.
    pub fn finish(self) -> (Capability, Option<u64>) {
        (self.space, self.pc)
    }

    /// A process that starts in the space: see [`Builder::runnable_process`]. The start address is 0 unless
    /// one was set.
    ///
    /// # Errors
    /// Those of [`Builder::runnable_process`].
    pub fn into_process(self) -> Result<Capability, BuildError> {
        self.builder.runnable_process(self.bank, self.space, self.pc.unwrap_or_default())
    }
}

//! The original's loader, which shares a page of the file among all segments that touch it. Source: specification
//! section 5.

use execfmt_common::Expected;

use super::{Builder, LoadError, LoadedElf};
use crate::bits::{hi, lo};
use crate::capability::Capability;
use crate::elf::{Demands, ElfRule, Segment, read, restr_of, sorted};
use crate::object::ObjectType;

impl Builder {
    /// Loads a program as the original does, page for page and GPT for GPT: each page of the file that a
    /// segment touches becomes one page of the image, mapped once for every such segment, so a segment also
    /// exposes its neighbours' bytes; then come pages of zeros for the rest of the bss.
    ///
    /// Where the original would lose bytes of a segment, because a page of zeros or of another segment
    /// replaces them, this is an error. Of the file only the machine is checked, and the start address is not
    /// checked: see [`LoadedElf::entry_executable`].
    ///
    /// # Errors
    /// [`LoadError`]; the builder is unchanged.
    pub fn load_elf_compat(&mut self, bank: Capability, bytes: &[u8]) -> Result<LoadedElf, LoadError> {
        let program = read(bytes, self.arch(), Demands::Machine)?;
        self.atomically(|builder| {
            let space = builder.map_file_pages(bank, bytes, &program.segments)?;
            let entry_executable = builder.is_executable(space, program.entry);
            Ok(LoadedElf { entry: program.entry, space, entry_executable })
        })
    }

    fn map_file_pages(
        &mut self,
        bank: Capability,
        file: &[u8],
        segments: &[Segment<'_>],
    ) -> Result<Capability, LoadError> {
        let (log2, page_size) = (u32::from(self.arch().page_size_log2()), u64::from(self.arch().page_size()));
        let len = file.len() as u64;
        let mut space = Capability::NULL;
        let segments = sorted(segments, |segment| segment.file_offset)?;
        let mut start = 0_u64;
        while start < len {
            let end = start.saturating_add(page_size).min(len);
            let users = || segments.iter().filter(|segment| segment.touches_file(start, end));
            if let Some(used) = used_range(users, start, end) {
                let page = self.file_page(bank, file, start, used)?;
                for segment in users() {
                    let address = segment.address_of_page(start, log2)?;
                    space = self.map(bank, space, address, page, &segments)?;
                }
            }
            start = end;
        }
        let segments = sorted(&segments, |segment| segment.address)?;
        let mut address = 0;
        for segment in &segments {
            let up = |address: u64| address.checked_next_multiple_of(page_size).unwrap_or(hi(u64::MAX, log2));
            address = up(segment.file_end()).max(address);
            while address < up(segment.end()) {
                let page = self.alloc(ObjectType::Page, bank)?;
                space = self.map(bank, space, address, page, &segments)?;
                address = address.saturating_add(page_size);
            }
        }
        segments.iter().try_for_each(|segment| self.demand_kept(space, segment, log2))?;
        Ok(space)
    }

    /// A page of the file, zero outside the parts that segments use.
    fn file_page(
        &mut self,
        bank: Capability,
        file: &[u8],
        start: u64,
        (first, end): (u64, u64),
    ) -> Result<Capability, LoadError> {
        let page = self.alloc(ObjectType::Page, bank)?;
        let range = || file.get(usize::try_from(first).ok()?..usize::try_from(end).ok()?);
        if let Some(used) = range().filter(|used| !used.is_empty()) {
            self.write_page(page, first.saturating_sub(start), used)?;
        }
        Ok(page)
    }

    fn map(
        &mut self,
        bank: Capability,
        space: Capability,
        address: u64,
        mut page: Capability,
        segments: &[Segment<'_>],
    ) -> Result<Capability, LoadError> {
        let end = address.saturating_add(self.arch().page_size().into());
        let touching = segments.iter().filter(|segment| address < segment.end() && end > segment.address);
        page.set_restr(restr_of(touching.fold(0, |flags, segment| flags | segment.flags)));
        Ok(self.add(bank, space, address, page, 0)?)
    }

    /// Compares what is mapped at a segment's addresses with its bytes.
    fn demand_kept(&self, space: Capability, segment: &Segment<'_>, log2: u32) -> Result<(), LoadError> {
        let mut rest = segment.bytes;
        let mut address = segment.address;
        while !rest.is_empty() {
            let offset = lo(address, log2);
            let room = u64::from(self.arch().page_size()).saturating_sub(offset);
            let (wanted, after) = rest.split_at(rest.len().min(usize::try_from(room).unwrap_or(usize::MAX)));
            let leaf = self.leaf(space, address)?;
            let contents = self.page(leaf.capability).map_err(LoadError::Build)?;
            let found = contents.map(|contents| {
                contents.get(usize::try_from(offset).unwrap_or(usize::MAX)..).unwrap_or_default()
            });
            let differs = |(index, &wanted): (usize, &u8)| {
                let found = found.map_or(0, |found| found.get(index).copied().unwrap_or_default());
                (found != wanted).then_some(index)
            };
            let same = found.is_some_and(|found| found.starts_with(wanted));
            if let Some(index) = wanted.iter().enumerate().find_map(differs).filter(|_| !same) {
                let lost = address.saturating_add(index as u64);
                let expected = Expected::AtMost(lost.saturating_sub(1));
                return Err(segment.finding(ElfRule::DataLost, "p_vaddr", lost, expected).into());
            }
            address = address.saturating_add(wanted.len() as u64);
            rest = after;
        }
        Ok(())
    }
}

/// The part of a page of the file that segments use; `None` when none does.
fn used_range<'s, 'a: 's, I: Iterator<Item = &'s Segment<'a>>>(
    users: impl Fn() -> I,
    start: u64,
    end: u64,
) -> Option<(u64, u64)> {
    let first = users().map(|segment| segment.file_offset).min()?.max(start).min(end);
    let last = users().map(|segment| segment.file_offset.saturating_add(segment.bytes.len() as u64)).max()?;
    Some((first, last.max(start).min(end).max(first)))
}

impl Segment<'_> {
    /// Whether a part of the file is within the segment's. As in the original, an empty segment within a page
    /// touches it.
    fn touches_file(&self, start: u64, end: u64) -> bool {
        let file_end = self.file_offset.saturating_add(self.bytes.len() as u64);
        end > self.file_offset && start < file_end
    }

    /// The address at which the segment maps the page of the file that begins at `start`.
    fn address_of_page(&self, start: u64, log2: u32) -> Result<u64, LoadError> {
        let skew = lo(self.file_offset.wrapping_sub(self.address), log2);
        if skew != 0 {
            return Err(self.finding(ElfRule::Misaligned, "p_offset", skew, Expected::Exactly(0)).into());
        }
        Ok(self.address.wrapping_add(start).wrapping_sub(self.file_offset))
    }
}

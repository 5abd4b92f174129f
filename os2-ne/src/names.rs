//! The names of a file: its own, its description, and those of its entry points.

use crate::header::{Header, from_offset};

/// A name from one of the two tables. The first of the resident names is that of the module, the first of the
/// non-resident names its description; both have ordinal 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// Its bytes: 1 to 255 of them.
    pub bytes: &'a [u8],
    /// The ordinal of the entry point; 0 for the module itself.
    pub ordinal: u16,
    /// File offset of its length byte.
    pub offset: u64,
}

impl Name<'_> {
    /// File offset of the byte after the name: the next name, or the end of the table.
    pub const fn end(&self) -> u64 {
        // Length and ordinal take three bytes.
        self.offset.saturating_add(self.bytes.len() as u64).saturating_add(3)
    }
}

/// A table of names. Each name is a length byte, that many bytes, and a 16-bit ordinal; a length of 0 ends
/// the table, as does the end of the file or of the table.
#[derive(Clone, Debug)]
pub struct Names<'a> {
    rest: &'a [u8],
    offset: u64,
}

impl<'a> Names<'a> {
    /// The resident names of a file.
    pub fn resident(bytes: &'a [u8], header: &Header) -> Self {
        let start = header.position.wrapping_add(header.ne.resident_names.get().into());
        Self { rest: from_offset(bytes, start), offset: start.into() }
    }

    /// The non-resident names of a file: none when the header gives their table a size of 0.
    pub fn non_resident(bytes: &'a [u8], header: &Header) -> Self {
        let start = header.ne.non_resident_names.get();
        let table = from_offset(bytes, start);
        let rest = table.get(..header.ne.non_resident_size.get().into()).unwrap_or(table);
        Self { rest, offset: start.into() }
    }

    /// The names from the file offset of one of them on; 0 begins with the first.
    #[must_use]
    pub fn starting_at(self, offset: u64) -> Self {
        if offset == 0 {
            return self;
        }
        let skipped = offset.checked_sub(self.offset).and_then(|skipped| usize::try_from(skipped).ok());
        let rest = skipped.and_then(|skipped| self.rest.get(skipped..)).unwrap_or_default();
        Self { rest, offset }
    }
}

impl<'a> Iterator for Names<'a> {
    type Item = Name<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (&length, rest) = core::mem::take(&mut self.rest).split_first()?;
        let (bytes, rest) = rest.split_at_checked(length.into()).filter(|(bytes, _)| !bytes.is_empty())?;
        let (ordinal, rest) = rest.split_first_chunk()?;
        let name = Name { bytes, ordinal: u16::from_le_bytes(*ordinal), offset: self.offset };
        self.rest = rest;
        self.offset = name.end();
        Some(name)
    }
}

impl core::iter::FusedIterator for Names<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Builder, NewSegment};

    #[test]
    fn names_end_with_their_table() {
        let mut file = [0; 256];
        let segments = [NewSegment::code(&[0xeb, 0xfe]), NewSegment::data(&[0, 0]).min_alloc(6)];
        let length = Builder::new(&segments).write_to(&mut file).unwrap_or_default();
        let mut header = Header::parse(&file[..length]).ok();
        let mut header = header.take().filter(|_| length < 200).unwrap_or_else(|| unreachable!());
        file[200..212].copy_from_slice(b"\x03abc\x00\x00\x01d\x05\x00\x00\x00");
        header.ne.resident_names = (200 - u16::try_from(header.position).unwrap_or(0)).into();
        let names =
            |bytes| Names::resident(bytes, &header).map(|name| (name.bytes, name.ordinal, name.offset));
        assert!(names(&file).eq([(&b"abc"[..], 0, 200), (b"d", 5, 206)]));
        assert!(names(&file[..208]).eq([(&b"abc"[..], 0, 200)]), "a name that the file ends in");
        assert_eq!(names(&file[..200]).count(), 0);
        assert_eq!(Names::resident(&file, &header).starting_at(206).count(), 1);
        assert_eq!(Names::resident(&file, &header).starting_at(2).count(), 0);
        header.ne.non_resident_names = 200.into();
        assert_eq!(Names::non_resident(&file, &header).count(), 0);
        header.ne.non_resident_size = 8.into();
        assert_eq!(Names::non_resident(&file, &header).count(), 1, "the size ends the table");
    }
}

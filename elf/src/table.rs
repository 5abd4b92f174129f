/// Contiguous records of one size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table<'a> {
    bytes: &'a [u8],
    /// File offset of the table.
    start: u64,
    /// The length of a record in bytes, at least 1.
    size: usize,
}

impl<'a> Table<'a> {
    pub(crate) const EMPTY: Self = Self { bytes: &[], start: 0, size: 1 };

    /// A table that is within a file. The size of its records is not 0.
    pub(crate) fn within(file: &'a [u8], start: u64, count: u64, size: u64) -> Option<Self> {
        let len = usize::try_from(count.checked_mul(size)?).ok()?;
        let bytes = file.get(usize::try_from(start).ok()?..)?.get(..len)?;
        Some(Self { bytes, start, size: usize::try_from(size).ok()?.max(1) })
    }

    pub(crate) const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len().checked_div(self.size).unwrap_or_default()
    }

    /// File offset of a record, and its bytes.
    pub(crate) fn get(&self, index: usize) -> Option<(u64, &'a [u8])> {
        let at = index.checked_mul(self.size)?;
        let record = self.bytes.get(at..)?.get(..self.size)?;
        Some((self.start.saturating_add(at as u64), record))
    }
}

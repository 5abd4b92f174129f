/// A string table: each name begins at an offset and ends with a NUL.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a>(&'a [u8]);

impl<'a> Names<'a> {
    pub(crate) const EMPTY: Self = Self(&[]);

    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn bytes(&self) -> &'a [u8] {
        self.0
    }

    /// One past the NUL of the last name.
    pub(crate) fn last_end(&self) -> Option<usize> {
        self.0.iter().rposition(|&byte| byte == 0)
    }

    /// The first `most` bytes of a name; `None` when it is not within the table.
    pub(crate) fn get(&self, start: u32, most: usize) -> Option<&'a [u8]> {
        let rest = self.0.get(usize::try_from(start).ok()?..)?;
        let window = rest.get(..=most).unwrap_or(rest);
        match window.iter().position(|&byte| byte == 0) {
            Some(end) => window.get(..end),
            // Searching for the end of each of many longer names would take too much time.
            None if rest.len() > most => window.get(..most),
            None => None,
        }
    }
}

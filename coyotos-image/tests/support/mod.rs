//! A writer of ELF files for tests: program headers over a body of any bytes.

/// A program header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub(crate) kind: u32,
    pub(crate) offset: u64,
    pub(crate) address: u64,
    pub(crate) file_size: u64,
    pub(crate) memory_size: u64,
    pub(crate) flags: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Elf {
    pub(crate) wide: bool,
    pub(crate) big: bool,
    pub(crate) kind: u16,
    pub(crate) machine: u16,
    pub(crate) entry: u64,
    pub(crate) segments: Vec<Segment>,
    /// The whole file; the headers are written over its beginning.
    pub(crate) body: Vec<u8>,
}

impl Elf {
    /// The size of the headers in bytes.
    pub(crate) fn headers(&self) -> usize {
        if self.wide { 64 + 56 * self.segments.len() } else { 52 + 32 * self.segments.len() }
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let big = self.big;
        let put = |out: &mut Vec<u8>, value: u64, size: usize| {
            let bytes = if big {
                value.to_be_bytes()[8 - size..].to_vec()
            } else {
                value.to_le_bytes()[..size].to_vec()
            };
            out.extend(bytes);
        };
        let word = if self.wide { 8 } else { 4 };
        out.extend(b"\x7fELF");
        out.extend([if self.wide { 2 } else { 1 }, if big { 2 } else { 1 }, 1]);
        out.resize(16, 0);
        put(&mut out, self.kind.into(), 2);
        put(&mut out, self.machine.into(), 2);
        put(&mut out, 1, 4);
        put(&mut out, self.entry, word);
        put(&mut out, if self.wide { 64 } else { 52 }, word);
        put(&mut out, 0, word);
        put(&mut out, 0, 4);
        let sizes = if self.wide { [64, 56] } else { [52, 32] };
        for half in [sizes[0], sizes[1], self.segments.len() as u64, 0, 0, 0] {
            put(&mut out, half, 2);
        }
        for segment in &self.segments {
            let Segment { kind, offset, address, file_size, memory_size, flags } = *segment;
            put(&mut out, kind.into(), 4);
            if self.wide {
                put(&mut out, flags.into(), 4);
            }
            for value in [offset, address, address, file_size, memory_size] {
                put(&mut out, value, word);
            }
            if !self.wide {
                put(&mut out, flags.into(), 4);
            }
            put(&mut out, 1, word);
        }
        assert_eq!(out.len(), self.headers());
        let mut file = self.body.clone();
        file.resize(file.len().max(out.len()), 0);
        file[..out.len()].copy_from_slice(&out);
        file
    }
}

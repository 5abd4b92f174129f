//! A writer of small ELF files: program headers, sections and symbols as they are given, of either class and order.

/// A program header: type, flags, offset, address, bytes in the file and in memory.
pub(crate) type Segment = (u32, u32, u64, u64, u64, u64);

pub(crate) struct Elf {
    pub(crate) wide: bool,
    pub(crate) big: bool,
    pub(crate) machine: u16,
    pub(crate) entry: u64,
    pub(crate) segments: Vec<Segment>,
    /// The length of the part that segments lie in, headers included; every byte of it differs from its neighbours.
    pub(crate) body: usize,
    /// Whether there are sections: a build id, symbols, and two for a debugger.
    pub(crate) debug: bool,
}

impl Elf {
    fn put(&self, out: &mut Vec<u8>, value: u64, size: usize) {
        let (little, big) = (value.to_le_bytes(), value.to_be_bytes());
        out.extend(if self.big { &big[8 - size..] } else { &little[..size] });
    }

    fn put_all(&self, out: &mut Vec<u8>, fields: &[(u64, usize)]) {
        fields.iter().for_each(|&(value, size)| self.put(out, value, size));
    }

    /// The size of an address, of the header, of a program header, of a section header.
    fn sizes(&self) -> [usize; 4] {
        if self.wide { [8, 64, 56, 64] } else { [4, 52, 32, 40] }
    }

    fn symbols(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let address = self.sizes()[0];
        // Name, value, size, info (a global function, a variable, a label, a file), section.
        for (name, value, size, info, section) in [
            (0, 0, 0, 0, 0),
            (14, 0, 0, 4, 0xfff1),
            (1, self.entry, 8, 0x12, 1),
            (8, self.entry + 9, 4, 0x11, 1),
            (10, self.entry + 4, 0, 0x10, 1),
        ] {
            let middle = [(info, 1), (0, 1), (section, 2)];
            self.put(&mut out, name, 4);
            if self.wide {
                self.put_all(&mut out, &middle);
            }
            self.put_all(&mut out, &[(value, address), (size, address)]);
            if !self.wide {
                self.put_all(&mut out, &middle);
            }
        }
        out
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let [address, header, program, section] = self.sizes();
        let mut body: Vec<u8> = (0..self.body).map(|at| (at * 7 + 1) as u8).collect();
        let mut sections = Vec::new();
        let mut names = vec![0];
        if self.debug {
            let mut note = Vec::new();
            self.put_all(&mut note, &[(4, 4), (8, 4), (3, 4)]);
            note.extend(b"GNU\0build-id");
            let strings = b"\0_start\0x\0end\0file.c\0".to_vec();
            for (name, kind, flags, data, link, info, size) in [
                (".note.gnu.build-id", 7, 2, note, 0, 0, 0),
                (".symtab", 2, 0, self.symbols(), 3, 2, if self.wide { 24 } else { 16 }),
                (".strtab", 3, 0, strings, 0, 0, 0),
                (".debug_info", 1, 0, vec![1, 2, 3, 4, 5], 0, 0, 0),
                (".debug_str", 1, 0x30, b"a text\0".to_vec(), 0, 0, 1),
                (".shstrtab", 3, 0, Vec::new(), 0, 0, 0),
            ] {
                let name_at = names.len();
                names.extend(name.bytes().chain([0]));
                let data = if name == ".shstrtab" { names.clone() } else { data };
                sections.push((name_at, kind, flags, body.len(), data.len(), link, info, size));
                body.extend(data);
            }
        }
        let section_start = if self.debug { body.len() } else { 0 };
        if self.debug {
            body.resize(body.len() + section, 0);
        }
        for (name, kind, flags, at, len, link, info, size) in sections.iter().copied() {
            self.put_all(&mut body, &[(name as u64, 4), (kind, 4), (flags, address), (0, address)]);
            self.put_all(&mut body, &[(at as u64, address), (len as u64, address), (link, 4), (info, 4)]);
            self.put_all(&mut body, &[(1, address), (size, address)]);
        }
        let mut out = b"\x7fELF".to_vec();
        out.extend([1 + u8::from(self.wide), 1 + u8::from(self.big), 1]);
        out.resize(16, 0);
        self.put_all(&mut out, &[(2, 2), (self.machine.into(), 2), (1, 4), (self.entry, address)]);
        self.put_all(&mut out, &[(header as u64, address), (section_start as u64, address), (0, 4)]);
        let count = if self.debug { sections.len() as u64 + 1 } else { 0 };
        let halves = [header as u64, program as u64, self.segments.len() as u64, section as u64, count];
        halves.into_iter().chain([count.saturating_sub(1)]).for_each(|half| self.put(&mut out, half, 2));
        for &(kind, flags, offset, at, file_size, memory_size) in &self.segments {
            self.put(&mut out, kind.into(), 4);
            if self.wide {
                self.put(&mut out, flags.into(), 4);
            }
            for value in [offset, at, at, file_size, memory_size] {
                self.put(&mut out, value, address);
            }
            if !self.wide {
                self.put(&mut out, flags.into(), 4);
            }
            self.put(&mut out, 1, address);
        }
        assert!(out.len() <= self.body, "the headers take {} bytes", out.len());
        body[..out.len()].copy_from_slice(&out);
        body
    }
}

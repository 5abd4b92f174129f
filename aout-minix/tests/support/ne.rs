//! A writer of small OS/2 NE files, written from the description of the format for these tests.

#[derive(Clone)]
pub struct Segment {
    pub flags: u16,
    pub bytes: Vec<u8>,
    /// The size in the table; if `None`, the number of bytes.
    pub size: Option<u16>,
    pub min_alloc: u16,
    /// Records of 8 bytes.
    pub relocations: Vec<[u8; 8]>,
}

#[derive(Clone)]
pub struct Ne {
    pub os: u8,
    pub program_flags: u8,
    pub data: u16,
    pub heap: u16,
    pub stack: u16,
    pub ip: u16,
    pub cs: u16,
    pub ss: u16,
    pub modules: u16,
    pub movable: u16,
    pub resources: u16,
    pub shift: u16,
    pub segments: Vec<Segment>,
}

impl Ne {
    pub fn file(&self) -> Vec<u8> {
        let mut file = vec![0; 0x40];
        file[..2].copy_from_slice(b"MZ");
        file[0x3c] = 0x40;
        let mut header = vec![0; 64];
        header[..2].copy_from_slice(b"NE");
        header[0x0c] = self.program_flags;
        header[0x36] = self.os;
        for (at, value) in [
            (0x0e, self.data),
            (0x10, self.heap),
            (0x12, self.stack),
            (0x14, self.ip),
            (0x16, self.cs),
            (0x1a, self.ss),
            (0x1c, self.segments.len() as u16),
            (0x1e, self.modules),
            (0x22, 64),
            (0x30, self.movable),
            (0x32, self.shift),
            (0x34, self.resources),
        ] {
            header[at..at + 2].copy_from_slice(&value.to_le_bytes());
        }
        file.extend(header);
        let unit = 1_usize << self.shift.min(9);
        let mut place = (file.len() + 8 * self.segments.len()).next_multiple_of(unit);
        let mut body: Vec<u8> = Vec::new();
        for segment in &self.segments {
            let start = place + body.len();
            let padding = start.next_multiple_of(unit) - start;
            body.extend(vec![0; padding]);
            let fields = [
                ((start + padding) / unit) as u16,
                segment.size.unwrap_or(segment.bytes.len() as u16),
                segment.flags,
                segment.min_alloc,
            ];
            fields.iter().for_each(|field| file.extend(field.to_le_bytes()));
            body.extend(&segment.bytes);
            if segment.flags & 0x100 != 0 {
                body.extend((segment.relocations.len() as u16).to_le_bytes());
                segment.relocations.iter().for_each(|record| body.extend(record));
            }
        }
        place -= file.len();
        file.extend(vec![0; place]);
        file.extend(body);
        file
    }
}

/// A program whose first segment is data, as Open Watcom may order them: data with a far pointer, code that loads the
/// data segment.
pub fn sample() -> Ne {
    let data = Segment {
        flags: 0x0d01,
        bytes: vec![9, 9, 0xff, 0xff, 0, 0],
        size: None,
        min_alloc: 6 + 20 + 64,
        // Far address of offset 1 in segment 2 (code), at 2.
        relocations: vec![[3, 0, 2, 0, 2, 0, 1, 0]],
    };
    let code = Segment {
        flags: 0x0d00,
        bytes: vec![0xb8, 0xff, 0xff, 0x8e, 0xd8],
        size: None,
        min_alloc: 5,
        // The segment 1 (data), at 1.
        relocations: vec![[2, 0, 1, 0, 1, 0, 0, 0]],
    };
    Ne {
        os: 1,
        program_flags: 2,
        data: 1,
        heap: 0x1000,
        stack: 64,
        ip: 0,
        cs: 2,
        ss: 1,
        modules: 0,
        movable: 0,
        resources: 0,
        shift: 4,
        segments: vec![data, code],
    }
}

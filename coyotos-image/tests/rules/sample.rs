//! A sound image, put together word for word, and changes of it.

use coyotos_image::{Arch, ByteOrder};

/// Where things are: seven pages, a CapPage, two GPTs, two Endpoints, a Process.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum At {
    Header,
    Banks,
    Symbols,
    Strings,
    Allocs,
    Gpt,
    Endpoint,
    Process,
    End,
}

pub(crate) const USER_PAGES: u64 = 2;
pub(crate) const PAGES: u64 = 7;
pub(crate) const OBJECTS: u64 = PAGES + 1 + 2 + 2 + 1;

#[derive(Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) arch: Arch,
    pub(crate) page: u64,
}

/// A number of this many bytes at an offset.
pub(crate) type Poke = (At, u64, usize, u64);

impl Sample {
    pub(crate) fn place(self, at: At) -> u64 {
        let objects = (PAGES + 1) * self.page;
        match at {
            At::Header => 0,
            At::Banks => 3 * self.page,
            At::Symbols => 4 * self.page,
            At::Strings => 5 * self.page,
            At::Allocs => 6 * self.page,
            At::Gpt => objects,
            At::Endpoint => objects + 2 * 264,
            At::Process => objects + 2 * 264 + 2 * 32,
            At::End => objects + 2 * 264 + 2 * 32 + 632,
        }
    }

    pub(crate) fn poke(self, image: &mut [u8], (at, offset, width, value): Poke) {
        let place = (self.place(at) + offset) as usize;
        if self.arch.byte_order() == ByteOrder::Little {
            image[place..place + width].copy_from_slice(&value.to_le_bytes()[..width]);
        } else {
            image[place..place + width].copy_from_slice(&value.to_be_bytes()[8 - width..]);
        }
    }

    pub(crate) fn sound(self) -> Vec<u8> {
        let mut image = vec![0; self.place(At::End) as usize];
        image[..8].copy_from_slice(b"coyimage");
        let endian = if self.arch.byte_order() == ByteOrder::Little { 1234 } else { 4321 };
        let words = [
            endian,
            1,
            if endian == 1234 { 1 } else { 2 },
            self.page,
            OBJECTS,
            2, // banks
            2, // symbols
            4, // bytes of strings
            PAGES,
            1, // CapPages
            2, // GPTs
            2, // Endpoints
            1, // Processes
            self.place(At::End),
        ];
        for (offset, value) in (8..).step_by(4).zip(words) {
            self.poke(&mut image, (At::Header, offset, 4, value));
        }
        for (offset, value) in (64..).step_by(8).zip([3, 4, 5, 6, 7]) {
            self.poke(&mut image, (At::Header, offset, 8, value));
        }
        // The prime bank with Endpoint 0, and one below it with Endpoint 1.
        self.poke(&mut image, (At::Banks, 16, 8, 1));
        for (bank, endpoint) in (1..).zip([0, 32]) {
            self.poke(&mut image, (At::Endpoint, endpoint + 8, 8, bank));
        }
        // "a" at 0x1000 and "b" at 0x2000, both in the space of GPT 0.
        for (record, offset) in [(0, 0), (1, 24)] {
            self.poke(&mut image, (At::Symbols, offset, 8, 0x1000 * (record + 1)));
            self.poke(&mut image, (At::Symbols, offset + 8, 8, 2 << 56));
            self.poke(&mut image, (At::Symbols, offset + 16, 4, 2 * record));
        }
        self.poke(&mut image, (At::Strings, 0, 1, b'a'.into()));
        self.poke(&mut image, (At::Strings, 2, 1, b'b'.into()));
        let counts = [PAGES, 1, 2, 1, 2];
        let objects = (0..).zip(counts).flat_map(|(kind, count)| (0..count).map(move |oid| (kind, oid)));
        for (record, (kind, oid)) in objects.enumerate() {
            self.poke(&mut image, (At::Allocs, 24 * record as u64, 8, oid));
            self.poke(&mut image, (At::Allocs, 24 * record as u64 + 16, 4, kind));
        }
        for gpt in [0, 264] {
            self.poke(&mut image, (At::Gpt, gpt, 4, self.page_log2()));
        }
        image
    }

    pub(crate) fn page_log2(self) -> u64 {
        self.page.trailing_zeros().into()
    }

    /// The three words of a capability in slot 0 of GPT 0.
    pub(crate) fn cap(word0: u64, word1: u64, oid: u64) -> Vec<Poke> {
        vec![(At::Gpt, 8, 4, word0), (At::Gpt, 12, 4, word1), (At::Gpt, 16, 8, oid)]
    }
}

pub(crate) const LITTLE: Sample = Sample { arch: Arch::I386, page: 0x1000 };
pub(crate) const BIG: Sample = Sample { arch: Arch::COLDFIRE, page: 0x2000 };

/// A change, the codes of all findings, and of the first: the field, where it is, the value found, what was expected.
pub(crate) struct Row {
    pub(crate) pokes: Vec<Poke>,
    pub(crate) codes: &'static [&'static str],
    pub(crate) field: &'static str,
    pub(crate) at: (At, u64),
    pub(crate) found: u64,
    pub(crate) expected: String,
}

pub(crate) fn row(
    pokes: impl Into<Vec<Poke>>,
    codes: &'static [&'static str],
    field: &'static str,
    at: (At, u64),
    found: u64,
    expected: impl Into<String>,
) -> Row {
    Row { pokes: pokes.into(), codes, field, at, found, expected: expected.into() }
}

/// The address space of the process: all of GPT 0.
pub(crate) fn space_of_process(log2: u64) -> Vec<Poke> {
    vec![(At::Process, 40, 4, GPT), (At::Process, 44, 4, log2 + 4)]
}

/// Type, restrictions, allocCount.
pub(crate) const fn word0(kind: u64, restr: u64, count: u64) -> u64 {
    kind | restr << 7 | count << 12
}

pub(crate) const ENTRY: u64 = 0x3f;
pub(crate) const PAGE: u64 = 0x21;
pub(crate) const GPT: u64 = 0x23;
pub(crate) const PHYSICAL: u64 = 0xff00_0000_0000_0000;

//! Each rule by the smallest change to a sound image that breaks it, read like the specification's list.
//!
//! The image is put together here word for word, at the places that the specification gives, for a little-endian and a
//! big-endian architecture: the crate's own structs and builder have no part in it.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]

use coyotos_image::{
    Arch, ByteOrder, CoyotosRule, CycleScratch, Image, Options, Rule as _, Rules, check, find_cycles,
};

/// Where things are: seven pages, a CapPage, two GPTs, two Endpoints, a Process.
#[derive(Clone, Copy, PartialEq)]
enum At {
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

const USER_PAGES: u64 = 2;
const PAGES: u64 = 7;
const OBJECTS: u64 = PAGES + 1 + 2 + 2 + 1;

#[derive(Clone, Copy)]
struct Sample {
    arch: Arch,
    page: u64,
}

/// A number of so many bytes at a place.
type Poke = (At, u64, usize, u64);

impl Sample {
    fn place(self, at: At) -> u64 {
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

    fn poke(self, image: &mut [u8], (at, offset, width, value): Poke) {
        let place = (self.place(at) + offset) as usize;
        if self.arch.byte_order() == ByteOrder::Little {
            image[place..place + width].copy_from_slice(&value.to_le_bytes()[..width]);
        } else {
            image[place..place + width].copy_from_slice(&value.to_be_bytes()[8 - width..]);
        }
    }

    fn sound(self) -> Vec<u8> {
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

    fn page_log2(self) -> u64 {
        self.page.trailing_zeros().into()
    }

    /// The three words of a capability in slot 0 of GPT 0.
    fn cap(word0: u64, word1: u64, oid: u64) -> Vec<Poke> {
        vec![(At::Gpt, 8, 4, word0), (At::Gpt, 12, 4, word1), (At::Gpt, 16, 8, oid)]
    }
}

const LITTLE: Sample = Sample { arch: Arch::I386, page: 0x1000 };
const BIG: Sample = Sample { arch: Arch::COLDFIRE, page: 0x2000 };

/// A change, the codes of all findings, and of the first: the field, where it is, the value found, what was expected.
struct Row {
    pokes: Vec<Poke>,
    codes: &'static [&'static str],
    field: &'static str,
    at: (At, u64),
    found: u64,
    expected: String,
}

fn row(
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
fn space_of_process(log2: u64) -> Vec<Poke> {
    vec![(At::Process, 40, 4, GPT), (At::Process, 44, 4, log2 + 4)]
}

/// Section 1: what makes a file unreadable.
fn header_rows(sample: Sample) -> Vec<Row> {
    let header = |offset, width, value| [(At::Header, offset, width, value)];
    let size = sample.place(At::End);
    vec![
        row(header(0, 1, 0x43), &["bad_magic"], "header magic", (At::Header, 0), 0, ""),
        row(header(8, 4, 0), &["bad_endian"], "header endian", (At::Header, 8), 0, ""),
        row(header(12, 4, 2), &["bad_version"], "header version", (At::Header, 12), 2, "0x1"),
        row(header(16, 4, 9), &["unknown_target"], "header target", (At::Header, 16), 9, ""),
        row(
            header(20, 4, 0x4000),
            &["page_size"],
            "header pgSize",
            (At::Header, 20),
            0x4000,
            format!("{:#x}", sample.page),
        ),
        // One GPT less than there is.
        row(
            header(48, 4, 1),
            &["size_formula"],
            "header imgBytes",
            (At::Header, 60),
            size,
            format!("{:#x}", size - 264),
        ),
        // Two endpoints of 48 bytes and not of 32.
        row(
            header(60, 4, size + 32),
            &["old_layout"],
            "header imgBytes",
            (At::Header, 60),
            size + 32,
            format!("{size:#x}"),
        ),
        row(header(64, 8, 0), &["table_order"], "header bankVecOID", (At::Header, 64), 0, "at least 1"),
        row(
            header(64, 8, u64::MAX),
            &["table_order"],
            "header bankVecOID",
            (At::Header, 64),
            u64::MAX,
            "at most 7",
        ),
        row(header(72, 8, 2), &["table_order"], "header symVecOID", (At::Header, 72), 2, "at least 3"),
        row(header(72, 8, 5), &["table_pages"], "header symVecOID", (At::Header, 72), 5, "0x4"),
        row(header(80, 8, 4), &["table_pages"], "header stringTableOID", (At::Header, 80), 4, "at least 5"),
        row(header(80, 8, 6), &["table_pages"], "header allocVecOID", (At::Header, 88), 6, "at least 7"),
        row(header(88, 8, 7), &["table_pages"], "header endVecOID", (At::Header, 96), 7, "0x8"),
        row(header(96, 8, 8), &["table_end"], "header endVecOID", (At::Header, 96), 8, "0x7"),
    ]
}

/// Type, restrictions, allocCount.
const fn word0(kind: u64, restr: u64, count: u64) -> u64 {
    kind | restr << 7 | count << 12
}

const ENTRY: u64 = 0x3f;
const PAGE: u64 = 0x21;
const GPT: u64 = 0x23;
const PHYSICAL: u64 = 0xff00_0000_0000_0000;

/// Section 3: the original's rules, in its order. All of them on slot 0 of GPT 0, where a slot will do.
fn original_rows(sample: Sample) -> Vec<Row> {
    let (cap, log2) = (Sample::cap, sample.page_log2());
    let at = |offset: u64| (At::Gpt, 8 + offset);
    vec![
        row(cap(PAGE | 0x40, log2, 1), &["swizzled"], "GPT 0 cap[0].swizzled", at(0), 1, "0x0"),
        row(cap(0x11, 0, 0), &["unknown_cap_type"], "GPT 0 cap[0].type", at(0), 0x11, "16 or 32"),
        row(cap(0x26, 0, 0), &["unknown_cap_type"], "GPT 0 cap[0].type", at(0), 0x26, "37 or 63"),
        row(cap(word0(ENTRY, 0, 5), 0, 0), &["alloc_count"], "GPT 0 cap[0].allocCount", at(0), 5, "0x0"),
        row(cap(0x0c, 0, 3), &["stray_oid"], "GPT 0 cap[0].oid", at(8), 3, "0x0"),
        row(cap(0x22, log2, 1), &["oid_range"], "GPT 0 cap[0].oid", at(8), 1, "at most 0"),
        row(cap(0x24, 0, 1), &["oid_range"], "GPT 0 cap[0].oid", at(8), 1, "at most 0"),
        row(cap(GPT, log2 + 4, 2), &["oid_range"], "GPT 0 cap[0].oid", at(8), 2, "at most 1"),
        row(
            cap(PAGE, log2, PHYSICAL - 1),
            &["oid_range"],
            "GPT 0 cap[0].oid",
            at(8),
            PHYSICAL - 1,
            "at most ",
        ),
        row(cap(PAGE, log2, u64::MAX), &["oid_range"], "GPT 0 cap[0].oid", at(8), u64::MAX, "at most "),
        row(cap(word0(ENTRY, 2, 0), 0, 0), &["stray_restr"], "GPT 0 cap[0].restr", at(0), 2, "0x0"),
        row(cap(0x24, 7, 0), &["stray_payload"], "GPT 0 cap[0].protPayload", at(4), 7, "0x0"),
        row(cap(word0(PAGE, 8, 0), log2, 1), &["stray_opaque"], "GPT 0 cap[0].restr", at(0), 8, "0x0"),
        row(cap(word0(PAGE, 0x12, 0), log2, 1), &["stray_opaque"], "GPT 0 cap[0].restr", at(0), 0x12, "0x2"),
        row(
            cap(word0(GPT, 1, 0), log2 + 4, 1),
            &["weak_not_read_only"],
            "GPT 0 cap[0].restr",
            at(0),
            1,
            "0x3",
        ),
        row(
            cap(PAGE, log2 - 1, 1),
            &["guard_size"],
            "GPT 0 cap[0].l2g",
            at(4),
            log2 - 1,
            format!("at least {log2}"),
        ),
        row(cap(PAGE, 65, 1), &["guard_size"], "GPT 0 cap[0].l2g", at(4), 65, "at most 64"),
        row(cap(PAGE, 62 | 4 << 8, 1), &["guard_match"], "GPT 0 cap[0].match", at(4), 4, "at most 3"),
        row(cap(1, 14, 0x1_2000), &["window_offset"], "GPT 0 cap[0].oid", at(8), 0x1_2000, "0x10000"),
        row(
            cap(word0(1, 0, 16), 14, 0),
            &["window_slot"],
            "GPT 0 cap[0].allocCount",
            at(0),
            16,
            "at most 15",
        ),
        row(
            [(At::Gpt, 264, 4, log2 - 1)],
            &["gpt_size"],
            "GPT 1 l2v",
            (At::Gpt, 264),
            log2 - 1,
            format!("at least {log2}"),
        ),
        row(
            [(At::Endpoint, 48, 4, 0x0c)],
            &["recipient"],
            "Endpoint 1 recipient.type",
            (At::Endpoint, 48),
            0x0c,
            "0 or 36",
        ),
        row(
            [(At::Process, 88, 4, 0x0c)],
            &["io_space"],
            "Process 0 ioSpace.type",
            (At::Process, 88),
            0x0c,
            "0 or 15",
        ),
    ]
}

/// What a thorough checker adds.
fn thorough_rows(sample: Sample) -> Vec<Row> {
    let (cap, log2) = (Sample::cap, sample.page_log2());
    let symbols = |offset, width, value| [(At::Symbols, offset, width, value)];
    let space = |pokes: Vec<Poke>, codes| {
        let pokes = [pokes, space_of_process(log2)].concat();
        row(pokes, codes, "Process 0 addrSpace.oid", (At::Process, 48), 0, "anything but 0")
    };
    vec![
        row(
            [(At::Header, 24, 4, 12)],
            &["alloc_total", "padding"],
            "header nAlloc",
            (At::Header, 24),
            12,
            "0xd",
        ),
        row(
            [(At::Banks, 16, 8, 2)],
            &["bank_endpoint", "bank_index"],
            "bank 1 oid",
            (At::Banks, 16),
            2,
            "at most 1",
        ),
        row([(At::Banks, 8, 8, 1)], &["bank_parent"], "bank 0 parent", (At::Banks, 8), 1, "at most 0"),
        row([(At::Banks, 24, 8, 1)], &["bank_parent"], "bank 1 parent", (At::Banks, 24), 1, "at most 0"),
        row(
            [(At::Allocs, 24 + 16, 4, 1)],
            &["alloc_order"],
            "alloc record 1 type",
            (At::Allocs, 40),
            1,
            "0x0",
        ),
        row([(At::Allocs, 24, 8, 2)], &["alloc_order"], "alloc record 1 oid", (At::Allocs, 24), 2, "0x1"),
        row(
            [(At::Allocs, 24 + 8, 8, 2)],
            &["alloc_bank"],
            "alloc record 1 bank",
            (At::Allocs, 32),
            2,
            "at most 1",
        ),
        row(
            [(At::Allocs, 24 + 20, 4, 1)],
            &["reserved"],
            "alloc record 1 reserved",
            (At::Allocs, 44),
            1,
            "0x0",
        ),
        row([(At::Gpt, 4, 4, 1)], &["reserved"], "GPT 0 reserved", (At::Gpt, 4), 1, "0x0"),
        row(
            [(At::Gpt, 0, 4, log2 | 0x100)],
            &["reserved"],
            "GPT 0 first word's padding",
            (At::Gpt, 0),
            1,
            "0x0",
        ),
        row(
            [(At::Endpoint, 0, 4, 2)],
            &["reserved"],
            "Endpoint 0 first word's padding",
            (At::Endpoint, 0),
            1,
            "0x0",
        ),
        row([(At::Process, 1, 1, 1)], &["reserved"], "Process 0 reserved", (At::Process, 1), 1, "0x0"),
        row([(At::Process, 12, 4, 1)], &["reserved"], "Process 0 reserved", (At::Process, 12), 1, "0x0"),
        row(cap(PAGE, log2 | 0x80, 1), &["reserved"], "GPT 0 cap[0].guard padding", (At::Gpt, 12), 1, "0x0"),
        row([(At::Header, 104, 1, 7)], &["padding"], "padding after the header", (At::Header, 104), 7, "0x0"),
        row([(At::Banks, 32, 1, 7)], &["padding"], "padding after the bank table", (At::Banks, 32), 7, "0x0"),
        row(symbols(48, 1, 7), &["padding"], "padding after the symbol table", (At::Symbols, 48), 7, "0x0"),
        row(
            [(At::Strings, 4, 1, 7)],
            &["padding"],
            "padding after the string table",
            (At::Strings, 4),
            7,
            "0x0",
        ),
        row(
            [(At::Allocs, sample.page - 1, 1, 7)],
            &["padding"],
            "padding after the alloc table",
            (At::Allocs, sample.page - 1),
            7,
            "0x0",
        ),
        row([(At::Process, 0, 1, 3)], &["run_state"], "Process 0 runState", (At::Process, 0), 3, "at most 2"),
        row(
            [(At::Process, 2, 2, 0x80)],
            &["process_flags"],
            "Process 0 flags",
            (At::Process, 2),
            0x80,
            "at most 127",
        ),
        row(cap(ENTRY, 9, 2), &["entry_range"], "GPT 0 cap[0].oid", (At::Gpt, 16), 2, "at most 1"),
        row(cap(0x25, 9, 1), &["notice_range"], "GPT 0 cap[0].oid", (At::Gpt, 16), 1, "at most 0"),
        row(
            symbols(24, 8, 0xfff),
            &["symbol_order"],
            "symbol 1 value",
            (At::Symbols, 24),
            0xfff,
            "at least 4096",
        ),
        row(symbols(32, 8, 1), &["symbol_order"], "symbol 1 object", (At::Symbols, 32), 1, "at least "),
        row(
            [(At::Symbols, 20, 4, 0x501), (At::Symbols, 24, 8, 0x1000), (At::Symbols, 44, 4, 0x401)],
            &["symbol_order"],
            "symbol 1 size",
            (At::Symbols, 44),
            4,
            "at least 5",
        ),
        row(symbols(40, 4, 4), &["symbol_name"], "symbol 1 string", (At::Symbols, 40), 4, "at most 3"),
        // "axb" and "b", with their NULs.
        row(
            [(At::Strings, 1, 1, b'x'.into())],
            &["shared_names"],
            "symbol 1 string",
            (At::Symbols, 40),
            6,
            "at most 4",
        ),
        space(cap(ENTRY, 0, 0), &["space_not_memory"]),
        space(cap(GPT, log2 + 4, 0), &["space_too_deep"]),
        row([(At::Strings, 3, 1, 7)], &["strings_unterminated"], "string table", (At::Strings, 3), 7, "0x0"),
        row(
            [(At::Endpoint, 40, 8, 5)],
            &["bank_endpoint_id"],
            "Endpoint 1 endpointID",
            (At::Endpoint, 40),
            5,
            "0x2",
        ),
        // Two banks that share an endpoint, whose number can be right for one only.
        row(
            [(At::Banks, 16, 8, 0)],
            &["bank_endpoint_id", "bank_index"],
            "Endpoint 0 endpointID",
            (At::Endpoint, 8),
            1,
            "0x2",
        ),
        row([(At::Allocs, 8, 8, 1)], &["table_charge"], "alloc record 0 bank", (At::Allocs, 8), 1, "0x0"),
        row(
            [(At::Allocs, 3 * 24 + 8, 8, 1)],
            &["table_charge"],
            "alloc record 3 bank",
            (At::Allocs, 80),
            1,
            "0x0",
        ),
        row(cap(PAGE, log2, 3), &["table_page"], "GPT 0 cap[0].oid", (At::Gpt, 16), 3, "at most 2"),
        row(cap(PAGE, log2, 0), &["table_page"], "GPT 0 cap[0].oid", (At::Gpt, 16), 0, "at least 1"),
    ]
}

fn expect(sample: Sample, row: &Row, findings: &[coyotos_image::CoyotosFinding]) {
    let codes: Vec<_> = findings.iter().map(|finding| rule_code(finding.rule)).collect();
    let name = format!("{:?} {} {:?}", sample.arch.byte_order(), row.field, row.codes);
    assert_eq!(codes, row.codes, "{name}: {findings:?}");
    for finding in findings {
        assert!(!finding.expected.allows(finding.found), "{name}: {finding}");
    }
    let first = &findings[0];
    assert_eq!(first.field.to_string(), row.field, "{name}: {first}");
    assert_eq!(first.offset, sample.place(row.at.0) + row.at.1, "{name}: {first}");
    // Of some the value is more than a number of the header.
    if !row.expected.is_empty() {
        assert_eq!(first.found, row.found, "{name}: {first}");
        assert!(first.expected.to_string().starts_with(&row.expected), "{name}: {first}");
    }
}

fn rule_code(rule: CoyotosRule) -> &'static str {
    coyotos_image::Rule::code(rule)
}

#[test]
fn the_sample_is_sound() {
    for sample in [LITTLE, BIG] {
        let bytes = sample.sound();
        let image = Image::parse(&bytes, Options::default()).unwrap();
        assert_eq!(check(&image, Rules::Full).collect::<Vec<_>>(), []);
        assert_eq!(check(&image, Rules::Reference).collect::<Vec<_>>(), []);
        assert_eq!(image.symbol_at(0x2001).unwrap().name, Some(&b"b"[..]));
    }
}

#[test]
fn each_rule_of_the_header_refuses_the_file() {
    for sample in [LITTLE, BIG] {
        for row in header_rows(sample) {
            let mut bytes = sample.sound();
            row.pokes.iter().for_each(|&poke| sample.poke(&mut bytes, poke));
            expect(sample, &row, &[Image::parse(&bytes, Options::default()).unwrap_err()]);
        }
        let whole = sample.sound();
        let (size, end) = (whole.len() as u64, (At::Header, 0));
        for (bytes, codes, found) in [
            (&whole[..103], &["truncated"], 103),
            (&whole[..7], &["truncated"], 7),
            (&whole[..0], &["truncated"], 0),
            (&whole[..whole.len() - 1], &["file_size"], size - 1),
            (&[&whole[..], &[0]].concat(), &["file_size"], size + 1),
        ] {
            let row = row([], codes, "file length", end, found, if found < 104 { "at least " } else { "0x" });
            let finding = Image::parse(bytes, Options::default()).unwrap_err();
            assert_eq!((rule_code(finding.rule), finding.found), (row.codes[0], row.found), "{finding}");
            assert!(finding.expected.to_string().starts_with(&row.expected), "{finding}");
        }
        let rule = |bytes| Image::parse(bytes, Options::default()).unwrap_err().rule;
        assert_eq!(rule(&[0x1f, 0x8b, 8, 0]), CoyotosRule::Compressed);
        assert_eq!(rule(b"coyote"), CoyotosRule::BadMagic(coyotos_image::MagicBytes::of(b"coyo")));
    }
}

#[test]
fn each_rule_of_the_original() {
    for sample in [LITTLE, BIG] {
        for row in original_rows(sample) {
            let mut bytes = sample.sound();
            row.pokes.iter().for_each(|&poke| sample.poke(&mut bytes, poke));
            let image = Image::parse(&bytes, Options::default()).unwrap();
            expect(sample, &row, &check(&image, Rules::Reference).collect::<Vec<_>>());
            expect(sample, &row, &check(&image, Rules::Full).collect::<Vec<_>>());
        }
    }
}

#[test]
fn each_rule_of_the_thorough_checker() {
    for sample in [LITTLE, BIG] {
        for row in thorough_rows(sample) {
            let mut bytes = sample.sound();
            row.pokes.iter().for_each(|&poke| sample.poke(&mut bytes, poke));
            let image = Image::parse(&bytes, Options::default()).unwrap();
            expect(sample, &row, &check(&image, Rules::Full).collect::<Vec<_>>());
        }
    }
}

/// The two rules in which the thorough checker differs from the original, and what the original does not look at.
#[test]
fn what_the_original_and_the_thorough_checker_judge_differently() {
    for sample in [LITTLE, BIG] {
        let log2 = sample.page_log2();
        let judge = |pokes: &[Poke], rules| {
            let mut bytes = sample.sound();
            pokes.iter().for_each(|&poke| sample.poke(&mut bytes, poke));
            let image = Image::parse(&bytes, Options::default()).unwrap();
            check(&image, rules).map(|finding| rule_code(finding.rule)).collect::<Vec<_>>()
        };
        // Rule 13: the kernel keeps the slot in LocalWindow.
        const NONE: &[&str] = &[];
        for (kind, slot, original, thorough) in [
            (1, 15, NONE, NONE),
            (1, 16, &["window_slot"], &["window_slot"]),
            (2, 0, NONE, NONE),
            (2, 1, &["alloc_count", "window_slot"], NONE),
            (2, 15, &["alloc_count", "window_slot"], NONE),
            (2, 16, &["alloc_count", "window_slot"], &["window_slot"]),
        ] {
            let pokes = Sample::cap(word0(kind, 0, slot), 14, 0);
            assert_eq!(judge(&pokes, Rules::Reference), original, "type {kind}, slot {slot}");
            assert_eq!(judge(&pokes, Rules::Full), thorough, "type {kind}, slot {slot}");
        }
        // Rule 5: the pages of the tables.
        let table = Sample::cap(PAGE, log2, USER_PAGES + 1);
        assert_eq!(judge(&table, Rules::Reference), ["oid_range"]);
        let physical = Sample::cap(word0(PAGE, 0x18, 0), log2, PHYSICAL);
        assert_eq!(judge(&physical, Rules::Reference), [""; 0]);
        assert_eq!(judge(&physical, Rules::Full), [""; 0]);
        for row in thorough_rows(sample).iter().filter(|row| row.codes != ["table_page"]) {
            assert_eq!(judge(&row.pokes, Rules::Reference), [""; 0], "{}", row.field);
        }
    }
}

/// Of an empty vector no index will do, 0 neither.
#[test]
fn nothing_is_in_an_empty_vector() {
    // Without the endpoints: bank 0 has lost its own.
    for sample in [LITTLE, BIG] {
        let mut bytes = sample.sound();
        let (from, to) = (sample.place(At::Endpoint) as usize, sample.place(At::Process) as usize);
        bytes.drain(from..to);
        for (offset, value) in [(24, OBJECTS - 2), (52, 0), (60, bytes.len() as u64)] {
            sample.poke(&mut bytes, (At::Header, offset, 4, value));
        }
        // The records of the two endpoints are the last.
        for offset in
            [0, 8, 16].iter().flat_map(|field| [field + 24 * (OBJECTS - 2), field + 24 * (OBJECTS - 1)])
        {
            sample.poke(&mut bytes, (At::Allocs, offset, 8, 0));
        }
        Sample::cap(ENTRY, 0, 0).into_iter().for_each(|poke| sample.poke(&mut bytes, poke));
        let image = Image::parse(&bytes, Options::default()).unwrap();
        let findings: Vec<_> = check(&image, Rules::Full).collect();
        let told: Vec<_> =
            findings.iter().map(|finding| (rule_code(finding.rule), finding.field.to_string())).collect();
        let expected = [
            ("entry_range", "GPT 0 cap[0].oid"),
            ("bank_endpoint", "bank 0 oid"),
            ("bank_endpoint", "bank 1 oid"),
        ];
        assert_eq!(told, expected.map(|(code, field)| (code, field.to_string())));
        assert!(findings.iter().all(|finding| !finding.expected.allows(finding.found)), "{findings:?}");
    }
}

#[test]
fn an_image_without_a_bank_has_nobody_to_charge() {
    for sample in [LITTLE, BIG] {
        let mut bytes = sample.sound();
        // The page of the bank table becomes one of the user.
        for (offset, width, value) in [(28, 4, 0), (64, 8, 4), (72, 8, 4)] {
            sample.poke(&mut bytes, (At::Header, offset, width, value));
        }
        let image = Image::parse(&bytes, Options::default()).unwrap();
        let mut findings: Vec<_> = check(&image, Rules::Full).collect();
        assert_eq!(
            findings.iter().filter(|finding| finding.rule == CoyotosRule::AllocBank).count() as u64,
            OBJECTS
        );
        assert!(findings.iter().all(|finding| !finding.expected.allows(finding.found)), "{findings:?}");
        findings.retain(|finding| finding.rule != CoyotosRule::AllocBank);
        expect(sample, &row([], &["no_bank"], "header nBank", (At::Header, 28), 0, "at least 1"), &findings);
    }
}

#[test]
fn a_cycle_of_gpts_is_found_at_the_slot_that_leads_back() {
    for sample in [LITTLE, BIG] {
        let mut bytes = sample.sound();
        let log2 = sample.page_log2();
        // GPT 0 leads to GPT 1 in slot 0, and that one back in slot 15.
        for poke in Sample::cap(GPT, log2 + 4, 1) {
            sample.poke(&mut bytes, poke);
        }
        sample.poke(&mut bytes, (At::Gpt, 264 + 8 + 15 * 16, 4, GPT));
        sample.poke(&mut bytes, (At::Gpt, 264 + 8 + 15 * 16 + 4, 4, log2 + 4));
        let image = Image::parse(&bytes, Options::default()).unwrap();
        let mut scratch = [CycleScratch::default(); 2];
        let findings: Vec<_> = find_cycles(&image, &mut scratch).unwrap().collect();
        let codes = &["space_cycle"];
        expect(
            sample,
            &row([], codes, "GPT 1 cap[15].oid", (At::Gpt, 264 + 8 + 15 * 16 + 8), 0, "anything but 0"),
            &findings,
        );
    }
}

/// An object that does not exist is an error of the capability already.
#[test]
fn a_space_that_names_an_object_that_does_not_exist_cannot_be_walked() {
    for sample in [LITTLE, BIG] {
        let (mut bytes, log2) = (sample.sound(), sample.page_log2());
        let pokes = [Sample::cap(GPT, log2 + 4, 5), space_of_process(log2)].concat();
        pokes.into_iter().for_each(|poke| sample.poke(&mut bytes, poke));
        let image = Image::parse(&bytes, Options::default()).unwrap();
        let findings: Vec<_> = check(&image, Rules::Full).collect();
        let reported: Vec<_> = findings.iter().map(|f| (rule_code(f.rule), f.field.to_string())).collect();
        let expected = [("oid_range", "GPT 0 cap[0].oid"), ("space_no_object", "Process 0 addrSpace.oid")];
        assert_eq!(reported, expected.map(|(code, field)| (code, field.to_string())));
    }
}

#[test]
fn every_rule_has_a_row() {
    let rows = [header_rows(LITTLE), original_rows(LITTLE), thorough_rows(LITTLE)];
    let covered: Vec<_> = rows.iter().flatten().flat_map(|row| row.codes).collect();
    // Those that the tests above show without a row.
    let apart = [
        "truncated",
        "compressed",
        "file_size",
        "no_bank",
        "space_cycle",
        "space_no_object",
        "space_too_many",
        "gzip_damaged",
        "gzip_too_long",
        "gzip_over_limit",
    ];
    for code in CoyotosRule::TABLE.iter().map(|row| row.code) {
        assert!(covered.contains(&&code) || apart.contains(&code), "{code}");
    }
}

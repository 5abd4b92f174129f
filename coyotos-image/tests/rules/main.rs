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

mod parts;
mod rows;
mod sample;

use coyotos_image::{
    CoyotosField, CoyotosRule, CycleScratch, Image, Options, Rule as _, Rules, check, find_cycles,
};
use rows::{header_rows, original_rows, thorough_rows};
use sample::{
    At, BIG, ENTRY, GPT, LITTLE, OBJECTS, PAGE, PHYSICAL, Poke, Row, Sample, USER_PAGES, row,
    space_of_process, word0,
};

fn expect(sample: Sample, row: &Row, findings: &[coyotos_image::CoyotosFinding]) {
    let codes: Vec<_> = findings.iter().map(|finding| rule_code(finding.rule)).collect();
    let name = format!("{:?} {} {:?}", sample.arch.byte_order(), row.field, row.codes);
    assert_eq!(codes, row.codes, "{name}: {findings:?}");
    for finding in findings {
        assert!(!finding.expected.allows(finding.found), "{name}: {finding}");
    }
    let first = &findings[0];
    assert_eq!(first.field.to_string(), row.field, "{name}: {first}");
    let place = match (first.field.object(), first.field.slot()) {
        (Some(object), Some(slot)) => format!("{object} {slot}."),
        (Some(object), None) => format!("{object} "),
        (None, _) => String::new(),
    };
    assert!(row.field.starts_with(&place), "{name}: {place}");
    assert_eq!(first.field.slot().is_some(), matches!(first.field, CoyotosField::Capability(..)), "{name}");
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

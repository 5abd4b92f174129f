//! The texts for people, and the small computations they need: table by table.

use execfmt_common::{Advice, BufferTooSmall, ByteOrder, Expected, FirstBytes, Severity, Tally, Target};

#[test]
fn names_of_formats_in_sentences() {
    let convert = |target| Advice::Convert(target).to_string();
    for (target, name) in [
        (Target::Noff, "NOFF"),
        (Target::Coff, "COFF"),
        (Target::Elks, "ELKS a.out"),
        (Target::Os2Ne, "OS/2 NE"),
        (Target::Coyotos, "a Coyotos image"),
        (Target::Elf, "ELF"),
        (Target::Flat, "a flat file"),
    ] {
        assert_eq!(target.name(), name);
        assert_eq!(convert(target), format!("convert it to {name}"));
    }
}

#[test]
fn lists_of_formats_have_commas_and_one_or() {
    let one_of = |targets| Advice::ConvertToOneOf(targets).to_string();
    assert_eq!(one_of(&[Target::Noff]), "convert it to NOFF");
    assert_eq!(one_of(&[Target::Noff, Target::Coff]), "convert it to NOFF or COFF");
    let three = &[Target::Noff, Target::Coff, Target::Flat];
    assert_eq!(one_of(three), "convert it to NOFF, COFF or a flat file");
    assert_eq!(Advice::LinkAt(0x80).to_string(), "link with -Ttext=0x80");
    assert_eq!(Advice::MakeAgain.to_string(), "copy or build it again");
}

#[test]
fn byte_orders() {
    for (order, name, long, number) in [
        (ByteOrder::Little, "little", "little-endian", 0x0403_0201),
        (ByteOrder::Big, "big", "big-endian", 0x0102_0304),
    ] {
        assert_eq!((order.name(), order.to_string()), (name, long.into()));
        assert_eq!(order.u32([1, 2, 3, 4]), number);
    }
    assert_eq!(ByteOrder::default(), ByteOrder::Little);
}

#[test]
fn severities() {
    for (severity, name) in [(Severity::Warning, "warning"), (Severity::Error, "error")] {
        assert_eq!((severity.name(), severity.to_string()), (name, name.into()));
    }
    assert!(Severity::Error > Severity::Warning);
}

#[test]
fn expectations_at_and_beside_their_bounds() {
    type Row = (Expected, u64, &'static str, &'static [u64], &'static [u64]);
    let table: &[Row] = &[
        (Expected::Exactly(20), 20, "0x14", &[20], &[19, 21, 0]),
        (Expected::Either(20, 30), 20, "20 or 30", &[20, 30], &[19, 25, 31]),
        (Expected::AtLeast(20), 20, "at least 20", &[20, 21, u64::MAX], &[19, 0]),
        (Expected::AtMost(20), 20, "at most 20", &[0, 20], &[21, u64::MAX]),
        (Expected::MultipleOf(16), 16, "a multiple of 16", &[0, 16, 32], &[1, 15, 17]),
        (Expected::MultipleOf(0), 0, "a multiple of 0", &[], &[0, 1]),
        (Expected::AnythingBut(20), 20, "anything but 20", &[19, 21], &[20]),
    ];
    for (expected, bound, words, allowed, refused) in table {
        assert_eq!((expected.bound(), expected.to_string()), (*bound, (*words).into()));
        assert!(allowed.iter().all(|&found| expected.allows(found)), "{expected:?}");
        assert!(!refused.iter().any(|&found| expected.allows(found)), "{expected:?}");
    }
}

#[test]
fn buffers_and_first_bytes() {
    let small = BufferTooSmall { needed: 40, given: 39 };
    assert_eq!(small.to_string(), "the buffer has 39 bytes, but 40 are needed");
    for (bytes, words, number) in [
        (&b""[..], "none", 0),
        (b"a", "61 'a'", 0x61),
        (b"a b!c", "61 20 62 21 'a b!'", 0x2162_2061),
        (b"a\n", "61 0a", 0x0a61),
        (b"\xad\xdf\xba\0", "ad df ba 00", 0x00ba_dfad),
    ] {
        let first = FirstBytes::of(bytes);
        assert_eq!((first.to_string(), first.number()), (words.into(), number));
    }
}

#[test]
fn findings_are_counted_beyond_those_that_are_listed() {
    let mut tally = Tally { errors: 0, warnings: 0 };
    let listed = (0..execfmt_common::MAX_LISTED + 5)
        .map(|n| tally.count(if n % 2 == 0 { Severity::Error } else { Severity::Warning }))
        .filter(|listed| *listed)
        .count();
    assert_eq!(listed as u64, execfmt_common::MAX_LISTED);
    assert_eq!(tally.errors + tally.warnings, execfmt_common::MAX_LISTED + 5);
    assert_eq!(tally.unlisted(), 5);
    assert!(tally.errors >= tally.warnings);
}

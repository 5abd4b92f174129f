//! `hex` and `diff`.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use std::fs;

use execfmt_testkit::{Mutator, testdata};
use support::{execfmt, folder, in_columns, path, text, words};

/// The rows of a dump with bytes in them: the offset, and the bytes.
fn dumped(out: &str) -> Vec<(u64, Vec<u8>)> {
    let row = |line: &str| {
        let (offset, rest) = line.strip_prefix("0x")?.split_once(' ')?;
        let bytes = rest.get(2..)?.split_whitespace().map_while(|word| match word.len() {
            2 => u8::from_str_radix(word, 16).ok(),
            _ => None,
        });
        Some((u64::from_str_radix(offset, 16).ok()?, bytes.take(16).collect()))
    };
    out.lines().filter_map(row).collect()
}

#[test]
fn every_byte_is_shown_once_under_its_field_or_part() {
    let image = coyotos_image::inflate(&testdata("coyotos/i386.img.gz"), 1 << 20).unwrap().into_owned();
    let folder = folder();
    let (elf, coff) = (path(&folder, "elf"), path(&folder, "coff"));
    fs::write(&elf, testdata("noff/demo.noff")).unwrap();
    assert_eq!(execfmt(&["convert", &elf, "-o", &coff, "--to", "coff"], b"").status.code(), Some(0));
    let programs = ["noff/demo.noff", "noff/echo.noff", "elks/greet.aout", "elks/far.aout"];
    let programs = programs.map(|name| (name, testdata(name)));
    for (name, file) in programs.into_iter().chain([("an image", image), ("COFF", fs::read(&coff).unwrap())])
    {
        let output = in_columns(200, &["hex", "--all", "-"], &file);
        assert!(output.status.success() || name == "COFF", "{name}: {}", text(&output.stderr));
        let out = text(&output.stdout);
        let mut shown = vec![None; file.len()];
        for (offset, bytes) in dumped(out) {
            for (at, byte) in (usize::try_from(offset).unwrap()..).zip(bytes) {
                // The letters of a row's text may look like bytes; what is beyond the file is such text.
                if let Some(place) = shown.get_mut(at).filter(|place| place.is_none()) {
                    *place = Some(byte);
                }
            }
        }
        // What is folded is zero.
        let folded = out.contains("of zeros");
        for (at, (shown, held)) in shown.iter().zip(&file).enumerate() {
            assert!(*shown == Some(*held) || folded && *held == 0, "{name}: byte {at:#x}: {shown:?}, {held}");
        }
    }
}

#[test]
fn a_finding_stands_below_its_field() {
    let cut = &testdata("noff/demo.noff")[..700];
    let output = execfmt(&["hex", "-"], cut);
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<_> = text(&output.stdout).lines().collect();
    let at = |start: &str| lines.iter().position(|line| line.starts_with(start)).unwrap();
    // By the wire format: code.size at 12, initData.in_file_addr at 20.
    for (field, words) in
        [("0x000c c c0 02 00 00", "code.size"), ("0x0014 d e8 02 00 00", "initData.in_file_addr")]
    {
        let finding = lines[at(field) + 1];
        assert!(finding.trim_start().starts_with("^^^ error: ") && finding.contains(words), "{finding}");
    }
    let out = words(&output.stdout);
    // 40 + 704 - 700.
    assert!(out.contains("the file ends here, at 0x02bc: 44 of 704 bytes are missing"), "{out}");
    assert!(out.contains("not in the file: it would begin at 0x02e8"), "{out}");
    assert!(out.ends_with("standard input: refused, 2 errors"), "{out}");
    // The first line and the last name the file.
    let longest = lines[1..lines.len() - 1].iter().map(|line| line.chars().count()).max();
    assert!(longest <= Some(80), "{lines:#?}");
}

#[test]
fn what_no_part_claims_is_shown_as_that() {
    let mut file = testdata("noff/demo.noff");
    file.extend(b"after the last segment\x1b[31m");
    let output = execfmt(&["hex", "-"], &file);
    let out = text(&output.stdout);
    assert!(out.contains("\nunclaimed, 27 bytes\n0x0398 ? 61 66 74 65"), "{out}");
    assert!(!out.contains('\u{1b}'), "nothing from the file reaches the terminal unescaped\n{out:?}");
    // A file of no format is bytes alone.
    let output = execfmt(&["hex", "-"], b"#!/bin/sh\n");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("unclaimed, 10 bytes"), "{}", text(&output.stdout));
}

#[test]
fn no_damage_makes_it_fail() {
    let mut mutator = Mutator::new("damaged files to hex and diff", 0x4e8_d1ff);
    let bases = ["noff/demo.noff", "elks/far.aout", "coyotos/i386.img.gz"].map(testdata);
    let folder = folder();
    for (at, base) in (0..90).map(|at| (at, &bases[at % bases.len()])) {
        let (first, second) = (path(&folder, "first"), path(&folder, "second"));
        fs::write(&first, mutator.mutate(base, 64)).unwrap();
        fs::write(&second, mutator.mutate(base, 64)).unwrap();
        for arguments in [vec!["hex", &first], vec!["hex", "--all", &first], vec!["diff", &first, &second]] {
            let output = execfmt(&arguments, b"");
            assert!(
                matches!(output.status.code(), Some(0 | 1)),
                "{at}: {arguments:?}: {}",
                text(&output.stderr)
            );
            assert!(!text(&output.stdout).contains('\u{1b}'), "{at}: {arguments:?}");
        }
    }
}

#[test]
fn diff_speaks_of_fields_parts_and_memory() {
    let folder = folder();
    let (plain, more, packed) = (path(&folder, "plain"), path(&folder, "more"), path(&folder, "packed"));
    let file = testdata("elks/far.aout");
    fs::write(&plain, &file).unwrap();
    fs::write(&more, &file).unwrap();
    let same = execfmt(&["diff", &plain, &more], b"");
    assert_eq!((same.status.code(), same.stdout.len()), (Some(0), 0));

    assert_eq!(execfmt(&["chmem", "-h", "8192", &more], b"").status.code(), Some(0));
    let output = execfmt(&["diff", &plain, &more], b"");
    assert_eq!(output.status.code(), Some(1));
    let out = words(&output.stdout);
    // By hand: the default heap is 4096 bytes, so that the segment grows by as many.
    for line in [
        "~ chmem 0 0x2000 = 8192 +8192",
        "~ DS 8320 bytes 12416 bytes",
        "~ DS heap 0x0074..0x1074 0x0074..0x2074",
    ] {
        assert!(out.contains(line), "{line:?} is missing from\n{}", text(&output.stdout));
    }
    assert!(!out.contains("text"), "what is the same is not shown\n{}", text(&output.stdout));

    let builder = aout_minix::Builder::new(aout_minix::FileType::SPLITID_AHISTORICAL);
    let long = builder.version(1).text(&[0x90; 5000]).data(&[1, 2, 3]).to_vec().unwrap();
    fs::write(&plain, &long).unwrap();
    assert_eq!(execfmt(&["compress", "-o", &packed, &plain], b"").status.code(), Some(0));
    let out = execfmt(&["diff", &plain, &packed], b"");
    let out = words(&out.stdout);
    for line in [
        "~ hlen 0x20 = 32 0x40 = 64 +32",
        "+ compr_tseg - ",
        "compressed",
        "= data 3 bytes at 0x13a8 3 bytes at",
    ] {
        assert!(out.contains(line), "{line:?} is missing from\n{out}");
    }
    // A byte of the text.
    let mut patched = long.clone();
    patched[32 + 7] = 0xcc;
    fs::write(&more, &patched).unwrap();
    let out = words(&execfmt(&["diff", &plain, &more], b"").stdout);
    assert!(
        out.contains(
            "~ text 5000 bytes at 0x0020 5000 bytes at 0x0020 1 byte differs, the first at offset 0x7"
        ),
        "{out}"
    );
    // Files of two formats, and one that is not there.
    fs::write(&more, testdata("noff/demo.noff")).unwrap();
    let out = execfmt(&["diff", &plain, &more], b"");
    assert!(text(&out.stdout).contains("Nachos NOFF executable"), "{}", text(&out.stdout));
    assert_eq!(execfmt(&["diff", &plain, &path(&folder, "absent")], b"").status.code(), Some(2));
}

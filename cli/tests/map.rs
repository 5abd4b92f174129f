//! `map`: what is drawn, in every width.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use aout_minix::{Builder, FileType};
use execfmt_testkit::testdata;
use support::{execfmt, in_columns, text};

/// The part of a picture between the title and the legend.
fn picture(out: &str) -> Vec<&str> {
    out.lines().skip(2).take_while(|line| !line.is_empty()).collect()
}

#[test]
fn file_and_memory_have_one_scale() {
    let output = in_columns(120, &["map", "-"], &testdata("noff/demo.noff"));
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0));
    // By hand: a header of 40 bytes, code to 0x2c0, data to 0x370, bss to 0x470, a stack of 8 pages; 4 bytes a letter.
    let row = |parts: &[(char, usize)]| -> String {
        let letters = parts.iter().map(|(letter, count)| letter.to_string().repeat(*count));
        format!("|{}|", letters.collect::<String>())
    };
    let code = row(&[('c', 32)]);
    let stack = row(&[('s', 32)]);
    let lines = [
        format!("0x0000 {}  0x0000 {code}  page 0       read-only", row(&[('H', 10), ('c', 22)])),
        format!("0x0080 {code}  0x0080 {code}  pages 1-4    read-only"),
        format!("{0:7}: 3 rows alike{0:19}:  {0:7}: 3 rows alike{0:19}:", ""),
        format!(
            "0x0280 {}  0x0280 {}  page 5       shared",
            row(&[('c', 26), ('d', 6)]),
            row(&[('c', 16), ('d', 16)])
        ),
        format!("0x0300 {}  0x0300 {}  page 6       shared", row(&[('d', 32)]), row(&[('d', 28), ('0', 4)])),
        format!("0x0380 {}  0x0380 {}  page 7", row(&[('d', 6), ('·', 26)]), row(&[('0', 32)])),
        format!("{:43}0x0400 {}  page 8", "", row(&[('0', 28), (' ', 4)])),
        format!("{:43}0x0480 {stack}  pages 9-16", ""),
        format!("{0:43}{0:7}: 7 rows alike{0:19}:", ""),
    ];
    assert_eq!(picture(out), lines);
    assert!(out.contains("H header   c code   d initData   0 uninitData   s stack\n"), "{out}");
    assert!(out.ends_with("one row: 128 bytes; one letter: 4 bytes\n"), "{out}");
    // Unfolded, every page has its row.
    let full = in_columns(120, &["map", "--full", "-"], &testdata("noff/demo.noff"));
    assert_eq!(text(&full.stdout).lines().filter(|line| line.contains("  page ")).count(), 17);
    // A row of several pages is read-only when all of them are: pages of 16 bytes, code up to 0x2c0.
    let small = execfmt(&["map", "--page-size", "16", "-"], &testdata("noff/demo.noff"));
    let small = text(&small.stdout);
    assert!(small.contains("pages 4-43   read-only\n") && small.contains("pages 44-47\n"), "{small}");
}

#[test]
fn a_picture_fits_the_terminal() {
    let far = testdata("elks/far.aout");
    for file in [testdata("noff/demo.noff"), far, testdata("coyotos/i386.img.gz")] {
        for (columns, widest) in
            [(1, 40), (40, 40), (60, 60), (80, 80), (100, 100), (120, 120), (200, 200), (999, 200)]
        {
            let output = in_columns(columns, &["map", "-"], &file);
            // The first line names the file. Rows of a tree are as deep as it is.
            let pictures = text(&output.stdout).lines().skip(1).filter(|line| line.contains('|'));
            let longest = pictures.map(|line| line.chars().count()).max().unwrap_or_default();
            assert!(longest <= widest, "{columns}: {longest}\n{}", text(&output.stdout));
        }
    }
}

#[test]
fn no_part_is_lost_however_small() {
    // One byte of text and one of data, before 50,000 bytes of heap.
    let file = Builder::new(FileType::SPLITID_AHISTORICAL).version(1).text(&[0xc3]).data(&[7]);
    let file = file.chmem(50_000).to_vec().unwrap();
    let output = execfmt(&["map", "-"], &file);
    let out = text(&output.stdout);
    let letters: String = picture(out).concat().chars().filter(char::is_ascii_alphabetic).collect();
    for letter in ['t', 'd', 'h', 's', 'a'] {
        assert!(letters.contains(letter), "{letter} is missing from\n{out}");
    }
    // Of a NOFF file the header of 40 bytes and a word of code, before 60,000 bytes of data.
    let mut file = vec![0; 60_044];
    let builder = noff::Builder::new(noff::Layout::Three, noff::ByteOrder::Little);
    builder.code(0, &[0; 4]).init_data(4, &[7; 60_000]).write_to(&mut file).unwrap();
    let output = execfmt(&["map", "-"], &file);
    let out = text(&output.stdout);
    let drawn = picture(out).concat();
    assert!(drawn.contains('H') && drawn.contains('c'), "{out}");
}

#[test]
fn only_a_range_of_addresses() {
    let demo = testdata("noff/demo.noff");
    let output = in_columns(120, &["map", "--range", "0x280..0x300", "-"], &demo);
    let rows: Vec<_> = text(&output.stdout).lines().filter(|line| line.starts_with("0x")).collect();
    assert!(matches!(&rows[..], [row] if row.starts_with("0x0280")), "{rows:?}");
    let image = testdata("coyotos/i386.img.gz");
    let output = execfmt(&["map", "--range", "0x100000+1", "-"], &image);
    let out = text(&output.stdout);
    assert!(out.contains("Page 2") && !out.contains("0x4000"), "{out}");
    let wrong = execfmt(&["map", "--range", "7..3", "-"], &image);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn a_damaged_header_cannot_make_a_picture_large() {
    let mut large = testdata("noff/demo.noff");
    large[36..40].copy_from_slice(&0xf000_0000_u32.to_le_bytes());
    for option in ["--json", "--full"] {
        let output = execfmt(&["map", option, "-"], &large);
        assert!(text(&output.stdout).lines().count() < 80);
    }
}

//! `nm86`, `size86`, `objdump86` and `decomp` by their own names, compared with bin86's where that is installed.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used, missing_docs)]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use aout_minix::{Builder, ElksSymbol, FileType};
use execfmt_testkit::{skipped, testdata};
use support::{execfmt, folder, linked, path, run, text};

fn tool(folder: &Path, name: &str, arguments: &[&str]) -> Output {
    run(&linked(folder, name), arguments, b"")
}

/// What the tool of bin86 prints; `None`, with a report, where it is not installed.
fn original(name: &str, arguments: &[&str]) -> Option<String> {
    match Command::new(name).args(arguments).output() {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(error) => {
            skipped(&format!("{name} of bin86"), &error.to_string());
            None
        }
    }
}

fn ours(folder: &Path, name: &str, arguments: &[&str]) -> String {
    let output = tool(folder, name, arguments);
    assert_eq!(output.status.code(), Some(0), "{name}: {}", text(&output.stderr));
    text(&output.stdout).into()
}

/// Two lists of ld86: greet's symbols, and a table with an entry of each storage class.
#[test]
fn nlist_symbols_and_sizes_are_bin86s() {
    let folder = folder();
    let [greet, classes] = ["greet", "classes"].map(|name| path(&folder, name));
    fs::write(&greet, testdata("elks/greet.aout")).unwrap();
    let mut table = Vec::new();
    for (number, class) in [0o1, 0o22, 0o23, 0o24, 0o20, 0o32, 0o33, 0o34_u8].into_iter().enumerate() {
        table.extend(format!("symbol{number}").bytes().chain([0]));
        table.extend([class.wrapping_mul(3), 1, 0, 0, class, 0, 0, 0]);
    }
    let file = Builder::new(FileType::SPLITID).text(&[0x90; 40]).data(&[1; 6]).bss(9).symbols(&table);
    fs::write(&classes, file.to_vec().unwrap()).unwrap();
    let runs: [(&str, &[&str]); 8] = [
        ("nm86", &[&greet]),
        ("nm86", &[&classes]),
        ("nm86", &[&greet, &classes]),
        ("nm86", &["-o", &greet]),
        ("size86", &[&greet]),
        ("size86", &[&greet, &classes]),
        ("objdump86", &["-s", &greet, &classes]),
        ("objdump86", &["-n", &classes]),
    ];
    for (name, arguments) in runs {
        let shown = ours(folder.path(), name, arguments);
        let Some(expected) = original(name, arguments) else { continue };
        assert_eq!(shown, expected, "{name} {arguments:?}");
    }
    // 40, 6 and 9 by hand; 55 is 0x37.
    let shown = ours(folder.path(), "size86", &[&classes]);
    assert_eq!(shown, format!("text\tdata\tbss\tdec\thex\tfilename\n40\t6\t9\t55\t37\t{classes}\n"));
}

/// What bin86 does not know: tables of ELKS, symbol files, far text, OS/2 NE.
#[test]
fn elks_tables_and_ne() {
    let folder = folder();
    let [far, symbols, ne] = ["far", "system.sym", "ne"].map(|name| path(&folder, name));
    fs::write(&far, testdata("elks/far.aout")).unwrap();
    let main = ElksSymbol { letter: b'T', addr: 0x100, name: b"main" };
    let table: Vec<u8> = main.record().unwrap().chain([0]).collect();
    fs::write(&symbols, table).unwrap();
    fs::write(&ne, testdata("ne/auto-not-last-far-jump.os2")).unwrap();
    // As ELKS's nm86 prints them.
    assert_eq!(ours(folder.path(), "nm86", &[&symbols]), "0x0100 T main\n");
    let listed = execfmt(&["symbols", &far], b"");
    let listed: String = text(&listed.stdout).lines().map(|line| format!("0x{line}\n")).collect();
    assert!(!listed.is_empty());
    assert_eq!(ours(folder.path(), "nm86", &[&far]), listed);
    // 16 bytes of text and 20 of far text; code of 6 and 22 bytes, data of 6 in 70.
    let shown = ours(folder.path(), "objdump86", &["-s", &far, &ne]);
    let rows = format!("36\t15\t101\t152\t98\t{far}\n28\t6\t64\t98\t62\t{ne}\n64\t21\t165\t250\tfa\tTotal\n");
    assert_eq!(shown, format!("text\tdata\tbss\tdec\thex\tfilename\n{rows}"));
    for (name, file, words) in [("nm86", &ne, "has no symbols"), ("size86", &symbols, "has no sections")] {
        let output = tool(folder.path(), name, &[file]);
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(
            text(&output.stderr).starts_with(&format!("{name}: {file}: error: ")),
            "{}",
            text(&output.stderr)
        );
        assert!(text(&output.stderr).contains(words), "{}", text(&output.stderr));
    }
    let usage = tool(folder.path(), "objdump86", &[&far]);
    assert_eq!(usage.status.code(), Some(1));
    assert!(text(&usage.stderr).contains("-s for sizes"), "{}", text(&usage.stderr));
}

/// The original drops sections that are stored uncompressed, relocations and symbols.
#[test]
fn decomp_gives_the_same_file() {
    let folder = folder();
    let [program, packed, back] = ["program", "packed", "back"].map(|name| path(&folder, name));
    for sample in ["elks/greet.aout", "elks/far.aout"] {
        let mut file = testdata(sample);
        if sample.ends_with("greet.aout") {
            // Text that shrinks, and data that do not.
            file = Builder::new(FileType::SPLITID)
                .version(1)
                .text(&[0x90; 600])
                .data(b"incompressible")
                .to_vec()
                .unwrap();
        }
        fs::write(&program, &file).unwrap();
        let compressed = execfmt(&["compress", "-q", "-o", &packed, &program], b"");
        assert!(compressed.status.success());
        let is_compressed = fs::read(&packed).unwrap() != file;
        for name in ["decomp", "hostdecomp"] {
            let _ = fs::remove_file(&back);
            let output = tool(folder.path(), name, &[&packed, &back]);
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            if is_compressed {
                assert!(fs::read(&back).unwrap() == file, "{name} {sample}");
            } else {
                assert!(text(&output.stderr).contains("not compressed") && fs::metadata(&back).is_err());
            }
            let _ = fs::remove_file(folder.path().join(name));
        }
        let output = tool(folder.path(), "decomp", &[&packed]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(fs::read(&packed).unwrap() == file, "in place: {sample}");
    }
    fs::write(&program, b"#!/bin/sh\n").unwrap();
    assert_eq!(tool(folder.path(), "decomp", &[&program]).status.code(), Some(1));
}

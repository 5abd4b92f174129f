//! chmem, by its own name and as a command of execfmt.

use std::fs;

use aout_minix::{Builder, FileType};
use execfmt_testkit::testdata;

use crate::samples::{header, mode, set_mode};
use crate::support::{execfmt, folder, linked, names, path, run, text};

const HEADING: &str = " TEXT  FTEXT   DATA    BSS   HEAP  STACK  TOTDATA  TOTAL\n";

/// A file of version 1 with this many bytes of data.
fn version_1(data: usize) -> Vec<u8> {
    let data = vec![0; data];
    Builder::new(FileType::SPLITID_AHISTORICAL).version(1).text(&[0x90; 20]).data(&data).to_vec().unwrap()
}

#[test]
fn chmem_prints_the_columns_of_the_original() {
    let folder = folder();
    let (greet, far) = (path(&folder, "greet"), path(&folder, "far"));
    // TOTDATA of greet: 24 + 300 + 32768, stack 0 for version 0. Of far: 15 + 101 + 4096 + 4096; TOTAL 16 + 20 more.
    let shown = format!(
        "{HEADING}  224      0     24    300  32768      0    33092  33316 {greet} (v0 header)\n   16     20     15    101      0      0     8308   8344 {far}\n"
    );
    // 324 + 1000 + 4096; 116 + 1000 + 4096.
    let changed = format!(
        "{HEADING}  224      0     24    300  32768      0    33092  33316 {greet} (v0 header)\n  224      0     24    300   1000      0     5420   5644 {greet}\n   16     20     15    101      0      0     8308   8344 {far}\n   16     20     15    101   1000      0     5212   5248 {far}\n"
    );
    let tool = linked(folder.path(), "chmem");
    for by_name in [true, false] {
        fs::write(&greet, testdata("elks/greet.aout")).unwrap();
        fs::write(&far, testdata("elks/far.aout")).unwrap();
        let chmem = |arguments: &[&str]| {
            let files = [&greet[..], &far];
            let output = if by_name {
                run(&tool, &[arguments, &files].concat(), b"")
            } else {
                execfmt(&[&["chmem"], arguments, &files].concat(), b"")
            };
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            assert_eq!(text(&output.stderr), "");
            text(&output.stdout).to_string()
        };
        assert_eq!(chmem(&[]), shown);
        #[cfg(unix)]
        set_mode(&greet, 0o4751);
        assert_eq!(chmem(&["-h", "1000"]), changed);
        #[cfg(unix)]
        assert_eq!(mode(&greet), 0o4751);
        // Nothing but version, heap and stack changes, and nothing lies about.
        for (path, original) in [(&greet, "elks/greet.aout"), (&far, "elks/far.aout")] {
            let (new, mut expected) = (fs::read(path).unwrap(), testdata(original));
            expected[6..8].copy_from_slice(&[1, 0]);
            expected[24..28].copy_from_slice(&[0xe8, 3, 0, 0]);
            assert_eq!(new, expected, "{path}");
        }
        assert_eq!(names(folder.path()), ["chmem", "far", "greet"]);
        // The last of several counts, as with getopt; hexadecimal; 0xfff0 and above take all.
        let all = chmem(&["-h5", "-h", "0xffff", "-s0x200"]);
        assert!(all.contains("65535    512    65520  65744"), "{all}");
        assert!(all.contains("65535    512    65520  65556"), "{all}");
    }
}

#[test]
fn chmem_refuses_as_the_original_does() {
    let folder = folder();
    let tool = linked(folder.path(), "chmem");
    let file = path(&folder, "file");
    let greet = || testdata("elks/greet.aout");
    let with = |at: usize, value: u8| {
        let mut file = greet();
        file[at] = value;
        file
    };
    // Arguments, file, exit code of execfmt (chmem's own is 0 or 1), what stands on standard error.
    let cases: &[(&[&str], Vec<u8>, i32, &str)] = &[
        (&[], b"#!/bin/sh\necho hello, everybody out there\n".to_vec(), 1, "not an executable"),
        (&[], greet()[..20].to_vec(), 1, "bad header"),
        (&[], with(4, 0x1f), 1, "bad header: the header has 31 bytes"),
        (&[], with(6, 2), 1, "unsupported a.out version 2"),
        (&["-h", "65536"], greet(), 1, "heap too large: 65536"),
        (&["-s", "65521"], greet(), 1, "stack too large: 65521"),
        // 65520 - 10000 - 20000 - 128
        (&["-h", "60000", "-s", "20000"], version_1(10_000), 0, "heap truncated to 35392"),
        // 65520 - 40000 - 128: the original does not cut a heap below data and bss.
        (&["-h", "30000", "-s", "20000"], version_1(40_000), 1, "heap+stack too large: 25392"),
        // A segment is full, and no program is run without arguments.
        (&["-h", "61424", "-s", "4096"], version_1(0), 0, "ELKS returns E2BIG"),
        // The original writes a heap of FD90.
        (&["-h", "4096", "-s", "25520"], version_1(40_000), 1, "heap+stack too large"),
        (&["-h", "4k"], greet(), 2, "expected 0 to 4294967295"),
        (&["-h", ""], greet(), 2, "expected 0 to 4294967295"),
        (&["-x"], greet(), 2, "unexpected argument"),
    ];
    for (arguments, contents, code, words) in cases {
        for by_name in [true, false] {
            fs::write(&file, contents).unwrap();
            let output = if by_name {
                run(&tool, &[*arguments, &[&file]].concat(), b"")
            } else {
                execfmt(&[&["chmem"], *arguments, &[&file]].concat(), b"")
            };
            let said = text(&output.stderr);
            let expected = if by_name { (*code).min(1) } else { *code };
            assert_eq!(output.status.code(), Some(expected), "{arguments:?}: {said}");
            assert!(said.contains(words), "{arguments:?}: {said}");
            if by_name && *code == 1 {
                assert!(said.starts_with(&format!("{file}: ")), "{said}");
            }
            if *code != 0 {
                assert!(fs::read(&file).unwrap() == *contents, "{arguments:?}: the file is as it was");
            }
        }
    }
    fs::write(&file, version_1(10_000)).unwrap();
    let output = run(&tool, &["-h", "60000", "-s", "20000", &file], b"");
    assert_eq!(text(&output.stderr), "Warning: heap truncated to 35392\n");
    assert_eq!((header(&file).chmem, header(&file).minstack), (35_392, 20_000));

    // One bad file among good ones: the good ones are changed, and the exit code reports the bad one.
    let (good, none) = (path(&folder, "good"), path(&folder, "none"));
    fs::write(&good, greet()).unwrap();
    let output = run(&tool, &["-s", "512", &none, &good], b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).starts_with(&format!("{none}: ")), "{}", text(&output.stderr));
    // The stack alone: version 0 asked for 33092 - 324 of heap, which stays. The original would store 33092.
    assert_eq!((header(&good).version, header(&good).chmem, header(&good).minstack), (1, 32_768, 512));
    assert_eq!(execfmt(&["chmem", &none], b"").status.code(), Some(2));
    assert_eq!(execfmt(&["chmem", "-h", "1", "-"], &greet()).status.code(), Some(1));
    assert_eq!(run(&tool, &[], b"").status.code(), Some(1));
    let output = run(&tool, &["--help"], b"");
    assert!(output.status.code() == Some(0) && text(&output.stdout).contains("-h, --heap"));
}

/// Converts in place by the tool's own name, and gives the file's path.
/// `=BYTES`, `+BYTES` and `-BYTES`, with the line that Minix prints.
#[test]
fn chmem_changes_in_the_way_of_minix() {
    let folder = folder();
    let tool = linked(folder.path(), "chmem");
    let file = path(&folder, "file");
    for by_name in [true, false] {
        fs::write(&file, testdata("elks/greet.aout")).unwrap();
        let chmem = |arguments: &[&str]| {
            let output = if by_name {
                run(&tool, &[arguments, &[&file]].concat(), b"")
            } else {
                execfmt(&[&["chmem"], arguments, &[&file]].concat(), b"")
            };
            (output.status.code(), text(&output.stdout).to_string() + text(&output.stderr))
        };
        // Data and bss take 324 bytes.
        for (amount, before, after) in
            [("=50000", 32_768, 50_000), ("+0x10", 50_000, 50_016), ("-16", 50_016, 50_000)]
        {
            let line = format!("{file}: Stack+malloc area changed from {before} to {after} bytes.\n");
            assert_eq!(chmem(&[amount]), (Some(0), line));
            assert_eq!((header(&file).version, header(&file).a_total()), (0, after + 324));
        }
        for (arguments, words) in [
            (&["=65212"][..], "65536 bytes in total are more than the 65535"),
            (&["-50001"], "the amount is larger than heap and stack together"),
            (&["-h", "5", "=5"], "cannot be combined with =BYTES, +BYTES or -BYTES"),
        ] {
            let (code, said) = chmem(arguments);
            assert!(code != Some(0) && said.contains(words), "{code:?}: {said}");
            assert_eq!(header(&file).a_total(), 50_324);
        }
    }
}

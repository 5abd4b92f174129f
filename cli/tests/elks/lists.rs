//! Symbols and relocations.

use execfmt_testkit::testdata;

use crate::samples::{example, greet, version_1};
use crate::support::{execfmt, text};

#[test]
fn symbols_and_relocations_are_listed() {
    let cases: &[(&[&str], &str)] = &[
        (&["relocs", "far.aout"], "text      0x0003 S_FTEXT R_SEGWORD\nfar text  0x0001 S_DATA R_SEGWORD\n"),
        (&["relocs", "greet.aout"], ""),
        (
            &["symbols", "far.aout"],
            "0000 T _start\n0000 F print\n0000 d .data\n0000 D message\n0010 b buffer\n",
        ),
    ];
    for (arguments, expected) in cases {
        let output = execfmt(&[arguments[0], &example(arguments[1])], b"");
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), *expected), "{arguments:?}");
    }
    let output = execfmt(&["symbols", &example("greet.aout")], b"");
    assert!(text(&output.stdout).contains("00000000 T _start\n"), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("0000002c t _append\n"), "{}", text(&output.stdout));

    // A partial record at the end is reported, after what could be read.
    let partial = [&version_1(0, 0)[..], b"T\0\0\x02"].concat();
    let mut with_symbols = partial.clone();
    with_symbols[28] = 4;
    let mut cut_table = testdata("elks/far.aout");
    cut_table[32] = 7;
    for (command, file, code, words) in [
        ("symbols", with_symbols, 1, "neither an ELKS table nor one of nlist entries"),
        ("relocs", cut_table, 1, "7 of 8 bytes"),
        ("relocs", b"hello".to_vec(), 1, "this is text; execfmt reads Nachos NOFF"),
        ("symbols", greet(&[])[..300].to_vec(), 1, "syms at byte 28"),
    ] {
        let output = execfmt(&[command, "-"], &file);
        assert_eq!(output.status.code(), Some(code), "{command}");
        assert!(text(&output.stderr).contains(words), "{command}: {}", text(&output.stderr));
    }
    assert_eq!(execfmt(&["symbols", "/nonexistent"], b"").status.code(), Some(2));
    assert_eq!(execfmt(&["relocs"], b"").status.code(), Some(2));
}

/// A file of symbols alone, as ELKS keeps those of its kernel; and the symbol below an address.
#[test]
fn symbol_files_are_listed() {
    let symbol =
        |letter: u8, addr, name: &'static str| aout_minix::ElksSymbol { letter, addr, name: name.as_bytes() };
    let symbols = [
        symbol(b'T', 0, "_start"),
        symbol(b'T', 40, "helper"),
        symbol(b'F', 16, "far"),
        symbol(b'D', 2, "x"),
    ];
    let mut file: Vec<u8> = symbols.iter().flat_map(|symbol| symbol.record().unwrap()).collect();
    file.push(0);
    let run = |arguments: &[&str], file: &[u8]| {
        let output = execfmt(arguments, file);
        (output.status.code().unwrap(), text(&output.stdout).to_string(), text(&output.stderr).to_string())
    };
    let listed = "0000 T _start\n0028 T helper\n0010 F far\n0002 D x\n";
    assert_eq!(run(&["symbols", "-"], &file), (0, listed.into(), String::new()));
    assert_eq!(run(&["info", "-"], &file).1, "standard input: ELKS symbol file, 4 symbols\n");
    let found = "text      0028 T helper + 0x8\nfar text  0010 F far + 0x20\ndata      0002 D x + 0x2e\n";
    assert_eq!(run(&["symbols", "--addr", "0x30", "-"], &file), (0, found.into(), String::new()));
    let found = "text      0000 T _start + 0x1\n";
    assert_eq!(run(&["symbols", "--addr", "1", "-"], &file).1, found);
    let nlist = run(&["symbols", "--addr", "0x30", "-"], &greet(&[])).1;
    assert!(nlist.starts_with("text      0000002c t _append + 0x4\n"), "{nlist}");
    // Cut short, or with another byte at its end, it is not one.
    for damaged in [&file[..file.len() - 1], &[&file[..], b"\n"].concat()] {
        assert_eq!(run(&["symbols", "-"], damaged).0, 1);
    }
    let (code, _, said) = run(&["symbols", "--addr", "1", "-"], &[&file[10..27], b"\0"].concat());
    assert!(code == 1 && said.contains("no symbol at or below 0x1"), "{code} {said}");
}

//! elf2elks and os2toelks, by their own names and as commands of execfmt.

use std::fs;
use std::path::Path;

use aout_minix::{Builder, FileType, Header, Relocation, Section, SymbolIndex, parse};
use execfmt_testkit::{root, testdata};

use crate::samples::{header, mode, set_mode};
use crate::support::{execfmt, folder, linked, names, path, run, text};
use crate::{elf, ne};

fn elf2elks(folder: &tempfile::TempDir, arguments: &[&str], input: &[u8]) -> (Option<i32>, String, String) {
    let tool = folder.path().join("elf2elks");
    if !tool.exists() {
        linked(folder.path(), "elf2elks");
    }
    let file = path(folder, "prog");
    fs::write(&file, input).unwrap();
    let output = run(&tool, &[arguments, &[&file]].concat(), b"");
    (output.status.code(), text(&output.stderr).to_string(), file)
}

#[test]
fn elf2elks_converts_in_place() {
    let far = testdata("elks/far.elf");
    // Arguments; type, version, hlen, tseg, chmem and minstack of the result.
    let cases: &[(&[&str], (u32, u16, u8, u32, u16, u16))] = &[
        (&[], (0x0430_0301, 1, 0x40, 16, 0, 0)),
        (&["-v", "--heap", "0x2000", "--stack", "010000"], (0x0430_0301, 1, 0x40, 16, 8192, 4096)),
        (&["--stack", "100"], (0x0430_0301, 1, 0x40, 16, 0, 100)),
        (&["--total-data", "5000"], (0x0430_0301, 0, 0x40, 16, 5000, 0)),
        // 15 of data, 101 of bss and the gap before it.
        (&["--chmem", "1000"], (0x0430_0301, 0, 0x40, 16, 1116, 0)),
        (&["--chmem", "0", "--heap", "5"], (0x0430_0301, 1, 0x40, 16, 5, 0)),
        (&["--heap", "4", "--heap", "5"], (0x0430_0301, 1, 0x40, 16, 5, 0)),
        // In a ROM, the far text is a part of the text.
        (&["--aout-seg", "0xe000", "--data-seg", "0x100"], (0x0430_0301, 1, 0x20, 36, 0, 0)),
    ];
    for (arguments, expected) in cases {
        let folder = folder();
        #[cfg(unix)]
        {
            fs::write(path(&folder, "prog"), "").unwrap();
            set_mode(&path(&folder, "prog"), 0o751);
        }
        let (code, said, file) = elf2elks(&folder, arguments, &far);
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
        assert_eq!(said.is_empty(), !arguments.contains(&"-v"), "{said}");
        let Header { file_type, version, hlen, tseg, chmem, minstack, .. } = header(&file);
        assert_eq!((file_type.word(), version, hlen, tseg, chmem, minstack), *expected, "{arguments:?}");
        #[cfg(unix)]
        assert_eq!(mode(&file), 0o751, "{arguments:?}");
        assert_eq!(names(folder.path()), ["elf2elks", "prog"], "{arguments:?}");
    }
    // The relocations of a ROM are applied: text segment e002, far text after it, data 0100.
    let folder = folder();
    let (.., file) = elf2elks(&folder, &["--aout-seg", "0xe000", "--data-seg", "0x100"], &far);
    let rom = fs::read(&file).unwrap();
    assert_eq!((&rom[32 + 3..32 + 5], &rom[48 + 1..48 + 3]), (&[0x03, 0xe0][..], &[0x00, 0x01][..]));
}

#[test]
fn elf2elks_keeps_symbols_and_tiny_programs() {
    let folder = folder();
    let symfile = path(&folder, "prog.map");
    let (code, said, file) =
        elf2elks(&folder, &["--symtab", "--symfile", &symfile], &testdata("elks/far.elf"));
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert_eq!(fs::read(&file).unwrap(), testdata("elks/far.aout"));
    let expected = b"T\0\0\x06_startF\0\0\x05printd\0\0\x05.dataD\0\0\x07messageb\x10\0\x06buffer\0";
    assert_eq!(fs::read(&symfile).unwrap(), expected);
    let bytes = fs::read(&file).unwrap();
    assert_eq!(parse(&bytes).unwrap().section(Section::Symbols), expected);
    assert_eq!(names(folder.path()), ["elf2elks", "prog", "prog.map"]);
    // A warning: tiny programs run on neither system without a total.
    let (code, said, file) = elf2elks(&folder, &["--tiny"], &elf::tiny().file());
    assert_eq!(
        (code, header(&file).file_type.word(), header(&file).version),
        (Some(0), 0x0410_0301, 0),
        "{said}"
    );
    assert!(
        said.starts_with("elf2elks: ") && said.contains("warning: type at byte 0: ELKS returns ENOEXEC"),
        "{said}"
    );
    // A small-model relocation against data, on which the original crashes.
    let data = [0, 0, 0x00, 0x30];
    let sections = vec![
        elf::section(".text", 0x1_0000, &[0x90; 4]),
        elf::section(".data", 0x3_0000, &data),
        elf::relocations(&[(0x3_0002, elf::SEGRELATIVE)]),
    ];
    let (code, said, file) = elf2elks(&folder, &[], &elf::Elf::new(0x1_0000, sections).file());
    assert_eq!((code, header(&file).hlen, header(&file).supplement.drsize), (Some(0), 0x30, 8), "{said}");
}

#[test]
fn elf2elks_with_two_files_shows_the_way() {
    let folder = folder();
    let tool = linked(folder.path(), "elf2elks");
    let [input, output] = ["prog.elf", "prog"].map(|name| path(&folder, name));
    fs::write(&input, testdata("elks/far.elf")).unwrap();
    // Also where the second file exists, which is not to be overwritten.
    for exists in [false, true] {
        if exists {
            fs::write(&output, "another").unwrap();
        }
        let refused = run(&tool, &["--heap", "5", &input, &output], b"");
        let answer = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{answer}");
        let way = format!("`execfmt convert {input} -o {output} --to elks`");
        assert!(answer.starts_with("elf2elks: ") && answer.contains(&way), "{answer}");
        assert_eq!(fs::read(&input).unwrap(), testdata("elks/far.elf"));
        assert_eq!(fs::read(&output).ok(), exists.then(|| b"another".to_vec()));
    }
    // The way works.
    let shown = execfmt(&["convert", &input, "-o", &output, "--to", "elks", "--heap", "5"], b"");
    assert_eq!(shown.status.code(), Some(0), "{}", text(&shown.stderr));
    assert_eq!(header(&output).chmem, 5);
}

#[test]
fn elf2elks_refuses_with_1_and_leaves_the_file() {
    let far = || testdata("elks/far.elf");
    let folder = folder();
    let bss_below = vec![
        elf::section(".text", 0x1_0000, &[0x90; 4]),
        elf::section(".data", 0x3_0000, &[0; 8]),
        elf::bss(0x2_f000, 8),
    ];
    let cases: &[(&[&str], Vec<u8>, &str)] = &[
        (&["--total-data", "100", "--chmem", "5"], far(), "--total-data and --chmem exclude each other"),
        (&["--total-data", "100", "--stack", "5"], far(), "exclude each other"),
        (&["--total-data", "100", "--heap", "5"], far(), "exclude each other"),
        (&["--chmem", "100", "--stack", "5"], far(), "exclude each other"),
        (&["--chmem", "100", "--heap", "5"], far(), "exclude each other"),
        (&["--aout-seg", "1"], far(), "--data-seg"),
        (&["--data-seg", "1"], far(), "--aout-seg"),
        (&["--heap", ""], far(), "expected 0 to 65535"),
        (&["--heap", "65536"], far(), "expected 0 to 65535"),
        (&["--heap", "-1"], far(), "unexpected argument"),
        (&["--unknown"], far(), "unexpected argument"),
        (&["another", "third"], far(), "unexpected argument"),
        (
            &["--tiny"],
            far(),
            "far text is not possible in the tiny model; compile it with -mcmodel=tiny, or omit --tiny",
        ),
        (
            &["--total-data", "100"],
            far(),
            "a total of 100 bytes of data memory is too little: data and bss need at least 117",
        ),
        (&["--chmem", "0xffff"], far(), "but a segment has 65520"),
        (
            &[],
            elf::Elf::new(0x1_0000, bss_below).file(),
            "the bss begins at 0x2f000, below the end of the data",
        ),
        (&[], elf::Elf { machine: 8, ..elf::sample() }.file(), "machine 8 is not the 80386"),
        (&[], far()[..100].to_vec(), "error: "),
        (&[], b"hello".to_vec(), "this is text, not an ELF file of ia16-elf-ld"),
        (&[], testdata("elks/far.aout"), "already an a.out file"),
    ];
    for (arguments, input, words) in cases {
        let (code, said, file) = elf2elks(&folder, arguments, input);
        assert_eq!(code, Some(1), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert!(fs::read(&file).unwrap() == *input, "{arguments:?}: the file is as it was");
        assert_eq!(names(folder.path()), ["elf2elks", "prog"], "{arguments:?}");
    }
    let tool = folder.path().join("elf2elks");
    assert_eq!(run(&tool, &[], b"").status.code(), Some(1));
    assert_eq!(run(&tool, &["/nonexistent"], b"").status.code(), Some(1));
    assert_eq!(run(&tool, &["--help"], b"").status.code(), Some(0));
}

#[test]
fn os2toelks_takes_its_arguments() {
    let folder = folder();
    let tool = linked(folder.path(), "os2toelks");
    let (input, out) = (path(&folder, "in.exe"), path(&folder, "out"));
    fs::write(&input, ne::sample().file()).unwrap();
    let output = run(&tool, &["-f", "elks", "-o", &out, &input], b"");
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    // From the sample: five bytes of code in segment 2, six of data, and bss up to the 90 that the segment asks for,
    // heap by default, stack 64. The original takes the stack off bss here, since SS names the data segment.
    let made = header(&out);
    assert_eq!((made.file_type, made.hlen, made.version), (FileType::SPLITID_AHISTORICAL, 0x30, 1));
    assert_eq!((made.tseg, made.dseg, made.bseg, made.chmem, made.minstack), (5, 6, 84, 0, 64));
    assert_eq!((made.supplement.trsize, made.supplement.drsize), (8, 8));
    fs::write(&out, "precious").unwrap();
    fs::write(&input, &ne::sample().file()[..0x90]).unwrap();
    for (arguments, words) in [
        (&["-f", "elks", "-o", &out, &input][..], "error: "),
        (&["-f", "coff", "-o", &out, &input], "invalid value"),
        (&["-f", "elks", "-o", &out], "required"),
        (&["-o", &out, &input], "required"),
        (&["-f", "elks", "-o", &out, "/nonexistent"], "/nonexistent: "),
    ] {
        let output = run(&tool, arguments, b"");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(text(&output.stderr).contains(words), "{arguments:?}: {}", text(&output.stderr));
    }
    assert_eq!(fs::read(&out).unwrap(), b"precious");
}

#[test]
fn convert_to_elks() {
    let folder = folder();
    let out = path(&folder, "out");
    let far = testdata("elks/far.elf");
    let convert = |arguments: &[&str], input: &[u8]| {
        let output = execfmt(&[&["convert", "-", "-o", &out, "--to"], arguments].concat(), input);
        (output.status.code().unwrap(), text(&output.stderr).to_string())
    };
    assert_eq!(convert(&["elks", "--symtab"], &far), (0, String::new()));
    assert_eq!(fs::read(&out).unwrap(), testdata("elks/far.aout"));
    assert_eq!(convert(&["elks"], &ne::sample().file()), (0, String::new()));
    assert_eq!(header(&out).supplement.drsize, 8);
    let output = execfmt(&["convert", "-", "-o", "-", "--to", "elks", "--symtab"], &far);
    assert_eq!(output.stdout, testdata("elks/far.aout"));
    fs::write(&out, "precious").unwrap();
    for (arguments, input, code, words) in [
        (&["elks"][..], b"hello".to_vec(), 1, "this is text, not an ELF file of ia16-elf-ld"),
        (&["elks"], testdata("elks/far.aout"), 1, "already an a.out file"),
        (&["elks", "--heap", "5", "--chmem", "5"], far.clone(), 2, "exclude each other"),
        (&["elks", "--aout-seg", "5"], far.clone(), 2, "--data-seg"),
        (&["elks", "--stack", "70000"], far.clone(), 2, "expected 0 to 65535"),
        (&["elks", "--layout", "3"], far.clone(), 2, "--layout goes with --to noff"),
        (&["noff", "--tiny"], far.clone(), 2, "--tiny goes with --to elks"),
        (&["flat", "--symfile", "x"], far.clone(), 2, "--symfile goes with --to elks"),
        (&["elks", "--tiny"], ne::sample().file(), 2, "--tiny applies only to an ELF file"),
        (&["elks"], ne::sample().file()[..0x90].to_vec(), 1, "error: "),
    ] {
        let (found, said) = convert(arguments, &input);
        assert_eq!(found, code, "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert_eq!(fs::read(&out).unwrap(), b"precious", "{arguments:?}");
    }
    // No symbol table is written for a file that cannot be converted, and no file without its symbol table.
    let symfile = path(&folder, "map");
    assert_eq!(convert(&["elks", "--symfile", &symfile], &far[..100]).0, 1);
    assert!(!Path::new(&symfile).exists());
    assert_eq!(convert(&["elks", "--symfile", "/nonexistent/map"], &far).0, 2);
    assert_eq!(fs::read(&out).unwrap(), b"precious");
    assert_eq!(names(folder.path()), ["out"]);
}

/// A program for ELKS can be executed by who may execute the ELF file.
#[cfg(unix)]
#[test]
fn convert_to_elks_keeps_the_right_to_execute() {
    let folder = folder();
    let (input, output) = (path(&folder, "in"), path(&folder, "out"));
    fs::write(&input, testdata("elks/far.elf")).unwrap();
    for (given, expected) in [(0o751, 0o111), (0o640, 0)] {
        set_mode(&input, given);
        let run = execfmt(&["convert", &input, "-o", &output, "--to", "elks"], b"");
        assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
        assert_eq!(mode(&output) & 0o111, expected);
        fs::remove_file(&output).unwrap();
    }
}

/// Files that were once answered wrongly: the command, the exit code, and what it prints.
#[test]
fn cases_of_the_field() {
    let cases = root().join("testdata/elks/cases");
    let folder = folder();
    let out = path(&folder, "out");
    let run = |arguments: &[&str], file: &str| {
        let file = cases.join(file).display().to_string();
        let arguments: Vec<_> =
            arguments.iter().map(|&word| if word == "FILE" { &file[..] } else { word }).collect();
        let output = execfmt(&arguments, b"");
        (output.status.code(), text(&output.stdout).to_string() + text(&output.stderr))
    };
    let convert = ["convert", "FILE", "-o", &out, "--to", "elks"];
    for file in ["medium.elf", "reloc-against-empty-fartext.elf", "two-segments.os2", "os2-data-size-0.exe"] {
        let (code, said) = run(&convert, file);
        assert_eq!(code, Some(0), "{file}: {said}");
        let checked = execfmt(&["check", &out], b"");
        assert_eq!(checked.status.code(), Some(0), "{file}: {}", text(&checked.stderr));
    }
    for (arguments, file, code, words) in [
        (&convert[..], "fardata.elf", 1, "drop __far and allocate the data with fmemalloc"),
        (&convert, "three-segments.os2", 1, "3 segments, but an a.out file has 2"),
        (&["check", "FILE"], "three-segments.os2", 0, "ok"),
        (&["check", "FILE"], "os2-data-size-0.exe", 1, "--to os2-ne"),
        (&["check", "FILE"], "v0-two-bytes-left.aout", 1, "E2BIG"),
        (&["symbols", "FILE", "--addr", "0x150"], "system.sym", 0, "0028 T helper + 0x128"),
    ] {
        let (got, said) = run(arguments, file);
        assert_eq!(got, Some(code), "{file}: {said}");
        assert!(said.contains(words), "{file}: {said}");
    }
}

/// What was once answered wrongly of programs that are too long to keep.
#[test]
fn long_cases_of_the_field() {
    let folder = folder();
    let (input, out) = (path(&folder, "in"), path(&folder, "out"));
    // Text of 38,974 bytes that repeat themselves after eight: what it was compressed to, check refused.
    let builder = Builder::new(FileType::SPLITID_AHISTORICAL).version(1);
    let repeated: Vec<u8> = b"abcdefgh".iter().copied().cycle().take(38_974).collect();
    let program = builder.text(&repeated).data(&[0; 152]).chmem(1).minstack(1);
    fs::write(&input, program.to_vec().unwrap()).unwrap();
    for arguments in [&["compress", &input, "-q", "-o", &out][..], &["check", &out]] {
        let run = execfmt(arguments, b"");
        assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    }
    // 8,000 relocations at 60,000, far outside of a text of 16 bytes.
    let outside = vec![Relocation::segword(60_000, SymbolIndex::DATA); 8_000];
    let file = builder.text(&[0; 16]).data(&[0; 16]).text_relocations(&outside[..]).to_vec().unwrap();
    let run = execfmt(&["check", "-"], &file);
    assert_eq!(run.status.code(), Some(1));
    assert!(text(&run.stderr).contains("7000 more findings"), "{}", text(&run.stderr));
}

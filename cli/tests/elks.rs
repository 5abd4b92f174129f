//! ELKS and Minix a.out as a user inspects, lists and loads it.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used,
    missing_docs
)]

#[allow(dead_code, unreachable_pub)]
#[path = "../../aout-minix/tests/support/elf.rs"]
mod elf;
mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use aout_minix::compress::{Level, StreamRule, encode};
use aout_minix::convert::{ElfOptions, from_elf};
use aout_minix::elks::ElksRule;
use aout_minix::minix2::Minix2Rule;
use aout_minix::{AoutRule, Builder, Content, FileType, Relocation, Rule as _, Section, SymbolIndex};
use execfmt_testkit::{Model, Mutator, hex, root, skipped, testdata, unhex};
use serde_json::{Value, json};
use support::{execfmt, folder, in_columns, names, path, text, words};

fn example(name: &str) -> String {
    root().join("testdata/elks").join(name).display().to_string()
}

/// A medium-model program as ia16-elf-ld links it: the text calls the far text, which prints the data, and exits with 0.
fn far() -> elf::Elf {
    // call 2000:0000; mov bx,0; mov ax,1; int 80h; three times nop
    let start = [0x9a, 0, 0, 0x00, 0x20, 0xbb, 0, 0, 0xb8, 1, 0, 0xcd, 0x80, 0x90, 0x90, 0x90];
    // mov ax,3000h; mov ds,ax; mov bx,1; mov cx,0; mov dx,15; mov ax,4; int 80h; retf
    let print =
        [0xb8, 0x00, 0x30, 0x8e, 0xd8, 0xbb, 1, 0, 0xb9, 0, 0, 0xba, 15, 0, 0xb8, 4, 0, 0xcd, 0x80, 0xcb];
    let sections = vec![
        elf::section(".text", 0x1_0000, &start),
        elf::section(".fartext", 0x2_0000, &print),
        elf::section(".data", 0x3_0000, b"from far text!\n"),
        elf::bss(0x3_0010, 100),
        elf::relocations(&[(0x1_0003, elf::SEGRELATIVE), (0x2_0001, elf::SEGRELATIVE)]),
    ];
    let symbol = |name, value, info, section| elf::Symbol { name, value, info, section };
    let symbols = vec![
        symbol("buffer", 0x3_0010, 0x01, 4),
        symbol("_start", 0x1_0000, 0x12, 1),
        symbol("print", 0x2_0000, 0x12, 2),
        symbol("message", 0x3_0000, 0x11, 3),
    ];
    elf::Elf { symbols, ..elf::Elf::new(0x1_0000, sections) }
}

#[test]
fn testdata_is_what_it_says_it_is() {
    let symtab = ElfOptions { symtab: true, ..ElfOptions::default() };
    let made = [("far.elf", far().file()), ("far.aout", from_elf(&far().file(), &symtab).unwrap().bytes)];
    for (name, bytes) in made {
        if std::env::var_os("EXECFMT_BLESS").is_some() {
            fs::write(example(name), &bytes).unwrap();
        }
        assert!(
            testdata(&format!("elks/{name}")) == bytes,
            "{name} is stale: EXECFMT_BLESS=1 writes it anew"
        );
    }
    let folder = folder();
    let script = format!(
        "cp {} . && bcc -ansi -c -o greet.o greet.c && ld86 -0 -i -o greet.aout greet.o",
        example("greet.c")
    );
    let built = Command::new("timeout")
        .args(["60", "sh", "-c", &script])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output();
    let Ok(output) = built else {
        return skipped("greet.aout as bcc makes it", "no shell");
    };
    if output.status.code() == Some(127) {
        return skipped("greet.aout as bcc makes it", "no bcc (packages bcc, bin86)");
    }
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(fs::read(folder.path().join("greet.aout")).unwrap(), testdata("elks/greet.aout"));
}

/// greet.aout with some bytes replaced.
fn greet(changes: &[(usize, &[u8])]) -> Vec<u8> {
    let mut file = testdata("elks/greet.aout");
    for (at, bytes) in changes {
        file[*at..at + bytes.len()].copy_from_slice(bytes);
    }
    file
}

/// A small program of version 1 that asks for heap and stack.
fn version_1(heap: u16, stack: u16) -> Vec<u8> {
    let builder =
        Builder::new(FileType::SPLITID_AHISTORICAL).version(1).text(&[0x90; 20]).data(b"data").bss(97);
    builder.chmem(heap).minstack(stack).to_vec().unwrap()
}

/// A program with a compressed text of 80 bytes.
fn compressed() -> Vec<u8> {
    let file = Builder::new(FileType::SPLITID_AHISTORICAL).version(1).text(&[0x90; 80]).to_vec().unwrap();
    let image = aout_minix::Image::parse(&file).unwrap();
    let text = encode(image.section(Section::Text), Level::Default).unwrap();
    let builder = Builder::from_image(&image).content(Section::Text, Content::compressed(&text, 80));
    builder.to_vec().unwrap()
}

/// One whose text was damaged.
fn damaged() -> Vec<u8> {
    let builder = Builder::new(FileType::SPLITID_AHISTORICAL).version(1);
    builder.content(Section::Text, Content::compressed(&[0xaa; 50], 80)).to_vec().unwrap()
}

/// A program with a relocation that ELKS would apply far after the text.
fn wild() -> Vec<u8> {
    let wild = [Relocation::segword(0x8000, SymbolIndex::DATA)];
    let builder = Builder::new(FileType::SPLITID_AHISTORICAL).version(1).text(&[0x90; 4]);
    builder.text_relocations(&wild).to_vec().unwrap()
}

/// One of 68000 Minix.
fn m68k() -> Vec<u8> {
    Builder::new(FileType::from_word(0x0b20_0301)).text(&[0x4e; 4]).to_vec().unwrap()
}

#[test]
fn info_says_the_derived_numbers_in_words() {
    let cases: &[(&[&str], Vec<u8>, i32, &[&str])] = &[
        (
            &[],
            greet(&[]),
            0,
            &[
                "a.out executable, separate I/D, cpu 8086, version 0, 408 bytes",
                "0x04200301 (SPLITID), header of 32 bytes",
                "text 224 32 data 24 256 bss 300 zeroed symbols 128 280 8 nlist symbols",
                // 33092 - (24 + 300) = 32768, and 12 bytes of rounding up to 33104; the arguments take 10.
                "heap 32770 bytes, shared with the stack: the header asks for 33092 with data and bss",
                "total 33328 bytes: text 224 (14 paragraphs), data segment 33104 (2069)",
                "ELKS runs it; needs no kernel option",
                "ROMFS runs the text in place, unless the file has the sticky bit",
                "Minix 2 runs it: 33092 bytes asked for",
            ],
        ),
        (
            &["--args", "14"],
            testdata("elks/far.aout"),
            0,
            &[
                "far text 20 80",
                "text relocations 8 115 1 relocation",
                "5 ELKS symbols",
                "heap 4096 bytes, the default",
                "stack 4096 bytes, the default",
                "arguments 14 bytes",
                // 15 + 101 + 4096 + 4096 + 14 = 8322, rounded up; three paragraphs of text.
                "start at 0x0 in the text, with the stack pointer at 0x2082 and the break at 0x74",
                "total 8384 bytes: text 48 (3 paragraphs), data segment 8336 (521)",
                "ELKS runs it; needs a kernel with medium model (CONFIG_EXEC_MMODEL), without which execve answers ENOEXEC",
            ],
        ),
        (
            &[],
            compressed(),
            0,
            &[
                "text 80 64 compressed to",
                "ROMFS copies the text into memory",
                "medium model (CONFIG_EXEC_MMODEL), without which execve answers ENOEXEC; needs a kernel with compression (CONFIG_EXEC_COMPRESS), without which execve answers ENOEXEC",
            ],
        ),
        (
            &[],
            damaged(),
            1,
            &[
                "ELKS refuses it: compr_tseg at byte 56: ELKS answers ENOEXEC: the 50 stored bytes of the text",
            ],
        ),
        (&[], version_1(6000, 3000), 0, &["heap 6000 bytes, as asked for stack 3000 bytes, as asked for"]),
        // 65520 - 3000 of stack and 10 of arguments, from the word after 101 bytes of data and bss.
        (&[], version_1(0xffff, 3000), 0, &["heap 62408 bytes, all that fits"]),
        (&[], version_1(60_000, 8192), 1, &["ELKS refuses it: chmem at byte 24: ELKS answers EFBIG"]),
        (
            &[],
            greet(&[(2, &[0x10])]),
            0,
            &["combined I/D", "ELKS refuses it: type at byte 0: ELKS answers ENOEXEC", "Minix 2 runs it"],
        ),
        (&[], greet(&[(3, &[0x10])]), 0, &["cpu 80386", "ELKS refuses it", "Minix 2 runs it"]),
        (
            &[],
            greet(&[(3, &[0x10]), (24, &[0, 0])]),
            1,
            &["Minix 2 refuses it: chmem at byte 24: Minix 2 answers ENOEXEC"],
        ),
        (&[], m68k(), 0, &["cpu 68000", "ELKS refuses it"]),
        (&[], greet(&[])[..20].to_vec(), 1, &["20 bytes, cut short within its header"]),
    ];
    for (options, file, code, expected) in cases {
        let output = execfmt(&[&["info", "-"], *options].concat(), file);
        let out = words(&output.stdout);
        assert_eq!(output.status.code(), Some(*code), "{out}\n{}", text(&output.stderr));
        for part in *expected {
            assert!(out.contains(part), "{part:?} is missing from\n{}", text(&output.stdout));
        }
    }
}

#[test]
fn verdicts_and_messages_of_check() {
    let cut = || greet(&[])[..400].to_vec();
    let cases: &[(&[&str], Vec<u8>, i32, &str)] = &[
        (&[], greet(&[]), 0, "standard input: ok"),
        (&[], testdata("elks/far.aout"), 0, ": ok"),
        (&[], m68k(), 0, "accepted, 1 warning"),
        // Minix for the 80386 runs it, ELKS does not.
        (&[], greet(&[(3, &[0x10])]), 0, "warning: type at byte 0: ELKS answers ENOEXEC: type 0x10200301"),
        (&["--for", "elks"], greet(&[(3, &[0x10])]), 1, "ELKS answers ENOEXEC: type 0x10200301"),
        (&["--for", "elks"], testdata("elks/far.aout"), 0, ": ok"),
        (&["--for", "elks-minimal"], testdata("elks/far.aout"), 1, "built without medium model"),
        (&["--for", "elks-minimal"], greet(&[]), 0, ": ok"),
        (&["--for", "minix2"], greet(&[]), 0, ": ok"),
        (&["--for", "minix2"], version_1(0, 0), 1, "error: chmem at byte 24: Minix 2 answers ENOEXEC"),
        (&[], compressed(), 0, ": ok"),
        (&[], damaged(), 1, "error: compr_tseg at byte 56: ELKS answers ENOEXEC"),
        (&[], damaged(), 1, "compressed text: offset at byte 85: a match reaches 342 bytes back"),
        // The default heap does not fit beside so much stack: the stack is what can be made smaller.
        (&[], version_1(0, 0xff00), 1, "error: minstack at byte 26: ELKS answers EFBIG"),
        (&[], version_1(0, 0xff00), 1, "set less stack with `execfmt chmem -s BYTES FILE`"),
        // Options of another format do no harm.
        (&["--layout", "4", "--page-size", "1024"], greet(&[]), 0, ": ok"),
        (
            &[],
            cut(),
            1,
            "error: syms at byte 28: the symbols section is 128 bytes long, but the file holds 120",
        ),
        (
            &[],
            wild(),
            1,
            "error: text relocation vaddr at byte 52: the word at 0x8000 does not lie within the section",
        ),
        (&[], version_1(60_000, 8192), 1, "error: chmem at byte 24: ELKS answers EFBIG"),
        (&["--args", "0xffff"], version_1(0, 0), 1, "ELKS answers E2BIG"),
        // Minix runs what ELKS does not: worth a warning.
        (&[], greet(&[(2, &[0x10])]), 0, "warning: type at byte 0: ELKS answers ENOEXEC"),
        (&["--strict"], greet(&[(2, &[0x10])]), 1, "warning: type at byte 0: ELKS answers ENOEXEC"),
        (&["--args", "0x9000"], greet(&[]), 0, "warning: chmem at byte 24: ELKS answers E2BIG"),
        (&[], greet(&[(4, &[0x21])]), 1, "error: hlen at byte 4: a header of 0x21 bytes"),
        (&[], b"\x01\x03".to_vec(), 1, "error: file length at byte 0"),
        // The magic alone is no a.out.
        (
            &[],
            b"\x01\x03text\n".to_vec(),
            1,
            "the two bytes of the a.out magic, without a header after them; execfmt knows Nachos NOFF",
        ),
        (
            &[],
            b"\xfe\xedhi".to_vec(),
            1,
            "this begins with fe ed 68 69, as no format that execfmt knows: Nachos NOFF, MIPS COFF, Coyotos images, ELKS/Minix a.out",
        ),
        (&[], b"\xa3\x86".to_vec(), 1, "object file"),
        (&[], b"MZ".to_vec(), 1, "this is a DOS program (MZ): build it for ELKS"),
        (&["--args", "65536"], greet(&[]), 2, "expected 0 to 65535"),
        (&["--args", ""], greet(&[]), 2, "expected 0 to 65535"),
    ];
    for (options, file, code, expected) in cases {
        let output = execfmt(&[&["check", "-"], *options].concat(), file);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(*code), "{said}");
        assert!(said.contains(expected), "{expected:?} is missing from\n{said}");
        let for_elks = options.contains(&"--for");
        assert!(
            for_elks || !said.contains("error: type at byte 0: ELKS"),
            "a refusal of what Minix runs\n{said}"
        );
    }
    // What a system refuses because of a finding is not told twice.
    let output = execfmt(&["check", "-"], &greet(&[(4, &[0x21])]));
    assert_eq!(text(&output.stderr).matches("hlen at byte 4").count(), 1, "{}", text(&output.stderr));
    let output = execfmt(&["check", "-"], &greet(&[(8, &[0, 0])]));
    assert_eq!(text(&output.stderr).matches("tseg at byte 8").count(), 1, "{}", text(&output.stderr));
}

#[test]
fn map_reports_that_there_is_nothing_to_draw() {
    // For the 80386, of version 1: neither ELKS nor Minix 2 runs it. For the 68000: no kernel is known here.
    let file = |cpu: u32, version| {
        let builder = Builder::new(FileType::from_word(0x0030_0301 | cpu << 24)).version(version);
        builder.text(&[0x90; 16]).data(b"data").to_vec().unwrap()
    };
    let refused = execfmt(&["map", "-"], &file(0x10, 1));
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("error: type at byte 0: ELKS answers ENOEXEC"));
    assert!(!text(&refused.stderr).contains("nothing to draw"), "{}", text(&refused.stderr));
    let unknown = execfmt(&["map", "-"], &file(0x0b, 0));
    assert_eq!((unknown.status.code(), text(&unknown.stdout)), (Some(0), ""));
    for words in [
        "warning: type at byte 0: ELKS answers ENOEXEC",
        "note: nothing to draw: no kernel that is known here",
    ] {
        assert!(
            text(&unknown.stderr).contains(words),
            "{words:?} is missing from\n{}",
            text(&unknown.stderr)
        );
    }
}

#[test]
fn map_draws_the_segments_to_scale() {
    let output = in_columns(120, &["map", "--full", "--args", "14", &example("far.aout")], b"");
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    // 8336 bytes in at most 64 rows: 256 bytes a row, 8 a letter. 15 bytes of data, bss up to 116, then heap.
    let first = format!("0x0000 |{}{}{}|  data, bss, heap\n", "dd", "0".repeat(12), "h".repeat(18));
    assert!(out.contains(&first), "{out}");
    assert!(out.contains("one row: 256 bytes; one letter: 8 bytes"), "{out}");
    let columns = |letter: char| {
        let strips = out.lines().filter(|line| line.contains('|'));
        strips.map(|line| line.rsplit('|').nth(1).unwrap().matches(letter).count()).sum::<usize>()
    };
    assert!((511..=513).contains(&columns('h')) && (511..=513).contains(&columns('s')), "{out}");
    let table = words(&output.stdout);
    for line in [
        "H header 0x0000..0x0040 - 64",
        "t text 0x0040..0x0050 -> CS 0x0000..0x0010 16",
        "f far text 0x0050..0x0064 -> CS 0x0010..0x0024 20",
        "d data 0x0064..0x0073 -> DS 0x0000..0x000f 15",
        "0 bss - DS 0x000f..0x0074 101",
        "h heap - DS 0x0074..0x1074 4096",
        "- gap - DS 0x1074..0x1082 14",
        "s stack - DS 0x1082..0x2082 4096",
        "a arguments - DS 0x2082..0x2090 14",
        "R text relocations 0x0073..0x007b - 8",
    ] {
        assert!(table.contains(line), "{line:?} is missing from\n{out}");
    }
    for (file, lines) in [
        (
            greet(&[]),
            &["gap for heap and stack - DS 0x0144..0x8146 32770", "arguments - DS 0x8146..0x8150 10"][..],
        ),
        (compressed(), &["-> CS 0x0000..0x0050", "-> 80", "room to expand - CS 0x0050..0x0060 16"]),
        // Minix: 224 bytes of text in front of 324, in three clicks of 130.
        (
            greet(&[(2, &[0x10])]),
            &["-> DS 0x0000..0x00e0 224", "gap for heap and stack - DS 0x0300..0x8200 32512"],
        ),
    ] {
        let output = execfmt(&["map", "-"], &file);
        let table = words(&output.stdout);
        for line in lines {
            assert!(table.contains(line), "{line:?} is missing from\n{}", text(&output.stdout));
        }
    }
    // What no system runs has no picture.
    let output = execfmt(&["map", "-"], &version_1(60_000, 8192));
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
}

#[test]
fn no_damage_makes_a_picture_large_or_a_run_fail() {
    let mut mutator = Mutator::new("damaged a.out files to the command", 0xe1c5_0001);
    let (folder, base) = (folder(), [greet(&[]), testdata("elks/far.aout"), version_1(0, 0)]);
    let files: Vec<_> = (0..120).map(|at| mutator.mutate(&base[at % 3], 64)).collect();
    let paths: Vec<_> = (0..files.len()).map(|at| path(&folder, &at.to_string())).collect();
    for (file, path) in files.iter().zip(&paths) {
        fs::write(path, file).unwrap();
        let output = execfmt(&["map", path], b"");
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}: {}", hex(file), text(&output.stderr));
        assert!(text(&output.stdout).lines().count() < 100, "{}", hex(file));
    }
    let arguments: Vec<&str> =
        ["info", "--json"].into_iter().chain(paths.iter().map(String::as_str)).collect();
    let output = execfmt(&arguments, b"");
    let lines: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), files.len());
    let is_aout = |file: &[u8]| file.starts_with(&[1, 3]) && file.len() >= 32;
    let judged: Vec<_> = files.iter().zip(&lines).filter(|(file, _)| is_aout(file)).collect();
    assert!(judged.len() > 60, "{} of the files are still a.out", judged.len());
    // Every one has a verdict, and it is that of the model.
    let script = "
m = elks_load.load(bytes.fromhex(line), 10)
names = 'text_paras data_len minstack t_enddata t_endseg begstack endbrk entry'.split()
print(m if isinstance(m, str) else ' '.join(str(m[name]) for name in names))";
    let Some(model) = Model::new("import elks_load", script, "verdicts of the command") else { return };
    let answers = model.ask(judged.iter().map(|(file, _)| hex(file)).collect());
    for ((file, line), answer) in judged.iter().zip(answers) {
        let elks = &line["elks"];
        let ours = match elks["errno"].as_str() {
            Some(errno) => errno.to_string(),
            None => {
                ["text_paras", "data_len", "minstack", "t_enddata", "t_endseg", "begstack", "endbrk", "entry"]
                    .map(|name| elks[name].to_string())
                    .join(" ")
            }
        };
        assert!(ours == answer, "{}: {ours} and not {answer}", hex(file));
    }
}

#[test]
fn json_has_every_number_of_the_header_and_of_the_kernel() {
    let output = execfmt(&["info", "--json", &example("greet.aout")], b"");
    let mut line: Value = serde_json::from_str(text(&output.stdout)).unwrap();
    let members = line.as_object_mut().unwrap();
    let fields = members.shift_remove("header_fields").unwrap();
    assert_eq!(fields["fields"][6], json!({ "name": "tseg", "offset": 8, "size": 4, "value": 224 }));
    let regions = members.shift_remove("file_regions").unwrap();
    assert_eq!(regions[1], json!({ "name": "text", "start": 32, "end": 256 }));
    let kernels = members.shift_remove("kernels").unwrap();
    assert_eq!(
        kernels[2],
        json!({ "name": "minix2", "runs": true, "reason": null, "finding": null, "spare_pages": null })
    );
    assert_eq!(
        members.shift_remove("derived").unwrap(),
        json!({ "medium_model": false, "compression": false })
    );
    // By hand from the file's bytes, and the kernel's arithmetic: 33092 rounded up to 33104.
    let expected = json!({
        "file": example("greet.aout"), "format": "aout-minix", "type": 0x0420_0301, "flags": ["SEP"], "cpu": "8086",
        "hlen": 32, "version": 0, "tseg": 224, "dseg": 24, "bseg": 300, "entry": 0, "chmem": 33092, "minstack": 0,
        "syms": 128, "supplement": null,
        "elks": {
            "argument_bytes": 10, "errno": null, "text_paras": 14, "data_len": 33104, "minstack": 0,
            "t_enddata": 324, "t_endseg": 33104, "begstack": 33094, "endbrk": 324, "entry": 0
        },
        "findings": []
    });
    assert_eq!(line, expected);
    let keys: Vec<_> = line.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        keys.join(" "),
        "file format type flags cpu hlen version tseg dseg bseg entry chmem minstack syms supplement elks findings"
    );

    let output = execfmt(&["check", "--json", "--args", "13", "-"], &testdata("elks/far.aout"));
    let line: Value = serde_json::from_str(text(&output.stdout)).unwrap();
    assert_eq!(line["flags"], json!(["EXEC", "SEP"]));
    assert_eq!((&line["bseg"], &line["hlen"], &line["version"]), (&json!(101), &json!(64), &json!(1)));
    let supplement = json!({
        "trsize": 8, "drsize": 0, "tbase": 0, "dbase": 0, "ftseg": 20, "ftrsize": 8,
        "compr_tseg": 0, "compr_dseg": 0, "compr_ftseg": 0
    });
    assert_eq!(line["supplement"], supplement);
    // 116 + 4096 + 13 + 4096 = 8321, up to 8336; the stack begins at an even place.
    let elks = json!({
        "argument_bytes": 13, "errno": null, "text_paras": 3, "data_len": 8336, "minstack": 4096,
        "t_enddata": 116, "t_endseg": 8336, "begstack": 8322, "endbrk": 116, "entry": 0
    });
    assert_eq!(line["elks"], elks);

    let refused = |bytes: &[u8], errno: &str, code: &str| {
        let output = execfmt(&["info", "--json", "-"], bytes);
        let line: Value = serde_json::from_str(text(&output.stdout)).unwrap();
        assert_eq!(line["format"], "aout-minix", "{line}");
        assert_eq!(line["elks"]["errno"], *errno, "{line}");
        for member in
            ["text_paras", "data_len", "minstack", "t_enddata", "t_endseg", "begstack", "endbrk", "entry"]
        {
            assert_eq!(line["elks"].get(member), Some(&Value::Null), "{member}: {line}");
        }
        let codes: Vec<_> =
            line["findings"].as_array().unwrap().iter().map(|finding| &finding["code"]).collect();
        assert!(codes.iter().any(|found| *found == code), "{line}");
    };
    // Also where the parser has errors to report.
    refused(&greet(&[])[..270], "ENOEXEC", "section_past_eof");
    refused(&greet(&[(4, &[0x30])])[..40], "ENOEXEC", "truncated");
    refused(&greet(&[(4, &[7])]), "ENOEXEC", "bad_hlen");
    refused(&[&[1, 3][..], &[0xff; 30]].concat(), "ENOEXEC", "truncated");
    refused(&version_1(60_000, 8192), "EFBIG", "heap_too_large");
    refused(&greet(&[(24, &[0x44, 1])]), "EINVAL", "total_too_small");
    // Fewer than 32 bytes hold no header.
    let output = execfmt(&["info", "--json", "-"], &greet(&[])[..31]);
    let line: Value = serde_json::from_str(text(&output.stdout)).unwrap();
    assert_eq!(
        (&line["format"], &line["type"], &line["flags"]),
        (&json!("aout-minix"), &Value::Null, &json!([]))
    );
    assert_eq!((&line["elks"], &line["findings"][0]["code"]), (&Value::Null, &json!("truncated")));
}

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
        ("relocs", b"hello".to_vec(), 1, "this is text; execfmt knows Nachos NOFF"),
        ("symbols", greet(&[])[..300].to_vec(), 1, "syms at byte 28"),
    ] {
        let output = execfmt(&[command, "-"], &file);
        assert_eq!(output.status.code(), Some(code), "{command}");
        assert!(text(&output.stderr).contains(words), "{command}: {}", text(&output.stderr));
    }
    assert_eq!(execfmt(&["symbols", "/nonexistent"], b"").status.code(), Some(2));
    assert_eq!(execfmt(&["relocs"], b"").status.code(), Some(2));
}

/// The three files in a folder.
fn loaded(folder: &Path) -> [Vec<u8>; 3] {
    ["text.bin", "ftext.bin", "data.bin"].map(|name| fs::read(folder.join(name)).unwrap())
}

#[test]
fn load_writes_relocated_memory() {
    let folder = folder();
    let mut results = Vec::new();
    for (cs, ds) in [("0x1000", "0x5000"), ("4096", "20480"), ("010000", "050000")] {
        let out = path(&folder, cs);
        let output =
            execfmt(&["load", &example("far.aout"), "--elks", "--cs", cs, "--ds", ds, "-o", &out], b"");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(names(Path::new(&out)), ["data.bin", "ftext.bin", "text.bin"]);
        assert!(text(&output.stdout).contains("CS:IP 1000:0000, DS = ES = SS = 5000, SP 2076, DX 1000"));
        results.push(loaded(Path::new(&out)));
    }
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "numbers mean the same in every base");
    // The far text lies a paragraph after the text: 1001. The data segment is 5000.
    let [text_bin, far_text, data] = &results[0];
    assert_eq!((text_bin[3..5].to_vec(), text_bin.len()), (vec![0x01, 0x10], 16));
    assert_eq!((far_text[1..3].to_vec(), far_text.len()), (vec![0x00, 0x50], 20));
    assert_eq!(data, b"from far text!\n");
    // Far text that is not there is an empty file.
    let out = path(&folder, "greet");
    let load = ["load", "-", "--elks", "--cs", "1", "--ds", "0x100", "-o", &out];
    assert_eq!(execfmt(&load, &greet(&[])).status.code(), Some(0));
    let file = greet(&[]);
    assert_eq!(loaded(Path::new(&out)), [file[32..256].to_vec(), vec![], file[256..280].to_vec()]);

    let script = "
m = elks_load.load(bytes.fromhex(line), 0, 0x1000, 0x5000)
print(m['text'].hex(), m['ftext'].hex(), m['data'].hex())";
    let Some(model) = Model::new("import elks_load", script, "memory that load writes") else { return };
    let answers = model.ask(vec![hex(&testdata("elks/far.aout"))]);
    let parts: Vec<_> = answers[0].split(' ').map(unhex).collect();
    assert_eq!(parts, results[0]);
}

#[test]
fn load_leaves_nothing_half() {
    let folder = folder();
    let out = path(&folder, "out");
    let load = |arguments: &[&str], file: &[u8]| {
        let output = execfmt(&[&["load", "-", "--elks"], arguments].concat(), file);
        (output.status.code().unwrap(), text(&output.stderr).to_string())
    };
    let to_out = ["--cs", "1", "--ds", "0x100", "-o", &out];
    for (file, words) in [
        (wild(), "the word at 0x8000 does not lie within the section"),
        (version_1(60_000, 8192), "EFBIG"),
        (greet(&[])[..100].to_vec(), "the text section is 224 bytes long, but the file holds 68"),
        (b"hello".to_vec(), "this is text, not an ELKS or Minix executable"),
    ] {
        let (code, said) = load(&to_out, &file);
        assert!(code == 1 && said.contains(words), "{code}: {said}");
        assert!(!Path::new(&out).exists(), "nothing was made");
    }
    let (code, said) =
        load(&["--args", "0xffff", "--cs", "1", "--ds", "0x100", "-o", &out], &version_1(0, 0));
    assert!(code == 1 && said.contains("E2BIG"), "{said}");
    // A folder in a folder that is not there; a file where the folder should be; a folder where a file should be.
    let nowhere = path(&folder, "none/out");
    assert_eq!(load(&["--cs", "1", "--ds", "0x100", "-o", &nowhere], &greet(&[])).0, 2);
    fs::write(&out, "a file").unwrap();
    assert_eq!(load(&to_out, &greet(&[])).0, 2);
    fs::remove_file(&out).unwrap();
    fs::create_dir_all(format!("{out}/data.bin")).unwrap();
    fs::write(format!("{out}/text.bin"), "precious").unwrap();
    let (code, said) = load(&to_out, &greet(&[]));
    assert!(code == 2 && said.contains("data.bin"), "{said}");
    assert_eq!(fs::read(format!("{out}/text.bin")).unwrap(), b"precious");
    assert_eq!(names(Path::new(&out)), ["data.bin", "text.bin"]);
    // Usage.
    for arguments in [
        &["--cs", "1", "-o", "x"][..],
        &["--cs", "65536", "--ds", "1", "-o", "x"],
        &["--cs", "09", "--ds", "1", "-o", "x"],
    ] {
        assert_eq!(load(arguments, b"").0, 2, "{arguments:?}");
    }
    assert_eq!(execfmt(&["load", "-", "--cs", "1", "--ds", "0x100", "-o", &out], b"").status.code(), Some(2));
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
    assert!(code == 1 && said.contains("no symbol is at 0x1 or below it"), "{code} {said}");
}

/// Findings beyond a thousand are counted, and said to be there.
#[test]
fn findings_are_listed_up_to_a_limit() {
    let wrong = vec![Relocation::segword(100, SymbolIndex::TEXT); 1500];
    let builder = Builder::new(FileType::SPLITID_AHISTORICAL).version(1).text(&[0x90; 4]);
    let file = builder.text_relocations(wrong.as_slice()).to_vec().unwrap();
    let output = execfmt(&["check", "-"], &file);
    assert_eq!(text(&output.stdout), "standard input: refused, 1500 errors\n");
    let lines: Vec<_> = text(&output.stderr).lines().collect();
    assert_eq!(lines.len(), 1001);
    assert!(lines[1000].ends_with("500 more findings: 1500 errors and 0 warnings in all"), "{}", lines[1000]);
}

#[test]
fn every_code_of_a_finding_is_documented() {
    let docs = fs::read_to_string(root().join("docs/json.md")).unwrap();
    let rows = [AoutRule::TABLE, ElksRule::TABLE, Minix2Rule::TABLE, StreamRule::TABLE].concat();
    for row in &rows {
        assert!(docs.contains(&format!("`{}`", row.code)), "{} is missing from docs/json.md", row.code);
    }
    assert!(rows.len() > 50, "{} rules", rows.len());
}

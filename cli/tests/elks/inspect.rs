//! What the command reports of a file: in words, as JSON, and whether the kernels run it.

use std::fs;

use aout_minix::compress::StreamRule;
use aout_minix::elks::ElksRule;
use aout_minix::minix2::Minix2Rule;
use aout_minix::{AoutRule, Builder, FileType, Relocation, Rule as _, SymbolIndex};
use execfmt_testkit::{root, testdata};
use serde_json::{Value, json};

use crate::samples::{compressed, damaged, example, greet, m68k, version_1, wild};
use crate::support::{execfmt, text, words};

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
                "heap 32770 bytes, shared with the stack: the header requests 33092 with data and bss",
                "total 33328 bytes: text 224 (14 paragraphs), data segment 33104 (2069)",
                "ELKS runs it; needs no kernel option",
                "ROMFS runs the text in place, unless the file has the sticky bit",
                "Minix 2 runs it: 33092 bytes requested",
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
                "ELKS runs it; needs a kernel with medium model (CONFIG_EXEC_MMODEL), without which execve returns ENOEXEC",
            ],
        ),
        (
            &[],
            compressed(),
            0,
            &[
                "text 80 64 compressed to",
                "ROMFS copies the text into memory",
                "medium model (CONFIG_EXEC_MMODEL), without which execve returns ENOEXEC; needs a kernel with compression (CONFIG_EXEC_COMPRESS), without which execve returns ENOEXEC",
            ],
        ),
        (
            &[],
            damaged(),
            1,
            &[
                "ELKS refuses it: compr_tseg at byte 56: ELKS returns ENOEXEC: the 50 stored bytes of the text",
            ],
        ),
        (&[], version_1(6000, 3000), 0, &["heap 6000 bytes, as requested stack 3000 bytes, as requested"]),
        // 65520 - 3000 of stack and 10 of arguments, from the word after 101 bytes of data and bss.
        (&[], version_1(0xffff, 3000), 0, &["heap 62408 bytes, as much as fits"]),
        (&[], version_1(60_000, 8192), 1, &["ELKS refuses it: chmem at byte 24: ELKS returns EFBIG"]),
        (
            &[],
            greet(&[(2, &[0x10])]),
            0,
            &["combined I/D", "ELKS refuses it: type at byte 0: ELKS returns ENOEXEC", "Minix 2 runs it"],
        ),
        (&[], greet(&[(3, &[0x10])]), 0, &["cpu 80386", "ELKS refuses it", "Minix 2 runs it"]),
        (
            &[],
            greet(&[(3, &[0x10]), (24, &[0, 0])]),
            1,
            &["Minix 2 refuses it: chmem at byte 24: Minix 2 returns ENOEXEC"],
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
        (&[], greet(&[(3, &[0x10])]), 0, "warning: type at byte 0: ELKS returns ENOEXEC: type 0x10200301"),
        (&["--for", "elks"], greet(&[(3, &[0x10])]), 1, "ELKS returns ENOEXEC: type 0x10200301"),
        (&["--for", "elks"], testdata("elks/far.aout"), 0, ": ok"),
        (&["--for", "elks-minimal"], testdata("elks/far.aout"), 1, "built without medium model"),
        (&["--for", "elks-minimal"], greet(&[]), 0, ": ok"),
        (&["--for", "minix2"], greet(&[]), 0, ": ok"),
        (&["--for", "minix2"], version_1(0, 0), 1, "error: chmem at byte 24: Minix 2 returns ENOEXEC"),
        (&[], compressed(), 0, ": ok"),
        (&[], damaged(), 1, "error: compr_tseg at byte 56: ELKS returns ENOEXEC"),
        (&[], damaged(), 1, "compressed text: offset at byte 85: a match refers 342 bytes back"),
        // The default heap does not fit beside so much stack: the stack is what can be made smaller.
        (&[], version_1(0, 0xff00), 1, "error: minstack at byte 26: ELKS returns EFBIG"),
        (&[], version_1(0, 0xff00), 1, "set less stack with `execfmt chmem -s BYTES FILE`"),
        // Options of another format do no harm.
        (&["--layout", "4", "--page-size", "1024"], greet(&[]), 0, ": ok"),
        (
            &[],
            cut(),
            1,
            "error: syms at byte 28: the symbols section is 128 bytes long, but the file has only 120",
        ),
        (
            &[],
            wild(),
            1,
            "error: text relocation vaddr at byte 52: the word at 0x8000 is not within the section",
        ),
        (&[], version_1(60_000, 8192), 1, "error: chmem at byte 24: ELKS returns EFBIG"),
        (&["--args", "0xffff"], version_1(0, 0), 1, "ELKS returns E2BIG"),
        // Minix runs what ELKS does not: worth a warning.
        (&[], greet(&[(2, &[0x10])]), 0, "warning: type at byte 0: ELKS returns ENOEXEC"),
        (&["--strict"], greet(&[(2, &[0x10])]), 1, "warning: type at byte 0: ELKS returns ENOEXEC"),
        (&["--args", "0x9000"], greet(&[]), 0, "warning: chmem at byte 24: ELKS returns E2BIG"),
        (&[], greet(&[(4, &[0x21])]), 1, "error: hlen at byte 4: a header of 0x21 bytes"),
        (&[], b"\x01\x03".to_vec(), 1, "error: file length at byte 0"),
        // The magic number alone does not make an a.out file.
        (
            &[],
            b"\x01\x03text\n".to_vec(),
            1,
            "the two bytes of the a.out magic, without a header after them; execfmt reads Nachos NOFF",
        ),
        (
            &[],
            b"\xfe\xedhi".to_vec(),
            1,
            "this begins with fe ed 68 69, unlike every format that execfmt reads: Nachos NOFF, MIPS COFF, Coyotos images, ELKS/Minix a.out",
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
    // What a system refuses because of a finding is not reported twice.
    let output = execfmt(&["check", "-"], &greet(&[(4, &[0x21])]));
    assert_eq!(text(&output.stderr).matches("hlen at byte 4").count(), 1, "{}", text(&output.stderr));
    let output = execfmt(&["check", "-"], &greet(&[(8, &[0, 0])]));
    assert_eq!(text(&output.stderr).matches("tseg at byte 8").count(), 1, "{}", text(&output.stderr));
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
    assert!(
        lines[1000].ends_with("500 more findings: 1500 errors and 0 warnings in total"),
        "{}",
        lines[1000]
    );
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

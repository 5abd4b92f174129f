//! `convert --to coyotos`, and what a debugger makes of it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use execfmt_testkit::{root, skipped, testdata};
use serde_json::{Value, json};

use super::support::{execfmt, folder, names, path, text, words};
use super::{built, example, fails, fine, image};

#[test]
fn a_program_becomes_an_image() {
    let folder = folder();
    let hello = example("hello.elf");
    let out = path(&folder, "out");
    let output = execfmt(&["convert", &hello, "-o", &out, "--to", "coyotos"], b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = words(&output.stderr);
    assert!(said.contains("note: for i386: starts at 0x8049033 in GPT 0, 5 pages and 1 GPT"), "{said}");
    fine(&["check", "--strict", &out], b"");
    let line: Value = serde_json::from_slice(&fine(&["info", "--json", &out], b"")).unwrap();
    let header = &line["header"];
    assert_eq!(
        (&line["gzip"], &header["nBank"], &header["nProc"], &header["nSymbol"]),
        (&json!(true), &json!(1), &json!(1), &json!(0))
    );
    let process = words(&fine(&["coyotos", "ls", &out], b""));
    assert!(process.contains("to start at 0x8049033, space gpt:0"), "{process}");
    // The bytes of a table that the source names, and the zeros after the data.
    let bytes = |range: &str| fine(&["coyotos", "extract", &out, range, "-o", "-"], b"");
    let table: Vec<u8> = [1_u32, 2, 3, 4].iter().flat_map(|word| word.to_le_bytes()).collect();
    assert_eq!(bytes("0x804a000+16"), table);
    assert_eq!(bytes("0x804b010+8"), [7, 0, 0, 0, 0, 0, 0, 0]);

    // The same as a recipe's calls, which load as the original did.
    let plain = ["convert", &hello, "-o", "-", "--to", "coyotos", "--compat", "--no-gzip", "-q"];
    let recipe = format!(
        "arch i386\nelf s prime {hello}\nprocess p prime\nput p addrSpace 0 s\nprocset p faultCode 25\nprocset p faultInfo 0x8049033\n"
    );
    assert_eq!(fine(&plain, b""), built(&recipe));

    // What does not fit is refused, and nothing is written.
    fs::write(&out, "precious").unwrap();
    let elf = testdata("coyotos/hello.elf");
    let mut other = elf.clone();
    other[18] = 62;
    let convert = ["convert", "-", "-o", &out, "--to", "coyotos"];
    fails(
        &convert,
        &other,
        1,
        "the code is for machine 62, but Coyotos runs i386 [3], coldfire [52, 4], arm [40]",
    );
    fails(&[&convert[..], &["--arch", "arm"]].concat(), &elf, 1, "e_machine at byte 18");
    fails(&[&convert[..], &["--arch", "vax"]].concat(), &elf, 2, "expected i386, coldfire or arm");
    fails(&convert, &elf[..5000], 1, "the file was cut short");
    fails(&convert, b"hello", 1, "this is text, not an ELF file");
    let mut entry = elf.clone();
    entry[24..28].copy_from_slice(&0x804a000_u32.to_le_bytes());
    fails(&convert, &entry, 1, "0x804a000 is not mapped executable");
    fails(&[&convert[..], &["--stack", "1"]].concat(), &elf, 2, "--stack goes with --to elks");
    fails(
        &["convert", "-", "-o", &out, "--to", "noff", "--compat"],
        &elf,
        2,
        "--compat goes with --to coyotos",
    );
    fails(&[&convert[..], &["--debug", &out]].concat(), &elf, 2, "two files would be written there");
    fails(&[&convert[..], &["--debug", "/nonexistent/debug"]].concat(), &elf, 2, "/nonexistent/debug: ");
    assert_eq!(fs::read(&out).unwrap(), b"precious");
    assert_eq!(names(folder.path()), ["out"]);
}

/// Runs a tool, which must succeed; `None` where it is absent, with a report.
fn tool(folder: &Path, program: &str, arguments: &[&str], what: &str) -> Option<String> {
    let mut command = Command::new("timeout");
    let command = command.args(["60", program]).args(arguments).current_dir(folder).stdin(Stdio::null());
    let output = command.output().ok().filter(|output| output.status.code() != Some(127));
    let Some(output) = output else {
        skipped(what, &format!("there is no {program}"));
        return None;
    };
    assert!(output.status.success(), "{program} {arguments:?}: {}", text(&output.stderr));
    Some(text(&output.stdout).to_owned())
}

/// What the image and its side file tell of a program.
fn check_debugging(folder: &Path, elf: &str, arch: &str) {
    let (out, debug) =
        (folder.join("image").display().to_string(), folder.join("debug").display().to_string());
    fine(&["convert", elf, "-o", &out, "--to", "coyotos", "--debug", &debug], b"");
    fine(&["check", "--strict", &out], b"");
    let info = words(&fine(&["info", &out], b""));
    assert!(info.contains(&format!("for {arch}")) && info.contains("(_start)"), "{info}");
    let symbols = fine(&["symbols", &out], b"");
    let symbols = text(&symbols);
    let sum =
        symbols.lines().find(|line| line.ends_with("function  sum")).expect("the function sum is listed");
    let address = sum.split_whitespace().nth(1).unwrap();
    let what = "the side file in a debugger";
    let line = format!("info line *{address}");
    if let Some(told) = tool(folder, "gdb", &["-batch", "-ex", "symbol-file debug", "-ex", &line], what) {
        let source = fs::read_to_string(root().join("testdata/coyotos/hello.c")).unwrap();
        // Code begins at the brace below, says gcc.
        let number = 2 + source.lines().position(|line| line.starts_with("int sum")).unwrap();
        assert!(
            told.contains(&format!("Line {number} of \""))
                && told.contains("hello.c\"")
                && told.contains("<sum>"),
            "{told}"
        );
    }
    if let Some(told) = tool(folder, "readelf", &["-n", "debug"], what) {
        let id = told.split("Build ID: ").nth(1).expect("a build id").split_whitespace().next().unwrap();
        assert!(info.contains(&format!("build id {id} of GPT")), "{id} is missing from {info}");
    }
}

/// 84 bytes of program headers can ask for 4 GiB of zeros.
#[test]
fn an_image_takes_no_more_than_the_user_allows() {
    let mut elf = testdata("coyotos/hello.elf");
    let headers = (0..usize::from(elf[44])).map(|index| 52 + 32 * index);
    let last = headers.rev().find(|&at| elf[at] == 1).expect("a segment that is loaded");
    elf[last + 20..last + 24].copy_from_slice(&(300_u32 << 20).to_le_bytes());
    let folder = folder();
    let out = path(&folder, "out");
    let convert = ["convert", "-", "-o", &out, "--to", "coyotos"];
    fails(&convert, &elf, 1, "at most 268435456 are written: --max-image raises the limit");
    assert!(names(folder.path()).is_empty());
    fails(
        &[&convert[..], &["--max-image", "30000"]].concat(),
        &testdata("coyotos/hello.elf"),
        1,
        "at most 30000",
    );
    fine(&[&convert[..], &["--max-image", "50000"]].concat(), &testdata("coyotos/hello.elf"));
}

#[test]
fn symbols_and_side_file_tell_where_code_comes_from() {
    let folder = folder();
    check_debugging(folder.path(), &example("hello.elf"), "i386");
    let symbols = fine(&["symbols", &image("i386")], b"");
    assert_eq!(text(&symbols), "", "the model's images have none");
    // What is compiled here and now, for a little- and a big-endian machine.
    for (compiler, machine, arch) in [("gcc", &["-m32"][..], "i386"), ("m68k-linux-gnu-gcc", &[], "coldfire")]
    {
        fs::copy(example("hello.c"), folder.path().join("hello.c")).unwrap();
        let common = [
            "-g",
            "-Og",
            "-static",
            "-nostdlib",
            "-ffreestanding",
            "-fno-pic",
            "-no-pie",
            "-o",
            "prog",
            "hello.c",
        ];
        let arguments: Vec<&str> = machine.iter().chain(&common).copied().collect();
        let what = format!("a program compiled by {compiler}");
        if tool(folder.path(), compiler, &arguments, &what).is_some() {
            check_debugging(folder.path(), &folder.path().join("prog").display().to_string(), arch);
        }
    }
}

/// hello.elf made into an image and back again, as Debian's binutils and gdb read it. What is expected is what they say of
/// hello.elf itself.
#[test]
fn a_space_becomes_an_elf_file_again() {
    let folder = folder();
    let (hello, side) = (example("hello.elf"), path(&folder, "side"));
    let (packed, back) = (path(&folder, "image"), path(&folder, "back"));
    fine(&["convert", &hello, "-o", &packed, "--to", "coyotos", "--debug", &side], b"");
    for of in [&["--of", "gpt:0"][..], &["--of", "process:0"], &[]] {
        fine(&[&["convert", &packed, "-o", &back, "--to", "elf"], of].concat(), b"");
    }
    let tool = |name: &str, arguments: &[&str], file: &str| {
        let output = Command::new(name).args(arguments).arg(file).stdin(Stdio::null()).output().ok()?;
        output.status.success().then(|| words(&output.stdout))
    };
    let disassembly = |file: &str| {
        let all = tool("objdump", &["-d", "--no-show-raw-insn", "-j", ".text"], file)?;
        // Its own section ends with the code, ours with the page.
        let (start, code) = all.split_once("<_start>:")?;
        Some((start.split_once("<sum>:")?.1.to_string(), code.split(" ...").next()?.to_string()))
    };
    match (disassembly(&hello), disassembly(&back)) {
        (Some(original), again) => assert_eq!(Some(original), again),
        (None, _) => skipped("objdump of an address space", "there is no objdump for i386"),
    }
    // Addresses and names; an image does not keep whether a symbol was local.
    let symbols = |file: &str| {
        let listed = tool("nm", &[], file)?;
        let all: Vec<&str> = listed.split(' ').collect();
        let mut pairs: Vec<_> = all.chunks(3).map(|row| (row[0].to_string(), row[2].to_string())).collect();
        pairs.sort();
        Some(pairs)
    };
    match symbols(&hello) {
        Some(original) => {
            assert!(original.len() > 5);
            assert_eq!(Some(original), symbols(&back));
        }
        None => skipped("nm of an address space", "there is no nm"),
    }
    let at_start = ["-q", "-batch", "-ex", "info symbol 0x08049034", "-ex", "info files"];
    match tool("gdb", &at_start, &back) {
        Some(said) => assert!(
            said.contains("_start + 1 in section .text") && said.contains("Entry point: 0x8049033"),
            "{said}"
        ),
        None => skipped("gdb on an address space", "there is no gdb"),
    }
    fails(&["convert", &packed, "-o", &back, "--to", "elf", "--of", "gpt:9"], b"", 1, "there is no GPT 9");
    fails(
        &["convert", &packed, "-o", &back, "--to", "noff", "--of", "gpt:0"],
        b"",
        2,
        "--of goes with --to elf",
    );
    fails(&["convert", &hello, "-o", &back, "--to", "elf"], b"", 1, "not a Coyotos image");
}

/// An i386 program with one page of code at one address and its entry point at another.
fn one_page(address: u32, entry: u32) -> Vec<u8> {
    let mut file = vec![0; 0x1010];
    file[..20].copy_from_slice(b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x03\0");
    let words = [1, entry, 52, 0, 0, 32 << 16 | 52, 1];
    let header = [1, 0x1000, address, address, 16, 16, 5, 0x1000];
    for (at, word) in (20..).step_by(4).zip(words).chain((52..).step_by(4).zip(header)) {
        file[at..at + 4].copy_from_slice(&u32::to_le_bytes(word));
    }
    file[0x1000..].copy_from_slice(b"0123456789abcdef");
    file
}

#[test]
fn a_program_becomes_what_a_constructor_takes() {
    let folder = folder();
    let (program, proto, out) = (path(&folder, "program"), path(&folder, "proto"), path(&folder, "out"));
    fs::write(&program, one_page(0x1000, 0x1004)).unwrap();
    fs::write(&proto, one_page(0, 8)).unwrap();
    let convert = ["convert", &program, "-o", &out, "--to", "coyotos"];
    let output = execfmt(&[&convert[..], &["--constructor", "--proto", &proto]].concat(), b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = words(&output.stderr);
    assert!(
        said.contains("the weak space GPT 0 in slot 0 of CapPage 0, its ProtoSpace Page 2 in slot 1"),
        "{said}"
    );
    fine(&["check", "--strict", &out], b"");
    let caps = words(&fine(&["coyotos", "caps", &out, "cappage:0"], b""));
    assert_eq!(caps, "cap[0] GPT 0 r-x WK l2g 16 cap[1] Page 2 r-x WK l2g 12");
    let page = fine(&["coyotos", "extract", &out, "page:2", "-o", "-"], b"");
    assert_eq!(&page[..17], b"\x04\x10\0\0\0\0\0\089abcdef\0");
    // Without the program, the message says so.
    let output = execfmt(&[&convert[..], &["--constructor"]].concat(), b"");
    assert!(text(&output.stderr).contains("holds only the PC"), "{}", text(&output.stderr));
    fails(&[&convert[..], &["--proto", &proto]].concat(), b"", 2, "--constructor");
    let no_proto = [&convert[..], &["--constructor", "--proto", &program]].concat();
    fails(&no_proto, b"", 1, "a ProtoSpace program is one page at address 0");
    fails(&[&convert[..], &["--constructor", "--proto", "/none"]].concat(), b"", 2, "/none: ");
    fs::write(&program, one_page(0x3000, 0x3004)).unwrap();
    fails(
        &[&convert[..], &["--constructor"]].concat(),
        b"",
        1,
        "the text of the small model begins at page 1",
    );
    fs::write(&program, one_page(0x10000, 0x10004)).unwrap();
    fails(&[&convert[..], &["--constructor"]].concat(), b"", 1, "the one GPT of the small model");
}

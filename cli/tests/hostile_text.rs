//! What a file, a name or an argument brings reaches no terminal raw: each kind of harmful text in each place that is
//! shown.

#![cfg(unix)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[allow(dead_code, unreachable_pub)]
#[path = "../../aout-minix/tests/support/elf.rs"]
mod elf;
mod support;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use execfmt_common::is_harmful;
use execfmt_testkit::testdata;
use support::{folder, linked};

/// What nobody wants on a terminal, without NUL and slash so that a file may be called so.
fn texts() -> Vec<Vec<u8>> {
    vec![
        b"\x1b[31mred\x1b]0;title\x07".to_vec(),
        b"a\nFORGED: ok".to_vec(),
        b"a\rFORGED".to_vec(),
        b"\xff\xfe\x80x".to_vec(),
        "\u{202e}evil\u{200f}\u{2028}FORGED".as_bytes().to_vec(),
        "\u{9b}31mred".as_bytes().to_vec(),
        // Twice this is an argument still.
        vec![b'A'; 60_000],
    ]
}

/// Runs the command, or a tool by its link, in a folder.
fn run(program: &Path, folder: &Path, arguments: &[&OsStr], input: &[u8]) -> Output {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    harmless(&output, arguments);
    output
}

/// Panics where a terminal would obey, or a line is not the command's own.
fn harmless(Output { status, stdout, stderr }: &Output, arguments: &[&OsStr]) {
    let called: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
    assert!(status.code().is_some_and(|code| code <= 2), "{called:.100?}: {status}");
    for (name, bytes) in [("stdout", stdout), ("stderr", stderr)] {
        let text =
            std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("{called:.100?}: {name} is not UTF-8"));
        // size86 and objdump86 put tabs between their columns, as the originals do.
        let columns = name == "stdout" && text.starts_with("text\tdata\tbss");
        let own = |c: char| c == '\n' || columns && c == '\t';
        let found = text.chars().find(|&c| !own(c) && is_harmful(c));
        assert_eq!(found, None, "{called:.100?}: {name}: {text:.500}");
        assert!(!text.lines().any(|line| line.starts_with("FORGED")), "{called:.100?}: {name}: {text:.500}");
    }
    // A list shows the whole of a name; a message does not.
    let longest = stderr.split(|&byte| byte == b'\n').map(<[u8]>::len).max();
    let usage = stderr.starts_with(b"error: ");
    assert!(usage || longest < Some(30_000), "{called:.100?}: a message of {longest:?} bytes");
}

fn execfmt(folder: &Path, arguments: &[&OsStr], input: &[u8]) -> Output {
    run(Path::new(env!("CARGO_BIN_EXE_execfmt")), folder, arguments, input)
}

/// The words, with the name in place of each `@` in them.
fn arguments(words: &str, name: &OsStr) -> Vec<OsString> {
    let named = |word: &str| {
        let parts: Vec<&[u8]> = word.split('@').map(str::as_bytes).collect();
        OsString::from_vec(parts.join(name.as_bytes()))
    };
    words.split(' ').map(named).collect()
}

fn borrowed(arguments: &[OsString]) -> Vec<&OsStr> {
    arguments.iter().map(OsString::as_os_str).collect()
}

#[test]
fn names_of_files() {
    let files: [(&str, Vec<u8>); 5] = [
        ("noff", testdata("noff/demo.noff")),
        ("aout", testdata("elks/far.aout")),
        ("image", testdata("coyotos/i386.img.gz")),
        ("elf", testdata("elks/far.elf")),
        ("text", b"hello\n".to_vec()),
    ];
    // Where the file's contents decide the message.
    let commands = [
        "info @",
        "info --json @",
        "check @",
        "map @",
        "symbols @",
        "relocs @",
        "chmem @",
        "load --elks --cs 0x1000 --ds 0x3000 -o @ @",
        "convert @ -o out --to noff",
        "convert @ -o out --to elks",
        "convert @ -o out --to elks --symfile @",
        "convert @ -o @ --to coyotos --debug @",
        "compress @ -o out",
        "decompress @ @",
        "coyotos ls @",
        "coyotos space @",
        "coyotos caps @ process:0",
        "coyotos extract @ page:1 -o out",
        "coyotos unpack @ -o @",
        "map --json @",
        "relocs --json @",
        "chmem --json @",
        "compress --json @ -o out",
    ];
    let whatever_the_file = [
        "check --json @",
        "chmem -h 1000 @",
        "convert @ -o @/out --to elks",
        "coyotos extract image page:1 -o @/@",
        "coyotos pack @ -o @",
        "coyotos build @ -o out",
        "coyotos mkimage -t i386 -o out -I . @",
        "coyotos mkimage -t @ -o @ -I @ @",
        "coyotos ls --json @",
        "coyotos space --json @",
        "coyotos caps --json @ @",
        "symbols --json @",
        "symbols --addr @ image",
        "chmem -h @ @",
        "decompress --json @ -o out",
        "toolchain @ --for @",
        "toolchain @ --compiler @",
        "check --for @ image",
        "--color @ info image",
        "@",
        "coyotos @",
        "info --layout @ image",
        "check --args @ image",
        "convert elf -o out --to @",
        "coyotos caps image @",
        "coyotos extract image @ -o out",
        "--@",
        "check -@",
        "check --@ image",
        "coyotos ls --@",
        "chmem -h @",
    ];
    let folder = folder();
    let tools = [
        "chmem",
        "elf2elks",
        "elks-compress",
        "coff2noff",
        "coff2noff.x86Linux",
        "coff2flat",
        "os2toelks",
        "decomp",
        "nm86",
        "size86",
        "objdump86",
        "mkimage",
    ]
    .map(|name| linked(folder.path(), name));
    for text in texts() {
        let name = OsStr::from_bytes(&text);
        for (known, contents) in &files {
            let run_in = tempfile::tempdir().unwrap();
            fs::write(run_in.path().join("image"), testdata("coyotos/i386.img.gz")).unwrap();
            fs::write(run_in.path().join("elf"), testdata("elks/far.elf")).unwrap();
            // Longer names than a file can have are only looked for.
            let made = fs::write(run_in.path().join(name), contents).is_ok();
            if !made && *known != "text" {
                continue;
            }
            let more = if *known == "text" { &whatever_the_file[..] } else { &[] };
            for words in commands.iter().chain(more) {
                let arguments = arguments(words, name);
                execfmt(run_in.path(), &borrowed(&arguments), b"");
                if made {
                    let _ = fs::write(run_in.path().join(name), contents);
                }
            }
            for tool in tools.iter().filter(|_| matches!(*known, "aout" | "elf" | "text")) {
                run(tool, run_in.path(), &[name, name], b"");
                let _ = fs::write(run_in.path().join(name), contents);
                run(tool, run_in.path(), &[name], b"");
                let options = ["-", "--"].map(|dashes| arguments(&format!("{dashes}@"), name).remove(0));
                options.iter().for_each(|option| drop(run(tool, run_in.path(), &[option], b"")));
                let _ = fs::write(run_in.path().join(name), contents);
            }
        }
    }
}

#[test]
fn paths_in_json_are_what_they_are() {
    let folder = folder();
    for (name, path) in [(&b"a\x1b\n\xe2\x80\xae"[..], "a\u{1b}\n\u{202e}"), (b"a\xffb", "a\\xffb")] {
        fs::write(folder.path().join(OsStr::from_bytes(name)), testdata("noff/demo.noff")).unwrap();
        let output = execfmt(folder.path(), &["info", "--json"].map(OsStr::new), b"");
        assert_eq!(output.status.code(), Some(2));
        let arguments = [OsStr::new("info"), OsStr::new("--json"), OsStr::from_bytes(name)];
        let line: serde_json::Value =
            serde_json::from_slice(&execfmt(folder.path(), &arguments, b"").stdout).unwrap();
        assert_eq!(line["file"], path);
    }
}

/// An ELF file with a name in the place of another one of equal length.
fn named(make: impl Fn(&'static str) -> elf::Elf, name: &[u8]) -> Vec<u8> {
    // Leaked: the tests' files have static names.
    let stands_for = "Q".repeat(name.len());
    let mut file = make(Box::leak(stands_for.clone().into_boxed_str())).file();
    let at =
        file.windows(name.len()).position(|part| part == stands_for.as_bytes()).expect("the name is there");
    file[at..at + name.len()].copy_from_slice(name);
    file
}

#[test]
fn names_of_sections_and_symbols() {
    for name in texts() {
        let section = |machine: u16| {
            named(
                |name| {
                    let mut elf = elf::tiny();
                    elf.machine = machine;
                    // Nowhere near the others, and of a kind that nothing is made of.
                    elf.sections.push(elf::Section { flags: 0, ..elf::section(name, 0, b"what") });
                    elf.sections.push(elf::Section { kind: 77, ..elf::section(name, 0x40, b"else") });
                    elf
                },
                &name,
            )
        };
        let symbol = |machine: u16| {
            named(
                |name| {
                    let mut elf = elf::tiny();
                    elf.machine = machine;
                    elf.symbols.push(elf::Symbol { name, value: 0, info: 0x12, section: 1 });
                    elf
                },
                &name,
            )
        };
        let folder = folder();
        for file in [section(3), section(8), symbol(3), symbol(8)] {
            fs::write(folder.path().join("in"), file).unwrap();
            for words in [
                "convert in -o out --to noff",
                "convert in -o out --to flat",
                "convert in -o out --to elks --tiny --symtab",
                "convert in -o out --to elks --symtab --symfile symbols",
                "symbols out",
                "convert in -o out --to coyotos --debug debug",
                "symbols out",
                "info out",
                "check --json out",
                "map out",
                "coyotos ls out",
                "coyotos unpack out -o @",
            ] {
                let parts = tempfile::tempdir_in(folder.path()).unwrap();
                let arguments = arguments(words, parts.path().join("parts").as_os_str());
                execfmt(folder.path(), &borrowed(&arguments), b"");
            }
        }
    }
}

#[test]
fn lines_of_recipes_and_members_of_manifests() {
    let folder = folder();
    let parts = folder.path().join("parts");
    let image = folder.path().join("image");
    fs::write(&image, testdata("coyotos/i386.img.gz")).unwrap();
    let words = arguments("coyotos unpack image -o parts", OsStr::new(""));
    assert_eq!(execfmt(folder.path(), &borrowed(&words), b"").status.code(), Some(0));
    let manifest = fs::read_to_string(parts.join("manifest.json")).unwrap();
    let with_nul = [texts(), vec![b"a\0b".to_vec()]].concat();
    for text in with_nul {
        for recipe in [
            text.clone(),
            [b"arch ", &text[..]].concat(),
            [b"arch i386\n", &text[..]].concat(),
            [b"arch i386\ngpt ", &text[..], b" prime"].concat(),
            [b"arch i386\ngpt g ", &text[..]].concat(),
            [b"arch i386\nfile ", &text[..]].concat(),
            [b"arch i386\nload_elf s prime ", &text[..]].concat(),
        ] {
            execfmt(folder.path(), &["coyotos", "build", "-", "-o", "out"].map(OsStr::new), &recipe);
        }
        let Ok(text) = String::from_utf8(text) else { continue };
        let quoted = serde_json::to_string(&text).unwrap();
        for (old, new) in [
            ("\"i386\"", quoted.clone()),
            ("\"page-1.bin\"", quoted.clone()),
            ("\"addrSpace\"", quoted.clone()),
            ("\"format\"", quoted.clone()),
            ("\"banks\"", quoted.clone()),
            ("\"GPT\"", quoted.clone()),
        ] {
            assert!(manifest.contains(old), "{old}");
            fs::write(parts.join("manifest.json"), manifest.replacen(old, &new, 1)).unwrap();
            execfmt(folder.path(), &["coyotos", "pack", "parts", "-o", "out"].map(OsStr::new), b"");
        }
    }
}

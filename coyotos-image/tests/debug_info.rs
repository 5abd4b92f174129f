//! A real program: its symbols in the image, its side file in gdb.

#![cfg(feature = "side-file")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod support {
    pub(crate) mod sections;
}

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use coyotos_image::elf::side_file;
use coyotos_image::{Arch, Builder, Image, ObjectId, Options, Rules, SymbolKind, check};
use execfmt_elf::{Contents, NewElf, NewSection};
use support::sections::sections;

const SOURCE: &str = "static int table[4] = { 1, 2, 3, 4 };
int total;
int sum(int n)
{
    int s = 0;
    for (int i = 0; i < n; i++)
        s += table[i & 3];
    return s;
}
void _start(void)
{
    total = sum(4);
    for (;;) { }
}
";

/// The line of `sum` that adds, and that of `_start` which calls it.
const LINES: [(&str, u32); 2] = [("sum", 4), ("_start", 11)];

/// Whether a program succeeds, and what it prints; `None` where there is no such program.
fn attempt(dir: &Path, program: &str, args: &[&str]) -> Option<(bool, String)> {
    let mut command = Command::new("timeout");
    let output =
        command.args(["60", program]).args(args).current_dir(dir).stdin(Stdio::null()).output().ok()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    // What `timeout` returns for a program that it does not find.
    let is_missing = output.status.code() == Some(127);
    (!is_missing).then(|| (output.status.success(), text(&output.stdout) + &text(&output.stderr)))
}

/// What a program prints, which must succeed; `None` where there is no such program.
fn run(dir: &Path, program: &str, args: &[&str]) -> Option<String> {
    let (succeeded, told) = attempt(dir, program, args)?;
    assert!(succeeded, "{program} {args:?}: {told}");
    Some(told)
}

/// `None`, with a report, where a tool is missing.
fn compile(dir: &Path, compiler: &str, args: &[&str]) -> Option<Vec<u8>> {
    fs::write(dir.join("prog.c"), SOURCE).unwrap();
    let common = ["-g", "-O0", "-static", "-nostdlib", "-ffreestanding", "-fno-pic", "-no-pie"];
    let args: Vec<&str> = common.iter().chain(args).copied().chain(["-o", "prog.elf", "prog.c"]).collect();
    if let failed @ (None | Some((false, _))) = attempt(dir, compiler, &args) {
        eprintln!("{}", failed.map_or_else(String::new, |(_, told)| told));
        execfmt_testkit::skipped("a compiled program", &format!("{compiler} does not compile here"));
        return None;
    }
    Some(fs::read(dir.join("prog.elf")).unwrap())
}

fn check_program(name: &str, arch: Arch, compiler: &str, args: &[&str]) {
    let dir = std::env::temp_dir().join(format!("coyotos-debug-{name}-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    let Some(elf) = compile(&dir, compiler, args) else { return };
    let mut builder = Builder::new(arch);
    let bank = builder.prime_bank();
    let program = builder.load_elf(bank, &elf).unwrap();
    let side = builder.keep_debug(&elf, program.space).unwrap();
    let process = builder.runnable_process(bank, program.space, program.entry).unwrap();
    assert_eq!(builder.process(process).unwrap().fault_info, program.entry);
    let bytes = builder.to_vec().unwrap();
    let image = Image::parse(&bytes, Options::default()).unwrap();
    assert_eq!(check(&image, Rules::Full).next(), None, "{name}: the image is sound");
    assert!(image.header().n_symbol > 0);

    // The symbols of the image, against those that nm reads from the program.
    let symbols = image.symbols();
    let listed = run(&dir, "nm", &["-f", "posix", "prog.elf"]).unwrap_or_default();
    let mut seen = 0;
    for line in listed.lines() {
        let mut words = line.split(' ');
        let (Some(symbol), Some(_), Some(value)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        if let Some(found) = symbols.named(symbol.as_bytes()) {
            assert_eq!(found.value, u64::from_str_radix(value, 16).unwrap(), "{name}: {symbol}");
            seen += 1;
        }
    }
    assert!(listed.is_empty() || seen >= 4, "{name}: {listed}");
    let entry = image.symbol_at(program.entry).unwrap();
    assert_eq!((entry.name, entry.kind), (Some(&b"_start"[..]), SymbolKind::Function));
    let sum = symbols.named(b"sum").unwrap();
    let root = ObjectId::of(program.space).unwrap();
    for address in [sum.value, sum.value + 1, sum.value + u64::from(sum.size) - 1] {
        assert_eq!(symbols.at_in(root, address).unwrap().name, Some(&b"sum"[..]), "{name}: {address:#x}");
    }
    assert_eq!(symbols.at_in(root, 1), None);

    // The build id: the image's, the side file's and the linker's are one.
    let id = symbols.build_id(root).unwrap();
    assert_eq!(id, side.build_id_hex().to_string().as_bytes());
    fs::write(dir.join("prog.debug"), &side.bytes).unwrap();
    if let Some(notes) = run(&dir, "readelf", &["-nSW", "prog.debug"]) {
        assert!(notes.contains(std::str::from_utf8(id).unwrap()), "{name}: {notes}");
        for section in [".symtab", ".strtab", ".debug_info", ".debug_line"] {
            assert!(notes.contains(section), "{name}: {notes}");
        }
        assert!(!notes.contains(".text"), "{name}: {notes}");
    }

    // The program itself must not help gdb.
    fs::remove_file(dir.join("prog.elf")).unwrap();
    for ((function, line), address) in LINES.into_iter().zip([sum.value, program.entry]) {
        let command = format!("info line *{address:#x}");
        let mut args = vec!["-batch", "-nx", "-ex", "set debuginfod enabled off"];
        args.extend(["-ex", "symbol-file prog.debug", "-ex", &command]);
        let Some(told) = run(&dir, "gdb", &args) else {
            execfmt_testkit::skipped(name, "no gdb here");
            break;
        };
        println!("{name}: {told}");
        assert!(told.contains(&format!("Line {line} of \"prog.c\"")), "{name}: {told}");
        assert!(told.contains(&format!("<{function}>")), "{name}: {told}");
    }
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn gdb_resolves_an_i386_address_through_the_side_file() {
    let args = ["-m32", "-Wl,--build-id", "-fno-asynchronous-unwind-tables"];
    check_program("i386", Arch::I386, "gcc", &args);
}

#[test]
fn gdb_resolves_an_m68k_address_through_the_side_file() {
    // Without a build id from the linker: the side file gets its own.
    let args = ["-Wl,--no-dynamic-linker", "-Wl,-z,max-page-size=8192", "-Wl,--build-id=none"];
    check_program("m68k", Arch::COLDFIRE, "m68k-linux-gnu-gcc", &args);
}

/// Sections that want to lie at multiples of 4096 once made the side file many times as long as the program.
#[test]
fn alignments_do_not_blow_up_a_side_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/coyotos/hello.elf");
    let Ok(mut program) = fs::read(path) else {
        execfmt_testkit::skipped(
            "alignments of a side file",
            "the crate was packaged without the project's testdata",
        );
        return;
    };
    let plain = side_file(&program).unwrap();
    // The section headers, 19 of 40 bytes; sh_addralign is at 32.
    for header in program[0x261c..].chunks_exact_mut(40) {
        header[32..36].copy_from_slice(&0x1000_u32.to_le_bytes());
    }
    let aligned = side_file(&program).unwrap();
    let gaps = aligned.bytes.len() - plain.bytes.len();
    assert!(gaps < 19 * 16, "{gaps} bytes of gaps");
    assert_eq!(aligned.build_id, plain.build_id);
}

fn elf_of(sections: &[NewSection<'_>]) -> Vec<u8> {
    NewElf { machine: 3, sections, ..NewElf::default() }.write().unwrap()
}

fn section<'a>(name: &'a [u8], flags: u32, bytes: &'a [u8]) -> NewSection<'a> {
    NewSection { name, flags, contents: Contents::Bytes(bytes) }
}

/// How a debugger reads a section is kept (merged 10h, strings 20h, compressed 800h), not that it was memory (1, 2, 4).
#[test]
fn debug_sections_keep_the_flags_that_say_how_they_are_read() {
    for (flags, kept) in [(0x10, 0x10), (0x20, 0x20), (0x800, 0x800), (0x837, 0x830), (7, 0)] {
        let side =
            side_file(&elf_of(&[section(b".text", 6, b"code"), section(b".debug_str", flags, b"a\0")]));
        let found: Vec<_> = sections(&side.unwrap().bytes)
            .into_iter()
            .filter(|it| it.0.starts_with(".debug") || it.0 == ".text")
            .map(|it| (it.0, it.2))
            .collect();
        assert_eq!(found, [(".debug_str".to_string(), kept)], "{flags:#x}");
    }
}

/// Compressed sections are read in units of their alignment, and equal strings are merged by the size of their characters.
#[test]
fn debug_sections_keep_their_alignment_and_entry_size() {
    let mut elf = elf_of(&[section(b".debug_str", 0x30, b"text")]);
    // sh_addralign and sh_entsize are at 32 and 36 of 40.
    let place = |elf: &[u8]| {
        let headers = u32::from_le_bytes(elf[32..36].try_into().unwrap()) as usize;
        headers + 40 * sections(elf).iter().position(|it| it.0 == ".debug_str").unwrap() + 32
    };
    let at = place(&elf);
    elf[at..at + 8].copy_from_slice(&[8, 0, 0, 0, 2, 0, 0, 0]);
    let side = side_file(&elf).unwrap().bytes;
    assert_eq!(side[place(&side)..][..8], [8, 0, 0, 0, 2, 0, 0, 0]);
}

/// A note has the sizes of its name and of the ID, its type (3 for a build ID), `GNU`, and the ID; what is not one is not believed.
#[test]
fn only_a_build_id_note_is_a_build_id() {
    const NOTE: u32 = 7;
    let build_id = |words: [u32; 3], name: &[u8; 4], id: &[u8], kind: u32| {
        let note: Vec<u8> =
            words.iter().flat_map(|word| word.to_le_bytes()).chain(*name).chain(id.to_vec()).collect();
        let mut elf =
            elf_of(&[section(b".note.gnu.build-id", 2, &note), section(b".debug_info", 0, b"about")]);
        let headers = u32::from_le_bytes(elf[32..36].try_into().unwrap()) as usize;
        let index = sections(&elf).iter().position(|it| it.0 == ".note.gnu.build-id").unwrap();
        elf[headers + index * 40 + 4..][..4].copy_from_slice(&kind.to_le_bytes());
        side_file(&elf).unwrap().build_id
    };
    let id = [0xc0, 0xff, 0xee];
    assert_eq!(build_id([4, 3, 3], b"GNU\0", &id, NOTE), id);
    assert_eq!(build_id([4, 2, 3], b"GNU\0", &id, NOTE), id[..2]);
    let other = side_file(&elf_of(&[section(b".debug_info", 0, b"about")])).unwrap().build_id;
    assert!(other.len() >= 8 && !other.starts_with(&id));
    for (words, name, id, kind) in [
        ([4, 3, 1], b"GNU\0", &id[..], NOTE),
        ([5, 3, 3], b"GNU\0", &id, NOTE),
        ([4, 3, 3], b"GNX\0", &id, NOTE),
        ([4, 4, 3], b"GNU\0", &id, NOTE),
        ([4, 0, 3], b"GNU\0", &id, NOTE),
        ([4, 3, 3], b"GNU\0", &[], NOTE),
        ([4, 3, 3], b"GNU\0", &id, 1),
    ] {
        assert_eq!(build_id(words, name, id, kind), other, "{words:?} {name:?} {id:?} {kind}");
    }
}

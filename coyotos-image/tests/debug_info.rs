//! A real program: its symbols in the image, its side file in gdb.

#![cfg(feature = "side-file")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use coyotos_image::elf::side_file;
use coyotos_image::{Arch, Builder, Image, ObjectId, Options, Rules, SymbolKind, check};

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

fn run(dir: &Path, program: &str, args: &[&str]) -> Option<String> {
    let mut command = Command::new("timeout");
    let output =
        command.args(["60", program]).args(args).current_dir(dir).stdin(Stdio::null()).output().ok()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let told = text(&output.stdout) + &text(&output.stderr);
    if !output.status.success() {
        eprintln!("{program} {args:?}: {told}");
        return None;
    }
    Some(told)
}

/// `None`, with a report, where a tool is missing.
fn compile(dir: &Path, compiler: &str, args: &[&str]) -> Option<Vec<u8>> {
    fs::write(dir.join("prog.c"), SOURCE).unwrap();
    let common = ["-g", "-O0", "-static", "-nostdlib", "-ffreestanding", "-fno-pic", "-no-pie"];
    let args: Vec<&str> = common.iter().chain(args).copied().chain(["-o", "prog.elf", "prog.c"]).collect();
    if run(dir, compiler, &args).is_none() {
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

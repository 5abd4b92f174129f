//! Law: what the linker makes equals, section by section and symbol by symbol, what GNU ld makes of the same objects by the
//! same plain script. Without today's gcc for MIPS the checks are skipped, which is printed.

// Helpers outside of test functions may panic too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use nachos_cross::compiler::{Brand, Compiler};
use nachos_cross::link::script::Script;
use nachos_cross::link::{Input, LinkError, LinkOptions, Linked, link};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _};

/// Both linkers take today's names; what neither is to keep is discarded.
const SCRIPT: &str = "ENTRY(__start)
SECTIONS {
  . = 0x80;
  .text : { _ftext = .; *(.text .text.*) etext = .; }
  .rdata ALIGN(0x400) : { *(.rodata .rodata.*) }
  _fdata = .;
  .data ALIGN(0x400) : { *(.data) . = . + 12; LONG(0x12345678) after = .; }
  .bss : { *(.bss) *(COMMON) }
  end = ALIGN(16);
  half = (SIZEOF(.text) + ADDR(.data)) / 2;
  /DISCARD/ : { *(.reginfo) *(.MIPS.abiflags) *(.pdr) *(.gnu.attributes) *(.comment) *(.note*) *(.mdebug*) }
}";

const START: &str = "	.text
	.globl __start
	.ent __start
__start:
	jal main
	nop
	bne $2, $0, far_away
	lui $4, %hi(table + 0x12344)
	addiu $4, $4, %lo(table + 0x12344)
	lw $5, %lo(table - 4)($4)
	j local
	nop
local:
	jr $31
	nop
	.end __start
";

const MAIN: &str = "
extern int table[], other(int), count; extern const char *names[];
static int local_data = 5, *pointer = &table[3]; static int zeroed[9]; int common_one[7];
char small; double wide; short two_bytes, shared[2]; struct { long long a[5]; } first, second; int z, y, x, w, v;
static int helper(int a) { return a * local_data + zeroed[a]; }
int main(void) { int i, sum = 0; for (i = 0; i < 5; i++) sum += helper(i) + table[i] + *names[i] + common_one[i];
  switch (sum & 7) { case 0: return other(1); case 1: return other(2); case 2: return 7; case 3: return *pointer;
  case 4: return count; case 5: return 99; } return other(sum); }
";

const OTHER: &str = "
int table[5] = { 1, 2, 3, 4, 5 }, count = 1; const char *names[] = { \"a\", \"bb\", \"ccc\", \"dddd\", \"eeeee\" };
short shared[9]; char more, letters[3]; long long last; int (*functions[2])(int) = { 0 }; int other(int x) { functions[0] = other; return x < 3 ? x : functions[0](x - 1) + table[x % 5]; }
void far_away(void) { count++; }
";

const UNUSED: &str = "int unused(void) { return 1; } int never = 3;";

type Sections = BTreeMap<String, (u64, u64, Vec<u8>)>;

fn compiler() -> Option<Compiler> {
    let found = Compiler::find(Some("gcc")).ok();
    if found.is_none() {
        execfmt_testkit::skipped("the linker of courses on compiled programs", "there is no gcc for MIPS");
    }
    found
}

fn compile(
    compiler: &Compiler,
    folder: &Path,
    name: &str,
    text: &str,
    big: bool,
    options: &[&str],
) -> Vec<u8> {
    assert_eq!(compiler.brand, Brand::Gcc);
    let source = folder.join(name);
    fs::write(&source, text).unwrap();
    let object = source.with_extension("o");
    let mut command = Command::new(&compiler.path);
    command.args(compiler.base(big, false)).args(compiler.language()).args(options);
    let done = command.arg("-c").arg(&source).arg("-o").arg(&object).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    fs::read(object).unwrap()
}

fn our_link(inputs: &[(&str, &[u8])]) -> Result<Linked, LinkError> {
    let inputs: Vec<_> =
        inputs.iter().map(|(name, bytes)| Input { name: (*name).into(), bytes, runtime: false }).collect();
    link(&inputs, &Script::parse(SCRIPT)?, &LinkOptions::default())
}

#[test]
fn equals_gnu_ld() {
    let Some(compiler) = compiler() else { return };
    for big in [false, true] {
        for optimisation in ["-O0", "-O2"] {
            let folder = tempfile::tempdir().unwrap();
            let at = |name: &str| folder.path().join(name);
            let options = [optimisation, "-fcommon"];
            let start = compile(&compiler, folder.path(), "start.s", START, big, &options);
            let main = compile(&compiler, folder.path(), "main.c", MAIN, big, &options);
            compile(&compiler, folder.path(), "other.c", OTHER, big, &options);
            compile(&compiler, folder.path(), "unused.c", UNUSED, big, &options);
            let ar = compiler.beside("ar").unwrap();
            let packed = Command::new(ar)
                .current_dir(folder.path())
                .args(["rc", "lib.a", "unused.o", "other.o"])
                .status();
            assert!(packed.unwrap().success());
            fs::write(at("script"), SCRIPT).unwrap();
            let order = if big { "elf32btsmip" } else { "elf32ltsmip" };
            let linked = Command::new(compiler.beside("ld").unwrap())
                .current_dir(folder.path())
                .args([
                    "-m", order, "-N", "-G0", "-T", "script", "-o", "theirs", "start.o", "main.o", "lib.a",
                ])
                .output()
                .unwrap();
            assert!(linked.status.success(), "{}", String::from_utf8_lossy(&linked.stderr));
            let theirs = fs::read(at("theirs")).unwrap();
            let archive = fs::read(at("lib.a")).unwrap();
            let ours = our_link(&[("start.o", &start), ("main.o", &main), ("lib.a", &archive)]).unwrap();
            compare(&ours, &theirs);
            // And so is the ELF that is written of it.
            compare(&ours, &ours.to_elf().unwrap());
        }
    }
}

fn compare(ours: &Linked, theirs: &[u8]) {
    let file = object::read::elf::ElfFile32::<object::Endianness>::parse(theirs).unwrap();
    let mut expected = Sections::new();
    for section in file.sections().filter(|section| section.size() != 0 && section.address() != 0) {
        let bytes = section.data().unwrap().to_vec();
        expected.insert(section.name().unwrap().into(), (section.address(), section.size(), bytes));
    }
    let filled = ours.sections.iter().filter(|section| section.size != 0);
    let found: Sections = filled
        .map(|section| (section.name.clone(), (section.address, section.size, section.bytes.clone())))
        .collect();
    for (name, (address, size, bytes)) in &expected {
        let ours = found.get(name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!((ours.0, ours.1), (*address, *size), "{name}");
        let differs = bytes.iter().zip(&ours.2).position(|(one, other)| one != other);
        let around = |bytes: &[u8]| {
            differs.and_then(|at| bytes.get(at & !15..).map(|rest| rest[..rest.len().min(32)].to_vec()))
        };
        assert_eq!(
            around(&ours.2),
            around(bytes),
            "{name}: around the first byte that differs, at {differs:?}"
        );
    }
    assert_eq!(found.len(), expected.len());
    let mut expected = BTreeMap::new();
    for symbol in file.symbols().filter(|symbol| symbol.is_global() && !symbol.is_undefined()) {
        expected.insert(symbol.name().unwrap().to_owned(), symbol.address());
    }
    let globals = ours.symbols.iter().filter(|symbol| symbol.global);
    let found: BTreeMap<_, _> = globals.map(|symbol| (symbol.name.clone(), symbol.value)).collect();
    // GNU ld adds one for position-independent code.
    expected.remove("_gp_disp");
    assert_eq!(found, expected);
    assert_eq!(ours.entry, file.entry());
}

/// `-warn-common` names what it found under each name, as GNU ld does; without it there is silence.
#[test]
fn common_symbols_that_meet() {
    let Some(compiler) = compiler() else { return };
    let folder = tempfile::tempdir().unwrap();
    let object = |name: &str, text: &str| compile(&compiler, folder.path(), name, text, false, &["-fcommon"]);
    let one = object("one.c", "int shared, alone; void __start(void) { }");
    let two = object("two.c", "int shared; extern int alone;");
    let three = object("three.c", "int shared = 3;");
    let inputs = [("one.o", &one), ("two.o", &two), ("three.o", &three)].map(|(name, bytes)| Input {
        name: name.into(),
        bytes,
        runtime: false,
    });
    let script = Script::parse(SCRIPT).unwrap();
    for warn_common in [false, true] {
        let options = LinkOptions { warn_common, ..LinkOptions::default() };
        let notes = link(&inputs, &script, &options).unwrap().notes;
        let found: Vec<_> = notes.iter().filter(|note| note.contains("common")).map(String::as_str).collect();
        let expected = [
            "warning: common symbol `shared` is in one.o and in two.o",
            "warning: common symbol `shared` is in one.o and in three.o",
        ];
        assert_eq!(found, if warn_common { &expected[..] } else { &[] });
    }
}

#[test]
fn errors_name_the_object_and_the_function() {
    let Some(compiler) = compiler() else { return };
    let folder = tempfile::tempdir().unwrap();
    let object = |name: &str, text: &str, options: &[&str]| {
        compile(&compiler, folder.path(), name, text, false, options)
    };
    let asks = object("asks.c", "int nothing(void); int asker(void) { return nothing(); }", &[]);
    let one = object("one.c", "int twice(void) { return 1; }", &[]);
    let other = object("other.c", "int twice(void) { return 2; }", &[]);
    let pic = object("pic.c", "extern int far; int reader(void) { return far; }", &["-mabicalls", "-fPIC"]);
    let big = compile(&compiler, folder.path(), "big.c", "int x;", true, &[]);
    let mut host = asks.clone();
    host[18] = 62;
    for (inputs, expected) in [
        (&[("asks.o", &asks)][..], "asks.o: in asker: undefined reference to `nothing`"),
        (
            &[("one.o", &one), ("two.o", &other)],
            "two.o: multiple definition of `twice`; first defined in one.o",
        ),
        (&[("pic.o", &pic)], "compile with -mno-abicalls"),
        (&[("one.o", &one), ("big.o", &big)], "big.o: its byte order differs"),
        (&[("host.o", &host)], "host.o: an object for another machine (ELF machine 62"),
        (
            &[("old.o", &vec![0x62, 0x01, 3, 0])],
            "old.o: an object of the old compiler (ECOFF); make clean first",
        ),
        (&[("text", &b"hello".to_vec())], "text: neither an object nor an archive"),
        (&[], "no input files"),
    ] {
        let inputs: Vec<_> = inputs.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
        let message = our_link(&inputs).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}, not {expected}");
    }
}

/// Any damage ends in an error or in a program.
#[test]
fn damaged_objects_do_not_panic() {
    let Some(compiler) = compiler() else { return };
    let folder = tempfile::tempdir().unwrap();
    let object = compile(&compiler, folder.path(), "other.c", OTHER, false, &["-O2"]);
    let seed = 17;
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..2000 {
        let mut damaged = object.clone();
        for _ in 0..random.usize(1..8) {
            let at = random.usize(..damaged.len());
            damaged[at] = random.u8(..);
        }
        damaged.truncate(random.usize(1..=damaged.len() * 4).min(damaged.len()));
        if let Ok(linked) = our_link(&[("x.o", &damaged)]) {
            let _ = linked.to_coff();
            let _ = linked.to_elf();
        }
    }
}

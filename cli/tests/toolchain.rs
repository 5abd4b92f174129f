//! Trees in the shape of courses, with their own Makefiles, built by the folder that `execfmt toolchain` makes: in parallel,
//! and once more. By gcc and by clang where they are; what is skipped is printed.

// Helpers outside of test functions may panic too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use execfmt_testkit::skipped;

const EXECFMT: &str = env!("CARGO_BIN_EXE_execfmt");

/// A tree: family, folder of testdata, arguments of make (`{dir}` is the toolchain), programs, format.
const TREES: [(&str, &str, &[&str], &[&str]); 6] = [
    ("nachos5j", "nachos5j", &["ARCHDIR={dir}"], &["halt.coff", "old.coff"]),
    (
        "nachos3",
        "nachos34",
        &[
            "GCCDIR={dir}/decstation-ultrix/bin/",
            "CPP={dir}/lib/gcc-lib/decstation-ultrix/2.95.2/cpp",
            "COFF2NOFF={dir}/coff2noff",
        ],
        &["halt"],
    ),
    (
        "nachos4-rdata",
        "nachos40",
        &["GCCDIR={dir}/decstation-ultrix/bin/", "COFF2NOFF={dir}/coff2noff.x86Linux"],
        &["halt.noff"],
    ),
    ("bordeaux", "bordeaux", &["GCCDIR={dir}/mipsel/bin", "GCC=gcc", "COFF2NOFF={dir}/coff2noff"], &["halt"]),
    ("rennes", "rennes", &["GCCDIR={dir}/mipsel/bin/"], &["halt"]),
    ("nachos3", "prefix", &["GCCDIR={dir}/bin", "COFF2NOFF={dir}/coff2noff"], &["halt"]),
];

fn make(folder: &Path, arguments: &[String]) -> String {
    let mut command = Command::new("make");
    command.env_remove("MAKEFLAGS").env_remove("EXECFMT_KERNEL").env("LC_ALL", "C");
    let done = command.current_dir(folder).args(arguments).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{}: {said}", folder.display());
    said
}

fn copy_tree(name: &str, to: &Path) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/nachos-courses").join(name);
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
    to.to_owned()
}

/// A big-endian ELF program for MIPS that starts at 0x4000, in a segment at that address, and multiplies doubles by the
/// machine's own unit (`mul.d` and `div.d`, whose words end with the register and the function).
fn check_rennes(bytes: &[u8]) {
    let half = |at: usize| u32::from(u16::from_be_bytes(bytes[at..at + 2].try_into().unwrap()));
    let word = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    assert_eq!(bytes[..7], *b"\x7fELF\x01\x02\x01");
    assert_eq!([half(16), half(18), word(24)], [2, 8, 0x4000], "type, machine, entry");
    let [segments, size, count] = [word(28), half(42), half(44)];
    let segment =
        (0..count).map(|index| (segments + index * size) as usize).find(|&at| word(at + 8) == 0x4000);
    let segment = segment.expect("a segment at 0x4000");
    let [offset, length] = [word(segment + 4), word(segment + 16)].map(|value| value as usize);
    let code: Vec<u32> = (offset..offset + length / 4 * 4).step_by(4).map(word).collect();
    for (name, function) in [("mul.d", 2), ("div.d", 3)] {
        assert!(code.iter().any(|word| word & 0xffe0_003f == 0x4620_0000 | function), "{name}");
    }
    for mnemonic in [0x22, 0x26, 0x2a, 0x2e] {
        assert!(!code.iter().any(|word| word >> 26 == mnemonic), "a part of a word: {mnemonic:#x}");
    }
}

#[test]
fn trees_build_by_their_own_makefiles() {
    if Command::new("make").arg("--version").output().is_err() {
        skipped("trees by their own Makefiles", "there is no make");
        return;
    }
    for compiler in ["gcc", "clang"] {
        for (family, tree, arguments, programs) in TREES {
            let scratch = tempfile::tempdir().unwrap();
            let dir = scratch.path().join("cross");
            let program = scratch.path().join(format!("execfmt{}", std::env::consts::EXE_SUFFIX));
            fs::hard_link(EXECFMT, &program).or_else(|_| fs::copy(EXECFMT, &program).map(drop)).unwrap();
            let made = Command::new(&program)
                .args(["toolchain", "--for", family, "--compiler", compiler])
                .arg(&dir)
                .output()
                .unwrap();
            let error = String::from_utf8_lossy(&made.stderr);
            if error.contains("was found") {
                skipped(&format!("{tree} by {compiler}"), error.lines().next().unwrap_or_default());
                continue;
            }
            assert!(made.status.success() && error.is_empty(), "{tree} by {compiler}: {error}");
            // Moved, it works all the same, and after the program that made it is gone.
            fs::remove_file(&program).unwrap();
            let moved = scratch.path().join("moved");
            fs::rename(&dir, &moved).unwrap();
            let folder = copy_tree(tree, &scratch.path().join("tree"));
            let set = arguments.iter().map(|word| word.replace("{dir}", &moved.display().to_string()));
            let mut words: Vec<String> = set.collect();
            words.push("-j2".into());
            let said = make(&folder, &words);
            for trouble in ["will not run", "may not run", "error:"] {
                assert!(!said.contains(trouble), "{tree} by {compiler}: {said}");
            }
            words.pop();
            let again = make(&folder, &words);
            assert!(again.contains("Nothing to be done"), "{tree} by {compiler}: {again}");
            for program in programs {
                if family == "rennes" {
                    check_rennes(&fs::read(folder.join(program)).unwrap());
                    continue;
                }
                let mut check = Command::new(EXECFMT);
                let checked =
                    check.args(["check", "--for", family]).arg(folder.join(program)).output().unwrap();
                let said = String::from_utf8_lossy(&checked.stderr);
                assert!(checked.status.success(), "{tree} by {compiler}: {program}: {said}");
            }
        }
    }
}

#[test]
fn without_a_folder_it_says_what_there_is() {
    let checked = Command::new(EXECFMT).args(["toolchain", "--check"]).output().unwrap();
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(said.contains("gcc: ") && said.contains("clang: "), "{said}");
    assert_eq!(checked.status.success(), !said.contains("install one"), "{said}");
}

/// gcc 14 refuses what gcc 12 warns of, unless an option says otherwise: a compiler that is as strict, by a script around the one
/// that is here.
#[cfg(unix)]
#[test]
fn c_of_1990_by_gcc_14() {
    use std::os::unix::fs::PermissionsExt as _;
    const STRICT: [&str; 6] = [
        "implicit-int",
        "implicit-function-declaration",
        "int-conversion",
        "incompatible-pointer-types",
        "return-mismatch",
        "declaration-missing-parameter-type",
    ];
    let scratch = tempfile::tempdir().unwrap();
    let found = Command::new("mipsel-linux-gnu-gcc").arg("-print-file-name=include").output();
    let Ok(found) = found else {
        skipped("C of 1990 by gcc 14", "there is no mipsel-linux-gnu-gcc to stand behind the script");
        return;
    };
    let include = String::from_utf8_lossy(&found.stdout).trim().to_owned();
    let script = scratch.path().join("mipsel-strict-gcc");
    // Errors as gcc 14 has them, in place of warnings, where they were not turned off; what only gcc 14 knows is left out.
    let text = format!(
        "#!/bin/sh\ncase \"$1\" in\n-dumpversion) echo 14; exit;;\n-print-file-name=include) echo '{include}'; exit;;\nesac\n\
         assembling=no strict=''\nfor word; do case \"$word\" in *.s) assembling=yes;; esac; done\n\
         for name in {}; do case \" $* \" in *\" -Wno-error=$name \"*) ;; *) strict=\"$strict $name\";; esac; done\n\
         if [ -n \"$strict\" ] && [ $assembling = no ]; then echo \"error: [$strict]\" >&2; exit 1; fi\n\
         for word; do shift; case \"$word\" in -Wno-error=return-mismatch|-Wno-error=declaration-missing-parameter-type) ;; *) set -- \"$@\" \"$word\";; esac; done\n\
         exec mipsel-linux-gnu-gcc \"$@\"\n",
        STRICT.join(" ")
    );
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let dir = scratch.path().join("cross");
    let mut toolchain = Command::new(EXECFMT);
    toolchain.args(["toolchain", "--for", "nachos5j", "--compiler"]).arg(&script).arg(&dir);
    let made = toolchain.output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let source = scratch.path().join("old.c");
    fs::write(&source, "one; main(a) char **a; { int *p = 5; p = a; if (p) return; undeclared(p); }\n")
        .unwrap();
    let compiled = Command::new(dir.join("mips-gcc"))
        .args(["-c", "-o"])
        .arg(scratch.path().join("old.o"))
        .arg(&source)
        .output();
    let compiled = compiled.unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    // The script is as strict as it says.
    let plain = Command::new(&script).arg("-c").arg(&source).output().unwrap();
    assert!(!plain.status.success());
}

/// Where the compiler of a folder was removed, its tools use the one that there is, for the same kernel.
#[test]
fn another_compiler_takes_the_place_of_one_that_is_gone() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = scratch.path().join("cross");
    let make = |compiler: &[&str]| {
        let mut command = Command::new(EXECFMT);
        command.args(["toolchain", "--for", "nachos5j"]).args(compiler).arg(&dir).output().unwrap()
    };
    let made = make(&[]);
    if !made.status.success() {
        let why = String::from_utf8_lossy(&made.stderr);
        skipped("a toolchain made again", why.lines().next().unwrap_or_default());
        return;
    }
    let profile = dir.join("execfmt-toolchain.txt");
    let text = fs::read_to_string(&profile).unwrap();
    let gone = text.lines().map(|line| match line.split_once(" = ") {
        Some(("compiler", _)) => "compiler = /nowhere/mips-gcc".to_owned(),
        Some(("brand", _)) => "brand = gcc".to_owned(),
        _ => line.to_owned(),
    });
    fs::write(&profile, gone.collect::<Vec<_>>().join("\n")).unwrap();
    let source = scratch.path().join("x.c");
    fs::write(&source, "before(p) unsigned char *p; { return p[-1]; }").unwrap();
    let object = scratch.path().join("x.o");
    let mut compile = Command::new(dir.join("mips-gcc"));
    let compiled = compile.args(["-O2", "-c"]).arg(&source).arg("-o").arg(&object).output().unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    // Made again, it has the compiler that there is.
    assert!(make(&[]).status.success());
    assert_eq!(fs::read_to_string(&profile).unwrap(), text);
}

/// A folder of tools for a family; `None`, which is printed, where the compiler is not here.
fn tools(scratch: &Path, family: &str, compiler: &str) -> Option<PathBuf> {
    let dir = scratch.join(format!("cross-{family}-{compiler}"));
    let mut command = Command::new(EXECFMT);
    let made =
        command.args(["toolchain", "--for", family, "--compiler", compiler]).arg(&dir).output().unwrap();
    let error = String::from_utf8_lossy(&made.stderr);
    if error.contains("was found") {
        skipped(&format!("{family} by {compiler}"), error.lines().next().unwrap_or_default());
        return None;
    }
    assert!(made.status.success(), "{error}");
    Some(dir)
}

/// What a tool of the folder says; it has to succeed.
fn said_by(folder: &Path, tool: PathBuf, line: &str) -> String {
    let done = Command::new(tool).current_dir(folder).args(line.split_whitespace()).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{line}: {said}");
    said
}

#[test]
fn parts_of_words_by_hand_are_reported_in_one_line() {
    let scratch = tempfile::tempdir().unwrap();
    let here = scratch.path();
    let hand =
        "\t.globl __start\n\t.set noreorder\n__start:\n\tlwl $2, 6($4)\n\tlwr $2, 3($4)\n\tjr $31\n\tnop\n";
    fs::write(here.join("hand.s"), hand).unwrap();
    let script = "SECTIONS { .text 0 : { *(.text) } .data BLOCK(0x400) : { *(.data) } .bss BLOCK(0x400) : { *(.bss) } }";
    fs::write(here.join("script"), script).unwrap();
    fs::write(here.join("clean.s"), hand.replace("lwl", "lw").replace("lwr", "lw")).unwrap();
    for compiler in ["gcc", "clang"] {
        for family in ["nachos5j", "nachos3", "rosario", "rennes"] {
            let Some(dir) = tools(here, family, compiler) else { continue };
            for (name, lines) in [("hand", 1), ("clean", 0)] {
                said_by(here, dir.join("mips-as"), &format!("-o {name}.o {name}.s"));
                let said =
                    said_by(here, dir.join("mips-ld"), &format!("-T script -e __start -o {name} {name}.o"));
                assert_eq!(said.lines().count(), lines, "{family} by {compiler}: {said}");
                if lines == 0 {
                    continue;
                }
                assert!(
                    said.contains("hand: may not run: code at 0x0 at byte "),
                    "{family} by {compiler}: {said}"
                );
                assert!(said.contains("`lwl` accesses an unaligned word"), "{family} by {compiler}: {said}");
                let place = said.split_once(" at byte ").unwrap().1.split(':').next().unwrap();
                let place: usize = place.parse().unwrap();
                // lwl is 34 in the upper six bits.
                let program = fs::read(here.join("hand")).unwrap();
                let top = if family == "rennes" { program[place] } else { program[place + 3] };
                assert_eq!(top >> 2, 34, "{family} by {compiler}: {said}");
            }
        }
    }
}

/// Letters and options of the 1990s that today's tools take otherwise.
#[test]
fn tools_for_files_take_the_old_options() {
    let scratch = tempfile::tempdir().unwrap();
    let here = scratch.path();
    fs::write(here.join("one.c"), "one() { return 1; }\n").unwrap();
    fs::write(here.join("start.s"), "\t.globl __start\n__start:\n\tjal one\n").unwrap();
    for compiler in ["gcc", "clang"] {
        let Some(dir) = tools(here, "nachos3", compiler) else { continue };
        let run = |tool: &str, line: &str| said_by(here, dir.join(format!("mips-{tool}")), line);
        run("gcc", "-c one.c");
        assert!(run("gcc", "-G 0 -c one.o -o one").contains("one.o: not linked"));
        assert!(!here.join("one").exists());
        run("as", "-o start.o start.s");
        run("ar", "rlvf libone.a one.o");
        run("ar", "-clr libone.a one.o");
        run("ranlib", "libone.a");
        assert_eq!(run("ar", "t libone.a").trim(), "one.o");
        assert!(run("nm", "--target=ecoff-littlemips -B one.o").contains(" T one"));
        run("ld", "-e __start -Ttext 0 -o program start.o libone.a");
        run("strip", "-s program");
        run("strip", "-x -o copy program");
        assert_eq!(fs::read(here.join("copy")).unwrap(), fs::read(here.join("program")).unwrap());
        assert!(run("objdump", "-b ecoff-littlemips -d program").contains("jal"));
        fs::remove_file(here.join("libone.a")).unwrap();
    }
}

/// Doubles and their conversions on a real machine's instructions, by qemu; GNU ld links, as qemu loads no file of our layout.
#[test]
fn doubles_of_rennes_compute() {
    const SOURCE: &str = r"
double ratio = 1.5, table[3] = { 1.25, 2.5, -7.75 };
float single = 2.5f;
struct pair { char c; double d; } pair;
struct __attribute__((packed)) packed { char c; double d; } packed = { 1, 3.5 };
double scaled(n) { return n < ratio ? ratio : n * ratio / 3; }
int cut(double d, float f) { return (int)d * 100 + (int)f; }
double at(i) { return table[i] + pair.d; }
void put(double *p, double v, float w) { p[1] = v; single = w; pair.d = -v; }
double sum(int k, double a, float b, double c, int d, double e) { return k + a + b * c - d / e; }
int main()
{
    double copy[3] = { 0.5, 9.75, -2.25 };
    if (scaled(7) != 3.5 || scaled(1) != 1.5) return 1;
    if (cut(-3.99, 7.99f) != -293 || cut(3.99, -7.99f) != 293) return 2;
    put(copy, 12.625, 0.75f);
    if (copy[0] != 0.5 || copy[1] != 12.625 || copy[2] != -2.25 || pair.d != -12.625 || single != 0.75f) return 3;
    if (at(0) != -11.375 || !(at(1) > at(2)) || at(1) <= at(0)) return 4;
    if (packed.d != 3.5) return 5;
    packed.d = scaled(9);
    if (packed.d != 4.5 || packed.c != 1) return 6;
    if (sum(1, 2.5, 3.5f, 4.5, 6, 4.0) != 17.75) return 7;
    return 42;
}
";
    const START: &str = "\t.globl __start\n__start:\n\tjal main\n\tmove $4, $2\n\tli $2, 4001\n\tsyscall\n";
    // qemu takes the size of floating point registers from the flags.
    const SCRIPT: &str =
        "ENTRY(__start)\nSECTIONS { . = 0x400000 + SIZEOF_HEADERS; .MIPS.abiflags : { *(.MIPS.abiflags) }
        . = ALIGN(64); .text : { *(.text*) } . = 0x410000; .data : { *(.rodata*) *(.data*) *(.sdata*) }
        .bss : { *(.bss*) *(.sbss*) *(COMMON) } /DISCARD/ : { *(.reginfo) *(.gnu.attributes) *(.pdr) } }\n";
    for tool in ["qemu-mips", "mips-linux-gnu-ld"] {
        if Command::new(tool).arg("--version").output().is_err() {
            skipped("a program of Rennes", &format!("there is no {tool}"));
            return;
        }
    }
    let scratch = tempfile::tempdir().unwrap();
    let here = scratch.path();
    for (name, text) in [("main.c", SOURCE), ("start.s", START), ("script", SCRIPT)] {
        fs::write(here.join(name), text).unwrap();
    }
    for compiler in ["gcc", "clang"] {
        let Some(dir) = tools(here, "rennes", compiler) else { continue };
        for level in ["-O0", "-O1", "-O2"] {
            said_by(here, dir.join("mips-as"), "-o start.o start.s");
            said_by(here, dir.join("mips-gcc"), &format!("{level} -c main.c"));
            let memory = dir.join("lib/runtime/eb/memcpy.o").display().to_string();
            said_by(
                here,
                "mips-linux-gnu-ld".into(),
                &format!("-EB -T script -o program start.o main.o {memory}"),
            );
            let mut qemu = Command::new("timeout");
            let ran =
                qemu.args(["20", "qemu-mips", "-cpu", "24Kf"]).arg(here.join("program")).output().unwrap();
            assert_eq!(ran.status.code(), Some(42), "{compiler} {level}");
        }
    }
}

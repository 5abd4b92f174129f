//! The walls that users of the Nachos kit meet: each with the message that the kit's README has for it, provoked with the
//! compiler that it is about.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use execfmt_testkit::{root, skipped};
use support::{execfmt, folder, linked, path, text};

const SOURCE: &str = r#"
int counter = 5;
int zeroed[4];
struct __attribute__((packed)) packed { char c; int v; };
struct packed packed = { 1, 2 };
__attribute__((section(".text.start"))) void __start(void)
{
#ifdef PACKED
    counter += packed.v;
#elif defined SHIFT
    counter += (unsigned)zeroed[1] >> 3;
#elif defined FLOAT
    __asm__ volatile(".set hardfloat\n\tadd.s $f0, $f2, $f4");
#elif defined MUL
    __asm__ volatile(".set mips32\n\tmul $2, $4, $5\n\t.set mips1");
#elif defined LWL
    __asm__ volatile("lwl $2, 4($4)\n\tlwr $2, 1($4)");
#elif defined OR
    counter = zeroed[1] | zeroed[2];
#elif defined DELAY
    __asm__ volatile(".set noreorder\n\tlw $2, 0($4)\n\taddu $2, $2, $2\n\t.set reorder");
#else
    counter += zeroed[1];
#endif
    for (;;)
        ;
}
"#;

/// What the kit's Makefile says, in short.
const GOOD: [&str; 12] = [
    "-march=mips1",
    "-msoft-float",
    "-mno-abicalls",
    "-fno-pic",
    "-G",
    "0",
    "-ffreestanding",
    "-Os",
    "-nostdlib",
    "-static",
    "-no-pie",
    "-Wl,--build-id=none",
];

struct Wall {
    /// Options in place of others of [`GOOD`]: what is taken away, what is added.
    without: &'static [&'static str],
    with: &'static [&'static str],
    /// Whether the kit's linker script is used.
    script: bool,
    /// What execfmt says.
    message: &'static str,
    /// Whether it refuses the file.
    refused: bool,
}

const fn option(with: &'static [&'static str], message: &'static str) -> Wall {
    Wall { without: &[], with, script: true, message, refused: false }
}

const WALLS: &[Wall] = &[
    Wall {
        without: &["-mno-abicalls", "-fno-pic", "-G", "0"],
        with: &[],
        script: true,
        message: "position-independent code, which finds its data through register $gp",
        refused: true,
    },
    Wall {
        without: &["-G", "0"],
        with: &["-G", "8", "-Wl,-Ttext=0", "-e", "__start"],
        script: false,
        message: "small data, which code reaches through register $gp",
        refused: true,
    },
    Wall {
        without: &[],
        with: &["-e", "__start"],
        script: false,
        message: "the code does not begin at address 0x0",
        refused: false,
    },
    Wall {
        without: &["-static", "-no-pie", "-mno-abicalls", "-fno-pic", "-G", "0"],
        with: &["-static-pie", "-e", "__start"],
        script: false,
        message: "type 3 is not a linked program",
        refused: true,
    },
    Wall {
        without: &[],
        with: &["-c"],
        script: false,
        message: "this is an ELF object file for MIPS",
        refused: true,
    },
    Wall {
        without: &["-march=mips1"],
        with: &["-march=mips32r2"],
        script: true,
        message: "the code is built for MIPS32 release 2",
        refused: false,
    },
    option(&["-DMUL"], "is an instruction of MIPS32"),
    option(&["-DFLOAT"], "needs a floating-point unit"),
    option(&["-DDELAY"], "right after its load: a MIPS I still sees the old value"),
    option(&["-DSHIFT"], "unsigned right shifts (srl, srlv)"),
    option(&["-DOR"], "or instructions of two registers: 1"),
    option(&["-DPACKED"], "accesses an unaligned word"),
    option(&["-DLWL"], "accesses an unaligned word"),
];

/// Checks of a good program for kernels that it is not for.
const KERNELS: [(&str, &str); 3] = [
    ("bordeaux", "the kernel maps nothing below 0x80"),
    ("nachos4-rdata", "the kernel reads one of 52"),
    ("nachos5j", "the kernel loads MIPS COFF files, not NOFF"),
];

/// The compiler, by any name that Debian has for it.
fn compiler() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let names = ["mipsel-linux-gnu-gcc", "mipsel-linux-gnu-gcc-12", "mipsel-linux-gnu-gcc-14"];
    let mut paths = std::env::split_paths(&folders).flat_map(|folder| names.map(|name| folder.join(name)));
    paths.find(|path| path.exists())
}

/// Of the same walls, what `check` says of the NOFF file too: what a machine may do, and not only what it gets wrong.
const CHECKED: [&str; 4] = [
    "is an instruction of MIPS32",
    "needs a floating-point unit",
    "right after its load: a MIPS I still sees the old value",
    "accesses an unaligned word",
];

/// The messages of the table of walls.
fn rows(readme: &str) -> Vec<&str> {
    let table = readme.split_once("## Error messages and what to do").unwrap().1;
    let lines = table.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let cells = lines.take_while(|line| line.starts_with('|')).map(|line| line.split(" | ").next().unwrap());
    cells.map(|cell| cell.trim_start_matches("| ")).collect()
}

/// The row that a message is in: that of the words that a user sees.
fn met<'a>(rows: &mut Vec<&'a str>, readme: &'a str, message: &str) {
    assert!(readme.contains(message), "the README has no row for {message:?}");
    rows.retain(|row| !row.contains(message));
}

#[test]
fn each_wall_has_its_message_and_its_row() {
    let readme = fs::read_to_string(root().join("examples/nachos/userprog/README.md")).unwrap();
    let mut rows = rows(&readme);
    assert!(rows.len() > 15, "{rows:?}");
    let Some(compiler) = compiler() else {
        return skipped("the messages for what a MIPS compiler gets wrong", "no mipsel-linux-gnu-gcc");
    };
    let folder = folder();
    let (source, elf, noff) =
        (path(&folder, "wall.c"), path(&folder, "wall.elf"), path(&folder, "wall.noff"));
    fs::write(&source, SOURCE).unwrap();
    let script = format!("-Wl,-N,-T,{}", root().join("examples/nachos/userprog/nachos-elf.ld").display());
    let build = |without: &[&str], with: &[&str], with_script: bool| {
        let mut command = Command::new(&compiler);
        command.args(GOOD.iter().filter(|option| !without.contains(option))).args(with);
        if with_script {
            command.arg(&script);
        }
        let run = command.arg(&source).arg("-o").arg(&elf).output().unwrap();
        assert!(run.status.success(), "{with:?}: {}", String::from_utf8_lossy(&run.stderr));
        execfmt(&["convert", &elf, "-o", &noff, "--to", "noff"], b"")
    };
    for wall in WALLS {
        let run = build(wall.without, wall.with, wall.script);
        let said = text(&run.stderr);
        assert!(said.contains(wall.message), "{:?} {:?}: {said}", wall.without, wall.with);
        assert_eq!(run.status.code(), Some(i32::from(wall.refused)), "{said}");
        met(&mut rows, &readme, wall.message);
        if CHECKED.contains(&wall.message) {
            let check = execfmt(&["check", &noff], b"");
            assert!(text(&check.stderr).contains(wall.message), "{}", text(&check.stderr));
        }
    }
    let run = build(&[], &[], true);
    assert_eq!(run.status.code(), Some(0));
    assert!(!text(&run.stderr).contains("warning"), "{}", text(&run.stderr));
    for (kernel, message) in KERNELS {
        let run = execfmt(&["check", "--for", kernel, &noff], b"");
        assert!(text(&run.stderr).contains(message), "{kernel}: {}", text(&run.stderr));
        met(&mut rows, &readme, message);
    }
    // Nachos 5.0j: a file for coff2noff, and a part of whole pages.
    let coff = path(&folder, "wall.coff");
    let link = |extra: &[&str]| {
        let script = root().join("examples/nachos/userprog/nachos-coff.ld");
        let script = format!("-Wl,-N,-T,{}", script.display());
        let run =
            Command::new(&compiler).args(GOOD).args(extra).args([&script, &source, "-o", &coff]).output();
        let run = run.unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        execfmt(&["check", "--for", "nachos5j", &coff], b"")
    };
    let run = link(&[]);
    let message = "not at the start of a page of 1024 bytes";
    assert!(text(&run.stderr).contains(message), "{}", text(&run.stderr));
    met(&mut rows, &readme, message);
    let run = link(&["-Wl,--defsym,UNIT=1024"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    // The size of .text becomes that of a page: the word at 16 of the section header at 76.
    let mut file = fs::read(&coff).unwrap();
    file[92..96].copy_from_slice(&1024_u32.to_le_bytes());
    file.resize(4096, 0);
    fs::write(&coff, file).unwrap();
    let run = execfmt(&["check", "--for", "nachos5j", &coff], b"");
    let message = "many copies of Nachos 5.0j load the last page as zeros";
    assert!(text(&run.stderr).contains(message), "{}", text(&run.stderr));
    met(&mut rows, &readme, message);
    // The messages of the old converter are not ours; the way out is: under its name, both files are converted.
    let old = ["File is not a OMAGIC file", "File is not a MIPSEL COFF file"];
    let run = build(&[], &[], true);
    assert_eq!(run.status.code(), Some(0));
    link(&[]);
    let coff2noff = linked(folder.path(), "coff2noff");
    for (message, input) in old.iter().zip([&coff, &elf]) {
        let run = support::run(&coff2noff, &[input, &noff], b"");
        assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
        assert_eq!(execfmt(&["check", "--for", "nachos3", &noff], b"").status.code(), Some(0));
        met(&mut rows, &readme, message);
    }
    assert_eq!(rows, [""; 0], "rows without a test");
}

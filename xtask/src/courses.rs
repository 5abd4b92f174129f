//! Our own course trees (`testdata/nachos-courses`), built with their own Makefiles by the folder that
//! `execfmt toolchain` creates: in parallel, a second time, by gcc and by clang. Then they run on the Nachos
//! machine. What is skipped is printed.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};

use crate::nachos::run_coff;
use crate::shell::{cargo, expect_run, output, program, root, run, scratch, target};

/// A tree.
struct Tree {
    folder: &'static str,
    family: &'static str,
    /// The arguments of make; `{dir}` is the toolchain.
    arguments: &'static [&'static str],
    /// The programs, which print `hello`.
    programs: &'static [&'static str],
    /// The machine's name for the kernel.
    kernel: &'static str,
}

const TREES: [Tree; 5] = [
    Tree {
        folder: "nachos5j",
        family: "nachos5j",
        arguments: &["ARCHDIR={dir}"],
        programs: &["halt", "old"],
        kernel: "nachos5j",
    },
    Tree {
        folder: "nachos34",
        family: "nachos3",
        arguments: &[
            "GCCDIR={dir}/decstation-ultrix/bin/",
            "CPP={dir}/lib/gcc-lib/decstation-ultrix/2.95.2/cpp",
            "COFF2NOFF={dir}/coff2noff",
        ],
        programs: &["halt"],
        kernel: "nachos3",
    },
    Tree {
        folder: "nachos40",
        family: "nachos4-rdata",
        arguments: &["GCCDIR={dir}/decstation-ultrix/bin/", "COFF2NOFF={dir}/coff2noff.x86Linux"],
        programs: &["halt.noff"],
        kernel: "nachos4",
    },
    Tree {
        folder: "bordeaux",
        family: "bordeaux",
        arguments: &["GCCDIR={dir}/mipsel/bin", "GCC=gcc", "COFF2NOFF={dir}/coff2noff"],
        programs: &["halt"],
        kernel: "bordeaux",
    },
    Tree {
        folder: "prefix",
        family: "nachos3",
        arguments: &["GCCDIR={dir}/bin", "COFF2NOFF={dir}/coff2noff"],
        programs: &["halt"],
        kernel: "nachos3",
    },
];

/// Builds the trees and runs their programs on a machine.
pub(crate) fn run_all(machine: &Path) -> Result<()> {
    let folder = scratch("courses")?;
    let mut count = 0;
    for compiler in ["gcc", "clang"] {
        for tree in &TREES {
            let what = || format!("{} by {compiler}", tree.folder);
            let cross = folder.join(format!("{}-{compiler}", tree.folder));
            let made = output(
                program(target().join("debug/execfmt"), 120)
                    .args(["toolchain", "--for", tree.family, "--compiler", compiler])
                    .arg(&cross),
            )?;
            let said = String::from_utf8_lossy(&made.stderr);
            if said.contains("was found") {
                execfmt_testkit::skipped(&what(), said.lines().next().unwrap_or_default());
                continue;
            }
            ensure!(made.status.success(), "{}: {said}", what());
            let build = cross.join("tree");
            copy(&root().join("testdata/nachos-courses").join(tree.folder), &build)?;
            let make = |options: &[&str]| {
                let mut command = program("make", 300);
                command.env_remove("MAKEFLAGS").env_remove("EXECFMT_KERNEL").env("LC_ALL", "C");
                command.arg("-C").arg(&build).args(options);
                let shown = cross.display().to_string();
                output(command.args(tree.arguments.iter().map(|word| word.replace("{dir}", &shown))))
            };
            let built = make(&["-j3"])?;
            let said = String::from_utf8_lossy(&built.stderr);
            ensure!(built.status.success(), "{}: {said}", what());
            let again = make(&[])?;
            let said = String::from_utf8_lossy(&again.stdout);
            ensure!(said.contains("Nothing to be done"), "{}, second run: {said}", what());
            for name in tree.programs {
                let file = build.join(name);
                if tree.kernel == "nachos5j" {
                    run_coff(machine, &file, "hello\n").with_context(what)?;
                } else {
                    let mut command = program(machine, 60);
                    expect_run(command.args(["--kernel", tree.kernel]).arg(&file), "hello\n", 0)
                        .with_context(what)?;
                }
                count += 1;
            }
        }
    }
    println!("courses: {count} programs built by their trees' own Makefiles, and run");
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        run(program("cp", 10).arg(&path).arg(to))?;
    }
    Ok(())
}

/// Maximum ratio of our tools' time to that of plain gcc and ld.
const MOST_TIME: f64 = 1.3;

/// Number of builds with ours, alternating with plain gcc and ld.
const ROUNDS: usize = 9;

/// Nine programs of the size of those of 5.0j: the tree's Makefile with our folder, and with plain gcc and
/// ld.
pub(crate) fn measure() -> Result<String> {
    run(cargo().args(["build", "--release", "--quiet", "-p", "execfmt"]))?;
    let folder = scratch("courses-bench")?;
    let cross = folder.join("cross");
    run(program(target().join("release/execfmt"), 120)
        .args(["toolchain", "--for", "nachos5j", "--compiler", "gcc"])
        .arg(&cross)
        .stdout(Stdio::null()))?;
    let profile = fs::read_to_string(cross.join("execfmt-toolchain.txt"))?;
    let compiler = profile.lines().find_map(|line| line.strip_prefix("compiler = "));
    let compiler = compiler.context("the profile names no compiler")?;
    let tools = compiler.strip_suffix("gcc").with_context(|| format!("{compiler} has no plain name"))?;
    let tree = folder.join("tree");
    copy(&root().join("testdata/nachos-courses/nachos5j"), &tree)?;
    let names: Vec<String> = (0..9).map(|number| format!("program{number}")).collect();
    for (number, name) in names.iter().enumerate() {
        fs::write(tree.join(format!("{name}.c")), source(4 + 4 * number))?;
    }
    // Plain ld writes an ELF file with current sections: not something that a kernel accepts, but the same
    // work.
    let script = fs::read_to_string(tree.join("script"))?;
    fs::write(tree.join("elf"), script.replace("OUTPUT_FORMAT(\"ecoff-littlemips\")", ""))?;
    let targets = format!("TARGETS={}", names.join(" "));
    let ours = vec![format!("ARCHDIR={}", cross.display())];
    let plain = vec![
        format!("GCCDIR={tools}"),
        format!("CPP={compiler} -E -x assembler-with-cpp"),
        "CFLAGS=-O2 -G0 -march=mips1 -mabi=32 -msoft-float -mno-abicalls -fno-pic -ffreestanding -std=gnu89 -fcommon -w"
            .to_owned(),
        "ASFLAGS=-march=mips1 -mabi=32 -msoft-float".to_owned(),
        "LDFLAGS=-m elf32ltsmip -s -N -T elf --unresolved-symbols=ignore-all".to_owned(),
    ];
    let once = |variables: &[String]| -> Result<f64> {
        let make = || {
            let mut command = program("bash", 300);
            // Processor time of make and everything that it starts: it changes little on a busy machine.
            command.args([
                "-c",
                "TIMEFORMAT='%U %S'; time make \"$@\" >make.log 2>&1",
                "make",
                "--silent",
                "-C",
            ]);
            command.env_remove("MAKEFLAGS").env("LC_ALL", "C").current_dir(&folder).arg(&tree);
            command
        };
        run(make().arg("clean").stderr(Stdio::null()))?;
        let done = output(make().args(variables).arg(&targets))?;
        ensure!(done.status.success(), "{}", fs::read_to_string(folder.join("make.log"))?);
        let said = String::from_utf8_lossy(&done.stderr);
        let seconds = said.split_whitespace().map(str::parse::<f64>).collect::<Result<Vec<_>, _>>();
        Ok(seconds.with_context(|| format!("no times: {said}"))?.iter().sum())
    };
    let mut ratios = Vec::new();
    let mut least = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        let times = [once(&ours)?, once(&plain)?];
        for (least, time) in least.iter_mut().zip(times) {
            *least = least.min(time);
        }
        ratios.push(times[0] / times[1]);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ROUNDS / 2];
    ensure!(
        median <= MOST_TIME,
        "courses: {median:.2} times the time of plain gcc and ld, more than {MOST_TIME}"
    );
    Ok(format!(
        "Nine programs take {:.2} s of processor time, with plain gcc and ld {:.2} s; the ratio is {median:.2} ({ROUNDS} \
         rounds: {:.2} to {:.2}). The target is at most {MOST_TIME}.\n",
        least[0],
        least[1],
        ratios[0],
        ratios[ROUNDS - 1]
    ))
}

/// A program with many functions, in the C of the time.
fn source(functions: usize) -> String {
    let mut text = "extern char table[];\nint numbers[64];\n".to_owned();
    for number in 0..functions {
        text += &format!(
            "step{number}(a, b) int a; char *b; {{\n  int i, sum = 0;\n  for (i = 0; i < a; i++)\n    \
             if (b[i & 1] == table[{number} & 1]) sum += numbers[i & 63]; else numbers[i & 63] = sum - i * {number};\n  \
             switch (sum & 3) {{ case 0: return sum; case 1: return -sum; case 2: numbers[0]++; }}\n  \
             return write(1, \"step {number}\\n\", 7);\n}}\n"
        );
    }
    text += "main() {\n  int n = 0;\n";
    for number in 0..functions {
        text += &format!("  n += step{number}(n + {number}, table);\n");
    }
    text + "  return n;\n}\n"
}

//! Creating a folder of tools, and finding out what is missing.

use std::fs;
use std::io;
use std::path::Path;
#[cfg(unix)]
use std::path::PathBuf;

use crate::compiler::Compiler;
use crate::family::Family;
use crate::names::{Tool, links};
use crate::profile::Profile;
use crate::tools::Run;

/// The functions that compilers call for 64-bit numbers and floating point: name, source. The same files as
/// in the kit for user programs, which must work without this crate.
const RUNTIME: [(&str, &str); 2] = [
    ("longlong_ops", include_str!("../runtime/longlong_ops.c")),
    ("float_ops", include_str!("../runtime/float_ops.c")),
];

const MEMORY: &str = include_str!("../runtime/memory.c");

const MEMORY_FUNCTIONS: [&str; 5] = ["memcpy", "memset", "memmove", "memcmp", "bcopy"];

/// The program with which a new folder is tested: zeroed and initialised data, an array with initial values,
/// a 64-bit division.
const TRIAL: &str = "\
int zeroed[100], filled = 7;
long long wide(long long a, int b) { return a / b; }
void __start(void) { char copy[40] = \"as the old compiler did\"; zeroed[1] = copy[filled] + (int)wide(filled, 2); for (;;); }
";

/// For any kernel: sections begin at pages of 1024 bytes.
const TRIAL_SCRIPT: &str = "\
ENTRY(__start)
SECTIONS {
  .text BLOCK(0x400) : { *(.text) }
  .rdata BLOCK(0x400) : { *(.rdata) }
  .data BLOCK(0x400) : { *(.data) }
  .bss BLOCK(0x400) : { *(.bss) *(COMMON) }
}
";

/// Creates a folder of tools that run `execfmt`, which does their work.
///
/// # Errors
/// A sentence: there is no compiler, or one that does not work, or an error of the file system.
pub fn create(
    folder: &Path,
    execfmt: &Path,
    family: Option<&'static Family>,
    compiler: Option<&str>,
) -> Result<Profile, String> {
    let compiler = Compiler::find(compiler)?;
    let failed = |path: &Path, error: io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let folder = folder.canonicalize().map_err(|error| failed(folder, error))?;
    // The folder contains the program too, and its links are relative: it works wherever it or execfmt is
    // moved.
    let program = folder.join(format!("execfmt{}", std::env::consts::EXE_SUFFIX));
    if !is_same(&program, execfmt) {
        let _ = fs::remove_file(&program);
        fs::hard_link(execfmt, &program)
            .or_else(|_| fs::copy(execfmt, &program).map(drop))
            .map_err(|error| failed(&program, error))?;
    }
    for name in links() {
        let path = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| failed(parent, error))?;
        }
        let _ = fs::remove_file(&path);
        let depth = name.matches('/').count();
        link(&program, depth, &path).map_err(|error| failed(&path, error))?;
    }
    let profile = Profile { folder, family, compiler };
    profile.write().map_err(|error| failed(&profile.folder, error))?;
    runtime(&profile)?;
    trial(&profile)?;
    Ok(profile)
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

#[cfg(unix)]
fn link(program: &Path, depth: usize, path: &Path) -> io::Result<()> {
    let name = program.file_name().unwrap_or_default();
    let mut target: PathBuf = std::iter::repeat_n("..", depth).collect();
    target.push(name);
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn link(program: &Path, _depth: usize, path: &Path) -> io::Result<()> {
    fs::hard_link(program, path).or_else(|_| fs::copy(program, path).map(drop))
}

/// Compiles the functions that compilers call, for the byte order of the family; for both if there is none.
fn runtime(profile: &Profile) -> Result<(), String> {
    let sources = tempfile::tempdir().map_err(|error| error.to_string())?;
    let big_family = profile.family.is_some_and(|family| family.big_endian_elf);
    for (order, name) in [("-EL", "el"), ("-EB", "eb")] {
        if profile.family.is_some() && big_family != (order == "-EB") {
            continue;
        }
        let folder = profile.folder.join("lib/runtime").join(name);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let memory = MEMORY_FUNCTIONS.iter().map(|name| (*name, MEMORY));
        // With a floating-point unit, numbers are passed in its registers, which float_ops does not expect.
        let runtime = RUNTIME.into_iter().filter(|(name, _)| !(big_family && *name == "float_ops"));
        for (name, text) in memory.chain(runtime) {
            let source = sources.path().join(format!("{name}.c"));
            fs::write(&source, text).map_err(|error| error.to_string())?;
            let object = folder.join(format!("{name}.o"));
            let words = [
                "-O2",
                "-w",
                &format!("-DWANT_{name}"),
                order,
                "-c",
                &source.display().to_string(),
                "-o",
                &object.display().to_string(),
            ];
            compile(profile, Tool::Gcc, &words)?;
        }
    }
    Ok(())
}

fn compile(profile: &Profile, tool: Tool, words: &[&str]) -> Result<(), String> {
    let run = Run::of_profile(profile, format!("mips-{}", tool.name()), false);
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    match run.tool(tool, &words)? {
        0 => Ok(()),
        code => Err(format!("{} ended with {code} on {}", profile.compiler.path.display(), words.join(" "))),
    }
}

/// Compiles and links the test program.
fn trial(profile: &Profile) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = |name: &str| folder.path().join(name).display().to_string();
    fs::write(file("trial.c"), TRIAL).map_err(|error| error.to_string())?;
    compile(profile, Tool::Gcc, &["-O2", "-c", &file("trial.c"), "-o", &file("trial.o")])?;
    fs::write(file("script"), TRIAL_SCRIPT).map_err(|error| error.to_string())?;
    compile(profile, Tool::Ld, &["-T", &file("script"), "-o", &file("trial"), &file("trial.o")])
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::RUNTIME;

    /// The crate is packaged without the kit.
    #[test]
    fn the_runtime_is_that_of_the_kit() {
        let kit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/nachos/userprog");
        if !kit.is_dir() {
            execfmt_testkit::skipped("the runtime of the kit", "the kit for user programs is not here");
            return;
        }
        for (name, source) in RUNTIME {
            let of_kit = std::fs::read_to_string(kit.join(format!("{name}.c"))).unwrap();
            assert!(source == of_kit, "{name}.c differs: copy that of examples/nachos/userprog into runtime");
        }
    }
}

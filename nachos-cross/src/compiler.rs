//! The current compiler: finding it, and the options that make it compile as the old one did.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The brand of compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brand {
    /// gcc for MIPS.
    Gcc,
    /// clang, which supports many machines.
    Clang,
}

/// A compiler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiler {
    /// Its brand.
    pub brand: Brand,
    /// The program.
    pub path: PathBuf,
    /// Its major version.
    pub version: u32,
    /// The folder of its own headers, such as stdarg.h.
    pub include: PathBuf,
}

/// Folders that are searched after those of PATH: some Makefiles set PATH to only the old compiler.
const FOLDERS: [&str; 6] = [
    "/usr/local/bin",
    "/usr/bin",
    "/bin",
    "/opt/homebrew/opt/llvm/bin",
    "/usr/local/opt/llvm/bin",
    "/opt/homebrew/bin",
];

const GCC: [&str; 6] = [
    "mipsel-linux-gnu-",
    "mipsel-unknown-linux-gnu-",
    "mipsel-elf-",
    "mipsel-none-elf-",
    "mips-linux-gnu-",
    "mips-elf-",
];

/// Versions that Debian appends to names.
const VERSIONS: std::ops::RangeInclusive<u32> = 9..=21;

/// Code for MIPS I, for a program without an operating system.
const MACHINE: &str = "-mno-abicalls -fno-pic -G0 -fno-pie -mabi=32";

/// C90, and the behaviour of gcc 2.95.
const LANGUAGE: &str = "-ffreestanding -fno-builtin -fcommon -fno-stack-protector -fno-ident \
    -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-strict-aliasing -fwrapv -fno-delete-null-pointer-checks \
    -U_FORTIFY_SOURCE -nostdinc -U_MIPS_SIM -fno-inline-functions -fno-optimize-sibling-calls -mno-check-zero-division";

/// No additional sections; no optimisation across functions, no loop that becomes a call of the function that
/// contains it; dead stores are kept, for tests that only cause page faults.
const GCC_LANGUAGE: &str = "-fno-reorder-functions -fno-merge-constants -fno-section-anchors \
    -fno-tree-loop-distribute-patterns -fno-aggressive-loop-optimizations -fno-dwarf2-cfi-asm -fno-inline-small-functions \
    -fno-inline-functions-called-once -fno-ipa-cp -fno-ipa-sra -fno-ipa-ra -fno-ipa-icf -fno-partial-inlining \
    -fno-if-conversion2 -fno-tree-dce -fno-dce -fno-tree-dse -fno-dse -Wno-error=int-conversion \
    -Wno-error=incompatible-pointer-types -Wno-error=implicit-int -Wno-error=implicit-function-declaration";

/// Options only of gcc 14 and later.
const GCC_14: &str = "-Wno-error=return-mismatch -Wno-error=declaration-missing-parameter-type";

/// Programs have 32 or 64 pages of memory: loops are not unrolled.
const CLANG_LANGUAGE: &str = "-fno-unroll-loops -fno-jump-tables -mllvm -disable-mips-delay-filler -Wno-implicit-int \
    -Wno-implicit-function-declaration -Wno-int-conversion -Wno-return-type -Wno-unused-command-line-argument \
    -Wno-deprecated-non-prototype -Wno-unknown-warning-option \
    -D__builtin_next_arg(x)=({__builtin_va_list#a;__builtin_va_start(a,x);(char*)a;})";

impl Compiler {
    /// The compiler with a brand or path, or the first that is found: gcc, then clang.
    ///
    /// # Errors
    /// A sentence that says what to install.
    pub fn find(wanted: Option<&str>) -> Result<Self, String> {
        let found = match wanted {
            None => find_gcc().or_else(find_clang),
            Some("gcc") => find_gcc(),
            Some("clang") => find_clang(),
            Some(path) => {
                let name = Path::new(path).file_name().and_then(OsStr::to_str).unwrap_or_default();
                let brand = if name.contains("clang") { Brand::Clang } else { Brand::Gcc };
                return Self::ask(brand, PathBuf::from(path))
                    .ok_or_else(|| format!("{path} does not run as a compiler"));
            }
        };
        found.ok_or_else(|| {
            format!("no {} was found; {}", wanted.unwrap_or("compiler for MIPS"), install_line())
        })
    }

    /// Queries the program for its version and headers.
    fn ask(brand: Brand, path: PathBuf) -> Option<Self> {
        let answer = |argument: &str| {
            let mut command = Command::new(&path);
            if brand == Brand::Clang {
                command.arg("--target=mipsel-unknown-none");
            }
            let output = command.arg(argument).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
            output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        let version = answer("-dumpversion")?.split('.').next()?.parse().ok()?;
        let include = match brand {
            Brand::Gcc => answer("-print-file-name=include")?.into(),
            Brand::Clang => PathBuf::from(answer("-print-resource-dir")?).join("include"),
        };
        Some(Self { brand, path, version, include })
    }

    /// A program beside the compiler: `nm` for `mipsel-linux-gnu-gcc-12` or clang-14.
    #[must_use]
    pub fn beside(&self, tool: &str) -> Option<PathBuf> {
        let name = self.path.file_name()?.to_str()?;
        let mut names = Vec::new();
        match self.brand {
            Brand::Gcc => names.extend(
                name.find("gcc").and_then(|at| name.get(..at)).map(|prefix| format!("{prefix}{tool}")),
            ),
            Brand::Clang => names.push(format!("llvm-{tool}-{}", self.version)),
        }
        names.push(format!("llvm-{tool}"));
        // The host's archiver handles any file.
        if tool == "ar" || tool == "ranlib" {
            names.push(tool.to_owned());
        }
        names.iter().find_map(|name| {
            on_path(name).or_else(|| Some(self.path.with_file_name(name)).filter(|path| path.is_file()))
        })
    }

    /// The package that contains the tools beside the compiler, as most systems call it.
    #[must_use]
    pub fn package_of_tools(&self) -> &'static str {
        match self.brand {
            Brand::Gcc => "binutils-mipsel-linux-gnu",
            Brand::Clang => "llvm",
        }
    }

    /// The options of every run.
    #[must_use]
    pub fn base(&self, big_endian: bool, hard_float: bool) -> Vec<String> {
        let mut flags = Vec::new();
        match self.brand {
            Brand::Gcc => {
                flags.push("-march=mips1".into());
                flags.push(if big_endian { "-EB" } else { "-EL" }.into());
            }
            Brand::Clang => {
                let cpu = if big_endian { "mips" } else { "mipsel" };
                flags.push(format!("--target={cpu}-unknown-none"));
            }
        }
        flags.extend(MACHINE.split_whitespace().map(str::to_owned));
        let float: &[&str] = if hard_float { &["-mhard-float", "-mfp32"] } else { &["-msoft-float"] };
        flags.extend(float.iter().map(|flag| (*flag).to_owned()));
        flags
    }

    /// The options for C, besides those of [`Compiler::base`].
    #[must_use]
    pub fn language(&self) -> Vec<String> {
        let more: &[&str] = match self.brand {
            Brand::Gcc if self.version >= 14 => &[LANGUAGE, GCC_LANGUAGE, GCC_14],
            Brand::Gcc => &[LANGUAGE, GCC_LANGUAGE],
            Brand::Clang => &[LANGUAGE, CLANG_LANGUAGE],
        };
        let words = more.iter().flat_map(|line| line.split_whitespace());
        let mut flags: Vec<String> = words.map(|word| word.replace('#', " ")).collect();
        flags.extend(["-isystem".into(), self.include.display().to_string()]);
        flags
    }

    /// The processor for which clang compiles: it supports MIPS I only in its assembler, and its output is
    /// rewritten.
    #[must_use]
    pub fn compiling(&self) -> &'static [&'static str] {
        match self.brand {
            Brand::Gcc => &[],
            Brand::Clang => &["-march=mips2"],
        }
    }

    /// The processor of the assembler.
    #[must_use]
    pub fn assembling(&self) -> &'static [&'static str] {
        match self.brand {
            Brand::Gcc => &[],
            Brand::Clang => &["-march=mips1", "-Wno-unused-command-line-argument"],
        }
    }
}

fn find_gcc() -> Option<Compiler> {
    let names = GCC.iter().flat_map(|prefix| {
        let versions = VERSIONS.rev().map(move |version| format!("{prefix}gcc-{version}"));
        std::iter::once(format!("{prefix}gcc")).chain(versions)
    });
    names.filter_map(|name| on_path(&name)).find_map(|path| Compiler::ask(Brand::Gcc, path))
}

fn find_clang() -> Option<Compiler> {
    let names =
        std::iter::once("clang".to_owned()).chain(VERSIONS.rev().map(|version| format!("clang-{version}")));
    names.filter_map(|name| on_path(&name)).find_map(|path| {
        // Apple's clang has no code generator for MIPS.
        let mut targets = Command::new(&path);
        let output =
            targets.arg("-print-targets").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
        let has_mips = String::from_utf8_lossy(&output.stdout).contains("mipsel");
        has_mips.then(|| Compiler::ask(Brand::Clang, path)).flatten()
    })
}

/// A program in PATH, or in the usual folders.
fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(FOLDERS.iter().map(PathBuf::from));
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    folders.map(|folder| folder.join(&file)).find(|file| file.is_file())
}

/// The commands that install a compiler, on this system and others.
#[must_use]
pub fn install_line() -> &'static str {
    "install one:
  Debian, Ubuntu:  sudo apt install gcc-mipsel-linux-gnu
  Fedora:          sudo dnf install clang llvm
  Arch:            sudo pacman -S clang llvm
  Homebrew:        brew install llvm"
}

#[cfg(test)]
mod tests {
    use super::{Brand, Compiler, install_line};

    /// The compilers that are not on the machine of the tests, by table: what they are given.
    #[test]
    fn what_each_version_is_given() {
        let new = ["-Wno-error=return-mismatch", "-Wno-error=declaration-missing-parameter-type"];
        let gcc_only = ["-Wno-error=implicit-function-declaration", "-fno-tree-dse", "-fno-ipa-cp"];
        for (brand, version, has, lacks) in [
            (Brand::Gcc, 10, &gcc_only[..], &new[..]),
            (Brand::Gcc, 12, &gcc_only, &new),
            (Brand::Gcc, 13, &gcc_only, &new),
            (Brand::Gcc, 14, &new, &["-mllvm"]),
            (Brand::Gcc, 15, &new, &["-mllvm"]),
            (Brand::Clang, 14, &["-mllvm", "-fno-jump-tables"], &gcc_only),
            (Brand::Clang, 19, &["-mllvm", "-fno-jump-tables"], &gcc_only),
        ] {
            let compiler = Compiler { brand, path: "cc".into(), version, include: "include".into() };
            let flags = compiler.language();
            let given = |flag: &&str| flags.iter().any(|given| given == flag);
            assert!(has.iter().all(&given), "{brand:?} {version}: {flags:?}");
            assert!(!lacks.iter().any(&given), "{brand:?} {version}: {flags:?}");
            assert!(given(&"-ffreestanding") && given(&"-fcommon"), "{brand:?} {version}: {flags:?}");
        }
    }

    #[test]
    fn each_system_has_its_line() {
        let lines = install_line();
        for (system, command) in [
            ("Debian, Ubuntu", "apt install gcc-mipsel-linux-gnu"),
            ("Fedora", "dnf install clang"),
            ("Arch", "pacman -S clang"),
            ("Homebrew", "brew install llvm"),
        ] {
            assert!(lines.lines().any(|line| line.contains(system) && line.contains(command)), "{system}");
        }
    }
}

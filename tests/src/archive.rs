//! The static libraries as programs want to link them: one object a format, with no name but the functions of the
//! headers, in place of the several hundred members that rustc writes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::scratch::Scratch;
use crate::shell::{program, run, stdout};

/// What every C compiler may call without a C library, and all that the library for kernels may ask for.
pub const MEMORY_FUNCTIONS: [&str; 4] = ["memcmp", "memcpy", "memmove", "memset"];

/// The binutils for a kind of object.
#[derive(Clone, Copy)]
pub struct Binutils {
    /// What stands before `ld`, `nm`, `objcopy`, `ar`, such as `aarch64-linux-gnu-`.
    pub prefix: &'static str,
    /// What `ld` is told, such as `-m elf_i386`.
    pub emulation: &'static [&'static str],
}

/// Those of this machine.
pub const HOST: Binutils = Binutils { prefix: "", emulation: &[] };

impl Binutils {
    /// One of the programs, such as `nm`.
    pub fn tool(self, name: &str) -> std::process::Command {
        program(format!("{}{name}", self.prefix), 120)
    }

    /// The functions of the headers that an archive or an object defines.
    pub fn exported(self, library: &Path) -> Result<Vec<String>> {
        // rustc's members without symbols are no news.
        let listed = stdout(self.tool("nm").args(["--quiet", "-g", "--defined-only"]).arg(library))?;
        let names = listed.lines().filter_map(|line| line.split_whitespace().nth(2));
        let mut names: Vec<_> = names.filter(|name| name.starts_with("execfmt_")).map(String::from).collect();
        names.sort();
        names.dedup();
        ensure!(!names.is_empty(), "{} exports nothing", library.display());
        Ok(names)
    }

    /// The names that an archive or an object wants from elsewhere.
    pub fn wanted(self, library: &Path) -> Result<Vec<String>> {
        let listed = stdout(self.tool("nm").args(["--quiet", "-u"]).arg(library))?;
        let mut names: Vec<_> = listed
            .lines()
            .filter_map(|line| line.trim().strip_prefix("U "))
            .map(|name| name.trim().to_string())
            // The linker itself defines it.
            .filter(|name| name != "_GLOBAL_OFFSET_TABLE_")
            .collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Makes of an archive for kernels one with an object for each format.
    ///
    /// A program takes only the objects that it calls into, also where its linker collects no sections. Everything but
    /// the functions of the headers is local, so that nothing collides with a second library of Rust, and what only
    /// unwinding wants is gone. LLVM makes `bcmp` of an equality test; `memcmp` is as right, and kernels have it.
    pub fn one_object_a_format(self, library: &Path, out: &Path) -> Result<()> {
        let folder = Scratch::new("archive")?;
        // Bitcode that Debian's LLVM cannot read would make its plugin complain below.
        let bare = folder.join("bare.a");
        self.without_bitcode(library, &bare)?;
        let library = bare.as_path();
        let mut formats = BTreeMap::<String, Vec<String>>::new();
        for name in self.exported(library)? {
            formats.entry(format_of(&name)).or_default().push(name);
        }
        let mut objects = Vec::new();
        for (format, names) in formats {
            let whole = folder.join("whole.o");
            let object = folder.join(format!("execfmt_{format}.o"));
            let mut link = self.tool("ld");
            link.args(self.emulation).args(["-r", "--gc-sections"]);
            link.args(names.iter().flat_map(|name| ["-u", name.as_str()]));
            run(link.arg("-o").arg(&whole).arg(library))?;
            let mut localise = self.tool("objcopy");
            localise.args(["--strip-debug", "--redefine-sym", "bcmp=memcmp"]);
            localise.args(names.iter().map(|name| format!("--keep-global-symbol={name}")));
            run(localise.arg(&whole).arg(&object))?;
            objects.push(object);
        }
        if out.exists() {
            fs::remove_file(out).with_context(|| out.display().to_string())?;
        }
        run(self.tool("ar").arg("rcsD").arg(out).args(&objects))
    }

    /// Takes from an archive with std what no linker of a C program has use for: LLVM's bitcode, which older tools
    /// refuse, and debug information.
    pub fn without_bitcode(self, library: &Path, out: &Path) -> Result<()> {
        let remove = ["--strip-debug", "-R", ".llvmbc", "-R", ".llvmcmd"];
        run(self.tool("objcopy").args(remove).arg(library).arg(out))
    }
}

/// The format that a function is of: its second word. What all formats share is `base`.
fn format_of(name: &str) -> String {
    match name.split('_').nth(1) {
        Some("status" | "version") | None => "base".into(),
        Some(format) => format.into(),
    }
}

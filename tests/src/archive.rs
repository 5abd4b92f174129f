//! The static libraries in the form that programs link: one object per format, exporting only the functions of the
//! headers, instead of the several hundred members that rustc writes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::scratch::Scratch;
use crate::shell::{program, run, stdout};

/// The functions that every C compiler may call without a C library, and the only ones that the library for kernels may need.
pub const MEMORY_FUNCTIONS: [&str; 4] = ["memcmp", "memcpy", "memmove", "memset"];

/// The binutils for a kind of object.
#[derive(Clone, Copy)]
pub struct Binutils {
    /// The prefix of `ld`, `nm`, `objcopy`, `ar`, such as `aarch64-linux-gnu-`.
    pub prefix: &'static str,
    /// The arguments of `ld`, such as `-m elf_i386`.
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
        // rustc's members without symbols need no notice.
        let listed = stdout(self.tool("nm").args(["--quiet", "-g", "--defined-only"]).arg(library))?;
        let names = listed.lines().filter_map(|line| line.split_whitespace().nth(2));
        let mut names: Vec<_> = names.filter(|name| name.starts_with("execfmt_")).map(String::from).collect();
        names.sort();
        names.dedup();
        ensure!(!names.is_empty(), "{} exports nothing", library.display());
        Ok(names)
    }

    /// The undefined symbols of an archive or an object.
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

    /// Rewrites an archive for kernels to one object per format.
    ///
    /// A program links only the objects it calls, even if its linker does not collect sections. Everything but
    /// the functions of the headers is local, to avoid collisions with a second Rust library, and what only
    /// unwinding needs is removed. LLVM turns an equality test into `bcmp`; `memcmp` does as well, and kernels have it.
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

    /// Removes from an archive with std what no C linker uses: LLVM's bitcode, which older tools
    /// refuse, and debug information.
    pub fn without_bitcode(self, library: &Path, out: &Path) -> Result<()> {
        let remove = ["--strip-debug", "-R", ".llvmbc", "-R", ".llvmcmd"];
        run(self.tool("objcopy").args(remove).arg(library).arg(out))
    }
}

/// The format of a function: the second word of its name. What all formats share is `base`.
fn format_of(name: &str) -> String {
    match name.split('_').nth(1) {
        Some("status" | "version") | None => "base".into(),
        Some(format) => format.into(),
    }
}

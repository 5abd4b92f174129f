//! The file in the folder that configures its tools.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::compiler::{Brand, Compiler};
use crate::family::Family;

/// The file's name.
pub const FILE: &str = "execfmt-toolchain.txt";

/// Number of folders above a tool that are searched for it: DIR/lib/gcc-lib/decstation-ultrix/2.95.2/cpp is
/// the deepest.
const MAX_DEPTH: usize = 6;

/// Maximum number of links followed from a tool.
const MAX_LINKS: usize = 8;

/// A folder of tools.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The folder.
    pub folder: PathBuf,
    /// The family that it is for, if any.
    pub family: Option<&'static Family>,
    /// The compiler that does the work.
    pub compiler: Compiler,
}

impl Profile {
    /// Writes the file.
    ///
    /// # Errors
    /// Those of writing it.
    pub fn write(&self) -> io::Result<()> {
        let Compiler { brand, path, version, include } = &self.compiler;
        let brand = match brand {
            Brand::Gcc => "gcc",
            Brand::Clang => "clang",
        };
        let text = format!(
            "# Made by `execfmt toolchain`; run it again to change this.\nfor = {}\nbrand = {brand}\ncompiler = {}\nversion = {version}\ninclude = {}\n",
            self.family.map_or("", |family| family.name),
            path.display(),
            include.display()
        );
        fs::write(self.folder.join(FILE), text)
    }

    /// Reads the file of a folder. `None` if there is none.
    #[must_use]
    pub fn read(folder: &Path) -> Option<Self> {
        let text = fs::read_to_string(folder.join(FILE)).ok()?;
        let value = |key: &str| {
            let line = |line: &'_ str| {
                line.split_once('=').map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
            };
            text.lines().filter_map(line).find(|(found, _)| found == key).map(|(_, value)| value)
        };
        let brand = if value("brand")? == "clang" { Brand::Clang } else { Brand::Gcc };
        let compiler = Compiler {
            brand,
            path: value("compiler")?.into(),
            version: value("version")?.parse().ok()?,
            include: value("include")?.into(),
        };
        // A compiler that was updated has its headers elsewhere.
        let compiler = if compiler.path.is_file() && compiler.include.is_dir() {
            compiler
        } else {
            let name = if brand == Brand::Clang { "clang" } else { "gcc" };
            let path = compiler.path.to_str().filter(|_| compiler.path.is_file());
            // One of the other brand, if it is the only one, compiles for the same kernel.
            Compiler::find(path.or(Some(name))).or_else(|_| Compiler::find(None)).ok()?
        };
        Some(Self {
            folder: folder.to_owned(),
            family: Family::named(&value("for").unwrap_or_default()),
            compiler,
        })
    }

    /// The profile of the folder from which a tool was called, also through links to it.
    #[must_use]
    pub fn of_tool(path: &Path) -> Option<Self> {
        let mut path = locate(path)?;
        for _ in 0..MAX_LINKS {
            if let Some(profile) = path.ancestors().skip(1).take(MAX_DEPTH).find_map(Self::read) {
                return Some(profile);
            }
            let next = fs::read_link(&path).ok()?;
            path = path.parent()?.join(next);
        }
        None
    }
}

/// The file of a program's name: unchanged if it has a folder, otherwise found in PATH.
fn locate(path: &Path) -> Option<PathBuf> {
    if path.components().count() > 1 {
        return std::path::absolute(path).ok();
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(path)).find(|file| file.is_file())
}

//! ranlib, objdump, nm and strip: not all current ones support ECOFF, so they get a linked program as an ELF
//! file.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use noff::convert::Executable;
use tempfile::TempDir;

use super::Run;
use crate::names::Tool;
use crate::options::{Action, Row, Word, sort};

impl Run {
    /// Runs the tool beside the compiler; each argument that is a linked program of ours is replaced by its
    /// ELF form.
    pub(super) fn inspect(&self, tool: Tool, arguments: &[String]) -> Result<u8, String> {
        let Some(program) = self.compiler.beside(tool.name()) else {
            return Err(format!(
                "there is no {} for MIPS beside {}",
                tool.name(),
                self.compiler.path.display()
            ));
        };
        let mut folders: Vec<TempDir> = Vec::new();
        let mut words = Vec::new();
        for word in sort(tool, arguments)? {
            let word = match word {
                Word::Known { row: Row { action: Action::Drop, .. }, .. } => continue,
                Word::Known { words: option, .. } => {
                    words.extend(option.into_iter().map(OsString::from));
                    continue;
                }
                Word::Unknown(option) => option,
                Word::File(file) => file,
            };
            match elf(Path::new(&word)) {
                None => words.push(word.into()),
                Some(bytes) => {
                    // Under its own name, which the tool prints.
                    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
                    let file = folder.path().join(Path::new(&word).file_name().unwrap_or_default());
                    fs::write(&file, bytes).map_err(|error| format!("{}: {error}", file.display()))?;
                    words.push(file.into_os_string());
                    folders.push(folder);
                }
            }
        }
        self.run(Command::new(program).args(words))
    }

    /// Leaves files unchanged. The host's strip would refuse them.
    pub(super) fn strip(arguments: &[String]) -> Result<u8, String> {
        let words = sort(Tool::Strip, arguments)?;
        let output = words.iter().find_map(|word| match word {
            Word::Known { row, value, .. } if row.option == "-o" => Some(value),
            _ => None,
        });
        let file = words.iter().find_map(|word| if let Word::File(file) = word { Some(file) } else { None });
        if let (Some(output), Some(file)) = (output, file) {
            fs::copy(file, output).map_err(|error| format!("{file}: {error}"))?;
        }
        Ok(0)
    }
}

/// A linked ECOFF program as an ELF file; `None` for any other file.
fn elf(path: &Path) -> Option<Vec<u8>> {
    let bytes = fs::read(path).ok().filter(|bytes| mips_coff::Image::parse(bytes).is_ok())?;
    Executable::read(&bytes).and_then(|program| program.to_elf()).ok().map(|conversion| conversion.bytes)
}

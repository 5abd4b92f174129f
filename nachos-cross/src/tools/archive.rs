//! ar.

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, OpenOptions};
use std::hash::{Hash as _, Hasher as _};
use std::path::Path;
use std::process::Command;

use super::Run;
use crate::names::Tool;
use crate::options::{Action, find};

impl Run {
    /// Modifies an archive exclusively: `make -j` calls several at once. Times are kept (U), from which make
    /// knows what is new.
    pub(super) fn archive(&self, arguments: &[String]) -> Result<u8, String> {
        let mut arguments = arguments.to_vec();
        let mut lock = None;
        if let [operation, rest @ ..] = arguments.as_mut_slice() {
            let letters = operation.trim_start_matches('-');
            let is_operation =
                !operation.starts_with("--") && letters.chars().all(|c| c.is_ascii_alphabetic());
            if is_operation {
                let action =
                    |letter: char| find(Tool::Ar, letter.encode_utf8(&mut [0; 4])).map(|row| row.action);
                let mut kept: String =
                    letters.chars().filter(|&letter| action(letter) != Some(Action::Drop)).collect();
                let changes = kept.contains(['r', 'q', 'd', 'm', 's']) && !kept.contains(['t', 'p', 'x']);
                if changes {
                    // With a, b or i the name of the reference member comes first.
                    let index = usize::from(kept.contains(['a', 'b', 'i']));
                    lock = rest.get(index).map(|archive| lock_of(archive)).transpose()?;
                }
                if kept.contains(['r', 'q']) && !kept.contains(['U', 'D']) {
                    kept.push('U');
                }
                let dash = if operation.starts_with('-') { "-" } else { "" };
                *operation = format!("{dash}{kept}");
            }
        }
        let Some(program) = self.compiler.beside(Tool::Ar.name()) else {
            return Err(format!("there is no ar beside {}", self.compiler.path.display()));
        };
        let code = self.run(Command::new(program).args(&arguments));
        drop(lock);
        code
    }
}

/// Waits for the lock of an archive, which is released with the returned file.
fn lock_of(archive: &str) -> Result<fs::File, String> {
    let path = std::path::absolute(archive).unwrap_or_else(|_| archive.into());
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    let mut hasher = DefaultHasher::new();
    (folder, path.file_name()).hash(&mut hasher);
    let name = std::env::temp_dir().join(format!("execfmt-ar-{:016x}.lock", hasher.finish()));
    let open = |path: &Path| OpenOptions::new().create(true).write(true).truncate(false).open(path);
    // A lock file of another user may be read-only.
    let file = open(&name)
        .or_else(|_| fs::File::open(&name))
        .map_err(|error| format!("{}: {error}", name.display()))?;
    fs4::FileExt::lock(&file).map_err(|error| format!("{}: {error}", name.display()))?;
    Ok(file)
}

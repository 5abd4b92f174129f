//! Scripts and files from folders, and printed output.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use coyotos_mkimage::{File, Host};

use super::args::Mkimage;
use super::report::printed;
use crate::files;

pub(super) struct Folders {
    modules: Vec<PathBuf>,
    files: Vec<PathBuf>,
    out: io::BufWriter<io::StdoutLock<'static>>,
    /// Whether the output goes to a terminal, which control characters would affect.
    terminal: bool,
    /// While a recipe is printed, the incomplete line of text, which becomes a comment in it.
    comment: Option<String>,
    /// Why standard output could not be written to.
    failure: Option<io::Error>,
}

impl Folders {
    pub(super) fn new(options: &Mkimage) -> Self {
        let out = io::stdout();
        Self {
            modules: options.module_folders(),
            files: options.library_folders(),
            terminal: out.is_terminal(),
            out: io::BufWriter::new(out.lock()),
            comment: options.trace.then(String::new),
            failure: None,
        }
    }

    fn write(&mut self, text: &str) -> Result<(), String> {
        let result = self.out.write_all(text.as_bytes());
        result.map_err(|error| {
            let reason = error.to_string();
            self.failure = Some(error);
            reason
        })
    }

    /// Writes the incomplete line of text as a comment.
    fn end_comment(&mut self) -> Result<(), String> {
        match self.comment.as_mut().map(std::mem::take) {
            Some(line) if !line.is_empty() => self.write(&format!("# {}\n", printed(&line))),
            _ => Ok(()),
        }
    }

    /// Flushes the printed output.
    ///
    /// # Errors
    /// Why standard output could not be written to, at any time.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        let _ = self.end_comment();
        let flushed = self.out.flush();
        match self.failure.take() {
            Some(error) => Err(error),
            None => flushed,
        }
    }
}

/// The file with a name in the first folder that contains it.
fn find(folders: &[PathBuf], name: &str) -> Result<Option<File>, String> {
    let path = Path::new(name);
    let mut candidates = folders.iter().map(|folder| folder.join(path));
    let absolute = || Some(path.to_path_buf()).filter(|path| exists(path));
    let found = if path.is_absolute() { absolute() } else { candidates.find(|path| path.is_file()) };
    let Some(path) = found else { return Ok(None) };
    let bytes = files::read(&path).map_err(|error| error.to_string())?;
    Ok(Some(File { name: path.display().to_string(), bytes }))
}

fn exists(path: &Path) -> bool {
    fs::metadata(path).is_ok()
}

impl Host for Folders {
    fn module(&mut self, path: &str) -> Result<Option<File>, String> {
        let found = find(&self.modules, path)?;
        found
            .map(|File { name, bytes }| Ok(File { name, bytes: files::unmarked(&bytes)?.to_vec() }))
            .transpose()
    }

    fn file(&mut self, name: &str) -> Result<Option<File>, String> {
        find(&self.files, name)
    }

    fn print(&mut self, text: &str) -> Result<(), String> {
        if self.comment.is_some() {
            for line in text.split_inclusive('\n') {
                if let Some(begun) = &mut self.comment {
                    begun.push_str(line.trim_end_matches('\n'));
                }
                if line.ends_with('\n') {
                    self.end_comment()?;
                }
            }
            return Ok(());
        }
        if self.terminal { self.write(&printed(text)) } else { self.write(text) }
    }

    fn trace(&mut self, lines: &str) -> Result<(), String> {
        self.end_comment()?;
        self.write(lines)
    }
}

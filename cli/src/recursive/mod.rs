//! `info -r` and `check -r`: every file below folders, in parallel.

mod check;
mod info;

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use rayon::prelude::*;
use walkdir::WalkDir;

use crate::diagnostics::print_error;
use crate::files;
use crate::progress;

pub(crate) use check::check;
pub(crate) use info::info;

/// The files below folders, in order, and whether a folder could not be read.
struct Below {
    paths: Vec<PathBuf>,
    failed: bool,
    bar: ProgressBar,
}

impl Below {
    fn of(roots: &[PathBuf]) -> io::Result<Self> {
        let (mut paths, mut failed) = (Vec::new(), false);
        for root in roots {
            for entry in WalkDir::new(root).sort_by_file_name() {
                match entry {
                    Ok(entry) if entry.file_type().is_file() => paths.push(entry.into_path()),
                    Ok(_) => {}
                    Err(error) => {
                        print_error(error)?;
                        failed = true;
                    }
                }
            }
        }
        let bar = progress::bar(paths.len());
        Ok(Self { paths, failed, bar })
    }

    /// The results for some of them, in order: from the bytes, or from the error of reading them.
    fn each<T: Send>(
        &self,
        paths: &[PathBuf],
        make: impl Fn(&Path, io::Result<Vec<u8>>) -> T + Sync,
    ) -> Vec<T> {
        let one = |path: &PathBuf| {
            let made = make(path, files::read(path));
            self.bar.inc(1);
            made
        };
        paths.par_iter().map(one).collect()
    }

    /// The last line: the number of files, and of each kind.
    fn summary<'a>(&self, counts: impl IntoIterator<Item = (u64, &'a str)>, nothing: impl Display) -> String {
        let counts = counts.into_iter().filter(|(count, _)| *count != 0);
        let counts: Vec<_> = counts.map(|(count, what)| format!("{count} {what}")).collect();
        let files =
            if self.paths.len() == 1 { "1 file".into() } else { format!("{} files", self.paths.len()) };
        if counts.is_empty() {
            format!("{files}: {nothing}")
        } else {
            format!("{files}: {}", counts.join(", "))
        }
    }
}

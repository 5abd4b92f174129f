//! The arguments of `compress` and `decompress`, and those of elks-compress.

use std::path::PathBuf;

use aout_minix::Section;
use aout_minix::compress::Level;
use clap::{Args, Parser};

#[derive(Args)]
pub(crate) struct Compress {
    /// Compress quickly: about forty files per second.
    #[arg(long, conflicts_with = "best")]
    fast: bool,
    /// Compress as tightly as possible: about half a percent smaller, in several seconds per file.
    #[arg(long)]
    best: bool,
    #[command(flatten)]
    pub(crate) places: Places,
}

impl Compress {
    pub(crate) const fn level(&self) -> Level {
        match (self.fast, self.best) {
            (true, _) => Level::Fast,
            (_, true) => Level::Best,
            _ => Level::Default,
        }
    }
}

#[derive(Args)]
pub(crate) struct Decompress {
    #[command(flatten)]
    pub(crate) places: Places,
}

// What is read, and what is written.
#[derive(Args)]
pub(crate) struct Places {
    /// The programs; - is standard input, which goes to standard output.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The file to write, or an existing folder; - is standard output. By default each file is replaced.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// Print errors only.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Print one JSON object per file instead of the table (docs/json.md).
    #[arg(long, conflicts_with = "quiet")]
    pub(crate) json: bool,
}

/// Compress ELKS programs in place.
///
/// A file that does not become shorter, is already compressed or is not an ELKS program is left unchanged,
/// and so are symbolic links; none of these is an error.
#[derive(Parser)]
#[command(name = "elks-compress", version, max_term_width = 100)]
pub(crate) struct ElksCompress {
    /// Report what is done with each section.
    #[arg(short)]
    pub(crate) verbose: bool,
    /// Keep the file, and write FILE.z.
    #[arg(short = 'z')]
    pub(crate) keep: bool,
    /// Compress the text; without -t, -f and -d, all three.
    #[arg(short)]
    text: bool,
    /// Compress the far text.
    #[arg(short)]
    far_text: bool,
    /// Compress the data.
    #[arg(short)]
    data: bool,
    /// Keep the file, and write this one; only with a single FILE.
    #[arg(short, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

impl ElksCompress {
    /// The sections to compress.
    pub(crate) fn sections(&self) -> Vec<Section> {
        let chosen = [self.text, self.far_text, self.data];
        let all = chosen == [false; 3];
        let sections = Section::LOADED.into_iter().zip(chosen);
        sections.filter(|(_, chosen)| all || *chosen).map(|(section, _)| section).collect()
    }
}

/// Decompress an ELKS program, in place or to another file.
///
/// Everything is kept: uncompressed sections, relocations and symbols. A file that is not compressed is left unchanged,
/// and OUT is not written; this is not an error.
#[derive(Parser)]
#[command(name = "decomp", version, max_term_width = 100)]
pub(crate) struct Decomp {
    /// The program.
    #[arg(value_name = "PROGRAM")]
    pub(crate) program: PathBuf,
    /// Keep the program, and write this file.
    #[arg(value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
}

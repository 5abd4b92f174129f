//! The names that the command answers to.

use std::ffi::OsStr;
use std::path::Path;

/// What the command was called as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Called {
    Execfmt,
    Coff2noff,
    Coff2flat,
    Chmem,
    Elf2elks,
    ElksCompress,
    Os2toelks,
}

impl Called {
    const TOOLS: [Self; 6] =
        [Self::Coff2noff, Self::Coff2flat, Self::Chmem, Self::Elf2elks, Self::ElksCompress, Self::Os2toelks];

    /// The name of this run: that of a tool, if the program was linked to one, without folder and `.exe`.
    pub(crate) fn of_this_run() -> Self {
        let path = std::env::args_os().next().unwrap_or_default();
        let name = Path::new(&path).file_stem().and_then(OsStr::to_str).unwrap_or_default();
        Self::TOOLS.into_iter().find(|tool| tool.name() == name).unwrap_or(Self::Execfmt)
    }

    /// The name, which begins every message.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Execfmt => "execfmt",
            Self::Coff2noff => "coff2noff",
            Self::Coff2flat => "coff2flat",
            Self::Chmem => "chmem",
            Self::Elf2elks => "elf2elks",
            Self::ElksCompress => "elks-compress",
            Self::Os2toelks => "os2toelks",
        }
    }
}

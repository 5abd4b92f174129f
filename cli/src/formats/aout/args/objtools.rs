//! The arguments of nm86, size86 and objdump86.

use std::path::PathBuf;

use clap::Parser;

/// List the symbols of ELKS programs and symbol files.
#[derive(Parser)]
#[command(name = "nm86", version, max_term_width = 100)]
pub(crate) struct Nm86 {
    /// Begin every line with the name of its file.
    #[arg(short = 'o')]
    pub(crate) names: bool,
    /// Accepted and ignored: nm86 always does this.
    #[arg(short = 'n')]
    pub(crate) symbols: bool,
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

/// Show the sizes of ELKS programs.
#[derive(Parser)]
#[command(name = "size86", version, max_term_width = 100)]
pub(crate) struct Size86 {
    /// Accepted and ignored: size86 always does this.
    #[arg(short = 's')]
    pub(crate) sizes: bool,
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

/// Show the sizes or list the symbols of ELKS programs.
#[derive(Parser)]
#[command(name = "objdump86", version, max_term_width = 100)]
pub(crate) struct Objdump86 {
    /// The sizes of text, data and bss, as size86 shows them.
    #[arg(short = 's', overrides_with = "symbols")]
    pub(crate) sizes: bool,
    /// The symbols, as nm86 lists them.
    #[arg(short = 'n', overrides_with = "sizes")]
    pub(crate) symbols: bool,
    /// With -n: begin every line with the name of its file.
    #[arg(short = 'o')]
    pub(crate) names: bool,
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

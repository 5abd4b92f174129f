//! `cargo xtask`: the one door to everything that is done with the workspace. CI calls the same commands.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

mod headers;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about, version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the C headers in include/ anew from the ffi crate.
    Headers {
        /// Only say whether they are stale.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Headers { check } => headers::run(check),
    }
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

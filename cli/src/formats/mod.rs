//! The command-line options common to all formats.

pub(crate) mod aout;
pub(crate) mod coyotos;
pub(crate) mod noff;
pub(crate) mod os2_ne;

use clap::Args;
pub(crate) use execfmt_formats::Format;

use aout::args::ElksOptions;
use coyotos::args::CoyotosOptions;
use noff::args::NoffOptions;

use crate::kernel::{self, Kernel};

// Options that files of each format do not record. The file determines which of them are used.
#[derive(Args, Clone, Copy, Default)]
pub(crate) struct FormatOptions {
    /// The kernels that the file is for; by default, the rules common to all kernels of its format are
    /// checked.
    #[arg(long = "for", env = kernel::ENVIRONMENT, value_parser = kernel::parser(), value_name = "KERNEL")]
    pub(crate) kernel: Option<Kernel>,
    #[command(flatten)]
    pub(crate) noff: NoffOptions,
    #[command(flatten)]
    pub(crate) elks: ElksOptions,
    #[command(flatten)]
    pub(crate) coyotos: CoyotosOptions,
}

impl From<FormatOptions> for execfmt_formats::Options {
    fn from(options: FormatOptions) -> Self {
        let FormatOptions { kernel, noff, elks, coyotos } = options;
        Self { kernel, noff: noff.into(), elks: elks.into(), coyotos: coyotos.into() }
    }
}

/// Identifies a file by its first bytes.
pub(crate) fn open<'a>(bytes: &'a [u8], options: &FormatOptions) -> Box<dyn Format + 'a> {
    execfmt_formats::open(bytes, &(*options).into())
}

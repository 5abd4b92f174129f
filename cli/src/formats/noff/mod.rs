//! NOFF on the command line.

pub(crate) mod args;

use std::io;

use execfmt_formats::noff::convert;
use noff::Layout;

pub(crate) use execfmt_formats::noff::Output;

use crate::conversion::file;
use crate::kernel::Kernel;
use crate::outcome::Outcome;
use args::Coff2;

/// `coff2noff IN OUT`. `four` is the layout under the name that the Makefiles of Nachos 4.0 call.
pub(crate) fn coff2noff(options: &Coff2, four: bool) -> io::Result<Outcome> {
    let usual = if four { Layout::Four } else { Layout::Three };
    let kernel = options.kernel.and_then(Kernel::nachos);
    let layout = options.layout.or(kernel.is_none().then_some(usual));
    let output = Output::Noff { kernel, layout, byte_order: None };
    file(&options.input, &options.output, false, |bytes| convert(bytes, output).map(Into::into))
}

/// `coff2flat IN OUT`.
pub(crate) fn coff2flat(options: &Coff2) -> io::Result<Outcome> {
    file(&options.input, &options.output, false, |bytes| convert(bytes, Output::Flat).map(Into::into))
}

//! The command-line options for NOFF.

use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};
use noff::{ByteOrder, Layout, PageSize};

use super::Output;
use crate::kernel::{self, Kernel};
use crate::number::{number, parse};

// Options that are not recorded in a NOFF file.
#[derive(Args, Clone, Copy, Default)]
#[command(next_help_heading = "NOFF options")]
pub(crate) struct NoffOptions {
    /// The number of segments in the header; by default taken from the file.
    #[arg(long, value_parser = layout, value_name = "3|4")]
    pub(crate) layout: Option<Layout>,
    /// Page size in bytes: a power of two up to 65536. [default: that of the kernel, or 128]
    #[arg(long, value_parser = page_size, value_name = "BYTES")]
    pub(crate) page_size: Option<PageSize>,
    /// Stack size in bytes. [default: that of the kernel, or 1024]
    #[arg(long, value_parser = number::<u32>, value_name = "BYTES")]
    pub(crate) stack_size: Option<u32>,
}

impl From<NoffOptions> for execfmt_formats::noff::NoffOptions {
    fn from(NoffOptions { layout, page_size, stack_size }: NoffOptions) -> Self {
        Self { layout, page_size, stack_size }
    }
}

// What to write with `--to noff`.
#[derive(Args, Clone, Copy)]
#[command(next_help_heading = "Options of --to noff")]
pub(crate) struct NoffConversion {
    /// The number of segments in the NOFF header. [default: that of the kernel, or 3]
    #[arg(long, value_parser = layout, value_name = "3|4")]
    pub(crate) layout: Option<Layout>,
    /// The byte order of the NOFF header's words. [default: that of the kernel, or little]
    #[arg(long, value_name = "ORDER")]
    pub(crate) byte_order: Option<Order>,
}

impl NoffConversion {
    /// What to write.
    pub(crate) fn output(self, kernel: Option<Kernel>) -> Output {
        let kernel = kernel.and_then(Kernel::nachos);
        Output::Noff { kernel, layout: self.layout, byte_order: self.byte_order.map(ByteOrder::from) }
    }

    /// The first option that was given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let options = [("--layout", self.layout.is_some()), ("--byte-order", self.byte_order.is_some())];
        options.into_iter().find(|(_, given)| *given).map(|(name, _)| name)
    }
}

/// Convert a MIPS COFF or ELF file, as the tool with this name does.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Coff2 {
    /// The file to convert.
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// The file to write.
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// The number of segments in the NOFF header. [default: 3, or 4 when called coff2noff.x86Linux]
    #[arg(long, value_parser = layout, value_name = "3|4")]
    pub(crate) layout: Option<Layout>,
    /// The Nachos kernels that will load the file.
    #[arg(long = "for", env = kernel::ENVIRONMENT, value_parser = kernel::parser(), value_name = "KERNEL")]
    pub(crate) kernel: Option<Kernel>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Order {
    /// For a kernel on a little-endian host: nearly all of them.
    Little,
    /// For a kernel on a big-endian host.
    Big,
}

impl From<Order> for ByteOrder {
    fn from(order: Order) -> Self {
        match order {
            Order::Little => Self::Little,
            Order::Big => Self::Big,
        }
    }
}

fn layout(text: &str) -> Result<Layout, String> {
    parse(text)
        .and_then(|count| u32::try_from(count).ok())
        .and_then(Layout::from_segment_count)
        .ok_or_else(|| "expected 3 or 4".into())
}

fn page_size(text: &str) -> Result<PageSize, String> {
    number(text).ok().and_then(PageSize::new).ok_or_else(|| "expected a power of two up to 65536".into())
}

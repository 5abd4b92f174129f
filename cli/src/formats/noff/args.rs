//! What the command line says of NOFF.

use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};
use noff::{ByteOrder, Layout, PageSize};

use super::Output;
use crate::number::{number, parse};

/// What a NOFF file does not tell of itself.
#[derive(Args, Clone, Copy)]
#[command(next_help_heading = "NOFF options")]
pub(crate) struct NoffOptions {
    /// The number of segments in the header; by default the file decides.
    #[arg(long, value_parser = layout, value_name = "3|4")]
    pub(crate) layout: Option<Layout>,
    /// Bytes in a page: a power of two up to 65536.
    #[arg(long, value_parser = page_size, default_value = "128", value_name = "BYTES")]
    pub(crate) page_size: PageSize,
    /// Bytes of stack.
    #[arg(long, value_parser = number::<u32>, default_value_t = noff::USER_STACK_SIZE, value_name = "BYTES")]
    pub(crate) stack_size: u32,
}

impl Default for NoffOptions {
    fn default() -> Self {
        Self { layout: None, page_size: PageSize::default(), stack_size: noff::USER_STACK_SIZE }
    }
}

/// What `--to noff` can be told.
#[derive(Args, Clone, Copy)]
#[command(next_help_heading = "Options of --to noff")]
pub(crate) struct NoffConversion {
    /// The number of segments in the NOFF header. [default: 3]
    #[arg(long, value_parser = layout, value_name = "3|4")]
    pub(crate) layout: Option<Layout>,
    /// The order of the bytes in the NOFF header's words. [default: little]
    #[arg(long, value_name = "ORDER")]
    pub(crate) byte_order: Option<Order>,
}

impl NoffConversion {
    /// What to write.
    pub(crate) fn output(self) -> Output {
        Output::Noff(
            self.layout.unwrap_or(Layout::Three),
            self.byte_order.map_or(ByteOrder::Little, ByteOrder::from),
        )
    }

    /// The first option that was given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let options = [("--layout", self.layout.is_some()), ("--byte-order", self.byte_order.is_some())];
        options.into_iter().find(|(_, given)| *given).map(|(name, _)| name)
    }
}

/// Convert a MIPS COFF or ELF file, as the tool of this name does.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Coff2 {
    /// The file to convert.
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// The file to write.
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// The number of segments in the NOFF header.
    #[arg(long, value_parser = layout, value_name = "3|4", default_value = "3")]
    pub(crate) layout: Layout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Order {
    /// For a kernel on a little-endian host: nearly every one.
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

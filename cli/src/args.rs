//! The command line.

use std::path::PathBuf;

use clap::{ArgAction, Args, ColorChoice, Parser, Subcommand, ValueEnum};
use noff::{ByteOrder, Layout, PageSize};

/// Inspect, check, map and convert executables of small systems.
#[derive(Parser)]
#[command(name = "execfmt", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 fine, 1 a file is malformed or refused, 2 usage or I/O.\n\
                        FILE may be - for standard input, OUT - for standard output.\n\
                        Linked to the name coff2noff or coff2flat, it takes that tool's arguments: IN OUT.")]
pub(crate) struct Arguments {
    /// When to use colour; auto heeds NO_COLOR.
    #[arg(long, global = true, value_name = "WHEN", default_value_t)]
    pub(crate) color: ColorChoice,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Say in words what a file is and what loading it takes.
    Info(Inspect),
    /// Report everything that is wrong or unusual about a file.
    Check(Check),
    /// Draw a file and the memory that it becomes.
    Map(Map),
    /// Convert an executable: MIPS ELF, MIPS COFF or NOFF to NOFF or a flat file.
    Convert(Convert),
}

#[derive(Args)]
pub(crate) struct Inspect {
    /// The files; - is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// One JSON object a line for each file (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) noff: NoffOptions,
}

#[derive(Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) inspect: Inspect,
    /// Refuse files for warnings too.
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Args)]
pub(crate) struct Map {
    /// The file; - is standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) noff: NoffOptions,
}

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
    #[arg(long, default_value_t = noff::USER_STACK_SIZE, value_name = "BYTES")]
    pub(crate) stack_size: u32,
}

#[derive(Args)]
pub(crate) struct Convert {
    /// The file to convert; - is standard input.
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// The file to write; - is standard output.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// The format to write.
    #[arg(long)]
    pub(crate) to: Target,
    /// The number of segments in the NOFF header. [default: 3]
    #[arg(long, value_parser = layout, value_name = "3|4")]
    pub(crate) layout: Option<Layout>,
    /// The order of the bytes in the NOFF header's words. [default: little]
    #[arg(long, value_name = "ORDER")]
    pub(crate) byte_order: Option<Order>,
    /// Say nothing but errors.
    #[arg(short, long, action = ArgAction::SetTrue)]
    pub(crate) quiet: bool,
}

/// Convert a MIPS COFF or ELF file, as the tool of this name does.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Classic {
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
pub(crate) enum Target {
    /// A Nachos executable.
    Noff,
    /// The bare bytes of a program, to be loaded at address 0.
    Flat,
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
    text.parse().ok().and_then(Layout::from_segment_count).ok_or_else(|| "expected 3 or 4".into())
}

fn page_size(text: &str) -> Result<PageSize, String> {
    text.parse().ok().and_then(PageSize::new).ok_or_else(|| "expected a power of two up to 65536".into())
}

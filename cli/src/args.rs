//! The command line.

use std::ops::Range;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{ArgAction, Args, ColorChoice, Parser, Subcommand, ValueEnum};

use nachos_cross::family::FAMILIES;

use crate::examples;
use crate::formats::FormatOptions;
use crate::formats::aout::args::{Chmem, Compress, Decompress, ElksConversion, Load};
use crate::formats::coyotos::Part;
use crate::formats::coyotos::args::{Coyotos, CoyotosConversion, ElfConversion, Reading};
use crate::formats::noff::args::NoffConversion;
use crate::kernel::{self, Kernel};
use crate::number::number;

/// Inspect, check, map and convert executables of small systems.
#[derive(Parser)]
#[command(name = "execfmt", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 success, 1 a file is malformed or refused, 2 usage or I/O.\n\
                        FILE and IN may be - for standard input, OUT may be - for standard output.\n\
                        Linked to the name of a tool that it replaces, it takes that tool's arguments: \
                        coff2noff, coff2flat, chmem, elf2elks, elks-compress, os2toelks, decomp, nm86, size86, objdump86, \
                        mkimage.")]
pub(crate) struct Arguments {
    /// When to use colour; auto respects NO_COLOR.
    #[arg(long, global = true, value_name = "WHEN", default_value_t)]
    pub(crate) color: ColorChoice,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
// Only the definition of the subcommand in use is built. It is built after the text of its help is set, which
// the documentation of a group of options would replace: such groups have ordinary comments.
#[command(defer = true)]
pub(crate) enum Command {
    /// Describe a file, and what is needed to load it.
    #[command(after_help = examples::INFO)]
    Info(Info),
    /// Report all errors and warnings of a file.
    #[command(after_help = examples::CHECK)]
    Check(Check),
    /// Draw a file and the memory that it is loaded into.
    #[command(after_help = examples::MAP)]
    Map(Map),
    /// Show the bytes of a file with the fields and parts that they belong to.
    #[command(after_help = examples::HEX)]
    Hex(Hex),
    /// Show how two files differ, in terms of their fields, parts, memory and verdicts.
    ///
    /// The exit code is 0 when they are the same, 1 when they differ, and 2 when one cannot be read.
    #[command(after_help = examples::DIFF)]
    Diff(Diff),
    /// Convert an executable: MIPS ELF, MIPS COFF or NOFF to NOFF, COFF, ELF or a flat file; ia16 ELF or OS/2 NE to ELKS, and
    /// ELKS or Minix to ELF; ELF to a Coyotos image, and back.
    #[command(after_help = examples::CONVERT)]
    Convert(Box<Convert>),
    /// Show or change how much memory an ELKS program requests.
    #[command(disable_help_flag = true, args_override_self = true, after_help = examples::CHMEM)]
    Chmem(Chmem),
    /// Compress ELKS programs; the kernel decompresses them when it executes them.
    #[command(after_help = examples::COMPRESS)]
    Compress(Compress),
    /// Decompress ELKS programs.
    #[command(after_help = examples::DECOMPRESS)]
    Decompress(Decompress),
    /// List the symbols of an ELKS or Minix program, or of a Coyotos image.
    #[command(after_help = examples::SYMBOLS)]
    Symbols(SymbolList),
    /// List the relocations of an ELKS or Minix program, or of an OS/2 NE program.
    #[command(after_help = examples::RELOCS)]
    Relocs(List),
    /// Load a program and write the resulting memory to files.
    #[command(after_help = examples::LOAD)]
    Load(Load),
    /// Create a folder that replaces the old cross compiler of Nachos courses, using a current gcc or clang.
    #[command(after_help = examples::TOOLCHAIN)]
    Toolchain(Toolchain),
    /// Build, list, unpack and pack Coyotos images.
    #[command(subcommand)]
    Coyotos(Coyotos),
}

#[derive(Args)]
pub(crate) struct Inspect {
    /// The files; - is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print one JSON object per file, on one line each (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) formats: FormatOptions,
}

#[derive(Args)]
pub(crate) struct Info {
    #[command(flatten)]
    pub(crate) inspect: Inspect,
    /// Describe every file below folders, in the order of their names. Files of unknown formats are counted.
    #[arg(short, long)]
    pub(crate) recursive: bool,
    /// With --recursive, print only the totals.
    #[arg(short, long, requires = "recursive", conflicts_with = "json")]
    pub(crate) quiet: bool,
}

#[derive(Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) inspect: Inspect,
    /// Treat warnings as errors.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Check all files below the given folders. Refused files are listed first, then those with warnings; the others are
    /// counted, and so are files of unknown formats.
    #[arg(short, long)]
    pub(crate) recursive: bool,
    /// With --recursive, print only the totals.
    #[arg(short, long, requires = "recursive", conflicts_with = "json")]
    pub(crate) quiet: bool,
}

#[derive(Args)]
pub(crate) struct Map {
    /// The file; - is standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Print JSON (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
    /// Draw every row; by default, runs of equal rows are folded.
    #[arg(long)]
    pub(crate) full: bool,
    /// Draw only these addresses: START..END, or START+LENGTH.
    #[arg(long, value_parser = addresses, value_name = "RANGE")]
    pub(crate) range: Option<Range<u64>>,
    /// Write the picture as an SVG file; - is standard output.
    #[arg(long, value_name = "OUT", conflicts_with_all = ["json", "full", "range"])]
    pub(crate) svg: Option<PathBuf>,
    /// Write an HTML page with the picture, the findings and a table of the parts; - is standard output.
    #[arg(long, value_name = "OUT", conflicts_with_all = ["json", "full", "range"])]
    pub(crate) html: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) formats: FormatOptions,
}

#[derive(Args)]
pub(crate) struct Hex {
    /// The file; - is standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Show every row of every part.
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) formats: FormatOptions,
}

#[derive(Args)]
pub(crate) struct Diff {
    /// The first file; - is standard input.
    #[arg(value_name = "FIRST")]
    pub(crate) first: PathBuf,
    /// The second file.
    #[arg(value_name = "SECOND")]
    pub(crate) second: PathBuf,
    #[command(flatten)]
    pub(crate) formats: FormatOptions,
}

fn addresses(text: &str) -> Result<Range<u64>, String> {
    match text.parse() {
        Ok(Part::Range(start, length)) => Ok(start..start.saturating_add(length)),
        _ => Err("expected two numbers in ascending order: START..END, or START+LENGTH".into()),
    }
}

#[derive(Args)]
pub(crate) struct List {
    /// The file; - is standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Print JSON (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct SymbolList {
    #[command(flatten)]
    pub(crate) list: List,
    /// Show only the symbol at this address or the last one below it, in each segment of an ELKS or Minix
    /// program.
    #[arg(long, value_parser = number::<u32>, value_name = "ADDRESS")]
    pub(crate) addr: Option<u32>,
    #[command(flatten)]
    pub(crate) reading: Reading,
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
    /// Print errors only.
    #[arg(short, long, action = ArgAction::SetTrue)]
    pub(crate) quiet: bool,
    /// The kernels that will load the file; this sets the layout and byte order, and the rules to check.
    #[arg(long = "for", env = kernel::ENVIRONMENT, value_parser = kernel::parser(), value_name = "KERNEL")]
    pub(crate) kernel: Option<Kernel>,
    #[command(flatten)]
    pub(crate) noff: NoffConversion,
    #[command(flatten)]
    pub(crate) elks: ElksConversion,
    #[command(flatten)]
    pub(crate) coyotos: CoyotosConversion,
    #[command(flatten)]
    pub(crate) elf: ElfConversion,
}

#[derive(Args)]
pub(crate) struct Toolchain {
    /// The folder to create; it need not be in PATH.
    #[arg(value_name = "DIR", required_unless_present = "check")]
    pub(crate) folder: Option<PathBuf>,
    /// The courses that it is for; this determines the format, and the rules by which each program is
    /// checked.
    #[arg(long = "for", value_name = "FAMILY", value_parser = families())]
    pub(crate) family: Option<String>,
    /// gcc, clang, or the path of a compiler. [default: the first one found]
    #[arg(long, value_name = "COMPILER")]
    pub(crate) compiler: Option<String>,
    /// Only report which compilers are installed, and what to install.
    #[arg(long, conflicts_with_all = ["folder", "family", "compiler"])]
    pub(crate) check: bool,
}

fn families() -> PossibleValuesParser {
    let names = FAMILIES.iter().map(|family| PossibleValue::new(family.name).help(family.courses));
    PossibleValuesParser::new(names)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// A Nachos executable.
    Noff,
    /// The contents of a program's memory, to be loaded at address 0.
    Flat,
    /// A MIPS COFF executable, which Nachos 5.0j loads.
    Coff,
    /// An ELKS executable.
    Elks,
    /// An OS/2 NE executable that ELKS accepts, from one in which segments have no bytes in the file.
    Os2Ne,
    /// A Coyotos image with one process.
    Coyotos,
    /// An ELF program, for objdump, gdb and other tools: from a NOFF or COFF program, or from an address
    /// space of a Coyotos image.
    Elf,
}

//! The command-line options for Coyotos.

use std::path::PathBuf;

use clap::{ArgAction, Args, Subcommand, ValueEnum};
use coyotos_image::{Arch, Loader, Packing, Rules};
use execfmt_formats::coyotos::{self, MAX_INFLATED};
use serde::{Deserialize, Serialize};

use super::mkimage::args::Mkimage;
use super::select::{Object, Part};
use crate::examples;
use crate::number::number;

// Options that an image does not record.
#[derive(Args, Clone, Copy, Default)]
#[command(next_help_heading = "Coyotos options")]
pub(crate) struct CoyotosOptions {
    /// The rules by which an image is checked.
    #[arg(long, value_name = "RULES", default_value = "full")]
    pub(crate) rules: RulesName,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

// How to read an image.
#[derive(Args, Clone, Copy)]
#[command(next_help_heading = "Coyotos options")]
pub(crate) struct Reading {
    /// How bit-fields are packed into the words of an image for a big-endian machine.
    #[arg(long, value_name = "PACKING", default_value = "as-written")]
    pub(crate) packing: PackingName,
    /// Maximum size of the contents of a gzip file, in bytes.
    #[arg(long, value_parser = number::<u64>, value_name = "BYTES", default_value_t = MAX_INFLATED)]
    pub(crate) max_inflated: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesName {
    #[default]
    /// All rules.
    #[value(alias = "thorough")]
    Full,
    /// The original library's 16 rules and only the header checks of its kernel.
    #[value(aliases = ["original", "coyotos-original"])]
    Reference,
}

impl Default for Reading {
    fn default() -> Self {
        Self { packing: PackingName::default(), max_inflated: MAX_INFLATED }
    }
}

impl From<Reading> for coyotos::Reading {
    fn from(Reading { packing, max_inflated }: Reading) -> Self {
        Self { packing: packing.into(), max_inflated }
    }
}

impl From<CoyotosOptions> for coyotos::CoyotosOptions {
    fn from(CoyotosOptions { rules, reading }: CoyotosOptions) -> Self {
        Self { loader: rules.into(), reading: reading.into() }
    }
}

impl From<RulesName> for Rules {
    fn from(name: RulesName) -> Self {
        Loader::from(name).rules()
    }
}

impl From<RulesName> for Loader {
    fn from(name: RulesName) -> Self {
        match name {
            RulesName::Full => Self::Careful,
            RulesName::Reference => Self::Original,
        }
    }
}

/// By its name on the command line, which is also that in a manifest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PackingName {
    #[default]
    /// From the lowest bit up, as the original writes them for every machine.
    AsWritten,
    /// From the highest bit down, as a compiler for the machine would.
    NativeBigEndian,
}

impl From<PackingName> for Packing {
    fn from(name: PackingName) -> Self {
        match name {
            PackingName::AsWritten => Self::AsWritten,
            PackingName::NativeBigEndian => Self::NativeBigEndian,
        }
    }
}

impl From<Packing> for PackingName {
    fn from(packing: Packing) -> Self {
        match packing {
            Packing::AsWritten => Self::AsWritten,
            Packing::NativeBigEndian => Self::NativeBigEndian,
        }
    }
}

// The options of `--to coyotos`.
#[derive(Args, Clone)]
#[command(next_help_heading = "Options of --to coyotos")]
pub(crate) struct CoyotosConversion {
    /// The architecture: i386, coldfire or arm. [default: the program's]
    #[arg(long, value_name = "ARCH", value_parser = arch)]
    pub(crate) arch: Option<Arch>,
    /// Make the pages that the original loader makes.
    #[arg(long)]
    pub(crate) compat: bool,
    /// Make the input of a constructor for the small memory model, and no process: a weak space of at most 16
    /// pages, and the page from which a new process starts.
    #[arg(long)]
    pub(crate) constructor: bool,
    /// The ProtoSpace program, which a new process runs first: an ELF file of one page at address 0, whose
    /// code begins at byte 8.
    #[arg(long, value_name = "FILE", requires = "constructor")]
    pub(crate) proto: Option<PathBuf>,
    /// Keep symbols in the image, and write a side file for debuggers.
    #[arg(long, value_name = "FILE")]
    pub(crate) debug: Option<PathBuf>,
    /// Write the image uncompressed.
    #[arg(long)]
    pub(crate) no_gzip: bool,
    /// Maximum size of the image in bytes. [default: 268435456]
    #[arg(long, value_parser = number::<u64>, value_name = "BYTES")]
    pub(crate) max_image: Option<u64>,
}

impl CoyotosConversion {
    /// The limit of an image's size: by default, the same as for reading one.
    pub(crate) fn max_image(&self) -> u64 {
        self.max_image.unwrap_or(MAX_INFLATED)
    }

    /// The first option that was given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let options = [
            ("--arch", self.arch.is_some()),
            ("--compat", self.compat),
            ("--constructor", self.constructor),
            ("--proto", self.proto.is_some()),
            ("--debug", self.debug.is_some()),
            ("--no-gzip", self.no_gzip),
            ("--max-image", self.max_image.is_some()),
        ];
        options.into_iter().find(|(_, given)| *given).map(|(name, _)| name)
    }
}

// The options of `--to elf`.
#[derive(Args, Clone)]
#[command(next_help_heading = "Options of --to elf, from a Coyotos image")]
pub(crate) struct ElfConversion {
    /// The address space: of a process such as process:0, or by its root such as gpt:3. [default: that of the first
    /// process, or the only root]
    #[arg(long, value_name = "OBJECT")]
    pub(crate) of: Option<Object>,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

impl ElfConversion {
    /// The first option that was given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        self.of.map(|_| "--of")
    }
}

/// Build, list, unpack and pack Coyotos images.
#[derive(Subcommand)]
#[command(defer = true)]
#[command(subcommand_value_name = "WHAT", subcommand_help_heading = "What to do")]
pub(crate) enum Coyotos {
    /// Build an image from a recipe of calls, one per line (docs/coyotos-image.md).
    #[command(after_help = examples::BUILD)]
    Build(Build),
    /// Build an image with scripts in the language of Coyotos's mkimage (docs/mkimage.md).
    #[command(after_help = examples::MKIMAGE)]
    Mkimage(Box<Mkimage>),
    /// List the objects of an image.
    #[command(after_help = examples::LS)]
    Ls(Ls),
    /// List what an address space maps, one address per line.
    #[command(after_help = examples::SPACE)]
    Space(Space),
    /// List the capabilities that an object holds.
    #[command(after_help = examples::CAPS)]
    Caps(Caps),
    /// Write the bytes of an object, or of a range of addresses.
    #[command(after_help = examples::EXTRACT)]
    Extract(Extract),
    /// Unpack an image into a folder with a manifest and the contents of its pages.
    #[command(after_help = examples::UNPACK)]
    Unpack(Unpack),
    /// Pack such a folder, edited or not, into an image.
    #[command(after_help = examples::PACK)]
    Pack(Pack),
}

#[derive(Args)]
pub(crate) struct Build {
    /// The recipe; - is standard input. Files that it names are relative to the current folder.
    #[arg(value_name = "RECIPE")]
    pub(crate) recipe: PathBuf,
    /// The image to write after the last line; - is standard output. By default, the `file` lines of the
    /// recipe name the files to write.
    #[arg(short, long, value_name = "IMAGE")]
    pub(crate) output: Option<PathBuf>,
    /// Write the image uncompressed.
    #[arg(long)]
    pub(crate) no_gzip: bool,
    /// Print errors only.
    #[arg(short, long, action = ArgAction::SetTrue)]
    pub(crate) quiet: bool,
}

#[derive(Args)]
pub(crate) struct Ls {
    /// The image; - is standard input.
    #[arg(value_name = "IMAGE")]
    pub(crate) image: PathBuf,
    /// Print one JSON object per entry, on one line each (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Args)]
pub(crate) struct Space {
    /// The image; - is standard input.
    #[arg(value_name = "IMAGE")]
    pub(crate) image: PathBuf,
    /// The address space: of a process such as process:0, or by its root such as gpt:3. [default: that of the first
    /// process, or the only root]
    #[arg(value_name = "OBJECT")]
    pub(crate) of: Option<Object>,
    /// Print a JSON list (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Args)]
pub(crate) struct Caps {
    /// The image; - is standard input.
    #[arg(value_name = "IMAGE")]
    pub(crate) image: PathBuf,
    /// The object: cappage:N, gpt:N, endpoint:N or process:N.
    #[arg(value_name = "OBJECT")]
    pub(crate) object: Object,
    /// Show empty slots too.
    #[arg(short, long)]
    pub(crate) all: bool,
    /// Print one JSON object per entry, on one line each (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Args)]
pub(crate) struct Extract {
    /// The image; - is standard input.
    #[arg(value_name = "IMAGE")]
    pub(crate) image: PathBuf,
    /// An object such as page:3, or a range of addresses: START..END or START+LENGTH.
    #[arg(value_name = "PART")]
    pub(crate) part: Part,
    /// The address space of the addresses: see `space`.
    #[arg(long, value_name = "OBJECT")]
    pub(crate) of: Option<Object>,
    /// The file to write; - is standard output.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Args)]
pub(crate) struct Unpack {
    /// The image; - is standard input.
    #[arg(value_name = "IMAGE")]
    pub(crate) image: PathBuf,
    /// The folder to create.
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Args)]
pub(crate) struct Pack {
    /// The folder.
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// The image to write; - is standard output.
    #[arg(short, long, value_name = "IMAGE")]
    pub(crate) output: PathBuf,
}

pub(super) fn arch(text: &str) -> Result<Arch, String> {
    Arch::from_name(text).ok_or_else(|| "expected i386, coldfire or arm".into())
}

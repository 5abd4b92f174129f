//! What the command line says of Coyotos.

use std::path::PathBuf;

use clap::{ArgAction, Args, Subcommand, ValueEnum};
use coyotos_image::{Arch, Loader, Packing, Rules};
use serde::{Deserialize, Serialize};

use super::mkimage::args::Mkimage;
use super::select::{Object, Part};
use crate::number::number;

/// The most bytes that a gzip file may hold unless told otherwise: more than any known image has.
pub(super) const MAX_INFLATED: u64 = 1 << 28;

/// What an image does not tell of itself.
#[derive(Args, Clone, Copy, Default)]
#[command(next_help_heading = "Coyotos options")]
pub(crate) struct CoyotosOptions {
    /// The rules that an image is checked by.
    #[arg(long, value_name = "RULES", default_value = "full")]
    pub(crate) rules: RulesName,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// How to read an image.
#[derive(Args, Clone, Copy)]
#[command(next_help_heading = "Coyotos options")]
pub(crate) struct Reading {
    /// How bit-fields lie in the words of an image for a big-endian machine.
    #[arg(long, value_name = "PACKING", default_value = "as-written")]
    pub(crate) packing: PackingName,
    /// The most bytes that a gzip file may hold.
    #[arg(long, value_parser = number::<u64>, value_name = "BYTES", default_value_t = MAX_INFLATED)]
    pub(crate) max_inflated: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesName {
    #[default]
    /// All that execfmt knows.
    #[value(alias = "thorough")]
    Full,
    /// The 16 rules of the original library and what its kernel checks of the header, and nothing else.
    #[value(aliases = ["original", "coyotos-original"])]
    Reference,
}

impl Default for Reading {
    fn default() -> Self {
        Self { packing: PackingName::default(), max_inflated: MAX_INFLATED }
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

/// By its name on the command line, which is that in a manifest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PackingName {
    #[default]
    /// From the lowest bit on, as the original writes them for every machine.
    AsWritten,
    /// From the highest bit on, as a compiler for the machine would.
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

/// What `--to coyotos` can be told.
#[derive(Args, Clone)]
#[command(next_help_heading = "Options of --to coyotos")]
pub(crate) struct CoyotosConversion {
    /// The architecture: i386, coldfire or arm. [default: the program's]
    #[arg(long, value_name = "ARCH", value_parser = arch)]
    pub(crate) arch: Option<Arch>,
    /// Make the pages that the original loader makes.
    #[arg(long)]
    pub(crate) compat: bool,
    /// Make what a constructor of the small model takes, and no process: a weak space of at most 16 pages, and the page
    /// from which a new process starts.
    #[arg(long)]
    pub(crate) constructor: bool,
    /// The ProtoSpace program, which a new process runs first: an ELF file of one page at address 0, whose code begins at
    /// byte 8.
    #[arg(long, value_name = "FILE", requires = "constructor")]
    pub(crate) proto: Option<PathBuf>,
    /// Keep symbols in the image, and write what a debugger needs to a file of its own.
    #[arg(long, value_name = "FILE")]
    pub(crate) debug: Option<PathBuf>,
    /// Write a plain image and not a gzip file.
    #[arg(long)]
    pub(crate) no_gzip: bool,
    /// The most bytes that the image may take: a program asks for as much memory as it likes. [default: 268435456]
    #[arg(long, value_parser = number::<u64>, value_name = "BYTES")]
    pub(crate) max_image: Option<u64>,
}

impl CoyotosConversion {
    /// What an image may take: unless told otherwise, what is read of one.
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

/// What `--to elf` can be told.
#[derive(Args, Clone)]
#[command(next_help_heading = "Options of --to elf, from a Coyotos image")]
pub(crate) struct ElfConversion {
    /// Whose space: a process such as process:0, or the root of one such as gpt:3. [default: that of the first process,
    /// or the only root]
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

/// Build and take apart Coyotos images.
#[derive(Subcommand)]
#[command(defer = true)]
#[command(subcommand_value_name = "WHAT", subcommand_help_heading = "What to do")]
pub(crate) enum Coyotos {
    /// Build an image from a recipe, a call a line (docs/coyotos-image.md).
    Build(Build),
    /// Build an image with scripts in the language of Coyotos's mkimage (docs/mkimage.md).
    Mkimage(Box<Mkimage>),
    /// List the objects of an image.
    Ls(Ls),
    /// List what an address space maps, an address a line.
    Space(Space),
    /// List the capabilities that an object holds.
    Caps(Caps),
    /// Write the bytes of an object, or of a range of addresses.
    Extract(Extract),
    /// Take an image apart: a folder with a manifest and the contents of its pages.
    Unpack(Unpack),
    /// Put such a folder together again, as it was or changed.
    Pack(Pack),
}

#[derive(Args)]
pub(crate) struct Build {
    /// The recipe; - is standard input. Files that it names are looked for from the current folder.
    #[arg(value_name = "RECIPE")]
    pub(crate) recipe: PathBuf,
    /// The image to write, as it is after the last line; - is standard output. Without it, the `file` lines of the
    /// recipe say what is written.
    #[arg(short, long, value_name = "IMAGE")]
    pub(crate) output: Option<PathBuf>,
    /// Write a plain image and not a gzip file.
    #[arg(long)]
    pub(crate) no_gzip: bool,
    /// Say nothing but errors.
    #[arg(short, long, action = ArgAction::SetTrue)]
    pub(crate) quiet: bool,
}

#[derive(Args)]
pub(crate) struct Ls {
    /// The image; - is standard input.
    #[arg(value_name = "IMAGE")]
    pub(crate) image: PathBuf,
    /// One JSON object a line for each entry (docs/json.md).
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
    /// Whose space: a process such as process:0, or the root of one such as gpt:3. [default: that of the first process,
    /// or the only root]
    #[arg(value_name = "OBJECT")]
    pub(crate) of: Option<Object>,
    /// A JSON list (docs/json.md).
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
    /// One JSON object a line for each entry (docs/json.md).
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
    /// Whose space the addresses are of: see `space`.
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
    /// The folder to make.
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

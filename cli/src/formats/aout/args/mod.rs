//! The command-line options for ELKS, and the arguments of its tools.

mod compress;
mod objtools;

use std::path::{Path, PathBuf};

use aout_minix::convert::{DataMemory, ElfOptions, MemoryOption, Rom};
use aout_minix::{CheckOptions, elks};
use clap::{ArgAction, Args, Parser, ValueEnum};
use execfmt_formats::aout;
use execfmt_formats::chmem::{Change, MinixChange, Task};

pub(crate) use compress::{Compress, Decomp, Decompress, ElksCompress, Places};
pub(crate) use objtools::{Nm86, Objdump86, Size86};

use crate::kernel::{self, Kernel};
use crate::number::number;

// Options that an a.out file does not record.
#[derive(Args, Clone, Copy)]
#[command(next_help_heading = "ELKS options")]
pub(crate) struct ElksOptions {
    /// Size of the argument block in bytes: argc, argv, environment and strings.
    ///
    /// The default is the smallest one that execve passes: a one-letter name and nothing else.
    #[arg(long = "args", value_parser = number::<u16>, default_value_t = elks::MIN_ARGUMENT_BYTES, value_name = "BYTES")]
    pub(crate) argument_bytes: u16,
}

impl From<ElksOptions> for aout::ElksOptions {
    fn from(ElksOptions { argument_bytes }: ElksOptions) -> Self {
        Self { argument_bytes }
    }
}

impl From<ElksOptions> for CheckOptions {
    fn from(options: ElksOptions) -> Self {
        aout::ElksOptions::from(options).into()
    }
}

impl Default for ElksOptions {
    fn default() -> Self {
        Self { argument_bytes: elks::MIN_ARGUMENT_BYTES }
    }
}

impl From<ElksOptions> for elks::Options {
    fn from(options: ElksOptions) -> Self {
        CheckOptions::from(options).elks()
    }
}

// The options of `--to elks`, which are those of elf2elks. Numbers are decimal, hexadecimal after 0x or octal after 0.
#[derive(Args, Clone)]
#[command(next_help_heading = "Options of --to elks, from ELF")]
pub(crate) struct ElksConversion {
    /// Text, data and stack share one segment.
    #[arg(long)]
    pub(crate) tiny: bool,
    /// Bytes of stack; 0 for the kernel's default of 4096.
    #[arg(long, value_parser = number::<u16>, default_value = "0", hide_default_value = true, value_name = "BYTES")]
    pub(crate) stack: u16,
    /// Bytes of heap; 0 for the kernel's default of 4096, 0xfff0 and above for as much as fits.
    #[arg(long, value_parser = number::<u16>, default_value = "0", hide_default_value = true, value_name = "BYTES")]
    pub(crate) heap: u16,
    /// Bytes of heap and stack together, in a header of version 0.
    #[arg(long, value_parser = number::<u16>, default_value = "0", hide_default_value = true, value_name = "BYTES")]
    pub(crate) chmem: u16,
    /// Bytes of data, bss, heap and stack together, in a header of version 0.
    #[arg(long, value_parser = number::<u16>, default_value = "0", hide_default_value = true, value_name = "BYTES")]
    pub(crate) total_data: u16,
    /// For a ROM: the paragraph at which the file will be.
    #[arg(long, value_parser = number::<u16>, requires = "data_seg", value_name = "PARAGRAPH")]
    pub(crate) aout_seg: Option<u16>,
    /// For a ROM: the paragraph at which the data will be.
    #[arg(long, value_parser = number::<u16>, requires = "aout_seg", value_name = "PARAGRAPH")]
    pub(crate) data_seg: Option<u16>,
    /// Put a symbol table into the file.
    #[arg(long)]
    pub(crate) symtab: bool,
    /// Write the symbol table to a separate file.
    #[arg(long, value_name = "FILE")]
    pub(crate) symfile: Option<PathBuf>,
}

impl ElksConversion {
    /// The first option that was given, where 0 counts as not given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let options = [
            ("--tiny", self.tiny),
            ("--stack", self.stack != 0),
            ("--heap", self.heap != 0),
            ("--chmem", self.chmem != 0),
            ("--total-data", self.total_data != 0),
            ("--aout-seg", self.aout_seg.is_some()),
            ("--symtab", self.symtab),
            ("--symfile", self.symfile.is_some()),
        ];
        options.into_iter().find(|(_, given)| *given).map(|(name, _)| name)
    }

    /// The same for the converter.
    ///
    /// # Errors
    /// The two options that exclude each other.
    pub(crate) fn for_elf(&self) -> Result<ElfOptions, String> {
        let memory = DataMemory::from_options(self.total_data, self.chmem, self.heap, self.stack);
        let name = |option| match option {
            MemoryOption::TotalData => "--total-data",
            MemoryOption::Chmem => "--chmem",
            MemoryOption::Stack => "--stack",
            MemoryOption::Heap => "--heap",
        };
        let memory = memory.map_err(|(first, second)| {
            let (first, second) = (name(first), name(second));
            format!(
                "{first} and {second} exclude each other: give --total-data, --chmem, or --heap and --stack"
            )
        })?;
        let rom = self.aout_seg.zip(self.data_seg);
        Ok(ElfOptions {
            tiny: self.tiny,
            rom: rom.map(|(aout_seg, data_seg)| Rom { aout_seg, data_seg }),
            memory,
            symtab: self.symtab,
            symfile: self.symfile.is_some(),
        })
    }
}

// Which files to show or change, and how. `-h` is the heap, as in the original.
#[derive(Args)]
pub(crate) struct Chmem {
    /// Bytes of heap; 0 for the kernel's default of 4096, 0xfff0 and above for as much as fits.
    #[arg(short = 'h', long, value_parser = number::<u32>, value_name = "BYTES")]
    heap: Option<u32>,
    /// Bytes of stack; 0 for the kernel's default of 4096.
    #[arg(short, long, value_parser = number::<u32>, value_name = "BYTES")]
    stack: Option<u32>,
    /// Print one JSON object per file instead of the rows (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
    /// Print help.
    #[arg(long, action = ArgAction::Help)]
    help: Option<bool>,
    /// The files. As in Minix, =BYTES, +BYTES or -BYTES before them sets or changes heap and stack together.
    #[arg(required = true, allow_negative_numbers = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Chmem {
    /// What to do, and with which files.
    ///
    /// # Errors
    /// Options that do not go together.
    pub(crate) fn task(&self) -> Result<(Task, &[PathBuf]), &'static str> {
        let change = Change { heap: self.heap, stack: self.stack };
        let changes = change != Change::default();
        match self.files.split_first() {
            Some((first, files)) if minix(first).is_some() => match minix(first) {
                Some(_) if changes => Err("-h and -s cannot be combined with =BYTES, +BYTES or -BYTES"),
                Some(_) if files.is_empty() => Err("a file is missing after the change"),
                Some(amount) => Ok((Task::Minix(amount), files)),
                None => Ok((Task::Show, files)),
            },
            _ if changes => Ok((Task::Change(change), &self.files)),
            _ => Ok((Task::Show, &self.files)),
        }
    }
}

/// `=BYTES`, `+BYTES` or `-BYTES`.
fn minix(argument: &Path) -> Option<MinixChange> {
    let (sign, digits) = argument.to_str()?.split_at_checked(1)?;
    let amount = number::<u32>(digits).ok()?;
    match sign {
        "=" => Some(MinixChange::Exactly(amount)),
        "+" => Some(MinixChange::More(amount)),
        "-" => Some(MinixChange::Less(amount)),
        _ => None,
    }
}

// Where to load a program, and where to write the memory.
#[derive(Args)]
pub(crate) struct Load {
    /// The program; - is standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// As ELKS loads it.
    #[arg(long, required = true)]
    elks: bool,
    /// The paragraph of the text: CS.
    #[arg(long, value_parser = number::<u16>, value_name = "PARAGRAPH", required_unless_present = "at")]
    pub(crate) cs: Option<u16>,
    /// The paragraph of the data: DS, ES and SS.
    #[arg(long, value_parser = number::<u16>, value_name = "PARAGRAPH", required_unless_present = "at")]
    pub(crate) ds: Option<u16>,
    /// The paragraphs of the segments of an OS/2 NE program, in their order.
    #[arg(long, value_parser = number::<u16>, value_name = "PARAGRAPH,...", value_delimiter = ',', conflicts_with_all = ["cs", "ds"])]
    pub(crate) at: Vec<u16>,
    /// The folder for text.bin, ftext.bin and data.bin, or segment1.bin and so on; created if it does not exist.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// The kernel that loads it: elks, or elks-minimal.
    #[arg(long = "for", value_parser = kernel::parser(), value_name = "KERNEL")]
    pub(crate) kernel: Option<Kernel>,
    #[command(flatten)]
    pub(crate) options: ElksOptions,
}

/// Show or change the memory of ELKS programs.
#[derive(Parser)]
#[command(name = "chmem", version, max_term_width = 100, disable_help_flag = true, args_override_self = true)]
pub(crate) struct ChmemTool {
    #[command(flatten)]
    pub(crate) chmem: Chmem,
}

/// Convert an ELF file of ia16-elf-ld into an ELKS executable, in place.
#[derive(Parser)]
#[command(name = "elf2elks", version, max_term_width = 100, args_override_self = true)]
pub(crate) struct Elf2elks {
    /// Report what is written.
    #[arg(short)]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) options: ElksConversion,
    /// The file, which becomes the executable.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// A second file, as other converters take one. Accepted only so that the message can show the right way.
    #[arg(value_name = "OUT", hide = true)]
    pub(crate) output: Option<PathBuf>,
}

/// Convert an OS/2 program into an ELKS executable.
#[derive(Parser)]
#[command(name = "os2toelks", version, max_term_width = 100)]
pub(crate) struct Os2toelks {
    /// The format to write.
    #[arg(short, value_name = "FORMAT")]
    pub(crate) format: Os2Target,
    /// The file to write.
    #[arg(short, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// The file to convert.
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
}

/// The formats of os2toelks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Os2Target {
    /// An ELKS executable.
    Elks,
}

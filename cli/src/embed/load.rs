//! Programs in memory, as their kernels load them.

use aout_minix::elks::Segments;
use clap::Parser;
use coyotos_image::space::Mapping;
use coyotos_image::{Image, Options, ProcessAttrs, Restr, contents};
use execfmt_common::AnyFinding;
use execfmt_detect::{FileKind, OwnFormat, detect};
use execfmt_formats::coyotos::choose;
use mips_coff::nachos5j;
use noff::NACHOS3;

use super::{Error, open, parse};
use crate::conversion::Failure;
use crate::diagnostics::shown;
use crate::formats::FormatOptions;
use crate::formats::aout::load as aout;
use crate::formats::coyotos::select::Object;
use crate::formats::os2_ne::load as os2_ne;
use crate::kernel::Kernel;
use crate::number::number;

/// Maximum number of bytes of memory into which a program is loaded: many times what any target machine has.
const MAX_MEMORY: u64 = 1 << 28;

/// A program in memory.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The format, as in JSON.
    pub format: &'static str,
    /// The contents of memory, by address.
    pub segments: Vec<Segment>,
    /// The initial registers.
    pub registers: Vec<(&'static str, u64)>,
}

/// A run of memory.
#[derive(Clone, Debug)]
pub struct Segment {
    /// What it is; for a Coyotos space its rights, such as `r-x`.
    pub name: String,
    /// The address of the first byte.
    pub address: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

#[derive(Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct LoadOptions {
    #[command(flatten)]
    formats: FormatOptions,
    #[arg(long, value_parser = number::<u16>)]
    cs: Option<u16>,
    #[arg(long, value_parser = number::<u16>)]
    ds: Option<u16>,
    #[arg(long, value_parser = number::<u16>, value_delimiter = ',', conflicts_with_all = ["cs", "ds"])]
    at: Vec<u16>,
    #[arg(long)]
    of: Option<Object>,
}

/// Loads a program: for NOFF and MIPS COFF its whole memory; for ELKS and OS/2 programs what `load` writes to
/// files; for a Coyotos image an address space.
///
/// # Errors
/// [`Error`].
pub fn load(bytes: &[u8], options: &[String]) -> Result<Loaded, Error> {
    let options: LoadOptions = parse(options)?;
    let (_, found) = open(bytes, &options.formats);
    if found.tally().errors != 0 {
        return Err(Error::refused(&found.reports()));
    }
    match detect(bytes, bytes.len() as u64) {
        FileKind::Own(OwnFormat::Noff(_)) => noff(bytes, &options.formats),
        FileKind::MipsCoff(_) => coff(bytes),
        FileKind::Own(OwnFormat::AoutMinix) => elks(bytes, &options),
        FileKind::Ne(_) => ne(bytes, &options),
        FileKind::Own(OwnFormat::CoyotosImage) | FileKind::Gzip => coyotos(bytes, &options),
        _ => Err(Error::Usage("files of this format cannot be loaded".into())),
    }
}

fn refused(error: impl std::fmt::Display) -> Error {
    Failure::Refused(error.to_string()).into()
}

fn found(finding: &dyn AnyFinding) -> Error {
    Failure::Found(finding.into()).into()
}

/// That much zeroed memory.
fn memory(length: u64) -> Result<Vec<u8>, Error> {
    match usize::try_from(length) {
        Ok(bytes) if length <= MAX_MEMORY => Ok(vec![0; bytes]),
        _ => Err(refused(format_args!(
            "the program takes {length} bytes of memory, but at most {MAX_MEMORY} can be filled"
        ))),
    }
}

fn noff(bytes: &[u8], options: &FormatOptions) -> Result<Loaded, Error> {
    let reading = noff::Options { layout: options.noff.layout, ..noff::Options::default() };
    let image = noff::Image::parse(bytes, reading).map_err(|finding| found(&finding))?;
    let profile = options.kernel.and_then(Kernel::nachos).unwrap_or(&NACHOS3);
    let page_size = options.noff.page_size.unwrap_or(profile.page_size);
    let stack_size = options.noff.stack_size.unwrap_or(profile.stack_size);
    let program = image.program();
    let pages = program.page_count(page_size, stack_size);
    let mut bytes = memory(pages.saturating_mul(page_size.bytes().into()))?;
    image.load_into(&mut bytes).map_err(refused)?;
    let mut registers = vec![("pc", profile.start.into())];
    registers.extend(program.stack_pointer(page_size, stack_size).map(|pointer| ("sp", pointer.into())));
    Ok(Loaded {
        format: "noff",
        segments: vec![Segment { name: "memory".into(), address: 0, bytes }],
        registers,
    })
}

fn coff(bytes: &[u8]) -> Result<Loaded, Error> {
    let program = mips_coff::Program::parse(bytes, nachos5j::FRAMES).map_err(|finding| found(&finding))?;
    let mut bytes = memory(program.memory_size())?;
    let start = program.load_into(&mut bytes, &[]).map_err(refused)?;
    let registers = [("pc", start.pc), ("sp", start.stack_pointer), ("a0", start.argc), ("a1", start.argv)];
    let registers = registers.map(|(name, value)| (name, value.into())).into();
    Ok(Loaded {
        format: "coff",
        segments: vec![Segment { name: "memory".into(), address: 0, bytes }],
        registers,
    })
}

/// What execve sets: DS, ES and SS are the same segment.
fn registers(cs: u16, ds: u16, [ip, sp, dx]: [u16; 3]) -> Vec<(&'static str, u64)> {
    let registers = [("cs", cs), ("ip", ip), ("ds", ds), ("es", ds), ("ss", ds), ("sp", sp), ("dx", dx)];
    registers.map(|(name, value)| (name, value.into())).into()
}

/// The bytes from a paragraph on.
fn at(name: impl Into<String>, paragraph: u16, bytes: Vec<u8>) -> Segment {
    Segment { name: name.into(), address: u64::from(paragraph) * 16, bytes }
}

fn elks(bytes: &[u8], options: &LoadOptions) -> Result<Loaded, Error> {
    let (Some(text), Some(data)) = (options.cs, options.ds) else {
        return Err(Error::Usage(
            "an a.out file needs cs and ds, the paragraphs of its text and data".into(),
        ));
    };
    let segments = Segments { text, data };
    let loaded = aout::load(bytes, options.formats.elks, options.formats.kernel, segments);
    let (program, loaded) = loaded.map_err(|errors| refused(errors.join("; ")))?;
    let layout = program.layout();
    if let Some(complaint) = aout::overlap(layout, segments) {
        return Err(Error::Usage(complaint));
    }
    let far_text = text.wrapping_add(layout.far_text_para);
    let segments = vec![
        at("text", text, loaded.text),
        at("ftext", far_text, loaded.far_text),
        at("data", data, loaded.data),
    ];
    let registers = registers(text, data, [layout.entry, layout.begstack, layout.minstack]);
    Ok(Loaded { format: "aout-minix", segments, registers })
}

fn ne(bytes: &[u8], options: &LoadOptions) -> Result<Loaded, Error> {
    let paragraphs = &options.at;
    let (layout, memories) = os2_ne::load(bytes, options.formats.elks, paragraphs)?;
    let segments = (1..).zip(paragraphs).zip(memories);
    let segments =
        segments.map(|((number, &paragraph), bytes)| at(format!("segment{number}"), paragraph, bytes));
    let base = |number| os2_ne::base(paragraphs, number);
    let (cs, ds) = (base(layout.entry_segment), base(layout.auto_data_segment));
    let registers = registers(cs, ds, [layout.entry, layout.begstack, layout.minstack]);
    Ok(Loaded { format: "os2-ne", segments: segments.collect(), registers })
}

fn coyotos(bytes: &[u8], options: &LoadOptions) -> Result<Loaded, Error> {
    let reading = options.formats.coyotos.reading;
    let contents = contents(bytes, reading.max_inflated).map_err(|finding| found(&finding))?;
    let packing = Options { packing: reading.packing.into(), old_layouts: true, ..Options::default() };
    let image = Image::parse(&contents, packing).map_err(|finding| found(&finding))?;
    let root =
        choose(&image, options.of.map(Into::into)).map_err(|complaint| Error::Usage(shown(&complaint)))?;
    let mut segments: Vec<Segment> = Vec::new();
    let mut total = 0_u64;
    for page in image.mapped_pages(root, image.walk_limits()) {
        let (Mapping { address, restr, .. }, page) = page.map_err(refused)?;
        total = total.saturating_add(page.len() as u64);
        if total > MAX_MEMORY {
            return Err(refused(format_args!("the space maps more than {MAX_MEMORY} bytes")));
        }
        let name = rights(restr);
        match segments.last_mut() {
            Some(last)
                if last.name == name
                    && last.address.checked_add(last.bytes.len() as u64) == Some(address) =>
            {
                last.bytes.extend_from_slice(page);
            }
            _ => segments.push(Segment { name, address, bytes: page.to_vec() }),
        }
    }
    let mut processes = image.process_spaces().filter(|(_, space)| *space == root);
    let start = processes.find_map(|(oid, _)| image.process(oid));
    let start = start.filter(|process| process.fault_code == ProcessAttrs::FAULT_STARTUP);
    let registers = start.map(|process| ("pc", process.fault_info)).into_iter().collect();
    Ok(Loaded { format: "coyotos-image", segments, registers })
}

fn rights(restr: Restr) -> String {
    let right = |restricted, letter| if restr.contains(restricted) { '-' } else { letter };
    ['r', right(Restr::RO, 'w'), right(Restr::NX, 'x')].into_iter().collect()
}

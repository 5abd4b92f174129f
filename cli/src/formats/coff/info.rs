//! `info`: what a COFF file is, and who takes it.

use std::io::{self, Write};

use mips_coff::{Loader, Program, nachos5j};

use super::{Coff, kind_name, verdicts};

pub(super) fn write(coff: &Coff<'_>, name: &str, out: &mut dyn Write) -> io::Result<()> {
    let length = coff.bytes.len();
    let Ok(image) = &coff.image else {
        return writeln!(out, "{name}: MIPS COFF executable, {length} bytes, unreadable");
    };
    let header = image.header();
    let order = header.byte_order;
    write!(out, "{name}: MIPS COFF executable, {order}, {length} bytes")?;
    match header.entry {
        Some(entry) => writeln!(out, ", starts at {entry:#x}")?,
        None => writeln!(out)?,
    }
    writeln!(
        out,
        "\n  {:<13}{:<10}{:>23}  {:>10}  {:>10}",
        "section", "holds", "addresses", "bytes", "in file at"
    )?;
    for (_, section) in image.section_headers() {
        let end = u64::from(section.vaddr) + u64::from(section.size);
        let span = format!("{:#x}..{end:#x}", section.vaddr);
        let kind = section.kind();
        let place = match kind {
            _ if section.size == 0 => "-".into(),
            Some(kind) if !kind.is_file_backed() => "zeroed".into(),
            _ => section.scnptr.to_string(),
        };
        let holds = kind.map_or("unknown", kind_name);
        let name = section.name.to_string();
        writeln!(out, "  {name:<13}{holds:<10}{span:>23}  {:>10}  {place:>10}", section.size)?;
    }
    writeln!(out)?;
    let counts = coff.code();
    writeln!(
        out,
        "  code       {} instructions; unsigned shifts to the right, which most Nachos machines get wrong: {}",
        counts.instructions, counts.unsigned_shifts
    )?;
    for (loader, refusal) in verdicts(coff.bytes) {
        let what = match loader {
            Loader::Coff2NoffThree => "coff2noff",
            Loader::Coff2NoffFour => "coff2noff (RDATA)",
            _ => "Nachos 5.0j",
        };
        match refusal {
            None => writeln!(out, "  {what:<18} takes it")?,
            Some(finding) => writeln!(out, "  {what:<18} refuses it: {finding}")?,
        }
    }
    let Ok(program) = Program::parse(coff.bytes, u32::MAX) else { return Ok(()) };
    writeln!(
        out,
        "  In Nachos 5.0j: {} pages of {} bytes, of which {} are stack and {} arguments; the stack pointer starts at {:#x}.",
        program.pages(),
        nachos5j::PAGE_SIZE,
        nachos5j::STACK_PAGES,
        nachos5j::ARGUMENT_PAGES,
        program.stack_pointer()
    )
}

//! The facts in words.

use std::io::{self, Write};

use aout_minix::elks::{self, INIT_HEAP, INIT_STACK, Layout, MAX_HEAP, Options, Requirements};
use aout_minix::{Header, Section, SectionSizes, Symbols, minix2, parse};

use super::Aout;
use crate::advice::Sentence;

impl Aout<'_> {
    pub(super) fn in_words(&self, header: &Header, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let separate = if header.file_type.is_separate() { "separate" } else { "combined" };
        writeln!(
            out,
            "{name}: ELKS/Minix a.out executable, {separate} I/D, cpu {}, version {}, {} bytes",
            header.file_type.cpu,
            header.version,
            self.bytes.len()
        )?;
        writeln!(out, "  type       {}, header of {} bytes\n", header.file_type, header.hlen)?;
        self.sections(header, out)?;
        writeln!(out)?;
        let program = self.verdict.elks.as_ref();
        if let Some(Ok(program)) = program {
            memory(header, program.layout(), out)?;
        }
        match program {
            Some(Ok(_)) if self.verdict.is_accepted() => {
                writeln!(out, "  ELKS       runs it; {}", self.requirements(header))?;
            }
            Some(Ok(_)) => writeln!(out, "  ELKS       loads it, but it does not run: see the errors below")?,
            Some(Err(refusal)) => writeln!(out, "  ELKS       refuses it: {}", Sentence(refusal))?,
            None => {}
        }
        if matches!(program, Some(Ok(_))) {
            let how = if elks::runs_in_place(header) {
                "runs the text in place, unless the file has the sticky bit"
            } else {
                "copies the text into memory: only with a header of 32 bytes is it run in place"
            };
            writeln!(out, "  ROMFS      {how}")?;
        }
        match self.verdict.minix2 {
            Some(Ok(layout)) => {
                let bytes = |clicks: u32| u64::from(clicks) * u64::from(minix2::CLICK_SIZE);
                writeln!(
                    out,
                    "  Minix 2    runs it: {} bytes asked for, in clicks of {} bytes; {} for heap and stack",
                    header.a_total(),
                    minix2::CLICK_SIZE,
                    bytes(layout.gap_clicks)
                )
            }
            Some(Err(refusal)) => writeln!(out, "  Minix 2    refuses it: {}", Sentence(&refusal)),
            None => Ok(()),
        }
    }

    fn sections(&self, header: &Header, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "  {:<22}{:>10}  {:>10}", "section", "bytes", "in file at")?;
        for section in Section::ALL {
            let SectionSizes { stored, uncompressed: size, .. } = header.sizes(section);
            // What nearly every file has is shown even when it is empty.
            if size != 0 || matches!(section, Section::Text | Section::Data) {
                let place = header.offset_of(section);
                let remark =
                    if size == stored { self.contents(section) } else { format!("  compressed to {stored}") };
                writeln!(out, "  {:<22}{size:>10}  {place:>10}{remark}", section.name())?;
            }
            if section == Section::Data {
                writeln!(out, "  {:<22}{:>10}  {:>10}", "bss", header.bseg, "zeroed")?;
            }
        }
        Ok(())
    }

    /// How many entries a table has, if it can be read.
    fn contents(&self, section: Section) -> String {
        let Ok(image) = parse(self.bytes) else { return String::new() };
        let number =
            |count: usize, what: &str| format!("  {count} {what}{}", if count == 1 { "" } else { "s" });
        match section {
            Section::Symbols => match image.symbols() {
                Symbols::Elks(symbols) => number(symbols.flatten().count(), "ELKS symbol"),
                Symbols::Nlist(symbols) => number(symbols.flatten().count(), "nlist symbol"),
                Symbols::None | Symbols::Unknown(_) => String::new(),
            },
            Section::Text | Section::FarText | Section::Data => String::new(),
            table => {
                let count = Section::LOADED
                    .into_iter()
                    .filter(|loaded| loaded.relocations() == Some(table))
                    .map(|loaded| image.relocations(loaded).flatten().count());
                number(count.sum(), "relocation")
            }
        }
    }

    /// Which kernel options the file needs, and what a kernel without them answers.
    fn requirements(&self, header: &Header) -> String {
        let needed = Requirements::of(header);
        let full = self.options;
        let options = [
            (
                "medium model (CONFIG_EXEC_MMODEL)",
                needed.medium_model,
                Options { medium_model: false, ..full },
            ),
            (
                "compression (CONFIG_EXEC_COMPRESS)",
                needed.compression,
                Options { compression: false, ..full },
            ),
        ];
        let lines: Vec<_> = options
            .into_iter()
            .filter(|(_, needed, _)| *needed)
            .map(|(name, _, without)| {
                let answer = elks::execve(self.bytes, without)
                    .err()
                    .map_or("0", |refusal| refusal.rule.errno().name());
                format!("needs a kernel with {name}, without which execve answers {answer}")
            })
            .collect();
        if lines.is_empty() { "needs no kernel option".into() } else { lines.join("; ") }
    }
}

/// What the program gets.
fn memory(header: &Header, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let Layout { entry, text_paras, data_len, minstack, argument_bytes, begstack, endbrk, .. } = *layout;
    writeln!(
        out,
        "  start      at {entry:#x} in the text, with the stack pointer at {begstack:#x} and the break at {endbrk:#x}"
    )?;
    match (header.version, header.chmem) {
        (0, total) if total != 0 => {
            let left = layout.heap();
            writeln!(
                out,
                "  heap       {left} bytes, shared with the stack: the header asks for {total} with data and bss"
            )?;
            writeln!(out, "  stack      none reserved; it grows down into the heap's bytes")?;
        }
        (version, asked) => {
            let heap = layout.heap();
            match asked {
                0 => writeln!(out, "  heap       {INIT_HEAP} bytes, the default")?,
                MAX_HEAP.. => writeln!(out, "  heap       {heap} bytes, all that fits")?,
                asked => writeln!(out, "  heap       {asked} bytes, as asked for")?,
            }
            let defaulted = version == 0 || header.minstack == 0;
            let why = if defaulted && minstack == INIT_STACK { "the default" } else { "as asked for" };
            writeln!(out, "  stack      {minstack} bytes, {why}")?;
        }
    }
    writeln!(out, "  arguments  {argument_bytes} bytes, as --args says")?;
    let text = layout.text_bytes();
    writeln!(
        out,
        "  total      {} bytes: text {text} ({text_paras} paragraphs), data segment {data_len} ({})",
        u64::from(text) + u64::from(data_len),
        data_len / 16
    )
}

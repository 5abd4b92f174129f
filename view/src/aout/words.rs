//! The facts as text.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};

use aout_minix::elks::{self, INIT_HEAP, INIT_STACK, Layout, MAX_HEAP, Options, Requirements};
use aout_minix::{Header, Section as FileSection, SectionSizes, Symbols, minix2, parse};

use super::AoutView;
use crate::words::{Column, Fact, Section, Table, arguments, counted};

impl AoutView<'_> {
    pub(super) fn words(&self, header: &Header) -> Vec<Section> {
        let kind = format!("{}, header of {} bytes", header.file_type, header.hlen);
        vec![
            Section::Facts(vec![Fact::new("type", kind)]),
            Section::Table(self.sections(header)),
            Section::Facts(self.kernels(header)),
        ]
    }

    /// The memory of the program, and the kernels that run it.
    fn kernels(&self, header: &Header) -> Vec<Fact> {
        let mut facts = Vec::new();
        match self.verdict.elks.as_ref() {
            Some(Ok(program)) => {
                facts = memory(header, program.layout());
                let verdict = if self.verdict.is_accepted() {
                    format!("runs it; {}", self.requirements(header))
                } else {
                    "loads it, but it does not run: see the errors below".into()
                };
                let how = if elks::runs_in_place(header) {
                    "runs the text in place, unless the file has the sticky bit"
                } else {
                    "copies the text into memory: it is run in place only with a header of 32 bytes"
                };
                facts.extend([Fact::new("ELKS", verdict), Fact::new("ROMFS", how)]);
            }
            Some(Err(refusal)) => facts.push(Fact::refusal("ELKS", refusal)),
            None => {}
        }
        match self.verdict.minix2 {
            Some(Ok(layout)) => {
                let click = minix2::CLICK_SIZE;
                let gap = u64::from(layout.gap_clicks).saturating_mul(click.into());
                let asked = header.a_total();
                let text = format!(
                    "runs it: {asked} bytes requested, in clicks of {click} bytes; {gap} for heap and stack"
                );
                facts.push(Fact::new("Minix 2", text));
            }
            Some(Err(refusal)) => facts.push(Fact::refusal("Minix 2", &refusal)),
            None => {}
        }
        facts
    }

    fn sections(&self, header: &Header) -> Table {
        let mut table = Table::new([
            Column::left("section", 22),
            Column::right("bytes", 10),
            Column::right("in file at", 12),
            Column::left("", 0),
        ]);
        for section in FileSection::ALL {
            let SectionSizes { stored, uncompressed: size, .. } = header.sizes(section);
            // Sections that nearly every file has are shown even when empty.
            if size != 0 || matches!(section, FileSection::Text | FileSection::Data) {
                let place = header.offset_of(section).to_string();
                let remark =
                    if size == stored { self.contents(section) } else { format!("  compressed to {stored}") };
                table.row([section.name().into(), size.to_string(), place, remark]);
            }
            if section == FileSection::Data {
                table.row(["bss".into(), header.bseg.to_string(), "zeroed".into(), String::new()]);
            }
        }
        table
    }

    /// The number of entries of a table, if it can be read.
    fn contents(&self, section: FileSection) -> String {
        let Ok(image) = parse(self.bytes) else { return String::new() };
        let number = |count: usize, one: &str, more: &str| format!("  {}", counted(count as u64, one, more));
        match section {
            FileSection::Symbols => match image.symbols() {
                Symbols::Elks(symbols) => number(symbols.flatten().count(), "ELKS symbol", "ELKS symbols"),
                Symbols::Nlist(symbols) => number(symbols.flatten().count(), "nlist symbol", "nlist symbols"),
                Symbols::None | Symbols::Unknown(_) => String::new(),
            },
            FileSection::Text | FileSection::FarText | FileSection::Data => String::new(),
            table => {
                let count = FileSection::LOADED
                    .into_iter()
                    .filter(|loaded| loaded.relocations() == Some(table))
                    .map(|loaded| image.relocations(loaded).flatten().count());
                number(count.sum(), "relocation", "relocations")
            }
        }
    }

    /// The kernel options that the file requires, and what a kernel without them returns.
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
                format!("needs a kernel with {name}, without which execve returns {answer}")
            })
            .collect();
        if lines.is_empty() { "needs no kernel option".into() } else { lines.join("; ") }
    }
}

/// The memory of the program.
fn memory(header: &Header, layout: &Layout) -> Vec<Fact> {
    let Layout { entry, text_paras, data_len, minstack, argument_bytes, begstack, endbrk, .. } = *layout;
    let start = format!(
        "at {entry:#x} in the text, with the stack pointer at {begstack:#x} and the break at {endbrk:#x}"
    );
    let heap = layout.heap();
    let (heap, stack) = match (header.version, header.chmem) {
        (0, total) if total != 0 => (
            format!("{heap} bytes, shared with the stack: the header requests {total} with data and bss"),
            "none reserved; it grows down into the heap's bytes".into(),
        ),
        (version, asked) => {
            let heap = match asked {
                0 => format!("{INIT_HEAP} bytes, the default"),
                MAX_HEAP.. => format!("{heap} bytes, as much as fits"),
                asked => format!("{asked} bytes, as requested"),
            };
            let defaulted = version == 0 || header.minstack == 0;
            let why = if defaulted && minstack == INIT_STACK { "the default" } else { "as requested" };
            (heap, format!("{minstack} bytes, {why}"))
        }
    };
    let text = layout.text_bytes();
    let total = u64::from(text).saturating_add(data_len.into());
    let total = format!(
        "{total} bytes: text {text} ({text_paras} paragraphs), data segment {data_len} ({})",
        data_len >> 4
    );
    vec![
        Fact::new("start", start),
        Fact::new("heap", heap),
        Fact::new("stack", stack),
        arguments(argument_bytes),
        Fact::new("total", total),
    ]
}

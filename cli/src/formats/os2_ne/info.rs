//! The facts in words.

use std::io::{self, Write};

use os2_ne::Header;
use os2_ne::chmem::{Heap, MemoryAsked};
use os2_ne::elks::{Layout, MAX_SEGMENTS};

use super::Os2Ne;
use crate::advice::Sentence;

impl Os2Ne<'_> {
    pub(super) fn in_words(
        &self,
        header: &Header,
        asked: MemoryAsked,
        name: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let system = self.verdict.system.map_or_else(String::new, |system| format!(" for {system}"));
        let count = header.num_segments();
        writeln!(
            out,
            "{name}: OS/2 NE executable{system}, {count} segment{}, {} bytes\n",
            if count == 1 { "" } else { "s" },
            self.bytes.len()
        )?;
        writeln!(
            out,
            "  {:<8}{:<13}{:>8}{:>11}{:>12}{:>12}{:>13}",
            "segment", "kind", "bytes", "in memory", "in file at", "paragraphs", "relocations"
        )?;
        for segment in self.segments().take(MAX_SEGMENTS) {
            let memory = self.layout().and_then(|layout| layout.segment(segment.number));
            let kind = match (memory, segment.is_data()) {
                (Some(memory), _) => memory.kind.name(),
                (None, true) => "data",
                (None, false) => "code",
            };
            writeln!(
                out,
                "  {:<8}{kind:<13}{:>8}{:>11}{:>12}{:>12}{:>13}",
                segment.number,
                segment.size(),
                segment.min_alloc(),
                segment.offset,
                memory.map_or("-".into(), |memory| memory.paras.to_string()),
                segment.relocations().count()
            )?;
        }
        if usize::from(count) > MAX_SEGMENTS {
            writeln!(out, "  and {} more", usize::from(count) - MAX_SEGMENTS)?;
        }
        writeln!(out)?;
        match (&self.verdict.elks, self.layout()) {
            (_, Some(layout)) => {
                memory(layout, asked, out)?;
                if self.verdict.is_accepted() {
                    writeln!(out, "  ELKS       runs it; needs a kernel with CONFIG_EXEC_OS2")
                } else {
                    writeln!(out, "  ELKS       loads it, but it does not run: see the errors below")
                }
            }
            (Err(refusal), _) => writeln!(out, "  ELKS       refuses it: {}", Sentence(refusal)),
            (Ok(_), None) => Ok(()),
        }
    }
}

/// What the program gets.
fn memory(layout: &Layout, asked: MemoryAsked, out: &mut dyn Write) -> io::Result<()> {
    let Layout { entry, entry_segment, begstack, endbrk, minstack, argument_bytes, data_len, .. } = *layout;
    writeln!(
        out,
        "  start      at {entry:#x} in segment {entry_segment}, with the stack pointer at {begstack:#x} and the break at {endbrk:#x}"
    )?;
    match asked.heap {
        Heap::Default => writeln!(out, "  heap       {} bytes, the default", layout.heap_asked)?,
        Heap::Bytes(bytes) => writeln!(out, "  heap       {bytes} bytes, as asked for")?,
        Heap::All => writeln!(out, "  heap       {} bytes, all that fits", layout.heap())?,
    }
    writeln!(out, "  stack      {minstack} bytes")?;
    writeln!(out, "  arguments  {argument_bytes} bytes, as --args says")?;
    writeln!(
        out,
        "  total      {} bytes in {} paragraphs; the auto data segment {data_len}",
        u64::from(layout.total_paras()) * 16,
        layout.total_paras()
    )
}

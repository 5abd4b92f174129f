//! ELKS and Minix a.out.

mod memory;
mod words;

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use aout_minix::elks::{Layout, Options, Program, Requirements};
use aout_minix::{
    ExecHeader, FarSupplement, HLEN_RELOC, Header, RelocSupplement, Section, Supplement, Verdict, read_header,
};
use zerocopy::LittleEndian;

use crate::data::record as facts;
use crate::{Data, Memory, Node, Region, Role, Value, View, record};

/// A file with the a.out magic, and what was found out about it.
#[derive(Clone, Copy, Debug)]
pub struct AoutView<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// The result of the check.
    pub verdict: &'a Verdict,
    /// The options for ELKS.
    pub options: Options,
}

impl AoutView<'_> {
    /// All information about the file.
    pub fn view(&self) -> View {
        let header = self.verdict.header.as_ref();
        View {
            title: self.title(),
            words: header.map(|header| self.words(header)).unwrap_or_default(),
            facts: self.facts(),
            derived: header.map(derived).unwrap_or_default(),
            fields: header.map(|header| fields(self.bytes, header)),
            file_length: self.bytes.len() as u64,
            file: header.map(|header| self.file(header)).unwrap_or_default(),
            memory: self.memory().into_iter().flatten().collect(),
            memory_note: None,
        }
    }

    fn title(&self) -> String {
        let length = self.bytes.len();
        let Some(header) = &self.verdict.header else {
            return format!("ELKS/Minix a.out executable, {length} bytes, cut short within its header");
        };
        let separate = if header.file_type.is_separate() { "separate" } else { "combined" };
        let (cpu, version) = (header.file_type.cpu, header.version);
        format!("ELKS/Minix a.out executable, {separate} I/D, cpu {cpu}, version {version}, {length} bytes")
    }

    /// Code and data as laid out by the kernel that runs the file.
    fn memory(&self) -> Option<[Memory; 2]> {
        match (&self.verdict.elks, &self.verdict.minix2, &self.verdict.header) {
            (Some(Ok(program)), ..) => Some(memory::elks(program)),
            (_, Some(Ok(layout)), Some(header)) => Some(memory::minix2(header, layout)),
            _ => None,
        }
    }

    /// The supplement, if it is complete.
    fn supplement(&self, header: &Header) -> Option<Supplement> {
        (header.hlen >= HLEN_RELOC && read_header(self.bytes).is_ok()).then_some(header.supplement)
    }

    fn facts(&self) -> Data {
        let header = self.verdict.header;
        let names = header.iter().flat_map(|header| header.file_type.flags.names());
        let supplement = header.and_then(|header| self.supplement(&header));
        facts! {
            format: "aout-minix",
            type: header.map(|header| header.file_type.word()),
            flags: names.collect::<Data>(),
            cpu: header.and_then(|header| header.file_type.cpu.name()),
            hlen: header.map(|header| header.hlen),
            version: header.map(|header| header.version),
            tseg: header.map(|header| header.tseg),
            dseg: header.map(|header| header.dseg),
            bseg: header.map(|header| header.bseg),
            entry: header.map(|header| header.entry),
            chmem: header.map(|header| header.chmem),
            minstack: header.map(|header| header.minstack),
            syms: header.map(|header| header.syms),
            supplement: supplement.map(|supplement| facts! {
                trsize: supplement.trsize,
                drsize: supplement.drsize,
                tbase: supplement.tbase,
                dbase: supplement.dbase,
                ftseg: supplement.ftseg,
                ftrsize: supplement.ftrsize,
                compr_tseg: supplement.compr_tseg,
                compr_dseg: supplement.compr_dseg,
                compr_ftseg: supplement.compr_ftseg,
            }),
            elks: header.map(|_| self.elks()),
        }
    }

    fn elks(&self) -> Data {
        let verdict = self.verdict.elks.as_ref();
        let layout = verdict.and_then(|verdict| verdict.as_ref().ok()).map(Program::layout);
        let member = |value: fn(&Layout) -> u16| layout.map(value);
        let errno = verdict.and_then(|verdict| verdict.as_ref().err());
        facts! {
            argument_bytes: self.options.argument_bytes,
            errno: errno.map(|refusal| refusal.rule.errno().name()),
            text_paras: member(|layout| layout.text_paras),
            data_len: member(|layout| layout.data_len),
            minstack: member(|layout| layout.minstack),
            t_enddata: member(|layout| layout.t_enddata),
            t_endseg: member(|layout| layout.t_endseg),
            begstack: member(|layout| layout.begstack),
            endbrk: member(|layout| layout.endbrk),
            entry: member(|layout| layout.entry),
        }
    }

    /// The header and the bytes of each section, with the memory that they become.
    fn file(&self, header: &Header) -> Vec<Region> {
        let mut regions = vec![Region::new("header", Role::Header, 0, header.hlen.into())];
        let memory = self.memory();
        for section in Section::ALL {
            let stored = header.stored_size(section);
            if stored == 0 {
                continue;
            }
            let region = Region::new(section.name(), role(section), header.offset_of(section), stored.into());
            let place = memory.iter().flatten().enumerate().find_map(|(index, memory)| {
                let named = memory.regions.iter().find(|there| there.name == region.name)?;
                (!named.is_empty()).then_some((index, named.start, named.len()))
            });
            regions.push(match place {
                Some((memory, start, size)) => region.becoming(memory, start, size),
                None => region,
            });
        }
        regions
    }
}

const fn role(section: Section) -> Role {
    match section {
        Section::Text => Role::Text,
        Section::FarText => Role::FarText,
        Section::Data => Role::Data,
        Section::Symbols => Role::Symbols,
        _ => Role::Relocations,
    }
}

fn derived(header: &Header) -> Data {
    let needed = Requirements::of(header);
    facts! { medium_model: needed.medium_model, compression: needed.compression }
}

/// The header and, if `hlen` includes it and the file contains it, the supplement.
fn fields(file: &[u8], header: &Header) -> Node {
    let order = header.byte_order();
    let hlen = usize::from(header.hlen).min(file.len());
    let head = file.get(..hlen.max(size_of::<ExecHeader<LittleEndian>>())).unwrap_or(file);
    let parts = [
        ExecHeader::<LittleEndian>::FIELDS,
        RelocSupplement::<LittleEndian>::FIELDS,
        FarSupplement::<LittleEndian>::FIELDS,
    ];
    let mut offset = 0_u64;
    let mut fields = Vec::new();
    for part in parts {
        let part = record("", part, head, offset, order);
        offset = offset.saturating_add(part.size);
        if let Value::Fields(more) = part.value {
            fields.extend(more);
        }
    }
    Node {
        name: "header".into(),
        offset: 0,
        size: offset,
        value: Value::Fields(fields),
        bytes: Vec::new(),
        meaning: "",
    }
}

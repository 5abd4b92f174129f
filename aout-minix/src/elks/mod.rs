//! How ELKS treats a file: the rules of its `execve`, in its order, with its errno; the memory that results;
//! and loading.
//!
//! ```text
//!  text segment, text_paras            data segment, data_len
//!  CS:0     ┌──────────────┐           DS:0         ┌──────────────┐
//!           │ text         │                        │ data         │
//!           ├──────────────┤ + far_text_para        ├──────────────┤ dseg
//!           │ far text     │                        │ bss          │
//!           ├──────────────┤                        ├──────────────┤ t_enddata, endbrk
//!           │ 1 paragraph, │                        │ heap       ↓ │
//!           │ if compressed│                        │ stack      ↑ │
//!           └──────────────┘                        ├──────────────┤ begstack = SP
//!                                                   │ argc, argv … │
//!                                                   └──────────────┘ data_len = t_endseg
//! ```
//!
//! Sizes are truncated to 16 bits where the kernel truncates them. Source: the kernel's own loader, compiled
//! and run on 67,000 files.

mod layout;
mod load;
mod rules;

pub use layout::{
    INIT_HEAP, INIT_STACK, Layout, MAX_HEAP, MIN_ARGUMENT_BYTES, Options, Requirements, runs_in_place,
};
pub use load::{LoadError, Memory, Segments};
pub use rules::{ElksRefusal, ElksRule, Errno, elks_facts};

use execfmt_common::{Expected, Refusal};

use layout::{low_word, paragraphs};

use crate::codec::check_in_place;
use crate::field::AoutField;
use crate::header::Header;
use crate::relocation::{RELOCATION_SIZE, Relocation, RelocationType, SymbolIndex};
use crate::section::Section;
use crate::types::{FileType, MAGIC};
use crate::wire::{HLEN_FAR, HLEN_PLAIN, HLEN_RELOC, MAX_HEADER_SIZE};

/// A file whose header passed the kernel's rules.
///
/// This is for a kernel that has read only the first [`MAX_HEADER_SIZE`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    header: Header,
    layout: Layout,
}

impl Program {
    /// Checks a header: rules 1 to 6 of the kernel, in its order.
    ///
    /// `prefix` is the beginning of the file: [`MAX_HEADER_SIZE`] bytes, or the whole of a shorter file.
    ///
    /// # Errors
    /// The first rule that the file breaks, with the errno that the kernel returns.
    pub fn new(prefix: &[u8], options: Options) -> Result<Self, ElksRefusal> {
        match lay_out::<()>(prefix, options) {
            Ok((header, layout)) => Ok(Self { header, layout }),
            Err(()) => Err(refused(prefix, options)),
        }
    }

    /// The header's numbers.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The memory that the program gets.
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What the kernel reads for a loaded section: its file offset, the number of bytes stored there, and the
    /// number of bytes once it is expanded.
    const fn stored(&self, section: Section) -> Stored {
        let (layout, supplement) = (&self.layout, &self.header.supplement);
        let (size, compressed) = match section {
            Section::Text => (layout.text, supplement.compr_tseg),
            // An empty far text is not read, whatever its stored size is.
            Section::FarText if layout.far_text == 0 => (0, 0),
            Section::FarText => (layout.far_text, supplement.compr_ftseg),
            _ => (layout.data, supplement.compr_dseg),
        };
        let length = if compressed == 0 { size } else { compressed };
        Stored { length, size, is_compressed: compressed != 0 }
    }

    /// File offset of a loaded section, with sizes truncated to 16 bits as the kernel does.
    fn file_offset(&self, section: Section) -> u64 {
        let before = Section::LOADED.into_iter().take_while(|&other| other != section);
        before
            .fold(self.header.hlen.into(), |sum, other| sum.saturating_add(self.stored(other).length.into()))
    }

    /// File offset of the relocations of a loaded section, and their size in bytes.
    fn relocation_table(&self, section: Section) -> (u64, u32) {
        let size = |section: Section| match section {
            Section::Text => self.header.supplement.trsize,
            Section::FarText => self.header.supplement.ftrsize,
            _ => self.header.supplement.drsize,
        };
        let data = u64::from(self.stored(Section::Data).length);
        let start = self.file_offset(Section::Data).saturating_add(data);
        let before = Section::LOADED.into_iter().take_while(|&other| other != section);
        (before.fold(start, |sum, other| sum.saturating_add(size(other).into())), size(section))
    }

    /// Checks the rest of a file: rules 7 to 9 of the kernel.
    ///
    /// `expands` must return whether the kernel decompresses the stored bytes of a compressed section to a
    /// size, in the memory of its segment from the section's start on; both in bytes.
    ///
    /// # Errors
    /// The first rule that the file breaks, with the errno that the kernel returns.
    pub fn check_file(
        &self,
        file: &[u8],
        mut expands: impl FnMut(&[u8], usize, usize) -> bool,
    ) -> Result<(), ElksRefusal> {
        for section in Section::LOADED {
            let stored = self.stored(section);
            let bytes = self.stored_bytes(file, section)?;
            // The kernel accepts anything for an empty section, whatever its decoder returns.
            let area = usize::try_from(self.layout.area(section)).unwrap_or(usize::MAX);
            if stored.is_compressed && stored.size != 0 && !expands(bytes, stored.size.into(), area) {
                let field = AoutField::stored_size_of(section, true);
                let expected = Expected::AnythingBut(stored.length.into());
                return Err(ElksRule::BadCompression(section).at(field, stored.length.into(), expected));
            }
        }
        self.check_relocations(file)
    }

    /// The bytes of a loaded section in the file.
    fn stored_bytes<'a>(&self, file: &'a [u8], section: Section) -> Result<&'a [u8], ElksRefusal> {
        let (start, stored) = (self.file_offset(section), self.stored(section));
        let rest = usize::try_from(start).ok().and_then(|start| file.get(start..)).unwrap_or_default();
        rest.get(..stored.length.into()).ok_or_else(|| {
            let field = AoutField::stored_size_of(section, stored.is_compressed);
            let expected = Expected::AtMost(rest.len() as u64);
            ElksRule::ShortRead(section).at(field, stored.length.into(), expected)
        })
    }

    /// Rule 9 for all relocations.
    fn check_relocations(&self, file: &[u8]) -> Result<(), ElksRefusal> {
        for section in Section::LOADED {
            let (start, size) = self.relocation_table(section);
            check_table_size(section, size)?;
            let table = usize::try_from(start).ok().and_then(|start| file.get(start..)).unwrap_or_default();
            let table = usize::try_from(size).ok().and_then(|size| table.get(..size)).unwrap_or(table);
            let mut offset = start;
            for record in table.chunks_exact(RELOCATION_SIZE).filter_map(|record| record.first_chunk()) {
                let relocation = Relocation::from_bytes(*record, execfmt_common::ByteOrder::Little);
                check_relocation(section, offset, relocation)?;
                offset = offset.saturating_add(RELOCATION_SIZE as u64);
            }
            let end = start.saturating_add(size.into());
            if offset != end {
                return Err(short_relocations(section, size, offset.saturating_sub(start)));
            }
        }
        Ok(())
    }
}

impl Layout {
    /// The memory of a program, from its header alone: like [`Program::new`], for a kernel that needs nothing
    /// else.
    ///
    /// # Errors
    /// Those of [`Program::new`].
    #[inline(always)]
    pub fn of(prefix: &[u8], options: Options) -> Result<Self, ElksRefusal> {
        // Inlined, so that only the header fields that the rules use are read.
        match lay_out::<()>(prefix, options) {
            Ok((_, layout)) => Ok(layout),
            Err(()) => Err(refused(prefix, options)),
        }
    }
}

/// Rules 1 to 6.
#[inline(always)]
fn lay_out<E: Refusal<ElksRule>>(prefix: &[u8], options: Options) -> Result<(Header, Layout), E> {
    let prefix = prefix.get(..MAX_HEADER_SIZE).unwrap_or(prefix);
    let header = executable_header(prefix)?;
    let (data, bss) = (low_word(header.dseg), low_word(header.bseg));
    let Some(minimum) = data.checked_add(bss) else {
        let found = u64::from(data).saturating_add(bss.into());
        return ElksRule::DataTooLarge.refuse(AoutField::Dseg, found, Expected::AtMost(u16::MAX.into()));
    };
    check_supplement(&header, prefix, options)?;
    let (length, minstack) = data_length(&header, minimum, options.argument_bytes)?;
    let (text, far_text) = (low_word(header.tseg), low_word(header.supplement.ftseg));
    let compressed = header.supplement.compr_tseg != 0 || header.supplement.compr_ftseg != 0;
    let far_text_para = paragraphs(text);
    let layout = Layout {
        // At most 4096 + 1 + 4096.
        text_paras: far_text_para.saturating_add(compressed.into()).saturating_add(paragraphs(far_text)),
        far_text_para,
        data_len: length,
        minstack,
        t_enddata: minimum,
        t_endseg: length,
        begstack: length.wrapping_sub(options.argument_bytes) & !1,
        endbrk: minimum.wrapping_add(1) & !1,
        entry: low_word(header.entry),
        text,
        far_text,
        data,
        bss,
        argument_bytes: options.argument_bytes,
    };
    Ok((header, layout))
}

/// Why the rules refuse a file that they refuse. Takes the options one by one, so that those in use stay in
/// registers.
#[inline(always)]
fn refused(prefix: &[u8], options: Options) -> ElksRefusal {
    #[cold]
    #[inline(never)]
    fn explained(prefix: &[u8], medium_model: bool, compression: bool, argument_bytes: u16) -> ElksRefusal {
        let options = Options { medium_model, compression, argument_bytes };
        lay_out(prefix, options).map_or_else(|refusal| refusal, |_| too_short(prefix))
    }
    let Options { medium_model, compression, argument_bytes } = options;
    explained(prefix, medium_model, compression, argument_bytes)
}

/// Checks a whole file as the kernel does, including compressed sections, which are decompressed by
/// simulation, without memory.
///
/// # Errors
/// The first rule that the file breaks, with the errno that the kernel returns.
///
/// ```
/// use aout_minix::{Builder, FileType, elks};
///
/// let mut file = [0; 64];
/// let length = Builder::new(FileType::SPLITID_AHISTORICAL).version(1).text(&[0x90; 20]).bss(100).write_to(&mut file)?;
/// let layout = *elks::execve(&file[..length], elks::Options::default())?.layout();
/// assert_eq!((layout.text_paras, layout.data_len), (2, 8304)); // 100 + 4096 + 4096, rounded up to 16
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub fn execve(file: &[u8], options: Options) -> Result<Program, ElksRefusal> {
    let program = Program::new(file, options)?;
    program.check_file(file, |bytes, size, area| check_in_place(bytes, size, area).is_ok())?;
    Ok(program)
}

#[derive(Clone, Copy)]
struct Stored {
    length: u16,
    size: u16,
    is_compressed: bool,
}

fn too_short(prefix: &[u8]) -> ElksRefusal {
    let (len, expected) = (prefix.len() as u64, Expected::AtLeast(HLEN_PLAIN.into()));
    ElksRule::HeaderShort.at(AoutField::FileLength, len, expected)
}

/// Rules 1 and 2: magic, type, a text.
#[inline(always)]
fn executable_header<E: Refusal<ElksRule>>(prefix: &[u8]) -> Result<Header, E> {
    let short = || Err(E::new(|| too_short(prefix)));
    let Some(magic) = prefix.first_chunk() else { return short() };
    if *magic != MAGIC {
        let (found, expected) = (u16::from_le_bytes(*magic), u16::from_le_bytes(MAGIC));
        return ElksRule::BadMagic.refuse(AoutField::Type, found.into(), Expected::Exactly(expected.into()));
    }
    // Both types that ELKS takes are little-endian.
    let Some(header) = Header::decode_little(prefix) else { return short() };
    let (first, second) = (FileType::SPLITID_AHISTORICAL, FileType::SPLITID);
    if header.file_type != first && header.file_type != second {
        let expected = Expected::Either(first.word().into(), second.word().into());
        return ElksRule::WrongType.refuse(AoutField::Type, header.file_type.word().into(), expected);
    }
    if low_word(header.tseg) == 0 {
        return ElksRule::NoText.refuse(AoutField::Tseg, low_word(header.tseg).into(), Expected::AtLeast(1));
    }
    Ok(header)
}

/// Rule 4: the header's size and what the supplement may hold.
#[inline(always)]
fn check_supplement<E: Refusal<ElksRule>>(header: &Header, prefix: &[u8], options: Options) -> Result<(), E> {
    let hlen = u64::from(header.hlen);
    match header.hlen {
        HLEN_PLAIN => return Ok(()),
        HLEN_RELOC | HLEN_FAR if !options.medium_model => {
            let expected = Expected::Exactly(HLEN_PLAIN.into());
            return ElksRule::NoMediumModel.refuse(AoutField::Hlen, hlen, expected);
        }
        HLEN_RELOC | HLEN_FAR => {}
        _ => {
            let expected = Expected::Either(HLEN_PLAIN.into(), HLEN_FAR.into());
            return ElksRule::BadHlen.refuse(AoutField::Hlen, hlen, expected);
        }
    }
    let len = prefix.len() as u64;
    if len < hlen {
        return ElksRule::SupplementShort.refuse(AoutField::FileLength, len, Expected::AtLeast(hlen));
    }
    let supplement = &header.supplement;
    if supplement.tbase != 0 {
        return ElksRule::TextBase.refuse(AoutField::Tbase, supplement.tbase.into(), Expected::Exactly(0));
    }
    if low_word(supplement.dbase) != 0 {
        return ElksRule::DataBase.refuse(AoutField::Dbase, supplement.dbase.into(), Expected::Exactly(0));
    }
    if header.is_compressed() && !options.compression {
        let fields = [
            (AoutField::ComprTseg, supplement.compr_tseg),
            (AoutField::ComprDseg, supplement.compr_dseg),
            (AoutField::ComprFtseg, supplement.compr_ftseg),
        ];
        let field = fields.into_iter().find(|&(_, stored)| stored != 0);
        let (field, stored) = field.unwrap_or((AoutField::ComprTseg, 0));
        return ElksRule::NoCompression.refuse(field, stored.into(), Expected::Exactly(0));
    }
    Ok(())
}

/// Rules 5 and 6: the length of the data segment, and the stack.
#[inline(always)]
fn data_length<E: Refusal<ElksRule>>(header: &Header, minimum: u16, arguments: u16) -> Result<(u16, u16), E> {
    let beyond = |rule: ElksRule, field, length: u16, more: u16| {
        let found = u64::from(length).saturating_add(more.into());
        E::new(|| rule.at(field, found, Expected::AtMost(u16::MAX.into())))
    };
    // Of heap and stack the larger one is reported, as the one to reduce.
    let or_default = |asked: u16, default: u16| if asked == 0 { default } else { asked };
    let (heap, stack) = (or_default(header.chmem, INIT_HEAP), or_default(header.minstack, INIT_STACK));
    let heap_field = if header.version == 1 && stack > heap { AoutField::Minstack } else { AoutField::Chmem };
    let add_arguments = |length: u16| {
        let field = AoutField::Dseg;
        length
            .checked_add(arguments)
            .ok_or_else(|| beyond(ElksRule::NoRoomForArguments, field, length, arguments))
    };
    let (length, stack) = match header.version {
        1 => {
            let length = minimum.checked_add(stack);
            let length =
                length.ok_or_else(|| beyond(ElksRule::StackTooLarge, AoutField::Minstack, minimum, stack))?;
            let length = add_arguments(length)?;
            let length = if heap >= MAX_HEAP {
                length.max(MAX_HEAP)
            } else {
                let sum = length.checked_add(heap);
                sum.ok_or_else(|| beyond(ElksRule::HeapTooLarge, heap_field, length, heap))?
            };
            (length, stack)
        }
        0 if header.chmem != 0 => {
            let room = header.chmem.checked_sub(minimum).filter(|&room| room != 0);
            let Some(room) = room else {
                let expected = Expected::AtLeast(u64::from(minimum).saturating_add(1));
                return ElksRule::TotalTooSmall.refuse(AoutField::Chmem, header.chmem.into(), expected);
            };
            if room < arguments {
                let expected = Expected::AtLeast(u64::from(minimum).saturating_add(arguments.into()));
                return ElksRule::TotalTooSmallForArguments.refuse(
                    AoutField::Chmem,
                    header.chmem.into(),
                    expected,
                );
            }
            (header.chmem, 0)
        }
        0 => {
            let reserve = INIT_STACK.saturating_add(INIT_HEAP);
            let length = minimum.checked_add(reserve);
            let length =
                length.ok_or_else(|| beyond(ElksRule::HeapTooLarge, AoutField::Chmem, minimum, reserve))?;
            (add_arguments(length)?, INIT_STACK)
        }
        version => {
            let plain = header.hlen == HLEN_PLAIN;
            let rule = if plain { ElksRule::UnknownVersion } else { ElksRule::UnknownVersionSupplement };
            return rule.refuse(AoutField::Version, version.into(), Expected::Either(0, 1));
        }
    };
    match length.checked_next_multiple_of(16) {
        Some(length) => Ok((length, stack)),
        None => {
            let expected = Expected::AtMost(MAX_HEAP.into());
            ElksRule::NoRoomToRound.refuse(heap_field, length.into(), expected)
        }
    }
}

fn table_field(section: Section) -> AoutField {
    AoutField::stored_size_of(section.relocations().unwrap_or(section), false)
}

fn check_table_size(section: Section, size: u32) -> Result<(), ElksRefusal> {
    let expected = Expected::MultipleOf(RELOCATION_SIZE as u64);
    if expected.allows(size.into()) {
        return Ok(());
    }
    Err(ElksRule::PartialRelocation(section).at(table_field(section), size.into(), expected))
}

fn short_relocations(section: Section, size: u32, room: u64) -> ElksRefusal {
    ElksRule::ShortRelocations(section).at(table_field(section), size.into(), Expected::AtMost(room))
}

/// Rule 9: what the kernel checks in a relocation. It does not check the offset.
fn check_relocation(section: Section, offset: u64, relocation: Relocation) -> Result<(), ElksRefusal> {
    let (field, at, rule, found, expected) = if relocation.kind != RelocationType::SEGWORD {
        let expected = Expected::Exactly(RelocationType::SEGWORD.0.into());
        (AoutField::RelocationType(section), 6, ElksRule::RelocationType, relocation.kind.0, expected)
    } else if !matches!(relocation.symndx, SymbolIndex::TEXT | SymbolIndex::FTEXT | SymbolIndex::DATA) {
        let expected = Expected::Either(SymbolIndex::TEXT.0.into(), SymbolIndex::DATA.0.into());
        (AoutField::RelocationSymndx(section), 4, ElksRule::RelocationTarget, relocation.symndx.0, expected)
    } else {
        return Ok(());
    };
    let offset = offset.saturating_add(at);
    Err(ElksRefusal { rule, field, offset, found: found.into(), expected })
}

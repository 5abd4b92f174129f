//! The errors and warnings of an a.out file.

use execfmt_common::{Advice, Expected, Finding, Target, rules};
use execfmt_detect::{Magic, MagicBytes};

use crate::field::AoutField;
use crate::section::Section;

rules! {
    /// The rules that an a.out file can break, whichever system loads it.
    ///
    /// The first group prevents a file from being parsed. The second is about what a loader would handle
    /// incorrectly, mostly without reporting it: ELKS checks neither the addresses of relocations nor the
    /// entry point, and truncates sizes to 16 bits. The third are warnings.
    pub enum AoutRule for AoutField, in aout_facts {
        /// The file, or the prefix given, ends within the header.
        Truncated = 200, EXECFMT_AOUT_E_TRUNCATED, Error, "truncated", "a.out: the file ends within the header",
            |finding, f| write!(f, "{} bytes are too few for the header, which needs {}; copy or link the file again", finding.found, finding.expected);
        /// Not an a.out file: the first two bytes are not 01 03. `detail` is the first four bytes, from which
        /// its actual format may be recognised.
        BadMagic(start: MagicBytes) = 201, EXECFMT_AOUT_E_BAD_MAGIC, Error, "bad_magic", "a.out: not an a.out file; was it converted?",
            |finding, f| {
                write!(f, "{:#06x} is not the a.out magic 0x0301; ", finding.found)?;
                match start.magic() {
                    Magic::Unknown => f.write_str("this is not an ELKS or Minix executable"),
                    like => write!(f, "this is {like}"),
                }
            },
            advice match start.magic() {
                Magic::Elf | Magic::Mz => Some(Advice::Convert(Target::Elks)),
                like => like.advice(),
            };
        /// The header's size is not 0x20, 0x30 or 0x40.
        BadHlen = 202, EXECFMT_AOUT_E_HLEN, Error, "bad_hlen", "a.out: the header's size is not 0x20, 0x30 or 0x40",
            |finding, f| write!(f, "a header of {:#x} bytes; expected 0x20 (no supplement), 0x30 (relocations) or 0x40 (far text, compression), so the header is damaged", finding.found);
        /// The cpu byte indicates words in an order that no known machine has.
        MixedEndian = 203, EXECFMT_AOUT_E_MIXED_ENDIAN, Error, "mixed_endian", "a.out: bytes and words of the processor are ordered differently",
            |finding, f| write!(f, "the cpu byte of {:#010x} means bytes and words in different orders, as on a PDP-11; no a.out of such a machine is known, so the header is damaged", finding.found);
        /// A section extends past the end of the file.
        SectionPastEof(section: Section) = 204, EXECFMT_AOUT_E_PAST_EOF, Error, "section_past_eof", "a.out: a section extends past the end of the file",
            |finding, f| write!(f, "the {section} section is {} bytes long, but the file has only {} from its start on; the file was cut short or its header is damaged: copy or link it again", finding.found, finding.expected.bound());

        /// A size or an address of a 16-bit program does not fit into 16 bits; ELKS truncates it.
        CutTo16Bits = 205, EXECFMT_AOUT_E_CUT_TO_16_BITS, Error, "cut_to_16_bits", "a.out: ELKS truncates a size to 16 bits",
            |finding, f| write!(f, "{:#x} does not fit into 16 bits, and ELKS silently uses {:#x}; make the section smaller", finding.found, finding.found & 0xffff);
        /// The entry point is outside the text.
        EntryOutsideText = 206, EXECFMT_AOUT_E_ENTRY, Error, "entry_outside_text", "a.out: the entry point is outside the text",
            |finding, f| write!(f, "the entry point is {:#x}, but the text has {} bytes; link the program again", finding.found, finding.expected.bound().saturating_add(1));
        /// The size of a relocation table is not a multiple of 8 bytes.
        PartialRelocation(section: Section) = 207, EXECFMT_AOUT_E_PARTIAL_RELOCATION, Error, "partial_relocation", "a.out: the size of the relocations is not a multiple of 8",
            |finding, f| write!(f, "{} bytes of {section} is not {}; ELKS refuses the file: link it again", finding.found, finding.expected);
        /// A relocation of a type that no loader supports.
        RelocationType = 208, EXECFMT_AOUT_E_RELOCATION_TYPE, Error, "relocation_type", "a.out: a relocation of a type that ELKS does not support",
            |finding, f| write!(f, "type {} is not supported by ELKS, which supports {} (R_SEGWORD); link the program again", finding.found, finding.expected.bound());
        /// A relocation against something other than text, far text and data.
        RelocationTarget = 209, EXECFMT_AOUT_E_RELOCATION_TARGET, Error, "relocation_target", "a.out: a relocation against something other than text, far text and data",
            |finding, f| write!(f, "{:#06x} is not one of the segments text (0xfffe), data (0xfffd) and far text (0xfffb); ELKS refuses the file", finding.found);
        /// A relocation changes a word that is not within its own section. ELKS overwrites whatever is there.
        RelocationPlace = 210, EXECFMT_AOUT_E_RELOCATION_PLACE, Error, "relocation_place", "a.out: a relocation outside its section",
            |finding, f| {
                write!(f, "the word at {:#x} is not within the section, ", finding.found)?;
                match finding.expected {
                    Expected::AtMost(last) => write!(f, "whose last word is at {last:#x}"),
                    _ => f.write_str("which is shorter than a word"),
                }?;
                f.write_str("; ELKS does not check this and overwrites memory: link the program again")
            };
        /// A compressed section is longer as stored than the memory into which it is read. ELKS overwrites
        /// what follows.
        StoredBeyondAllocation(section: Section) = 211, EXECFMT_AOUT_E_STORED_TOO_LONG, Error, "stored_beyond_allocation", "a.out: a compressed section is longer than its segment",
            |finding, f| write!(f, "the compressed {section} takes {} bytes, but is read into {} bytes of memory; ELKS does not check this and overwrites what follows: compress the file again", finding.found, finding.expected.bound());
        /// The data segment is too small for the compressed data section and the 16 bytes that decompressing
        /// it needs.
        NoRoomToExpand = 212, EXECFMT_AOUT_E_NO_ROOM, Error, "no_room_to_expand", "a.out: the compressed data has no room to expand",
            |finding, f| write!(f, "decompressing the data takes {} bytes, but its segment has {}; ELKS does not check this and overwrites what follows", finding.found, finding.expected.bound()),
            advice Advice::MoreHeap;

        /// The processor is unknown.
        UnknownCpu = 230, EXECFMT_AOUT_W_CPU, Warning, "unknown_cpu", "a.out: an unknown processor",
            |finding, f| write!(f, "{:#04x} is not a known processor", finding.found.wrapping_shr(24));
        /// The version is neither 0 nor 1.
        UnknownVersion = 231, EXECFMT_AOUT_W_VERSION, Warning, "unknown_version", "a.out: an unknown version",
            |finding, f| write!(f, "version {} is unknown; ELKS refuses all but 0 and 1", finding.found);
        /// There is no text.
        NoText = 232, EXECFMT_AOUT_W_NO_TEXT, Warning, "no_text", "a.out: there is no text",
            |finding, f| f.write_str("there is no text, so nothing can run; ELKS refuses the file");
        /// A relocation against far text in a file that has none.
        NoFarText = 233, EXECFMT_AOUT_W_NO_FAR_TEXT, Warning, "no_far_text", "a.out: a relocation against far text, but no far text",
            |finding, f| f.write_str("a relocation against far text, but the file has none");
        /// A stored size for a section that is empty.
        EmptyCompressed(section: Section) = 234, EXECFMT_AOUT_W_EMPTY_COMPRESSED, Warning, "empty_compressed", "a.out: an empty section is compressed",
            |finding, f| write!(f, "{} stored bytes are given for the {section}, which is empty", finding.found);
        /// A section that is not shorter when compressed.
        NotShorter(section: Section) = 235, EXECFMT_AOUT_W_NOT_SHORTER, Warning, "not_shorter", "a.out: a compressed section is not shorter",
            |finding, f| write!(f, "the compressed {section} takes {} bytes, no fewer than uncompressed; store it uncompressed", finding.found);
        /// A reserved field is not 0.
        Reserved = 236, EXECFMT_AOUT_W_RESERVED, Warning, "reserved", "a.out: a reserved field is not 0",
            |finding, f| write!(f, "{:#x} in a reserved field, which is 0 in every known file", finding.found);
        /// The symbol table has no known format.
        UnknownSymbols = 237, EXECFMT_AOUT_W_SYMBOLS, Warning, "unknown_symbols", "a.out: a symbol table of no known format",
            |finding, f| write!(f, "{} bytes that are neither an ELKS symbol table nor a multiple of 16 bytes, as nlist symbols are", finding.found);
        /// An ELKS symbol table is longer than the reader on the target accepts.
        LongSymbols = 238, EXECFMT_AOUT_W_LONG_SYMBOLS, Warning, "long_symbols", "a.out: a symbol table longer than the target's reader accepts",
            |finding, f| write!(f, "the symbol table has {} bytes, but programs on ELKS read at most {}", finding.found, finding.expected.bound());
        /// There are bytes after the last section.
        TrailingBytes = 239, EXECFMT_AOUT_W_TRAILING_BYTES, Warning, "trailing_bytes", "a.out: bytes after the last section",
            |finding, f| write!(f, "the file has {} bytes, but its last section ends at {}; ELKS looks for a symbol table at the very end of the file", finding.found, finding.expected.bound());
    }
}

/// A finding in an a.out file.
pub type AoutFinding = Finding<AoutRule>;

impl AoutRule {
    /// A finding in a field of the header.
    pub(crate) const fn in_header(self, field: AoutField, found: u64, expected: Expected) -> AoutFinding {
        Finding { rule: self, field, offset: field.header_offset(), found, expected }
    }

    /// True for the rules that prevent a file from being split into sections.
    pub(crate) const fn refuses_to_parse(self) -> bool {
        matches!(
            self,
            Self::Truncated | Self::BadMagic(_) | Self::BadHlen | Self::MixedEndian | Self::SectionPastEof(_)
        )
    }
}

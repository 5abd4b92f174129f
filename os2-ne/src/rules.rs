//! The errors and warnings of an NE file.

use execfmt_common::{Advice, Expected, Finding, Refusal, rules};
use execfmt_detect::{Magic, MagicBytes};

use crate::field::NeField;

rules! {
    /// The rules that an NE file can break, apart from those for which ELKS refuses it.
    ///
    /// The first group prevents a file from being read. The second is about what ELKS does not check and
    /// handles incorrectly. The third are warnings.
    pub enum NeRule for NeField, in ne_facts {
        /// The first two bytes are not `MZ`. `detail` is the file's first four bytes, from which its actual
        /// format may be recognised.
        NotMz(start: MagicBytes) = 600, EXECFMT_NE_E_NOT_MZ, Error, "not_mz", "NE: the file does not begin with MZ",
            |finding, f| {
                write!(f, "{:#06x} is not the magic MZ ({:#06x}); ", finding.found, finding.expected.bound())?;
                match start.magic() {
                    Magic::Unknown => f.write_str("this is not an NE file"),
                    like => write!(f, "this is {like}"),
                }
            },
            advice start.magic().advice();
        /// The file ends within the MZ header.
        Truncated = 601, EXECFMT_NE_E_TRUNCATED, Error, "truncated", "NE: the file ends within a header",
            |finding, f| write!(f, "{} bytes are too few for a header, which needs {}", finding.found, finding.expected.bound()),
            advice Advice::MakeAgain;
        /// There is no room for an NE header at the offset that the MZ header gives: a DOS program, or a file
        /// cut short.
        HeaderPastEof = 602, EXECFMT_NE_E_HEADER_PAST_EOF, Error, "header_past_eof", "NE: the NE header extends past the end of the file",
            |finding, f| write!(f, "an NE header at byte {} would extend past the end of the file, in which it can begin at byte {} at the latest; this is a DOS program, or was cut short", finding.found, finding.expected.bound());
        /// There is no `NE` at the offset that the MZ header gives.
        NotNe = 603, EXECFMT_NE_E_NOT_NE, Error, "not_ne", "NE: there is no NE header where the MZ header points",
            |finding, f| write!(f, "{:#06x} is not the magic NE ({:#06x}); this is another kind of program for DOS, OS/2 or Windows", finding.found, finding.expected.bound());
        /// The segment table extends past the end of the file.
        SegmentTablePastEof = 604, EXECFMT_NE_E_SEGMENT_TABLE, Error, "segment_table_past_eof", "NE: the segment table extends past the end of the file",
            |finding, f| write!(f, "{} segments, but the file has only {} entries of the table; it was cut short", finding.found, finding.expected.bound()),
            advice Advice::MakeAgain;
        /// A segment extends past the end of the file.
        SegmentPastEof = 605, EXECFMT_NE_E_SEGMENT_PAST_EOF, Error, "segment_past_eof", "NE: a segment extends past the end of the file",
            |finding, f| write!(f, "the segment has {} bytes, but the file has only {} of them; it was cut short", finding.found, finding.expected.bound()),
            advice Advice::MakeAgain;
        /// The relocations of a segment extend past the end of the file.
        RelocationsPastEof = 606, EXECFMT_NE_E_RELOCATIONS_PAST_EOF, Error, "relocations_past_eof", "NE: a segment's relocations extend past the end of the file",
            |finding, f| write!(f, "the file ends within the relocations: {} found, {} expected", finding.found, finding.expected),
            advice Advice::MakeAgain;

        /// A segment has more bytes in the file than memory is allocated for. ELKS overwrites what follows
        /// the memory.
        WrittenBeyondAllocation = 610, EXECFMT_NE_E_BEYOND_ALLOCATION, Error, "written_beyond_allocation", "NE: a segment has more bytes in the file than memory is allocated for",
            |finding, f| write!(f, "{} bytes in the file, but memory for {}; ELKS does not check this, and overwrites what follows the memory", finding.found, finding.expected.bound());
        /// The auto data segment has more bytes in the file than in memory, so the heap begins within them.
        HeapOnData = 611, EXECFMT_NE_E_HEAP_ON_DATA, Error, "heap_on_data", "NE: the heap begins within the data",
            |finding, f| write!(f, "{} bytes in the file, but {} in memory, where the heap begins: it would overwrite data", finding.found, finding.expected.bound());
        /// The sum of stack, heap and arguments does not fit into 16 bits. ELKS continues with the truncated
        /// sum.
        SizesWrap = 612, EXECFMT_NE_E_SIZES_WRAP, Error, "sizes_wrap", "NE: stack, heap and arguments wrap around at 64 KiB",
            |finding, f| write!(f, "stack, heap and arguments take {} bytes; ELKS adds in 16 bits, and allocates memory for {} of them", finding.found, finding.found & 0xffff),
            advice Advice::LessHeap;
        /// The arguments need more bytes than the segment has. ELKS writes them outside it.
        ArgumentsOutside = 613, EXECFMT_NE_E_ARGUMENTS_OUTSIDE, Error, "arguments_outside", "NE: the arguments do not fit into the auto data segment",
            |finding, f| write!(f, "the auto data segment has {} bytes, but the arguments need {}", finding.found, finding.expected.bound()),
            advice Advice::MoreHeap;
        /// A relocation against a segment that does not exist. ELKS stores a word of its own memory.
        RelocationTarget = 614, EXECFMT_NE_E_RELOCATION_TARGET, Error, "relocation_target", "NE: a relocation against a segment that does not exist",
            |finding, f| match finding.found {
                255 => write!(f, "the relocation is against a movable entry (255), which ELKS does not support: it stores a word of its own memory"),
                found => write!(f, "segment {found} does not exist; ELKS does not check this, and stores a word of its own memory"),
            };
        /// A relocation changes memory outside its segment.
        RelocationOutside = 615, EXECFMT_NE_E_RELOCATION_OUTSIDE, Error, "relocation_outside", "NE: a relocation changes memory outside its segment",
            |finding, f| write!(f, "the relocation ends at byte {} of a segment with memory for {}; ELKS overwrites other memory", finding.found, finding.expected.bound());
        /// The entry point is outside the bytes of its segment.
        EntryOutside = 616, EXECFMT_NE_E_ENTRY_OUTSIDE, Error, "entry_outside", "NE: the entry point is outside its segment",
            |finding, f| write!(f, "the entry point is {:#06x}, but the last byte of that segment is at {:#06x}", finding.found, finding.expected.bound());

        /// A segment has more bytes in the file than in memory, within its last paragraph.
        FileLargerThanMemory = 620, EXECFMT_NE_W_FILE_LARGER, Warning, "file_larger_than_memory", "NE: a segment has more bytes in the file than in memory",
            |finding, f| write!(f, "{} bytes in the file, but {} in memory", finding.found, finding.expected.bound());
        /// A relocation changes bytes that are not in the file.
        RelocationBeyondBytes = 621, EXECFMT_NE_W_RELOCATION_BEYOND_BYTES, Warning, "relocation_beyond_bytes", "NE: a relocation changes bytes that are not in the file",
            |finding, f| write!(f, "the relocation ends at byte {} of a segment that has {} in the file", finding.found, finding.expected.bound());
        /// A relocation changes bytes that another one changes.
        RelocationsOverlap = 622, EXECFMT_NE_W_RELOCATIONS_OVERLAP, Warning, "relocations_overlap", "NE: two relocations change the same bytes",
            |finding, f| write!(f, "an earlier relocation changes bytes at {:#06x} as well", finding.found);
        /// The bytes that a relocation replaces are not FFFF: probably the next link of a chain, which ELKS
        /// does not follow.
        Chain = 623, EXECFMT_NE_W_CHAIN, Warning, "chain", "NE: a relocation is probably a chain, which ELKS does not follow",
            |finding, f| write!(f, "the word to be replaced is {:#06x}, not {:#06x}, the end of a chain: ELKS does not follow chains, and would leave their other links unchanged", finding.found, finding.expected.bound());
        /// The program starts in a data segment.
        EntryInData = 624, EXECFMT_NE_W_ENTRY_IN_DATA, Warning, "entry_in_data", "NE: the program starts in a data segment",
            |finding, f| write!(f, "segment {} is data: fork copies it while CS stays, signal handlers in it are refused, and protected mode faults", finding.found);
        /// The auto data segment is marked as code.
        AutoIsCode = 625, EXECFMT_NE_W_AUTO_IS_CODE, Warning, "auto_is_code", "NE: the auto data segment is marked as code",
            |finding, f| write!(f, "flags {:#06x} mark the auto data segment as code: after fork two processes share one stack", finding.found);
        /// The reserved stack reaches into the data: brk never succeeds.
        NoHeap = 626, EXECFMT_NE_W_NO_HEAP, Warning, "no_heap", "NE: no heap: the reserved stack reaches into the data",
            |finding, f| write!(f, "data and stack take {} bytes, but there are only {}: brk never succeeds", finding.found, finding.expected.bound()),
            advice Advice::MoreHeap;
        /// The shift is 0, which other systems read as 9.
        ShiftZero = 627, EXECFMT_NE_W_SHIFT_ZERO, Warning, "shift_zero", "NE: the shift is 0, which other systems read as 9",
            |finding, f| write!(f, "a shift of {} is used unchanged by ELKS, and read as 9 by other systems", finding.found);
        /// The shift is larger than 31.
        ShiftLarge = 628, EXECFMT_NE_W_SHIFT_LARGE, Warning, "shift_large", "NE: the shift is larger than 31",
            |finding, f| write!(f, "a shift of {} is larger than {}; ELKS takes it modulo 32", finding.found, finding.expected.bound());
        /// The bytes of two segments overlap in the file.
        SegmentsOverlap = 629, EXECFMT_NE_W_SEGMENTS_OVERLAP, Warning, "segments_overlap", "NE: the bytes of two segments overlap in the file",
            |finding, f| write!(f, "the segment begins at byte {}, within another one's bytes in the file", finding.found);
        /// The bytes of a segment overlap the headers.
        SegmentOnHeaders = 630, EXECFMT_NE_W_SEGMENT_ON_HEADERS, Warning, "segment_on_headers", "NE: the bytes of a segment overlap the headers",
            |finding, f| write!(f, "the segment begins at byte {} of the file, but the headers end at {}", finding.found, finding.expected.bound());
        /// The linker reported errors.
        LinkErrors = 631, EXECFMT_NE_W_LINK_ERRORS, Warning, "link_errors", "NE: the linker reported errors",
            |finding, f| write!(f, "application flags {:#04x} record errors in linking", finding.found);
        /// The file is marked as a library.
        Library = 632, EXECFMT_NE_W_LIBRARY, Warning, "library", "NE: the file is marked as a library",
            |finding, f| write!(f, "application flags {:#04x} mark a library, which cannot be started", finding.found);
        /// A segment's bytes are a pattern to be repeated, which ELKS does not support.
        Iterated = 633, EXECFMT_NE_W_ITERATED, Warning, "iterated", "NE: a segment is iterated, which ELKS does not support",
            |finding, f| write!(f, "flags {:#06x} mark an iterated segment; ELKS does not expand the pattern", finding.found);
        /// A segment is for 32-bit code.
        Wide = 634, EXECFMT_NE_W_WIDE, Warning, "wide", "NE: a segment is for 32-bit code",
            |finding, f| write!(f, "flags {:#06x} mark a 32-bit segment; ELKS runs it as one of 16 bits", finding.found);
        /// The program requires a processor other than the 8086.
        Processor = 635, EXECFMT_NE_W_PROCESSOR, Warning, "processor", "NE: the program requires a processor other than the 8086",
            |finding, f| write!(f, "program flags {:#04x} require a 286, 386 or 8087; ELKS starts the program on any processor", finding.found);
        /// `ss` names a segment other than the auto data segment.
        OtherStack = 636, EXECFMT_NE_W_OTHER_STACK, Warning, "other_stack", "NE: the stack segment is not the auto data segment",
            |finding, f| write!(f, "segment {} is given for the stack; ELKS puts the stack into the auto data segment, {}", finding.found, finding.expected.bound());
        /// `sp` is not 0.
        SpIgnored = 637, EXECFMT_NE_W_SP_IGNORED, Warning, "sp_ignored", "NE: ELKS ignores the initial stack pointer",
            |finding, f| write!(f, "the stack pointer {:#06x} is ignored by ELKS, where the stack begins at the arguments", finding.found);
        /// Relocated words hold data segments: after fork they still refer to the parent's.
        DataSegmentWords = 638, EXECFMT_NE_W_DATA_SEGMENT_WORDS, Warning, "data_segment_words", "NE: relocated words refer to data segments: after fork they still refer to the parent's",
            |finding, f| write!(f, "relocations that refer to data segments: {}; after fork these words still refer to the parent's segments (vfork and exec are not affected)", finding.found);
        /// A kernel in protected mode is expected to fault when it loads the file.
        ProtectedMode = 639, EXECFMT_NE_W_PROTECTED_MODE, Warning, "protected_mode", "NE: a kernel in protected mode is expected to fault on the file",
            |finding, f| write!(f, "a kernel in protected mode is expected to fault while it writes the {} code segments, whose descriptors it leaves read-only", finding.found);
    }
}

/// A rule that a file breaks, with the values concerned.
pub type NeFinding = Finding<NeRule>;

impl NeRule {
    /// A finding in a field of the record that begins at an offset in the file.
    pub(crate) fn at(self, field: NeField, record: u64, found: u64, expected: Expected) -> NeFinding {
        let offset = record.saturating_add(field.offset_in_record());
        Finding { rule: self, field, offset, found, expected }
    }

    /// The same for a check that needs only the verdict, or the reason too.
    #[inline(always)]
    pub(crate) fn refuse<T, E: Refusal<Self>>(
        self,
        field: NeField,
        record: u64,
        found: u64,
        expected: Expected,
    ) -> Result<T, E> {
        Err(E::new(|| self.at(field, record, found, expected)))
    }
}

//! What can be wrong with an NE file, and what is merely unusual.

use execfmt_common::{Advice, Expected, Finding, Refusal, rules};
use execfmt_detect::{Magic, MagicBytes};

use crate::field::NeField;

rules! {
    /// The rules that an NE file can break, besides those for which ELKS refuses it.
    ///
    /// The first group keeps a file from being read. The second holds what ELKS does not check and gets wrong. The third
    /// is worth a warning.
    pub enum NeRule for NeField, in ne_facts {
        /// The first two bytes are not `MZ`. `detail` is the file's first four bytes, which say what it looks like.
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
            |finding, f| write!(f, "{} bytes are not a header, which needs {}", finding.found, finding.expected.bound()),
            advice Advice::MakeAgain;
        /// There is no room for an NE header where the MZ header says that it is: a DOS program, or a file cut short.
        HeaderPastEof = 602, EXECFMT_NE_E_HEADER_PAST_EOF, Error, "header_past_eof", "NE: the NE header reaches beyond the end of the file",
            |finding, f| write!(f, "an NE header at byte {} would end beyond the file, in which it begins at byte {} at the latest; this is a DOS program, or was cut short", finding.found, finding.expected.bound());
        /// What the MZ header points at does not begin with `NE`.
        NotNe = 603, EXECFMT_NE_E_NOT_NE, Error, "not_ne", "NE: there is no NE header where the MZ header says",
            |finding, f| write!(f, "{:#06x} is not the magic NE ({:#06x}); this is another kind of program for DOS, OS/2 or Windows", finding.found, finding.expected.bound());
        /// The segment table reaches beyond the end of the file.
        SegmentTablePastEof = 604, EXECFMT_NE_E_SEGMENT_TABLE, Error, "segment_table_past_eof", "NE: the segment table reaches beyond the end of the file",
            |finding, f| write!(f, "{} segments, but the file holds {} entries of the table; it was cut short", finding.found, finding.expected.bound()),
            advice Advice::MakeAgain;
        /// A segment reaches beyond the end of the file.
        SegmentPastEof = 605, EXECFMT_NE_E_SEGMENT_PAST_EOF, Error, "segment_past_eof", "NE: a segment reaches beyond the end of the file",
            |finding, f| write!(f, "the segment has {} bytes, but the file holds {} of them; it was cut short", finding.found, finding.expected.bound()),
            advice Advice::MakeAgain;
        /// The relocations of a segment reach beyond the end of the file.
        RelocationsPastEof = 606, EXECFMT_NE_E_RELOCATIONS_PAST_EOF, Error, "relocations_past_eof", "NE: a segment's relocations reach beyond the end of the file",
            |finding, f| write!(f, "the file ends within the relocations: {} found, {} expected", finding.found, finding.expected),
            advice Advice::MakeAgain;

        /// A segment has more bytes in the file than its memory takes. ELKS overwrites what follows the memory.
        WrittenBeyondAllocation = 610, EXECFMT_NE_E_BEYOND_ALLOCATION, Error, "written_beyond_allocation", "NE: a segment has more bytes in the file than its memory takes",
            |finding, f| write!(f, "{} bytes in the file, but memory for {}; ELKS does not check this, and overwrites what follows the memory", finding.found, finding.expected.bound());
        /// The auto data segment has more bytes in the file than in memory: the heap begins within them.
        HeapOnData = 611, EXECFMT_NE_E_HEAP_ON_DATA, Error, "heap_on_data", "NE: the heap begins within the data",
            |finding, f| write!(f, "{} bytes in the file, but {} in memory, where the heap begins: it would overwrite data", finding.found, finding.expected.bound());
        /// Stack, heap and arguments take more than 16 bits can say. ELKS goes on with what is left of the sum.
        SizesWrap = 612, EXECFMT_NE_E_SIZES_WRAP, Error, "sizes_wrap", "NE: stack, heap and arguments wrap at 64 KiB",
            |finding, f| write!(f, "stack, heap and arguments take {} bytes; ELKS adds in 16 bits, and gives memory for {} of them", finding.found, finding.found & 0xffff),
            advice Advice::LessHeap;
        /// The arguments take more than the segment has. ELKS writes them somewhere else.
        ArgumentsOutside = 613, EXECFMT_NE_E_ARGUMENTS_OUTSIDE, Error, "arguments_outside", "NE: the arguments do not fit the auto data segment",
            |finding, f| write!(f, "the auto data segment has {} bytes, and the arguments need {}", finding.found, finding.expected.bound()),
            advice Advice::MoreHeap;
        /// A relocation against a segment that does not exist. ELKS stores a word of its own memory.
        RelocationTarget = 614, EXECFMT_NE_E_RELOCATION_TARGET, Error, "relocation_target", "NE: a relocation against a segment that does not exist",
            |finding, f| match finding.found {
                255 => write!(f, "the relocation is against a movable entry (255), which ELKS does not know: it stores a word of its own memory"),
                found => write!(f, "segment {found} does not exist; ELKS does not check this, and stores a word of its own memory"),
            };
        /// A relocation changes memory outside of its segment.
        RelocationOutside = 615, EXECFMT_NE_E_RELOCATION_OUTSIDE, Error, "relocation_outside", "NE: a relocation changes memory outside of its segment",
            |finding, f| write!(f, "the relocation ends at byte {} of a segment with memory for {}; ELKS overwrites other memory", finding.found, finding.expected.bound());
        /// The program starts outside of its segment's bytes.
        EntryOutside = 616, EXECFMT_NE_E_ENTRY_OUTSIDE, Error, "entry_outside", "NE: the program starts outside of its segment",
            |finding, f| write!(f, "the program starts at {:#06x}, and the last byte of that segment is at {:#06x}", finding.found, finding.expected.bound());

        /// A segment has more bytes in the file than in memory, within its last paragraph.
        FileLargerThanMemory = 620, EXECFMT_NE_W_FILE_LARGER, Warning, "file_larger_than_memory", "NE: a segment has more bytes in the file than in memory",
            |finding, f| write!(f, "{} bytes in the file, but {} in memory", finding.found, finding.expected.bound());
        /// A relocation changes bytes that are not in the file.
        RelocationBeyondBytes = 621, EXECFMT_NE_W_RELOCATION_BEYOND_BYTES, Warning, "relocation_beyond_bytes", "NE: a relocation changes bytes that are not in the file",
            |finding, f| write!(f, "the relocation ends at byte {} of a segment that has {} in the file", finding.found, finding.expected.bound());
        /// A relocation changes bytes that another one changes.
        RelocationsOverlap = 622, EXECFMT_NE_W_RELOCATIONS_OVERLAP, Warning, "relocations_overlap", "NE: two relocations change the same bytes",
            |finding, f| write!(f, "an earlier relocation changes bytes at {:#06x} as well", finding.found);
        /// What a relocation replaces is not FFFF: probably the next link of a chain, which ELKS does not follow.
        Chain = 623, EXECFMT_NE_W_CHAIN, Warning, "chain", "NE: a relocation is probably a chain, which ELKS does not follow",
            |finding, f| write!(f, "the word to be replaced is {:#06x}, where {:#06x} ends a chain: ELKS does not follow chains, and would leave their other links as they are", finding.found, finding.expected.bound());
        /// The program starts in a data segment.
        EntryInData = 624, EXECFMT_NE_W_ENTRY_IN_DATA, Warning, "entry_in_data", "NE: the program starts in a data segment",
            |finding, f| write!(f, "segment {} is data: fork copies it while CS stays, signal handlers in it are refused, and protected mode faults", finding.found);
        /// The auto data segment is marked as code.
        AutoIsCode = 625, EXECFMT_NE_W_AUTO_IS_CODE, Warning, "auto_is_code", "NE: the auto data segment is marked as code",
            |finding, f| write!(f, "flags {:#06x} mark the auto data segment as code: after fork two processes have one stack", finding.found);
        /// The reserved stack reaches into the data: brk never succeeds.
        NoHeap = 626, EXECFMT_NE_W_NO_HEAP, Warning, "no_heap", "NE: no heap: the reserved stack reaches into the data",
            |finding, f| write!(f, "data and stack take {} bytes, of which there are {}: brk never succeeds", finding.found, finding.expected.bound()),
            advice Advice::MoreHeap;
        /// The shift is 0, which other systems read as 9.
        ShiftZero = 627, EXECFMT_NE_W_SHIFT_ZERO, Warning, "shift_zero", "NE: the shift is 0, which other systems read as 9",
            |finding, f| write!(f, "a shift of {} is taken as it is by ELKS, and for 9 by other systems", finding.found);
        /// The shift is more than 31.
        ShiftLarge = 628, EXECFMT_NE_W_SHIFT_LARGE, Warning, "shift_large", "NE: the shift is more than 31",
            |finding, f| write!(f, "a shift of {} is more than {}; ELKS takes it modulo 32", finding.found, finding.expected.bound());
        /// The bytes of two segments overlap in the file.
        SegmentsOverlap = 629, EXECFMT_NE_W_SEGMENTS_OVERLAP, Warning, "segments_overlap", "NE: the bytes of two segments overlap in the file",
            |finding, f| write!(f, "the segment begins at byte {}, within another one's bytes in the file", finding.found);
        /// The bytes of a segment lie on the headers.
        SegmentOnHeaders = 630, EXECFMT_NE_W_SEGMENT_ON_HEADERS, Warning, "segment_on_headers", "NE: the bytes of a segment lie on the headers",
            |finding, f| write!(f, "the segment begins at byte {} of the file, and the headers end at {}", finding.found, finding.expected.bound());
        /// The linker reported errors.
        LinkErrors = 631, EXECFMT_NE_W_LINK_ERRORS, Warning, "link_errors", "NE: the linker reported errors",
            |finding, f| write!(f, "application flags {:#04x} say that there were errors in linking", finding.found);
        /// The file is marked as a library.
        Library = 632, EXECFMT_NE_W_LIBRARY, Warning, "library", "NE: the file is marked as a library",
            |finding, f| write!(f, "application flags {:#04x} mark a library, which is not to be started", finding.found);
        /// A segment's bytes are a pattern that is to be repeated, which ELKS does not do.
        Iterated = 633, EXECFMT_NE_W_ITERATED, Warning, "iterated", "NE: a segment is iterated, which ELKS does not know",
            |finding, f| write!(f, "flags {:#06x} mark an iterated segment; ELKS loads the pattern as it is", finding.found);
        /// A segment is for 32-bit code.
        Wide = 634, EXECFMT_NE_W_WIDE, Warning, "wide", "NE: a segment is for 32-bit code",
            |finding, f| write!(f, "flags {:#06x} mark a 32-bit segment; ELKS runs it as one of 16 bits", finding.found);
        /// The program needs another processor than the 8086.
        Processor = 635, EXECFMT_NE_W_PROCESSOR, Warning, "processor", "NE: the program needs another processor than the 8086",
            |finding, f| write!(f, "program flags {:#04x} ask for a 286, 386 or 8087; ELKS starts the program on any processor", finding.found);
        /// `ss` names a segment other than the auto data segment.
        OtherStack = 636, EXECFMT_NE_W_OTHER_STACK, Warning, "other_stack", "NE: the stack segment is not the auto data segment",
            |finding, f| write!(f, "segment {} is named for the stack; ELKS puts it into the auto data segment, {}", finding.found, finding.expected.bound());
        /// `sp` is not 0.
        SpIgnored = 637, EXECFMT_NE_W_SP_IGNORED, Warning, "sp_ignored", "NE: ELKS ignores the initial stack pointer",
            |finding, f| write!(f, "a stack pointer of {:#06x} is ignored by ELKS, which begins at the arguments", finding.found);
        /// Segment words name data segments: after fork they still name the parent's.
        DataSegmentWords = 638, EXECFMT_NE_W_DATA_SEGMENT_WORDS, Warning, "data_segment_words", "NE: relocated words name data segments: after fork they still name the parent's",
            |finding, f| write!(f, "relocations that name data segments: {}; after fork these words still name the parent's segments (vfork and exec are not affected)", finding.found);
        /// The kernel for protected mode is expected to fault when it loads the file.
        ProtectedMode = 639, EXECFMT_NE_W_PROTECTED_MODE, Warning, "protected_mode", "NE: a kernel in protected mode is expected to fault on the file",
            |finding, f| write!(f, "a kernel in protected mode is expected to fault while it writes the {} code segments, whose descriptors it leaves read-only", finding.found);
    }
}

/// A rule that a file breaks, with the values that break it.
pub type NeFinding = Finding<NeRule>;

impl NeRule {
    /// A finding in a field of the record that begins at an offset in the file.
    pub(crate) fn at(self, field: NeField, record: u64, found: u64, expected: Expected) -> NeFinding {
        let offset = record.saturating_add(field.offset_in_record());
        Finding { rule: self, field, offset, found, expected }
    }

    /// The same for a check that is asked for the verdict, or for the reason too.
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

//! Why ELKS refuses a file.

use core::fmt;

pub use elks_kernel::Errno;
use execfmt_common::{Advice, Expected, Finding, Refusal, rules};

use crate::field::NeField;
use crate::header::Header;
use crate::image::Segment;
use crate::system::System;

rules! {
    /// A rule of `execve` that a file breaks. Each refuses the file; the numbers are in the order of the
    /// kernel's checks.
    pub enum ElksRule for NeField, in elks_ne_facts {
        /// Fewer than two bytes.
        Empty = 660, EXECFMT_ELKS_NE_E_EMPTY, Error, "empty", "NE: ELKS refuses it: fewer than two bytes",
            |finding, f| refused(finding, f, format_args!("{} bytes are too few for a magic, which has {}", finding.found, finding.expected.bound()));
        /// The first two bytes are not `MZ`.
        NotMz = 661, EXECFMT_ELKS_NE_E_NOT_MZ, Error, "not_mz", "NE: ELKS refuses it: it does not begin with MZ",
            |finding, f| refused(finding, f, format_args!("{:#06x} is not the magic MZ ({:#06x})", finding.found, finding.expected.bound()));
        /// The kernel was built without `CONFIG_EXEC_OS2`.
        NotConfigured = 662, EXECFMT_ELKS_NE_E_NOT_CONFIGURED, Error, "not_configured", "NE: ELKS refuses it: the kernel is built without CONFIG_EXEC_OS2",
            |finding, f| refused(finding, f, format_args!("this kernel is built without CONFIG_EXEC_OS2, and accepts no file that begins with MZ"));
        /// Fewer than 64 bytes.
        MzShort = 663, EXECFMT_ELKS_NE_E_MZ_SHORT, Error, "mz_short", "NE: ELKS refuses it: the file ends within the MZ header",
            |finding, f| refused(finding, f, format_args!("{} bytes are too few for an MZ header, which needs {}", finding.found, finding.expected.bound())),
            advice Advice::MakeAgain;
        /// The file ends before or within the NE header.
        HeaderShort = 664, EXECFMT_ELKS_NE_E_HEADER_SHORT, Error, "header_short", "NE: ELKS refuses it: the NE header extends past the end of the file",
            |finding, f| refused(finding, f, format_args!("an NE header at byte {} would extend past the end of the file, in which it can begin at byte {} at the latest; this is a DOS program, or was cut short", finding.found, finding.expected.bound()));
        /// There is no `NE` at the offset that the MZ header gives.
        NotNe = 665, EXECFMT_ELKS_NE_E_NOT_NE, Error, "not_ne", "NE: ELKS refuses it: there is no NE header where the MZ header points",
            |finding, f| refused(finding, f, format_args!("{:#06x} is not the magic NE ({:#06x}); this is another kind of program for DOS, OS/2 or Windows", finding.found, finding.expected.bound()));
        /// The target system is not OS/2; `detail` is the system.
        TargetSystem(system: System) = 666, EXECFMT_ELKS_NE_E_TARGET_SYSTEM, Error, "target_system", "NE: ELKS refuses it: it is for another system",
            |finding, f| refused(finding, f, format_args!("the program is for {system}, not for OS/2 ({}) as ELKS requires", finding.expected.bound())),
            advice Advice::BuildForElks;
        /// The program flags are not those of a program with data of its own.
        ProgramFlags = 667, EXECFMT_ELKS_NE_E_PROGRAM_FLAGS, Error, "program_flags", "NE: ELKS refuses it: its program flags are not those of a program with data of its own",
            |finding, f| refused(finding, f, format_args!("program flags {:#04x} are not {:#04x} in their low five bits (a program with data of its own, for real mode, not a library)", finding.found, finding.expected.bound()));
        /// The auto data segment does not exist.
        AutoSegment = 668, EXECFMT_ELKS_NE_E_AUTO_SEGMENT, Error, "auto_segment", "NE: ELKS refuses it: there is no auto data segment",
            |finding, f| refused(finding, f, format_args!("the auto data segment is {}, which does not exist (segments are numbered from 1)", finding.found));
        /// The program imports from modules, as programs for OS/2 itself and for Windows do.
        Modules = 669, EXECFMT_ELKS_NE_E_MODULES, Error, "modules", "NE: ELKS refuses it: it imports from modules",
            |finding, f| refused(finding, f, format_args!("it imports from {} modules, as programs for OS/2 itself do", finding.found)),
            advice Advice::BuildForElks;
        /// There are movable entry points.
        Movable = 670, EXECFMT_ELKS_NE_E_MOVABLE, Error, "movable", "NE: ELKS refuses it: it has movable entry points",
            |finding, f| refused(finding, f, format_args!("it has {} movable entry points, as programs for OS/2 itself and Windows do", finding.found)),
            advice Advice::BuildForElks;
        /// There are resources.
        Resources = 671, EXECFMT_ELKS_NE_E_RESOURCES, Error, "resources", "NE: ELKS refuses it: it has resources",
            |finding, f| refused(finding, f, format_args!("it has {} resources, as programs for OS/2 itself and Windows do", finding.found)),
            advice Advice::BuildForElks;
        /// More than five segments.
        TooManySegments = 672, EXECFMT_ELKS_NE_E_TOO_MANY_SEGMENTS, Error, "too_many_segments", "NE: ELKS refuses it: more than five segments",
            |finding, f| refused(finding, f, format_args!("{} segments, but ELKS accepts at most {}", finding.found, finding.expected.bound()));
        /// The segment table extends past the end of the file.
        SegmentTableShort = 673, EXECFMT_ELKS_NE_E_SEGMENT_TABLE, Error, "segment_table_short", "NE: ELKS refuses it: the segment table extends past the end of the file",
            |finding, f| refused(finding, f, format_args!("{} segments, but the file has only {} entries of the table", finding.found, finding.expected.bound())),
            advice Advice::MakeAgain;
        /// A segment without memory, or of 65,521 or more bytes, which 16 bits cannot round up.
        SegmentMemory = 674, EXECFMT_ELKS_NE_E_SEGMENT_MEMORY, Error, "segment_memory", "NE: ELKS refuses it: a segment without memory, or of more than 65520 bytes",
            |finding, f| refused(finding, f, format_args!("the segment takes {} bytes in memory (0 means 65536), but only 1 to 65520 are possible", finding.found));
        /// A segment without bytes in the file: uninitialised far data, or 65,536 bytes.
        NoBytes = 675, EXECFMT_ELKS_NE_E_NO_BYTES, Error, "no_bytes", "NE: ELKS refuses it: a segment has no bytes in the file",
            |finding, f| refused(finding, f, format_args!("the segment has no bytes in the file, as Open Watcom writes uninitialised far data; ELKS takes it to be a segment of 64 KiB")),
            advice Advice::WriteZeros;
        /// Data, stack, heap and arguments take 64 KiB or more.
        AutoTooLarge = 676, EXECFMT_ELKS_NE_E_AUTO_TOO_LARGE, Error, "auto_too_large", "NE: ELKS refuses it: data, stack, heap and arguments do not fit a segment",
            |finding, f| refused(finding, f, format_args!("data, stack, heap and arguments take {} bytes, but a segment has {}", finding.found, finding.expected.bound())),
            advice Advice::LessHeap;
        /// The segment in which the program starts does not exist.
        EntrySegment = 677, EXECFMT_ELKS_NE_E_ENTRY_SEGMENT, Error, "entry_segment", "NE: ELKS refuses it: the segment in which it starts does not exist",
            |finding, f| refused(finding, f, format_args!("the program starts in segment {}, which does not exist (segments are numbered from 1)", finding.found));
        /// The file ends within a segment.
        SegmentShort = 678, EXECFMT_ELKS_NE_E_SEGMENT_SHORT, Error, "segment_short", "NE: ELKS refuses it: a segment extends past the end of the file",
            |finding, f| {
                let held = finding.expected.bound();
                refused(finding, f, format_args!("the segment has {} bytes, but the file has only {held} of them; it was cut short", finding.found))?;
                if finding.returned() == Errno::Einval.number() {
                    return Ok(());
                }
                write!(f, " (the kernel returns {} instead, since {held} is negative in 16 bits)", finding.returned())
            },
            advice Advice::MakeAgain;
        /// The file ends within the relocations of a segment.
        RelocationsShort = 679, EXECFMT_ELKS_NE_E_RELOCATIONS_SHORT, Error, "relocations_short", "NE: ELKS refuses it: a segment's relocations extend past the end of the file",
            |finding, f| refused(finding, f, format_args!("the file ends within the relocations: {} found, {} expected", finding.found, finding.expected)),
            advice Advice::MakeAgain;
        /// A relocation of another kind than a segment word or a far pointer to one of the file's segments.
        RelocationKind = 680, EXECFMT_ELKS_NE_E_RELOCATION_KIND, Error, "relocation_kind", "NE: ELKS refuses it: a relocation of a kind that it does not support",
            |finding, f| refused(finding, f, format_args!("a relocation with {:#04x}, but only {} is supported (segment words and far pointers to the file's segments, and only far pointers additive)", finding.found, finding.expected));
    }
}

/// A rule that a file breaks, with the values concerned.
pub type ElksRefusal = Finding<ElksRule>;

/// The return value of an ELKS system call for a refusal.
pub trait Returned {
    /// The number that the kernel returns to the calling program: the errno of the rule, except that a short
    /// read of 32,768 bytes or more is negative in 16 bits and is returned unchanged.
    fn returned(&self) -> i32;
}

impl Returned for ElksRefusal {
    fn returned(&self) -> i32 {
        let held = u16::try_from(self.expected.bound()).ok().filter(|&held| held >= 0x8000);
        match (self.rule, held) {
            (ElksRule::SegmentShort, Some(held)) => 0x1_0000_i32.saturating_sub(held.into()),
            _ => self.rule.errno().number(),
        }
    }
}

fn refused(finding: &ElksRefusal, f: &mut fmt::Formatter<'_>, why: fmt::Arguments<'_>) -> fmt::Result {
    write!(f, "ELKS returns {}: {why}", finding.rule.errno())
}

impl ElksRule {
    /// What `execve` returns.
    pub const fn errno(self) -> Errno {
        match self {
            Self::Empty | Self::NotMz | Self::NotConfigured => Errno::Enoexec,
            Self::TooManySegments | Self::AutoTooLarge => Errno::E2big,
            _ => Errno::Einval,
        }
    }

    pub(super) fn at(self, field: NeField, record: u64, found: u64, expected: Expected) -> ElksRefusal {
        let offset = record.saturating_add(field.offset_in_record());
        Finding { rule: self, field, offset, found, expected }
    }

    /// The same for a check that needs only the verdict, or the reason too.
    #[inline(always)]
    pub(super) fn refuse<T, E: Refusal<Self>>(
        self,
        field: NeField,
        record: u64,
        found: u64,
        expected: Expected,
    ) -> Result<T, E> {
        Err(E::new(|| self.at(field, record, found, expected)))
    }

    #[inline(always)]
    pub(super) fn header<T, E: Refusal<Self>>(
        self,
        header: &Header,
        name: &'static str,
        found: impl Into<u64>,
        expected: Expected,
    ) -> Result<T, E> {
        self.refuse(NeField::Header(name), header.position.into(), found.into(), expected)
    }

    #[inline(always)]
    pub(super) fn segment<T, E: Refusal<Self>>(
        self,
        segment: &Segment<'_>,
        name: &'static str,
        found: impl Into<u64>,
        expected: Expected,
    ) -> Result<T, E> {
        self.refuse(NeField::Segment(segment.number, name), segment.entry_offset, found.into(), expected)
    }
}

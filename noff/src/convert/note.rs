use alloc::string::String;
use core::fmt;

use execfmt_common::Severity;
use mips_coff::CoffFinding;
use mips_scan::CodeFinding;

use super::span::Span;
use crate::segment::SegmentKind;

/// Something that a user should know about a successful conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// A section was left out.
    Dropped {
        /// Its name.
        name: String,
        /// Its size in bytes.
        size: u32,
    },
    /// Constants went into another segment than `readonlyData`, because the layout has no such segment or it
    /// cannot be placed.
    ReadOnlyMerged {
        /// The segment that holds them.
        into: SegmentKind,
    },
    /// Zero bytes were put between the sections of a segment.
    Filled {
        /// The segment.
        segment: SegmentKind,
        /// Number of bytes.
        bytes: u32,
    },
    /// The code is built for an instruction set above MIPS I.
    Isa {
        /// The name of the instruction set.
        name: &'static str,
    },
    /// The code uses the MIPS16 or microMIPS encoding.
    Compressed,
    /// The code uses floating-point registers.
    HardFloat,
    /// The program names an entry point other than the one at which the kernel starts it.
    Entry {
        /// Its address.
        entry: u32,
        /// Where the kernel starts programs.
        start: u32,
    },
    /// The code does not begin where the kernel starts programs.
    NoCodeAtStart {
        /// Where the kernel starts programs.
        start: u32,
    },
    /// Zero bytes were added to the end of a segment, for a kernel that requires sizes to be multiples of a
    /// number.
    Padded {
        /// The segment.
        segment: SegmentKind,
        /// Number of bytes.
        bytes: u32,
    },
    /// A COFF section of small data, which code may reach through `$gp`.
    SmallData {
        /// Its name.
        name: String,
    },
    /// A table of constructors, which Nachos never calls.
    Constructors {
        /// The section's name.
        name: String,
    },
    /// Zeroed data far above the rest; a kernel allocates all the memory in between.
    FarZeroes {
        /// The section's name.
        name: String,
        /// Its addresses.
        span: Span,
        /// One past the highest address of the other sections.
        end: u32,
    },
    /// The file holds relocations: it may not be fully linked.
    Relocations {
        /// Number of relocations.
        count: u32,
    },
    /// A COFF optional header whose magic is not OMAGIC.
    NotOmagic {
        /// Its magic.
        magic: u16,
    },
    /// A COFF section whose physical and virtual addresses differ. The physical one is used, as `coff2noff`
    /// does.
    TwoAddresses {
        /// The section's name.
        name: String,
        /// The address in use: the physical one.
        physical: u32,
        /// The virtual address.
        virtual_addr: u32,
    },
    /// In a flat file made from COFF, the sections do not follow each other from address 0 on.
    NotContiguous {
        /// The first section that is displaced.
        name: String,
        /// Its address.
        span: Span,
        /// Its offset in the flat file.
        offset: u32,
    },
    /// The code uses instructions that the simulated machine lacks or executes differently.
    Code {
        /// The first such instruction.
        first: CodeFinding,
        /// Number of further ones of the same kind.
        others: u64,
    },
    /// Unsigned right shifts, which most simulated machines execute incorrectly.
    UnsignedShifts {
        /// Address of the first.
        address: u32,
        /// Number of them.
        count: u64,
    },
    /// `or` of two registers, which the simulated machine of Nachos 3.4 executes incorrectly.
    Ors {
        /// Address of the first.
        address: u32,
        /// Number of them.
        count: u64,
    },
    /// The symbols of a COFF file were left out.
    NoSymbols {
        /// Why they cannot be read.
        finding: CoffFinding,
    },
    /// How Nachos 5.0j, or one of its copies, will treat the COFF file that was written.
    Nachos5j {
        /// The finding in the file.
        finding: CoffFinding,
    },
}

impl Note {
    /// A warning when the program may not run as intended; `None` for plain information.
    pub const fn severity(&self) -> Option<Severity> {
        match self {
            Self::Dropped { .. }
            | Self::ReadOnlyMerged { .. }
            | Self::Filled { .. }
            | Self::Padded { .. }
            | Self::UnsignedShifts { .. }
            | Self::Ors { .. } => None,
            _ => Some(Severity::Warning),
        }
    }
}

/// From this size on a gap is attributed to the linker, which gives code and data pages of their own.
const LINKER_PAGE: u32 = 4096;

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dropped { name, size } => write!(f, "section {name} ({size} bytes) left out"),
            Self::ReadOnlyMerged { into } => write!(f, "constants placed in {into}"),
            Self::Filled { segment, bytes } => {
                write!(f, "{bytes} zero bytes inserted between the sections of {segment}")?;
                if *bytes >= LINKER_PAGE {
                    f.write_str("; link with -N, which leaves no page gap between code and data")?;
                }
                Ok(())
            }
            Self::Isa { name } => write!(
                f,
                "the code is built for {name}, but the Nachos machine is a MIPS I with load delay slots; compile with -march=mips1"
            ),
            Self::Compressed => f.write_str(
                "the code is MIPS16 or microMIPS, which the Nachos machine does not execute; compile with -march=mips1",
            ),
            Self::HardFloat => f.write_str(
                "the code may use floating-point registers, which the Nachos machine does not have; compile with -msoft-float",
            ),
            Self::Entry { entry, start } => write!(
                f,
                "the program's entry point is {entry:#x}, but Nachos starts it at address {start:#x}; link start.o first, or name its symbol with ld -e"
            ),
            Self::NoCodeAtStart { start } => write!(
                f,
                "the code does not begin at address {start:#x}, where Nachos starts the program; link with -Ttext={start:#x}"
            ),
            Self::Padded { segment, bytes } => write!(f, "{bytes} zero bytes added to the end of {segment}"),
            Self::SmallData { name } => write!(
                f,
                "section {name} holds small data; code that reaches it through register $gp faults, because Nachos does not set it: compile with -G 0"
            ),
            Self::Constructors { name } => write!(
                f,
                "section {name} holds constructors or destructors, which Nachos does not call; call them from main"
            ),
            Self::FarZeroes { name, span, end } => write!(
                f,
                "section {name} ({span}) begins far above the other sections, which end at {end:#x}; a kernel needs memory for everything in between: link them closer together"
            ),
            Self::Relocations { count } => write!(
                f,
                "the file still holds {count} relocations and is not marked as executable; is it fully linked?"
            ),
            Self::NotOmagic { magic } => {
                write!(f, "the optional header's magic is 0{magic:o}, not 0407 (OMAGIC); link with ld -N")
            }
            Self::TwoAddresses { name, physical, virtual_addr } => write!(
                f,
                "section {name} has the physical address {physical:#x} and the virtual address {virtual_addr:#x}; the physical one is used, as coff2noff does"
            ),
            Self::Code { first, others: 0 } => first.fmt(f),
            Self::Code { first, others } => write!(f, "{first} ({others} more such instructions)"),
            Self::UnsignedShifts { address, count } => write!(
                f,
                "unsigned right shifts (srl, srlv): {count}, the first at {address:#x}; most Nachos machines shift in the sign when the top bit is set"
            ),
            Self::Ors { address, count } => write!(
                f,
                "or instructions of two registers: {count}, the first at {address:#x}; the machine of Nachos 3.4 uses the first register for both operands"
            ),
            Self::NoSymbols { finding } => write!(f, "the symbols were left out: {finding}"),
            Self::Nachos5j { finding } => write!(f, "the COFF file: {finding}"),
            Self::NotContiguous { name, span, offset } => write!(
                f,
                "section {name} ({span}) is at byte {offset:#x} of the flat file, as coff2flat writes it, not at its address"
            ),
        }
    }
}

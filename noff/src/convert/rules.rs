use core::fmt;

use execfmt_common::{Detail, Finding, rules};

/// A field of a COFF or ELF file, by its name in the format's headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InputField(pub &'static str);

impl fmt::Display for InputField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Which part of an ELF file is malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ElfPart {
    /// The identification bytes.
    Identification,
    /// The section header table.
    SectionTable,
    /// The section with the names of the sections.
    Names,
    /// The name of a section.
    Name,
    /// The size of the section headers.
    SectionHeaderSize,
    /// The program headers.
    ProgramHeaders,
}

impl ElfPart {
    const ALL: [Self; 6] = [
        Self::Identification,
        Self::SectionTable,
        Self::Names,
        Self::Name,
        Self::SectionHeaderSize,
        Self::ProgramHeaders,
    ];

    const fn reason(self) -> &'static str {
        match self {
            Self::Identification => "the identification is not that of a 32-bit ELF file of version 1",
            Self::SectionTable => "the section header table is not within the file",
            Self::Names => "no section holds the names of the sections",
            Self::Name => "the section's name is outside the string table",
            Self::SectionHeaderSize => "the section headers do not have the size of those in a 32-bit file",
            Self::ProgramHeaders => {
                "the program headers are not within the file, or do not have the size of those in a 32-bit file"
            }
        }
    }
}

impl Detail for ElfPart {
    fn number(self) -> u32 {
        match self {
            Self::Identification => 1,
            Self::SectionTable => 2,
            Self::Names => 3,
            Self::Name => 4,
            Self::SectionHeaderSize => 5,
            Self::ProgramHeaders => 6,
        }
    }

    fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.number() == number)
    }
}

rules! {
    /// The rules that an input of a converter can break. All of them refuse it.
    pub enum InputRule for InputField, in input_facts {
        /// Neither COFF nor ELF.
        UnknownFormat = 170, EXECFMT_NOFF_INPUT_E_FORMAT, Error, "unknown_format", "to NOFF: neither a COFF file nor an ELF file",
            |finding, f| write!(
                f,
                "{:#x} is the magic neither of a MIPS COFF file (62 01) nor of an ELF file (7f 45 4c 46); give the linked program",
                finding.found
            );
        /// The file ends within its headers.
        Truncated = 171, EXECFMT_NOFF_INPUT_E_TRUNCATED, Error, "truncated", "to NOFF: the file ends within its headers",
            |finding, f| write!(
                f,
                "the file has {} bytes, but its headers need {}; it was cut short",
                finding.found, finding.expected
            );
        /// MIPS code, but big-endian.
        BigEndian = 172, EXECFMT_NOFF_INPUT_E_BIG_ENDIAN, Error, "big_endian_code", "to NOFF: the code is big-endian",
            |finding, f| f.write_str(
                "the code is big-endian, and Nachos runs little-endian MIPS code; compile with mipsel-linux-gnu-gcc or -EL"
            );
        /// COFF code for MIPS II or above, or ELF code for another machine.
        WrongMachine = 173, EXECFMT_NOFF_INPUT_E_MACHINE, Error, "wrong_machine", "to NOFF: the code is for another machine",
            |finding, f| write!(
                f,
                "machine {:#x} is not the one that Nachos runs ({}: MIPS I); compile with mipsel-linux-gnu-gcc -march=mips1",
                finding.found, finding.expected
            );
        /// A 64-bit ELF file.
        Elf64 = 174, EXECFMT_NOFF_INPUT_E_ELF64, Error, "elf64", "to NOFF: a 64-bit ELF file",
            |finding, f| f.write_str("a 64-bit ELF file; Nachos is a 32-bit machine: compile with mipsel-linux-gnu-gcc");
        /// An object file or a shared object, not a linked program.
        NotLinked = 175, EXECFMT_NOFF_INPUT_E_NOT_LINKED, Error, "not_linked", "to NOFF: not a linked program",
            |finding, f| write!(
                f,
                "type {} is not a linked program ({}); link it with ld -static -N -Ttext=0, and without -r, -shared or -pie",
                finding.found, finding.expected
            );
        /// A program that needs a dynamic linker.
        Dynamic = 176, EXECFMT_NOFF_INPUT_E_DYNAMIC, Error, "dynamically_linked", "to NOFF: the program needs a dynamic linker",
            |finding, f| f.write_str("the program needs a dynamic linker; link it with -static");
        /// A COFF optional header whose magic is not that of an executable.
        OptionalMagic = 177, EXECFMT_NOFF_INPUT_E_OPTIONAL_MAGIC, Error, "optional_header_magic", "to NOFF: the optional header is not a program's",
            |finding, f| write!(
                f,
                "0{:o} is not the magic of a linked program (0407 OMAGIC, 0410 NMAGIC, 0413 ZMAGIC); link with ld -N",
                finding.found
            );
        /// A section's bytes would lie beyond the end of the file.
        SectionPastEof = 178, EXECFMT_NOFF_INPUT_E_PAST_EOF, Error, "section_past_eof", "to NOFF: a section's bytes would lie beyond the end of the file",
            |finding, f| write!(
                f,
                "the section's bytes end at {}, but the file ends at {}; it was cut short: link the program again",
                finding.found, finding.expected.bound()
            );
        /// A section's address plus its size does not fit into 32 bits.
        AddressOverflow = 179, EXECFMT_NOFF_INPUT_E_ADDRESS, Error, "address_overflow", "to NOFF: a section goes beyond 32-bit addresses",
            |finding, f| write!(
                f,
                "the section is {} bytes long, but only {} addresses remain above its start",
                finding.found, finding.expected.bound()
            );
        /// Thread-local storage, which Nachos does not have.
        ThreadLocal = 180, EXECFMT_NOFF_INPUT_E_THREAD_LOCAL, Error, "thread_local", "to NOFF: the program has thread-local storage",
            |finding, f| f.write_str("thread-local storage, which Nachos does not have; use an ordinary variable");
        /// Nothing in the file takes up memory.
        NoSections = 181, EXECFMT_NOFF_INPUT_E_NO_SECTIONS, Error, "no_sections", "to NOFF: nothing in the file takes up memory",
            |finding, f| f.write_str("nothing in the file takes up memory; was the right file given?");
        /// The section sizes add up to more than the file's length: sections share bytes many times over.
        SharedBytes = 182, EXECFMT_NOFF_INPUT_E_SHARED_BYTES, Error, "shared_bytes", "to NOFF: the section sizes add up to more than the file",
            |finding, f| write!(
                f,
                "the section sizes add up to {} bytes, more than the whole file ({}); its headers are damaged",
                finding.found, finding.expected
            );
        /// A part of an ELF file is malformed. `detail` is the part.
        Malformed(part: ElfPart) = 183, EXECFMT_NOFF_INPUT_E_MALFORMED, Error, "malformed", "to NOFF: the ELF file is malformed",
            |finding, f| write!(
                f,
                "{} (found {:#x}); the file is damaged: link the program again",
                part.reason(), finding.found
            );
        /// Small data, which code reaches through a register that nothing sets.
        SmallData = 184, EXECFMT_NOFF_INPUT_E_SMALL_DATA, Error, "small_data", "to NOFF: small data, which code reaches through $gp",
            |finding, f| f.write_str(
                "small data, which code reaches through register $gp; Nachos does not set it, so the first access would fault: compile with -G 0"
            );
        /// Position-independent code, which computes `$gp` from a register that nothing sets.
        PositionIndependent = 185, EXECFMT_NOFF_INPUT_E_PIC, Error, "position_independent", "to NOFF: position-independent code",
            |finding, f| f.write_str(
                "position-independent code, which finds its data through register $gp; Nachos does not set it up: compile with -mno-abicalls -fno-pic"
            );
        /// The entry point is not in a section that has bytes in the file.
        EntryWithoutBytes = 186, EXECFMT_NOFF_INPUT_E_ENTRY, Error, "entry_without_bytes", "to NOFF: the file has no bytes at the entry point",
            |finding, f| write!(
                f,
                "the file has no bytes at the entry point {:#x}; is this a separate debug file? give the linked program",
                finding.found
            );
        /// A section's bytes would lie within the headers.
        SectionInHeaders = 187, EXECFMT_NOFF_INPUT_E_HEADER_OVERLAP, Error, "section_in_headers", "to NOFF: a section's bytes would begin within the headers",
            |finding, f| write!(
                f,
                "the section's bytes begin at byte {}, within the headers, which end at {}; the file is damaged: link the program again",
                finding.found, finding.expected.bound()
            );
    }
}

/// A finding in the input of a converter.
pub type InputFinding = Finding<InputRule>;

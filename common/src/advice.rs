use core::fmt;

/// What somebody whose file is refused can do next, as a value: a command renders it with its own options, a library
/// with its own names. [`Display`](fmt::Display) gives words that are right for neither in particular.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Advice {
    /// Convert the file.
    Convert(Target),
    /// Decompress the file, for a kernel without compression.
    Decompress,
    /// Inflate the gzip file.
    Inflate,
    /// Choose the layout of the NOFF header, three segments or four.
    ChooseLayout,
    /// Write a header of four segments, which has a place for constants.
    FourSegments,
    /// Write the header in the other layout.
    OtherLayout,
    /// Write the header in the other byte order.
    OtherByteOrder,
    /// Pad the sections in the linker script.
    PadSections,
    /// Link the program so that its code begins at this address.
    LinkAt(u64),
    /// Compile for the tiny model, or do without the option that asks for it.
    TinyModel,
    /// Ask for less memory beyond data and bss.
    LessChmem,
    /// Ask for more memory in all.
    MoreTotal,
    /// Choose a lower segment for the text.
    LowerTextSegment,
    /// Set less stack in the header.
    LessStack,
    /// Set less heap in the header.
    LessHeap,
    /// Set more heap in the header.
    MoreHeap,
    /// Set the memory that the header asks for.
    SetTotal,
    /// Pass fewer arguments, or set less stack in the header.
    FewerArguments,
    /// Load by the exact rules instead of the original's.
    LoadExactly,
    /// Link the program again with separate instructions and data, for the 8086.
    SeparateInstructions,
}

/// A format that files are converted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Target {
    /// Nachos NOFF.
    Noff,
    /// MIPS COFF, for Nachos 5.0j.
    Coff,
    /// ELKS a.out.
    Elks,
    /// OS/2 NE, as ELKS loads it.
    Os2Ne,
    /// A Coyotos image.
    Coyotos,
    /// ELF.
    Elf,
}

impl Target {
    /// The name in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Noff => "NOFF",
            Self::Coff => "COFF",
            Self::Elks => "ELKS a.out",
            Self::Os2Ne => "OS/2 NE",
            Self::Coyotos => "a Coyotos image",
            Self::Elf => "ELF",
        }
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Convert(target) => return write!(f, "convert it to {}", target.name()),
            Self::Decompress => "decompress the file",
            Self::Inflate => "inflate it first",
            Self::ChooseLayout => "choose the layout, three segments or four",
            Self::FourSegments => "write a header of four segments",
            Self::OtherLayout => "convert it to the other layout",
            Self::OtherByteOrder => "convert it to the other byte order",
            Self::PadSections => "pad the sections in the linker script",
            Self::LinkAt(address) => return write!(f, "link with -Ttext={address:#x}"),
            Self::TinyModel => "compile with -mcmodel=tiny, or do not ask for the tiny model",
            Self::LessChmem => "ask for less memory beyond data and bss",
            Self::MoreTotal => "ask for more memory in all",
            Self::LowerTextSegment => "choose a lower segment for the text",
            Self::LessStack => "set less stack in the header",
            Self::LessHeap => "set less heap in the header",
            Self::MoreHeap => "set more heap in the header",
            Self::SetTotal => "set the memory that the header asks for",
            Self::FewerArguments => "pass fewer arguments, or set less stack in the header",
            Self::LoadExactly => "load by the exact rules",
            Self::SeparateInstructions => "link the program again with separate I and D, for the 8086",
        })
    }
}

use core::fmt;

/// What the user of a refused file can do next, as a value: a command renders it with its own options, a
/// library with its own names. [`Display`](fmt::Display) gives neutral wording.
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
    /// Write a header of four segments, which can hold constants.
    FourSegments,
    /// Write the header in the other layout.
    OtherLayout,
    /// Write the header in the other byte order.
    OtherByteOrder,
    /// Pad the sections in the linker script.
    PadSections,
    /// Link the program so that its code begins at this address.
    LinkAt(u64),
    /// Compile for the tiny model, or omit the option that requires it.
    TinyModel,
    /// Request less memory beyond data and bss.
    LessChmem,
    /// Request more memory in total.
    MoreTotal,
    /// Choose a lower segment for the text.
    LowerTextSegment,
    /// Set less stack in the header.
    LessStack,
    /// Set less heap in the header.
    LessHeap,
    /// Set more heap in the header.
    MoreHeap,
    /// Set the memory that the header requests.
    SetTotal,
    /// Pass fewer arguments, or set less stack in the header.
    FewerArguments,
    /// Allow more bytes to be inflated or written.
    AllowMore,
    /// Write bytes into the file for segments that have none there.
    WriteZeros,
    /// Load by exact rules instead of the original's.
    LoadExactly,
    /// Link the program again with separate instructions and data, for the 8086.
    SeparateInstructions,
    /// Compile the program for MIPS I.
    CompileForMips1,
    /// Compile the program without floating-point instructions.
    SoftFloat,
    /// Keep words at addresses that are multiples of 4: no packed structs, no casts to them.
    AlignData,
    /// Convert the file to one of several formats.
    ConvertToOneOf(&'static [Target]),
    /// Inspect the file, which has a known format.
    Inspect,
    /// List the objects of an image.
    ListObjects,
    /// Copy or build the file again.
    MakeAgain,
    /// Link the object file or library into an executable.
    Link,
    /// Link the object file or library of bcc.
    LinkWithBcc,
    /// Link the program as an executable at fixed addresses.
    LinkFixed,
    /// Use the program from which the debugging information was separated.
    UseTheProgram,
    /// Build the program with a little-endian MIPS compiler.
    LittleEndianMips,
    /// Build the program for ELKS.
    BuildForElks,
    /// Build the program for a machine of one of the supported systems.
    BuildForAnotherMachine,
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
    /// The contents of a program's memory, without headers.
    Flat,
}

impl Target {
    /// The name, for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Noff => "NOFF",
            Self::Coff => "COFF",
            Self::Elks => "ELKS a.out",
            Self::Os2Ne => "OS/2 NE",
            Self::Coyotos => "a Coyotos image",
            Self::Elf => "ELF",
            Self::Flat => "a flat file",
        }
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Convert(target) => return write!(f, "convert it to {}", target.name()),
            Self::ConvertToOneOf(targets) => {
                f.write_str("convert it to ")?;
                for (index, target) in targets.iter().enumerate() {
                    f.write_str(match index {
                        0 => "",
                        _ if index == targets.len().saturating_sub(1) => " or ",
                        _ => ", ",
                    })?;
                    f.write_str(target.name())?;
                }
                return Ok(());
            }
            Self::Decompress => "decompress the file",
            Self::Inflate => "inflate it first",
            Self::ChooseLayout => "choose the layout, three segments or four",
            Self::FourSegments => "write a header of four segments",
            Self::OtherLayout => "convert it to the other layout",
            Self::OtherByteOrder => "convert it to the other byte order",
            Self::PadSections => "pad the sections in the linker script",
            Self::LinkAt(address) => return write!(f, "link with -Ttext={address:#x}"),
            Self::TinyModel => "compile with -mcmodel=tiny, or do not convert to the tiny model",
            Self::LessChmem => "request less memory beyond data and bss",
            Self::MoreTotal => "request more memory in total",
            Self::LowerTextSegment => "choose a lower segment for the text",
            Self::LessStack => "set less stack in the header",
            Self::LessHeap => "set less heap in the header",
            Self::MoreHeap => "set more heap in the header",
            Self::SetTotal => "set the memory that the header requests",
            Self::FewerArguments => "pass fewer arguments, or set less stack in the header",
            Self::AllowMore => "raise the limit if you trust it",
            Self::WriteZeros => "write zero bytes into the file for it",
            Self::LoadExactly => "load it by the exact rules",
            Self::Inspect => "inspect it as a file of its format",
            Self::ListObjects => "list its objects",
            Self::MakeAgain => "copy or build it again",
            Self::Link => "link it into an executable first",
            Self::LinkWithBcc => "link it with bcc or ld86 first",
            Self::LinkFixed => "link it as an executable at fixed addresses (-no-pie, -static)",
            Self::UseTheProgram => "use the program itself, which has the bytes",
            Self::LittleEndianMips => "build it with a little-endian MIPS compiler",
            Self::BuildForElks => "build it for ELKS, for example with bcc or ia16-elf-gcc -melks",
            Self::BuildForAnotherMachine => {
                "build it for MIPS (Nachos), 8086 (ELKS), or 80386, ARM or ColdFire (Coyotos)"
            }
            Self::CompileForMips1 => "compile it with -march=mips1",
            Self::SoftFloat => "compile it with -msoft-float, or do without float and double",
            Self::AlignData => {
                "keep words at multiples of 4: no packed struct, no cast of an unaligned pointer"
            }
            Self::SeparateInstructions => "link the program again with separate I and D, for the 8086",
        })
    }
}

//! What to do next.

use execfmt_common::{Advice, ByteOrder, Target};

use crate::{Archive, Contents, Elf, ElfType, FileKind, NeTarget};

impl FileKind {
    /// What can be done with the file, if anything is known.
    pub fn advice(self) -> Option<Advice> {
        match self {
            Self::Own(_) => Some(Advice::Inspect),
            Self::Empty | Self::Cut(_) | Self::CutElf => Some(Advice::MakeAgain),
            Self::Elf(elf) => elf.advice(),
            Self::MipsCoff(ByteOrder::Little) => {
                Some(Advice::ConvertToOneOf(&[Target::Noff, Target::Coff, Target::Elf, Target::Flat]))
            }
            Self::MipsCoff(ByteOrder::Big) => Some(Advice::LittleEndianMips),
            Self::BccObject | Self::Archive(Archive { contents: Contents::Bcc, .. }) => {
                Some(Advice::LinkWithBcc)
            }
            Self::Archive(_) => Some(Advice::Link),
            Self::Ne(NeTarget::Os2 | NeTarget::Other(_)) => Some(Advice::Convert(Target::Elks)),
            Self::LinuxAout(_) | Self::Mz | Self::Ne(_) | Self::Linear | Self::Pe(_) | Self::BccCom => {
                Some(Advice::BuildForElks)
            }
            Self::Gzip => Some(Advice::Inflate),
            Self::AoutMagicOnly | Self::Script | Self::Text | Self::Unknown => None,
        }
    }
}

impl Elf {
    fn advice(self) -> Option<Advice> {
        match self.elf_type {
            ElfType::Object => Some(Advice::Link),
            ElfType::Shared => Some(Advice::LinkFixed),
            ElfType::DebugOnly => Some(Advice::UseTheProgram),
            ElfType::Executable => self.targets(),
            ElfType::Core | ElfType::Other(_) => None,
        }
    }

    fn targets(self) -> Option<Advice> {
        match (self.machine, self.byte_order) {
            (Self::MIPS, ByteOrder::Little) => {
                Some(Advice::ConvertToOneOf(&[Target::Noff, Target::Coff, Target::Flat]))
            }
            (Self::MIPS, ByteOrder::Big) => Some(Advice::LittleEndianMips),
            (Self::I386, ByteOrder::Little) => Some(Advice::ConvertToOneOf(&[Target::Elks, Target::Coyotos])),
            (Self::ARM | Self::M68K, _) => Some(Advice::Convert(Target::Coyotos)),
            _ => Some(Advice::BuildForAnotherMachine),
        }
    }
}

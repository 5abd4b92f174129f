//! The numbers of the ELF specification (System V ABI, chapter 4, and the supplements for MIPS and GNU) that the
//! converters use.

macro_rules! numbers {
    ($($Type:ty: { $($name:ident = $value:expr, $meaning:literal;)+ })+) => {
        $($(
            #[doc = $meaning]
            pub const $name: $Type = $value;
        )+)+
    };
}

numbers! {
    [u8; 4]: {
        ELFMAG = *b"\x7fELF", "The magic number: the first four bytes of an ELF file.";
    }
    u8: {
        ELFCLASS32 = 1, "`EI_CLASS`: 32 bits.";
        ELFCLASS64 = 2, "`EI_CLASS`: 64 bits.";
        ELFDATA2LSB = 1, "`EI_DATA`: least significant byte first.";
        ELFDATA2MSB = 2, "`EI_DATA`: most significant byte first.";
        EV_CURRENT = 1, "`EI_VERSION`: the only one.";
        ELFOSABI_NONE = 0, "`EI_OSABI`: no extensions.";
        STB_LOCAL = 0, "Binding of a symbol: only its own file sees it.";
        STB_GLOBAL = 1, "Binding of a symbol: other files see it.";
        STB_WEAK = 2, "Binding of a symbol: a global one takes precedence.";
        STT_NOTYPE = 0, "Type of a symbol: none, as labels have.";
        STT_OBJECT = 1, "Type of a symbol: a variable.";
        STT_FUNC = 2, "Type of a symbol: a function.";
        STT_SECTION = 3, "Type of a symbol: a section.";
        STT_FILE = 4, "Type of a symbol: a source file.";
        STT_GNU_IFUNC = 10, "Type of a symbol: a function that selects another one when the program starts.";
    }
    u16: {
        ET_REL = 1, "`e_type`: an object file.";
        ET_EXEC = 2, "`e_type`: a program linked to fixed addresses.";
        ET_DYN = 3, "`e_type`: a shared object, or a program that can be loaded anywhere.";
        EM_NONE = 0, "`e_machine`: none.";
        EM_386 = 3, "`e_machine`: Intel 80386; also what ia16-elf-ld writes for the 8086.";
        EM_68K = 4, "`e_machine`: Motorola 68000.";
        EM_MIPS = 8, "`e_machine`: MIPS.";
        EM_MIPS_RS3_LE = 10, "`e_machine`: MIPS RS3000, little-endian, of old tools.";
        EM_ARM = 40, "`e_machine`: Arm.";
        EM_COLDFIRE = 52, "`e_machine`: Motorola ColdFire.";
        SHN_UNDEF = 0, "Index of a section: none; the symbol is defined elsewhere.";
        SHN_LORESERVE = 0xff00, "The first of the section indices with a special meaning.";
        SHN_ABS = 0xfff1, "Index of a section: none; the symbol's value is absolute.";
        SHN_COMMON = 0xfff2, "Index of a section: none; the linker allocates the symbol.";
        SHN_XINDEX = 0xffff, "`e_shstrndx`: the index is in `sh_link` of section 0.";
        PN_XNUM = 0xffff, "`e_phnum`: the number is in `sh_info` of section 0.";
    }
    u32: {
        PT_LOAD = 1, "Kind of a segment: it is loaded.";
        PT_INTERP = 3, "Kind of a segment: the name of a dynamic linker.";
        PT_TLS = 7, "Kind of a segment: thread-local storage.";
        PF_X = 1, "Right of a segment: executable.";
        PF_W = 2, "Right of a segment: writable.";
        PF_R = 4, "Right of a segment: readable.";
        SHT_NULL = 0, "Type of a section: none.";
        SHT_PROGBITS = 1, "Type of a section: bytes of the program.";
        SHT_SYMTAB = 2, "Type of a section: symbols.";
        SHT_STRTAB = 3, "Type of a section: names.";
        SHT_RELA = 4, "Type of a section: relocations with addends.";
        SHT_DYNAMIC = 6, "Type of a section: information for a dynamic linker.";
        SHT_NOTE = 7, "Type of a section: notes.";
        SHT_NOBITS = 8, "Type of a section: zeros, without bytes in the file.";
        SHT_REL = 9, "Type of a section: relocations whose addends are in the program.";
        SHT_DYNSYM = 11, "Type of a section: symbols for a dynamic linker.";
        SHT_MIPS_REGINFO = 0x7000_0006, "Type of a section: which registers the code uses.";
        SHT_MIPS_OPTIONS = 0x7000_000d, "Type of a section: properties of MIPS code.";
        SHT_MIPS_ABIFLAGS = 0x7000_002a, "Type of a section: what MIPS code requires of its machine.";
        SHF_WRITE = 1, "Flag of a section: it is writable.";
        SHF_ALLOC = 2, "Flag of a section: it takes up memory.";
        SHF_EXECINSTR = 4, "Flag of a section: it holds instructions.";
        SHF_MERGE = 0x10, "Flag of a section: equal parts of it can be merged.";
        SHF_STRINGS = 0x20, "Flag of a section: it holds strings.";
        SHF_TLS = 0x400, "Flag of a section: thread-local storage.";
        SHF_COMPRESSED = 0x800, "Flag of a section: its bytes are compressed.";
        SHF_MIPS_GPREL = 0x1000_0000, "Flag of a section: code reaches it through register `$gp`.";
        NT_GNU_BUILD_ID = 3, "Type of a note: a build ID.";
        EF_MIPS_NOREORDER = 1, "`e_flags`: the assembler did not reorder the code.";
        EF_MIPS_PIC = 2, "`e_flags`: position-independent code.";
        EF_MIPS_CPIC = 4, "`e_flags`: code that calls position-independent code.";
        EF_MIPS_ABI_O32 = 0x1000, "`e_flags`: the ABI of 32 bits.";
        EF_MIPS_MICROMIPS = 0x0200_0000, "`e_flags`: microMIPS code.";
        EF_MIPS_ARCH_ASE_M16 = 0x0400_0000, "`e_flags`: MIPS16 code.";
        EF_MIPS_ARCH = 0xf000_0000, "`e_flags`: the bits of the instruction set.";
        EF_MIPS_ARCH_1 = 0, "`e_flags`: MIPS I.";
        EF_MIPS_ARCH_2 = 0x1000_0000, "`e_flags`: MIPS II.";
        EF_MIPS_ARCH_3 = 0x2000_0000, "`e_flags`: MIPS III.";
        EF_MIPS_ARCH_4 = 0x3000_0000, "`e_flags`: MIPS IV.";
        EF_MIPS_ARCH_5 = 0x4000_0000, "`e_flags`: MIPS V.";
        EF_MIPS_ARCH_32 = 0x5000_0000, "`e_flags`: MIPS32.";
        EF_MIPS_ARCH_64 = 0x6000_0000, "`e_flags`: MIPS64.";
        EF_MIPS_ARCH_32R2 = 0x7000_0000, "`e_flags`: MIPS32 release 2.";
        EF_MIPS_ARCH_64R2 = 0x8000_0000, "`e_flags`: MIPS64 release 2.";
        EF_MIPS_ARCH_32R6 = 0x9000_0000, "`e_flags`: MIPS32 release 6.";
        EF_MIPS_ARCH_64R6 = 0xa000_0000, "`e_flags`: MIPS64 release 6.";
    }
}

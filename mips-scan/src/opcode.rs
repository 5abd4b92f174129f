//! The only table of instructions: those of MIPS I, and those of later machines, by name.
//!
//! Sources: the MIPS architecture manuals; the tests compare it with a disassembler, word by word.

/// The first machine that has an instruction, or the unit that executes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Level {
    /// Integer instructions of every MIPS.
    Mips1,
    /// MIPS II.
    Mips2,
    /// MIPS III.
    Mips3,
    /// MIPS IV.
    Mips4,
    /// MIPS32.
    Mips32,
    /// MIPS32, second release.
    Mips32r2,
    /// The floating-point unit, coprocessor 1.
    Float,
    /// Another coprocessor: 0 (of the system), 2 or 3.
    Coprocessor,
}

impl Level {
    /// The name, for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mips1 => "MIPS I",
            Self::Mips2 => "MIPS II",
            Self::Mips3 => "MIPS III",
            Self::Mips4 => "MIPS IV",
            Self::Mips32 => "MIPS32",
            Self::Mips32r2 => "MIPS32 release 2",
            Self::Float => "the floating-point unit",
            Self::Coprocessor => "a coprocessor",
        }
    }
}

/// The general registers that an instruction reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    Nothing,
    Rs,
    Rt,
    RsRt,
}

/// What an instruction does, as far as a scan needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// It computes or stores.
    Plain(Reads),
    /// It loads `rt` from an address in `rs`.
    Load,
    /// It loads a part of `rt`, and may directly follow another load of it (`lwl`, `lwr`).
    LoadPart,
    /// It always jumps.
    Jump(Reads),
    /// It branches conditionally.
    Branch(Reads),
}

/// An instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opcode {
    /// Its name in assembly language: in the table itself, so that a program that needs no names contains
    /// none. Strings of four and eight bytes would be put into one section with those of all formats, which a
    /// linker keeps or drops as a whole.
    mnemonic: Mnemonic,
    /// The bits that identify it.
    pub value: u32,
    /// The bits of a word that [`value`](Self::value) is compared with.
    pub mask: u32,
    /// The first machine that has it.
    pub level: Level,
    pub(crate) form: Form,
}

/// A name of at most eight bytes, padded with zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mnemonic([u8; 8]);

impl Mnemonic {
    // Only the compiler runs it, for the table: a longer name would not compile.
    #[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
    const fn of(name: &[u8]) -> Self {
        let mut bytes = [0; 8];
        let mut at = 0;
        while at < name.len() {
            bytes[at] = name[at];
            at += 1;
        }
        Self(bytes)
    }

    fn bytes(&self) -> &[u8] {
        self.0.split(|&byte| byte == 0).next().unwrap_or_default()
    }
}

const fn op(name: &str, value: u32, mask: u32, level: Level, form: Form) -> Opcode {
    Opcode { mnemonic: Mnemonic::of(name.as_bytes()), value, mask, level, form }
}

use Form::{Branch, Jump, Load, LoadPart, Plain};
use Level::{Coprocessor, Float, Mips1, Mips2, Mips3, Mips4, Mips32, Mips32r2};
use Reads::{Nothing, Rs, RsRt, Rt};

impl Opcode {
    /// Its name in assembly language.
    pub fn name(&self) -> &str {
        core::str::from_utf8(self.mnemonic.bytes()).unwrap_or_default()
    }

    /// The same as bytes, for comparisons.
    pub(crate) fn mnemonic(&self) -> &[u8] {
        self.mnemonic.bytes()
    }

    /// Every instruction, in the order of the primary opcode: the upper six bits. No two match the same word.
    #[rustfmt::skip]
    pub const TABLE: &'static [Self] = &[
        op("sllv", 0x0000_0004, 0xfc00_07ff, Mips1, Plain(RsRt)),
        op("srlv", 0x0000_0006, 0xfc00_07ff, Mips1, Plain(RsRt)),
        op("srav", 0x0000_0007, 0xfc00_07ff, Mips1, Plain(RsRt)),
        op("add", 0x0000_0020, 0xfc00_07ff, Mips1, Plain(RsRt)),
        op("addu", 0x0000_0021, 0xfc00_07ff, Mips1, Plain(RsRt)),
        op("sub", 0x0000_0022, 0xfc00_07ff, Mips1, Plain(RsRt)),
        op("subu", 0x0000_0023, 0xfc00_07ff, Mips1, Plain(RsRt)),
        op("and", 0x0000_0024, 0xfc00_07ff, Mips1, Plain(RsRt)),
        op("or", 0x0000_0025, 0xfc00_07ff, Mips1, Plain(RsRt)),
        op("xor", 0x0000_0026, 0xfc00_07ff, Mips1, Plain(RsRt)),
        op("nor", 0x0000_0027, 0xfc00_07ff, Mips1, Plain(RsRt)),
        op("slt", 0x0000_002a, 0xfc00_07ff, Mips1, Plain(RsRt)),
        op("sltu", 0x0000_002b, 0xfc00_07ff, Mips1, Plain(RsRt)),
        op("sll", 0x0000_0000, 0xffe0_003f, Mips1, Plain(Rt)),
        op("srl", 0x0000_0002, 0xffe0_003f, Mips1, Plain(Rt)),
        op("sra", 0x0000_0003, 0xffe0_003f, Mips1, Plain(Rt)),
        op("jr", 0x0000_0008, 0xfc1f_ffff, Mips1, Jump(Rs)),
        op("jalr", 0x0000_0009, 0xfc1f_07ff, Mips1, Jump(Rs)),
        op("syscall", 0x0000_000c, 0xfc00_003f, Mips1, Plain(Nothing)),
        op("break", 0x0000_000d, 0xfc00_003f, Mips1, Plain(Nothing)),
        op("mfhi", 0x0000_0010, 0xffff_07ff, Mips1, Plain(Nothing)),
        op("mflo", 0x0000_0012, 0xffff_07ff, Mips1, Plain(Nothing)),
        op("mthi", 0x0000_0011, 0xfc1f_ffff, Mips1, Plain(Rs)),
        op("mtlo", 0x0000_0013, 0xfc1f_ffff, Mips1, Plain(Rs)),
        op("mult", 0x0000_0018, 0xfc00_ffff, Mips1, Plain(RsRt)),
        op("multu", 0x0000_0019, 0xfc00_ffff, Mips1, Plain(RsRt)),
        op("div", 0x0000_001a, 0xfc00_ffff, Mips1, Plain(RsRt)),
        op("divu", 0x0000_001b, 0xfc00_ffff, Mips1, Plain(RsRt)),
        op("movf", 0x0000_0001, 0xfc03_07ff, Mips4, Plain(Rs)),
        op("movt", 0x0001_0001, 0xfc03_07ff, Mips4, Plain(Rs)),
        op("movz", 0x0000_000a, 0xfc00_07ff, Mips4, Plain(RsRt)),
        op("movn", 0x0000_000b, 0xfc00_07ff, Mips4, Plain(RsRt)),
        op("sync", 0x0000_000f, 0xffff_f83f, Mips2, Plain(Nothing)),
        op("rotr", 0x0020_0002, 0xffe0_003f, Mips32r2, Plain(Rt)),
        op("rotrv", 0x0000_0046, 0xfc00_07ff, Mips32r2, Plain(RsRt)),
        op("dsllv", 0x0000_0014, 0xfc00_07ff, Mips3, Plain(RsRt)),
        op("dsrlv", 0x0000_0016, 0xfc00_07ff, Mips3, Plain(RsRt)),
        op("dsrav", 0x0000_0017, 0xfc00_07ff, Mips3, Plain(RsRt)),
        op("dadd", 0x0000_002c, 0xfc00_07ff, Mips3, Plain(RsRt)),
        op("daddu", 0x0000_002d, 0xfc00_07ff, Mips3, Plain(RsRt)),
        op("dsub", 0x0000_002e, 0xfc00_07ff, Mips3, Plain(RsRt)),
        op("dsubu", 0x0000_002f, 0xfc00_07ff, Mips3, Plain(RsRt)),
        op("dmult", 0x0000_001c, 0xfc00_ffff, Mips3, Plain(RsRt)),
        op("dmultu", 0x0000_001d, 0xfc00_ffff, Mips3, Plain(RsRt)),
        op("ddiv", 0x0000_001e, 0xfc00_ffff, Mips3, Plain(RsRt)),
        op("ddivu", 0x0000_001f, 0xfc00_ffff, Mips3, Plain(RsRt)),
        op("dsll", 0x0000_0038, 0xffe0_003f, Mips3, Plain(Rt)),
        op("dsrl", 0x0000_003a, 0xffe0_003f, Mips3, Plain(Rt)),
        op("dsra", 0x0000_003b, 0xffe0_003f, Mips3, Plain(Rt)),
        op("dsll32", 0x0000_003c, 0xffe0_003f, Mips3, Plain(Rt)),
        op("dsrl32", 0x0000_003e, 0xffe0_003f, Mips3, Plain(Rt)),
        op("dsra32", 0x0000_003f, 0xffe0_003f, Mips3, Plain(Rt)),
        op("tge", 0x0000_0030, 0xfc00_003f, Mips2, Plain(RsRt)),
        op("tgeu", 0x0000_0031, 0xfc00_003f, Mips2, Plain(RsRt)),
        op("tlt", 0x0000_0032, 0xfc00_003f, Mips2, Plain(RsRt)),
        op("tltu", 0x0000_0033, 0xfc00_003f, Mips2, Plain(RsRt)),
        op("teq", 0x0000_0034, 0xfc00_003f, Mips2, Plain(RsRt)),
        op("tne", 0x0000_0036, 0xfc00_003f, Mips2, Plain(RsRt)),
        op("bltz", 0x0400_0000, 0xfc1f_0000, Mips1, Branch(Rs)),
        op("bgez", 0x0401_0000, 0xfc1f_0000, Mips1, Branch(Rs)),
        op("bltzal", 0x0410_0000, 0xfc1f_0000, Mips1, Branch(Rs)),
        op("bgezal", 0x0411_0000, 0xfc1f_0000, Mips1, Branch(Rs)),
        op("bltzl", 0x0402_0000, 0xfc1f_0000, Mips2, Branch(Rs)),
        op("bgezl", 0x0403_0000, 0xfc1f_0000, Mips2, Branch(Rs)),
        op("bltzall", 0x0412_0000, 0xfc1f_0000, Mips2, Branch(Rs)),
        op("bgezall", 0x0413_0000, 0xfc1f_0000, Mips2, Branch(Rs)),
        op("tgei", 0x0408_0000, 0xfc1f_0000, Mips2, Plain(Rs)),
        op("tgeiu", 0x0409_0000, 0xfc1f_0000, Mips2, Plain(Rs)),
        op("tlti", 0x040a_0000, 0xfc1f_0000, Mips2, Plain(Rs)),
        op("tltiu", 0x040b_0000, 0xfc1f_0000, Mips2, Plain(Rs)),
        op("teqi", 0x040c_0000, 0xfc1f_0000, Mips2, Plain(Rs)),
        op("tnei", 0x040e_0000, 0xfc1f_0000, Mips2, Plain(Rs)),
        op("synci", 0x041f_0000, 0xfc1f_0000, Mips32r2, Plain(Rs)),
        op("j", 0x0800_0000, 0xfc00_0000, Mips1, Jump(Nothing)),
        op("jal", 0x0c00_0000, 0xfc00_0000, Mips1, Jump(Nothing)),
        op("beq", 0x1000_0000, 0xfc00_0000, Mips1, Branch(RsRt)),
        op("bne", 0x1400_0000, 0xfc00_0000, Mips1, Branch(RsRt)),
        op("blez", 0x1800_0000, 0xfc1f_0000, Mips1, Branch(Rs)),
        op("bgtz", 0x1c00_0000, 0xfc1f_0000, Mips1, Branch(Rs)),
        op("addi", 0x2000_0000, 0xfc00_0000, Mips1, Plain(Rs)),
        op("addiu", 0x2400_0000, 0xfc00_0000, Mips1, Plain(Rs)),
        op("slti", 0x2800_0000, 0xfc00_0000, Mips1, Plain(Rs)),
        op("sltiu", 0x2c00_0000, 0xfc00_0000, Mips1, Plain(Rs)),
        op("andi", 0x3000_0000, 0xfc00_0000, Mips1, Plain(Rs)),
        op("ori", 0x3400_0000, 0xfc00_0000, Mips1, Plain(Rs)),
        op("xori", 0x3800_0000, 0xfc00_0000, Mips1, Plain(Rs)),
        op("lui", 0x3c00_0000, 0xffe0_0000, Mips1, Plain(Nothing)),
        op("cop0", 0x4000_0000, 0xfc00_0000, Coprocessor, Plain(Nothing)),
        op("cop1", 0x4400_0000, 0xfc00_0000, Float, Plain(Nothing)),
        op("cop2", 0x4800_0000, 0xfc00_0000, Coprocessor, Plain(Nothing)),
        op("cop3", 0x4c00_0000, 0xfc00_0000, Coprocessor, Plain(Nothing)),
        op("beql", 0x5000_0000, 0xfc00_0000, Mips2, Branch(RsRt)),
        op("bnel", 0x5400_0000, 0xfc00_0000, Mips2, Branch(RsRt)),
        op("blezl", 0x5800_0000, 0xfc1f_0000, Mips2, Branch(Rs)),
        op("bgtzl", 0x5c00_0000, 0xfc1f_0000, Mips2, Branch(Rs)),
        op("daddi", 0x6000_0000, 0xfc00_0000, Mips3, Plain(Rs)),
        op("daddiu", 0x6400_0000, 0xfc00_0000, Mips3, Plain(Rs)),
        op("ldl", 0x6800_0000, 0xfc00_0000, Mips3, Plain(Rs)),
        op("ldr", 0x6c00_0000, 0xfc00_0000, Mips3, Plain(Rs)),
        op("madd", 0x7000_0000, 0xfc00_ffff, Mips32, Plain(RsRt)),
        op("maddu", 0x7000_0001, 0xfc00_ffff, Mips32, Plain(RsRt)),
        op("mul", 0x7000_0002, 0xfc00_07ff, Mips32, Plain(RsRt)),
        op("msub", 0x7000_0004, 0xfc00_ffff, Mips32, Plain(RsRt)),
        op("msubu", 0x7000_0005, 0xfc00_ffff, Mips32, Plain(RsRt)),
        op("clz", 0x7000_0020, 0xfc00_07ff, Mips32, Plain(Rs)),
        op("clo", 0x7000_0021, 0xfc00_07ff, Mips32, Plain(Rs)),
        op("sdbbp", 0x7000_003f, 0xfc00_003f, Mips32, Plain(Nothing)),
        op("ext", 0x7c00_0000, 0xfc00_003f, Mips32r2, Plain(Rs)),
        op("ins", 0x7c00_0004, 0xfc00_003f, Mips32r2, Plain(RsRt)),
        op("seb", 0x7c00_0420, 0xffe0_07ff, Mips32r2, Plain(Rt)),
        op("seh", 0x7c00_0620, 0xffe0_07ff, Mips32r2, Plain(Rt)),
        op("wsbh", 0x7c00_00a0, 0xffe0_07ff, Mips32r2, Plain(Rt)),
        op("rdhwr", 0x7c00_003b, 0xffe0_07ff, Mips32r2, Plain(Nothing)),
        op("lb", 0x8000_0000, 0xfc00_0000, Mips1, Load),
        op("lh", 0x8400_0000, 0xfc00_0000, Mips1, Load),
        op("lwl", 0x8800_0000, 0xfc00_0000, Mips1, LoadPart),
        op("lw", 0x8c00_0000, 0xfc00_0000, Mips1, Load),
        op("lbu", 0x9000_0000, 0xfc00_0000, Mips1, Load),
        op("lhu", 0x9400_0000, 0xfc00_0000, Mips1, Load),
        op("lwr", 0x9800_0000, 0xfc00_0000, Mips1, LoadPart),
        op("lwu", 0x9c00_0000, 0xfc00_0000, Mips3, Load),
        op("sb", 0xa000_0000, 0xfc00_0000, Mips1, Plain(RsRt)),
        op("sh", 0xa400_0000, 0xfc00_0000, Mips1, Plain(RsRt)),
        op("swl", 0xa800_0000, 0xfc00_0000, Mips1, Plain(RsRt)),
        op("sw", 0xac00_0000, 0xfc00_0000, Mips1, Plain(RsRt)),
        op("sdl", 0xb000_0000, 0xfc00_0000, Mips3, Plain(RsRt)),
        op("sdr", 0xb400_0000, 0xfc00_0000, Mips3, Plain(RsRt)),
        op("swr", 0xb800_0000, 0xfc00_0000, Mips1, Plain(RsRt)),
        op("cache", 0xbc00_0000, 0xfc00_0000, Mips3, Plain(Rs)),
        op("ll", 0xc000_0000, 0xfc00_0000, Mips2, Load),
        op("lwc1", 0xc400_0000, 0xfc00_0000, Float, Plain(Rs)),
        op("lwc2", 0xc800_0000, 0xfc00_0000, Coprocessor, Plain(Rs)),
        op("pref", 0xcc00_0000, 0xfc00_0000, Mips4, Plain(Rs)),
        op("lld", 0xd000_0000, 0xfc00_0000, Mips3, Plain(Rs)),
        op("ldc1", 0xd400_0000, 0xfc00_0000, Float, Plain(Rs)),
        op("ldc2", 0xd800_0000, 0xfc00_0000, Coprocessor, Plain(Rs)),
        op("ld", 0xdc00_0000, 0xfc00_0000, Mips3, Plain(Rs)),
        op("sc", 0xe000_0000, 0xfc00_0000, Mips2, Plain(RsRt)),
        op("swc1", 0xe400_0000, 0xfc00_0000, Float, Plain(Rs)),
        op("swc2", 0xe800_0000, 0xfc00_0000, Coprocessor, Plain(Rs)),
        op("swc3", 0xec00_0000, 0xfc00_0000, Coprocessor, Plain(Rs)),
        op("scd", 0xf000_0000, 0xfc00_0000, Mips3, Plain(RsRt)),
        op("sdc1", 0xf400_0000, 0xfc00_0000, Float, Plain(Rs)),
        op("sdc2", 0xf800_0000, 0xfc00_0000, Coprocessor, Plain(Rs)),
        op("sd", 0xfc00_0000, 0xfc00_0000, Mips3, Plain(RsRt)),
    ];

    /// The index of the first instruction of each primary opcode in the table, and one past the last of all.
    // At compile time an index out of bounds is a build error.
    #[allow(clippy::indexing_slicing, clippy::cast_possible_truncation)]
    const STARTS: [usize; 65] = {
        let mut starts = [0; 65];
        let (mut primary, mut index) = (0, 0);
        while primary < 64 {
            starts[primary] = index;
            while index < Self::TABLE.len() && Self::TABLE[index].value >> 26 == primary as u32 {
                index += 1;
            }
            primary += 1;
        }
        starts[64] = index;
        starts
    };

    /// The instruction that a word encodes; `None` for a word that encodes none.
    pub fn of(word: u32) -> Option<&'static Self> {
        let primary = usize::try_from(word.wrapping_shr(26)).ok()?;
        let (start, end) = (*Self::STARTS.get(primary)?, *Self::STARTS.get(primary.checked_add(1)?)?);
        Self::TABLE.get(start..end)?.iter().find(|opcode| word & opcode.mask == opcode.value)
    }

    pub(crate) const fn reads(&self) -> Reads {
        match self.form {
            Plain(reads) | Jump(reads) | Branch(reads) => reads,
            Load | LoadPart => Rs,
        }
    }
}

// Each part of the table must be reachable: a row out of order would never be found.
const _: () = assert!(Opcode::STARTS[64] == Opcode::TABLE.len());

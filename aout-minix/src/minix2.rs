//! How Minix 2 treats a file: the rules of its `exec`, and the memory that results.
//!
//! ```text
//!  separate I/D:  │ text │   │ data bss │ gap │ stack │        combined: │ text data bss │ gap │ stack │
//! ```
//!
//! Memory is measured in clicks. `a_total` is the number of bytes of data, bss, gap and stack (and of the
//! text, when it is not separate); data and stack grow into the gap between them.

use execfmt_common::{Advice, Expected, Finding, rules};

use crate::field::AoutField;
use crate::header::Header;
use crate::types::{Cpu, FileType, Flags};
use crate::wire::HLEN_PLAIN;

/// The size of a click in bytes on a 16-bit Minix.
pub const CLICK_SIZE: u32 = 256;

/// The processor for which the system was built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WordSize {
    /// 8086 and 80286.
    #[default]
    Bits16,
    /// 80386.
    Bits32,
}

impl WordSize {
    /// The processor that files for such a system name.
    pub const fn cpu(self) -> Cpu {
        match self {
            Self::Bits16 => Cpu::I8086,
            Self::Bits32 => Cpu::I80386,
        }
    }
}

/// The memory of a program, in clicks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    /// The text; 0 when it is not separate.
    pub text_clicks: u32,
    /// Data and bss, and text when it is not separate.
    pub data_clicks: u32,
    /// Everything except separate text.
    pub total_clicks: u32,
    /// The gap between data and stack.
    pub gap_clicks: u32,
    /// File offset of the text, in bytes.
    pub text_offset: u8,
}

rules! {
    /// A rule of `exec` that a file breaks. Minix returns ENOEXEC for all of them.
    pub enum Minix2Rule for AoutField, in minix2_facts {
        /// The file is for another processor.
        WrongCpu = 280, EXECFMT_MINIX2_E_CPU, Error, "wrong_cpu", "a.out: Minix 2 refuses it: it is for another processor",
            |finding, f| write!(f, "Minix 2 returns ENOEXEC: type {:#010x} is for another processor; compile the program for this one", finding.found);
        /// A flag other than NSYM, EXEC and SEP is set.
        UnknownFlags = 281, EXECFMT_MINIX2_E_FLAGS, Error, "unknown_flags", "a.out: Minix 2 refuses it: unknown flags",
            |finding, f| write!(f, "Minix 2 returns ENOEXEC: type {:#010x} has flags other than NSYM, EXEC and SEP; link the program again", finding.found);
        /// The memory requested, `a_total`, is 0.
        NoTotal = 282, EXECFMT_MINIX2_E_NO_TOTAL, Error, "no_total", "a.out: Minix 2 refuses it: it requests no memory",
            |finding, f| f.write_str("Minix 2 returns ENOEXEC: the header requests no memory"),
            advice Advice::SetTotal;
        /// The header is shorter than 32 bytes.
        BadHlen = 283, EXECFMT_MINIX2_E_HLEN, Error, "bad_hlen", "a.out: Minix 2 refuses it: the header is too short",
            |finding, f| write!(f, "Minix 2 returns ENOEXEC: a header of {} bytes, which is not {}", finding.found, finding.expected);
        /// Data and bss leave no click for the stack.
        NoRoom = 284, EXECFMT_MINIX2_E_NO_ROOM, Error, "no_room", "a.out: Minix 2 refuses it: data and bss leave no room for the stack",
            |finding, f| write!(f, "Minix 2 returns ENOEXEC: {} clicks in total is not {}: data and bss leave none for the stack", finding.found, finding.expected),
            advice Advice::MoreTotal;
    }
}

/// A rule that a file breaks, with the values concerned.
pub type Minix2Refusal = Finding<Minix2Rule>;

/// Checks a header as Minix 2 does.
///
/// # Errors
/// The first rule that the file breaks.
///
/// ```
/// use aout_minix::minix2::{self, WordSize};
/// use aout_minix::{FileType, Header};
///
/// let mut header = Header { tseg: 300, dseg: 100, bseg: 100, ..Header::empty(FileType::SPLITID) };
/// header.set_a_total(0x1_0000);
/// let layout = minix2::exec(&header, WordSize::Bits16, minix2::CLICK_SIZE)?;
/// assert_eq!((layout.text_clicks, layout.data_clicks, layout.gap_clicks), (2, 1, 255));
/// # Ok::<(), minix2::Minix2Refusal>(())
/// ```
pub fn exec(header: &Header, word_size: WordSize, click_size: u32) -> Result<Layout, Minix2Refusal> {
    let word = u64::from(header.file_type.word());
    let refuse = |rule, field: AoutField, found, expected| {
        Err(Finding { rule, field, offset: field.header_offset(), found, expected })
    };
    let FileType { flags, cpu } = header.file_type;
    let fitting = u64::from(FileType { flags: Flags::SEP, cpu: word_size.cpu() }.word());
    if cpu != word_size.cpu() {
        return refuse(Minix2Rule::WrongCpu, AoutField::Type, word, Expected::Exactly(fitting));
    }
    if !Flags::NSYM.union(Flags::EXEC).union(Flags::SEP).contains(flags) {
        return refuse(Minix2Rule::UnknownFlags, AoutField::Type, word, Expected::Exactly(fitting));
    }
    if header.hlen < HLEN_PLAIN {
        let expected = Expected::AtLeast(HLEN_PLAIN.into());
        return refuse(Minix2Rule::BadHlen, AoutField::Hlen, header.hlen.into(), expected);
    }
    if header.a_total() == 0 {
        return refuse(Minix2Rule::NoTotal, AoutField::Chmem, 0, Expected::AtLeast(1));
    }
    let clicks = |bytes: u64| bytes.div_ceil(click_size.max(1).into());
    let separate = header.file_type.is_separate();
    let (text, in_data) = if separate { (header.tseg, 0) } else { (0, header.tseg) };
    let data = u64::from(in_data).saturating_add(header.dseg.into()).saturating_add(header.bseg.into());
    let (text, data, total) = (clicks(text.into()), clicks(data), clicks(header.a_total().into()));
    let narrow = |clicks: u64| u32::try_from(clicks).unwrap_or(u32::MAX);
    match total.checked_sub(data) {
        None | Some(0) => {
            refuse(Minix2Rule::NoRoom, AoutField::Chmem, total, Expected::AtLeast(data.saturating_add(1)))
        }
        Some(gap) => Ok(Layout {
            text_clicks: narrow(text),
            data_clicks: narrow(data),
            total_clicks: narrow(total),
            gap_clicks: narrow(gap),
            text_offset: header.hlen,
        }),
    }
}

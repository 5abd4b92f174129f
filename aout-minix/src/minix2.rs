//! What Minix 2 does with a file: the rules of its `exec`, and the memory that results.
//!
//! ```text
//!  separate I/D:  │ text │   │ data bss │ gap │ stack │        combined: │ text data bss │ gap │ stack │
//! ```
//!
//! Memory is measured in clicks. `a_total` is the bytes of data, bss, gap and stack (and of the text, when it is not
//! separate); what is left between data and stack is for both to grow into.

use core::fmt;

use execfmt_common::{Expected, Finding, Rule, Severity};

use crate::error::AoutField;
use crate::header::{HLEN_PLAIN, Header};
use crate::types::{Cpu, FileType, Flags};

/// The size of a click in bytes on a 16-bit Minix.
pub const CLICK_SIZE: u32 = 256;

/// The processor that the system was built for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WordSize {
    /// 8086 and 80286.
    #[default]
    Bits16,
    /// 80386.
    Bits32,
}

impl WordSize {
    /// The processor that files of such a system name.
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
    /// Everything but separate text.
    pub total_clicks: u32,
    /// What is left between data and stack.
    pub gap_clicks: u32,
    /// Where the text begins in the file, in bytes.
    pub text_offset: u8,
}

/// A rule of `exec` that a file breaks. Minix answers ENOEXEC to all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Minix2Rule {
    /// The file is for another processor.
    WrongCpu,
    /// A flag other than NSYM, EXEC and SEP is set.
    UnknownFlags,
    /// `a_total` is 0.
    NoTotal,
    /// The header is shorter than 32 bytes.
    BadHlen,
    /// Data and bss leave no click for the stack.
    NoRoom,
}

/// A rule that a file breaks, with the values that break it.
pub type Minix2Refusal = Finding<Minix2Rule>;

impl Rule for Minix2Rule {
    type Field = AoutField;

    fn code(self) -> &'static str {
        match self {
            Self::WrongCpu => "wrong_cpu",
            Self::UnknownFlags => "unknown_flags",
            Self::NoTotal => "no_total",
            Self::BadHlen => "bad_hlen",
            Self::NoRoom => "no_room",
        }
    }

    fn severity(self) -> Severity {
        Severity::Error
    }

    fn explain(finding: &Finding<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { rule, found, expected, .. } = *finding;
        f.write_str("Minix 2 answers ENOEXEC: ")?;
        match rule {
            Self::WrongCpu => {
                write!(f, "type {found:#010x} is for another processor; compile the program for this one")
            }
            Self::UnknownFlags => {
                write!(
                    f,
                    "type {found:#010x} has flags other than NSYM, EXEC and SEP; link the program again"
                )
            }
            Self::NoTotal => f.write_str("the header asks for no memory; set it with chmem"),
            Self::BadHlen => write!(f, "a header of {found} bytes, which is not {expected}"),
            Self::NoRoom => {
                write!(
                    f,
                    "{found} clicks in total are not {expected}: data and bss leave none for the stack; ask for more with chmem"
                )
            }
        }
    }
}

/// Judges a header as Minix 2 does.
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

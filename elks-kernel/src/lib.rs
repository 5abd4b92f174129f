//! What the loaders of the ELKS kernel have in common, whatever the format of the program: the error numbers
//! of `execve`, the default stack and heap, and the arithmetic of paragraphs and of 16-bit words.
//!
//! The crate is `no_std`, does not allocate and cannot panic. Source: the kernel of August 2026.

#![no_std]

use core::fmt;

/// The stack of a program that requests none, in bytes.
pub const INIT_STACK: u16 = 4096;

/// The heap of a program that requests none, in bytes.
pub const INIT_HEAP: u16 = 4096;

/// The unit of memory allocation, in bytes.
pub const PARAGRAPH: u16 = 16;

/// The smallest argument block that a real `execve` passes, in bytes: argc, one pointer to a one-letter name,
/// two null pointers, the letter and its NUL.
pub const MIN_ARGUMENT_BYTES: u16 = 10;

/// Number of paragraphs that hold a number of bytes.
pub const fn paragraphs(bytes: u16) -> u16 {
    bytes.div_ceil(PARAGRAPH)
}

/// Number of paragraphs that hold a number of bytes, computed in 16 bits as the kernel does: 0 for 65,521
/// bytes and more.
pub const fn paragraphs_wrapping(bytes: u16) -> u16 {
    bytes.wrapping_add(PARAGRAPH - 1) / PARAGRAPH
}

/// The 16 bits of a word that the kernel uses.
pub const fn low_word(word: u32) -> u16 {
    let [low, high, ..] = word.to_le_bytes();
    u16::from_le_bytes([low, high])
}

/// The error numbers that `execve` returns for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Errno {
    /// Argument list too long.
    E2big,
    /// Not an executable.
    Enoexec,
    /// Invalid argument.
    Einval,
    /// File too large.
    Efbig,
}

impl Errno {
    /// All that `execve` returns for a file.
    pub const ALL: [Self; 4] = [Self::E2big, Self::Enoexec, Self::Einval, Self::Efbig];

    /// The name, as in C.
    pub const fn name(self) -> &'static str {
        match self {
            Self::E2big => "E2BIG",
            Self::Enoexec => "ENOEXEC",
            Self::Einval => "EINVAL",
            Self::Efbig => "EFBIG",
        }
    }

    /// The number, which is the same on ELKS as on Linux.
    pub const fn number(self) -> i32 {
        match self {
            Self::E2big => 7,
            Self::Enoexec => 8,
            Self::Einval => 22,
            Self::Efbig => 27,
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Runs the examples of the README as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

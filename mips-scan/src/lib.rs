//! What MIPS code requires of the machine that runs it. Nachos simulates a MIPS I without floating point:
//! code for a later machine stops there, or computes something else.
//!
//! ```
//! use execfmt_common::ByteOrder;
//! use mips_scan::{Code, ScanOptions, scan};
//! use std::ops::ControlFlow::Continue;
//!
//! // mul $2,$4,$5: MIPS32
//! let code = Code { bytes: &0x70851002_u32.to_le_bytes(), address: 0x40, file_offset: 104, byte_order: ByteOrder::Little };
//! scan(&code, ScanOptions::default(), &mut |finding| {
//!     assert_eq!(finding.rule.code(), "above_mips1");
//!     assert_eq!(finding.to_string().split(';').next(), Some("code at 0x40 at byte 104: `mul` is an instruction of MIPS32, but the machine is a MIPS I"));
//!     Continue(())
//! });
//! ```
//!
//! [`Opcode::TABLE`] is the only table of instructions, as data. The crate is `no_std`, does not allocate,
//! takes time proportional to the size of the code, and cannot panic.

#![no_std]

mod opcode;
mod rules;
mod scan;

pub use opcode::{Level, Opcode};
pub use rules::{CodeField, CodeFinding, CodeRule, Register, code_facts};
pub use scan::{Code, Counts, ScanOptions, TRAP, scan};

/// Runs the example of the README as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

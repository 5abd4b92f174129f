//! The language of Coyotos's `mkimage` (December 2007): scripts that build an image.
//!
//! `no_std` with `alloc`, without `unsafe`; no script makes it panic, run forever or grow without bounds
//! ([`Limits`]), and it opens files only through its caller ([`Host`]). docs/mkimage.md describes the
//! language without assuming any knowledge of it.
//!
//! # From a script to an image
//!
//! ```text
//! Host::module ──▶ lexer ──tokens──▶ parser ──operations──▶ Machine ──calls──▶ coyotos_image::Builder ──▶ image
//!                                                             │  │
//!                                         Host::file ──files──┘  ├──text──▶ Host::print
//!                                                                └──the same calls as a recipe──▶ Host::trace
//! ```
//!
//! The parser emits operations on a stack of operands, in one pass; the machine runs them one by one. Only
//! the parser recurses, over nesting in the script, and printing, over nesting in a value; both have limits.
//!
//! # Sources
//! The language was derived from the original, compiled: its model gives the same verdict, text and image for
//! all of its 81 scripts and for 18,481 of 18,500 random programs. The intended differences of this crate are
//! in docs/differences.md.

#![no_std]

extern crate alloc;

mod builtins;
mod code;
mod dump;
mod error;
mod field;
mod headers;
mod host;
mod lexer;
mod library;
mod limits;
mod machine;
mod number;
mod parser;
mod show;
mod source;
mod text;
mod trace;
mod value;

pub use builtins::{constructors, names as builtins};
pub use error::{Cause, Error, Frame};
pub use headers::Header;
pub use host::{File, Host};
pub use lexer::{KEYWORDS, OPERATORS, RESERVED};
pub use limits::{Limit, Limits};
pub use machine::{Machine, Options, check_syntax};
pub use source::{Location, MAX_SCRIPT_BYTES};
pub use text::ESCAPES;

/// The README's example runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

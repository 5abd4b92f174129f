//! The language of Coyotos's `mkimage` (December 2007): scripts that fill an image.
//!
//! `no_std` with `alloc`, without `unsafe`; no script makes it panic, run without end or grow without bounds
//! ([`Limits`]), and it opens no file but through its caller ([`Host`]). docs/mkimage.md describes the language for someone
//! who has never seen it.
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
//! The parser emits operations on a stack of operands, in one pass; the machine runs them one by one. Nothing recurses but
//! the parser, on what is nested in the script, and printing, on what is nested in a value; both have limits.
//!
//! # Sources
//! The language was measured on the original, compiled: its model gives the same verdict, text and image in all of its 81
//! scripts and in 18,481 of 18,500 random programs. Where this crate is meant to differ, docs/differences.md says so.

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

//! Lists: one row per entry, as text or as a JSON object.

use std::fmt;
use std::io::{self, Write};

use execfmt_common::Escaped;
use serde_json::Value;

use crate::json;

/// The output of a list.
pub struct Rows<'a> {
    out: &'a mut dyn Write,
    json: bool,
}

impl<'a> Rows<'a> {
    /// Rows as text, or as one JSON object per line.
    pub fn new(out: &'a mut dyn Write, json: bool) -> Self {
        Self { out, json }
    }

    /// Writes an entry: its text, in which names are escaped, or its members.
    pub fn row(&mut self, text: impl fmt::Display, members: impl FnOnce() -> Value) -> io::Result<()> {
        if self.json {
            json::write(self.out, &members())?;
            writeln!(self.out)
        } else {
            writeln!(self.out, "{}", Escaped::of(&text.to_string()))
        }
    }
}

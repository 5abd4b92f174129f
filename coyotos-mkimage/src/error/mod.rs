//! Why a run ended, and where.

mod cause;
mod words;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::source::Location;

pub use cause::Cause;

/// A call or an import that was active when a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame {
    /// The function's name, or the module's.
    pub name: String,
    /// Whether it is a module that was imported.
    pub module: bool,
    /// Where it was called or imported.
    pub at: Location,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Details {
    cause: Cause,
    at: Option<Location>,
    calls: Vec<Frame>,
    left_out: usize,
}

/// Number of the calls leading to an error that are listed: the innermost and the outermost ones.
pub(crate) const INNERMOST: usize = 16;
pub(crate) const OUTERMOST: usize = 4;

/// The failure of a run: why, where, and through which calls and imports the run got there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Details>);

impl Error {
    pub(crate) fn new(cause: Cause, at: Option<Location>, calls: Vec<Frame>) -> Self {
        Self(Box::new(Details { cause, at, calls, left_out: 0 }))
    }

    /// Includes the number of calls between the innermost and the outermost listed ones.
    pub(crate) fn leaving_out(mut self, calls: usize) -> Self {
        self.0.left_out = calls;
        self
    }

    /// Why the run ended.
    pub fn cause(&self) -> &Cause {
        &self.0.cause
    }

    /// Where; `None` for errors that are not about a position in a script, such as a missing top-level
    /// module.
    pub fn at(&self) -> Option<&Location> {
        self.0.at.as_ref()
    }

    /// The calls and imports that were active, innermost first: all of them, or the 16 innermost and the 4
    /// outermost.
    pub fn calls(&self) -> &[Frame] {
        &self.0.calls
    }

    /// Number of calls left out, after the first 16 of [`calls`](Self::calls).
    pub fn calls_left_out(&self) -> usize {
        self.0.left_out
    }
}

impl fmt::Display for Error {
    /// `FILE:LINE:COLUMN: why`. Text from the script appears unescaped: escape it before it reaches a
    /// terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = self.at() {
            write!(f, "{}:{}:{}: ", at.file, at.line, at.column)?;
        }
        self.cause().fmt(f)
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self.cause() {
            Cause::Build(error) => Some(error),
            Cause::Load(error) => Some(error),
            _ => None,
        }
    }
}

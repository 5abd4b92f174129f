use alloc::string::String;
use core::fmt;

use crate::build::{BuildError, LoadError};
use crate::space::SpaceError;

/// Why a line failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// There is no call with this name.
    UnknownCall(String),
    /// The call takes other arguments.
    Usage(&'static str),
    /// Not a number, or too large for the field.
    Number(String),
    /// Bytes that are not pairs of hexadecimal digits.
    Hex(String),
    /// There is no architecture with this name.
    UnknownArch(String),
    /// There was no `arch` line yet.
    NoArch,
    /// A name that was not defined yet.
    UnknownName(String),
    /// There is no field with this name.
    UnknownField(String),
    /// The builder failed.
    Build(BuildError),
    /// The program was refused.
    Load(LoadError),
    /// A file could not be read.
    File {
        /// Its name.
        name: String,
        /// The reader's reason.
        reason: String,
    },
}

impl From<BuildError> for Cause {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

impl From<SpaceError> for Cause {
    fn from(error: SpaceError) -> Self {
        Self::Build(error.into())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCall(name) => {
                write!(f, "there is no call `{name}`; docs/coyotos-image.md lists all calls")
            }
            Self::Usage(usage) => write!(f, "expected `{usage}`"),
            Self::Number(text) => {
                write!(f, "`{text}` is not a number that fits here; write it like 12, 0xc, 0o14 or 0b1100")
            }
            Self::Hex(text) => write!(f, "`{text}` does not consist of pairs of hexadecimal digits"),
            Self::UnknownArch(name) => {
                write!(f, "there is no architecture `{name}`; use i386, coldfire or arm")
            }
            Self::NoArch => f.write_str("a recipe begins with an `arch` line"),
            Self::UnknownName(name) => {
                write!(f, "`{name}` is not defined yet; use a name that a line above gives")
            }
            Self::UnknownField(name) => {
                write!(
                    f,
                    "there is no field `{name}` here; docs/coyotos-image.md lists the fields of each call"
                )
            }
            Self::Build(error) => error.fmt(f),
            Self::Load(error) => error.fmt(f),
            Self::File { name, reason } => write!(f, "{name}: {reason}"),
        }
    }
}

/// A line that failed: its number, counted from 1, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipeError {
    /// The line's number.
    pub line: usize,
    /// Why it failed.
    pub cause: Cause,
}

impl fmt::Display for RecipeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.cause)
    }
}

impl core::error::Error for RecipeError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.cause {
            Cause::Build(error) => Some(error),
            Cause::Load(error) => Some(error),
            _ => None,
        }
    }
}

//! Why a run ended, and where.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use coyotos_image::elf::LoadError;
use coyotos_image::{BuildError, CapType};

use crate::limits::Limit;
use crate::source::{Location, MAX_SCRIPT_BYTES};

/// Why a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The grammar expects something else.
    Syntax {
        /// What was found.
        found: String,
        /// What could.
        expected: &'static str,
    },
    /// A character that begins no token.
    UnknownCharacter(char),
    /// Bytes that are not UTF-8, outside of a comment.
    NotUtf8,
    /// A number with a digit that its radix does not have, or without digits.
    BadNumber {
        /// The number.
        text: String,
        /// 8, 10 or 16.
        radix: u32,
    },
    /// A string that does not end on its line.
    StringOpen,
    /// A character that a string may hold only as an escape.
    StringCharacter(char),
    /// A backslash that does not begin an escape.
    UnknownEscape,
    /// A word that is kept for later.
    Reserved(String),
    /// A script of more than [`MAX_SCRIPT_BYTES`].
    ScriptTooLong(usize),
    /// A limit of the run was reached.
    Limit(Limit),
    /// A name that is not bound here.
    Unbound(String),
    /// A name that is not among the members left of it.
    UnboundMember {
        /// The name.
        name: String,
        /// What was looked into.
        within: String,
    },
    /// A value that has no members.
    NoMembers(String),
    /// Something that a member of an `enum` may not be computed from.
    Impure(String),
    /// A name that is bound in this scope already.
    AlreadyBound(String),
    /// Something that is not a value, where one is needed.
    NotAValue(String),
    /// A binding that cannot be assigned to.
    AssignConstant(String),
    /// Left of `=` there is something other than a name, a field or a slot.
    NotAssignable,
    /// A field or slot does not take the value.
    FieldValue {
        /// The field.
        field: String,
        /// What it takes.
        takes: &'static str,
        /// What was to be assigned.
        found: String,
    },
    /// A call of what is neither a function nor a builtin.
    NotAFunction(String),
    /// Another number of arguments than a function takes.
    ArgumentCount {
        /// The function.
        name: String,
        /// The fewest.
        least: usize,
        /// The most; `None` for any number.
        most: Option<usize>,
        /// How many were given.
        given: usize,
        /// Whether the function is the language's own.
        builtin: bool,
    },
    /// An argument of a type that a builtin does not take.
    ArgumentType {
        /// What it takes.
        expected: &'static str,
        /// What was given.
        found: String,
    },
    /// A capability of a type that a builtin does not take.
    CapabilityType {
        /// What it takes.
        expected: &'static str,
        /// What was given.
        found: CapType,
    },
    /// A capability that is not one to a bank.
    BankRequired(CapType),
    /// A capability that no address space is made of.
    SpaceRequired(CapType),
    /// Operands that an operator does not take.
    Types {
        /// The operator.
        operator: &'static str,
        /// The operands.
        operands: String,
    },
    /// A condition that is neither an integer nor a string.
    ConditionType(String),
    /// A member of an `enum` that is not an integer.
    EnumNotInteger(String),
    /// A division by 0, or its remainder.
    DivisionByZero,
    /// A negative number where sizes, offsets and bits are counted.
    Negative(String),
    /// An index of something that has no slots.
    NotIndexable(String),
    /// An index that is not an integer.
    IndexType(String),
    /// An index beyond the last.
    IndexRange {
        /// What it is an index of.
        field: String,
        /// The index.
        index: u64,
        /// How many there are.
        count: u64,
    },
    /// A guard of a size that no capability covers.
    GuardRange {
        /// The binary logarithm of the size.
        l2g: u64,
        /// That of a page.
        page: u8,
    },
    /// An offset that is not a multiple of the size that it is a guard for.
    GuardLowBits {
        /// The offset.
        offset: u64,
        /// The binary logarithm of the size.
        l2g: u64,
    },
    /// An offset whose bits above the size do not fit into the 24 bits of `match`.
    GuardTruncated {
        /// The offset.
        offset: u64,
        /// The binary logarithm of the size.
        l2g: u64,
    },
    /// A value that is not a byte.
    ByteValue(u64),
    /// An offset of a 64-bit word that is not a multiple of 8, or lies beyond the page.
    PageWord {
        /// The offset.
        offset: u64,
        /// The size of a page in bytes.
        page: u64,
    },
    /// An offset that is not a multiple of the page size.
    FileOffset {
        /// The offset.
        offset: u64,
        /// The size of a page in bytes.
        page: u64,
    },
    /// A file that is in none of the folders.
    FileNotFound(String),
    /// A file, or a script, that could not be read.
    FileUnreadable {
        /// Its name.
        name: String,
        /// The host's reason.
        reason: String,
    },
    /// A module that is in none of the folders.
    ModuleNotFound(String),
    /// A file that holds another module than its path says.
    ModuleName {
        /// The name in the file.
        found: String,
        /// The name that was asked for.
        expected: String,
    },
    /// A module that imports itself, through others or directly.
    CircularImport(String),
    /// The script called `fatal`, with this text.
    Fatal(String),
    /// A `return` that is not in a function.
    ReturnOutside,
    /// The image does not allow it.
    Build(BuildError),
    /// A program could not be loaded.
    Load(LoadError),
    /// A file whose name a recipe cannot say: it has blanks in it.
    Untraceable(String),
    /// What was printed could not be handed on.
    Host(String),
}

impl Cause {
    /// A short name for the cause, the same in all versions.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } | Self::UnknownCharacter(_) | Self::NotUtf8 | Self::BadNumber { .. } => {
                "syntax"
            }
            Self::Reserved(_) => "syntax",
            Self::StringOpen => "string-open",
            Self::StringCharacter(_) | Self::UnknownEscape => "string-character",
            Self::ScriptTooLong(_) | Self::Limit(_) => "limit",
            Self::Unbound(_) => "unbound",
            Self::UnboundMember { .. } => "unbound-member",
            Self::NoMembers(_) => "no-members",
            Self::Impure(_) => "impure",
            Self::AlreadyBound(_) => "already-bound",
            Self::NotAValue(_) => "not-a-value",
            Self::AssignConstant(_) => "assign-constant",
            Self::NotAssignable | Self::FieldValue { .. } => "assign-other",
            Self::NotAFunction(_) => "not-a-function",
            Self::ArgumentCount { builtin: false, .. } => "argument-count",
            Self::ArgumentCount { least, given, .. } if *given < *least => "few-arguments",
            Self::ArgumentCount { .. } => "many-arguments",
            Self::ArgumentType { .. } => "argument-type",
            Self::CapabilityType { .. } => "capability-type",
            Self::BankRequired(_) => "bank-required",
            Self::SpaceRequired(_) => "space-required",
            Self::Types { .. } => "types",
            Self::ConditionType(_) => "condition-type",
            Self::EnumNotInteger(_) => "enum-not-int",
            Self::DivisionByZero => "division-by-zero",
            Self::Negative(_) => "negative",
            Self::NotIndexable(_) => "not-indexable",
            Self::IndexType(_) => "index-type",
            Self::IndexRange { .. } => "index-range",
            Self::GuardRange { .. } => "guard-range",
            Self::GuardLowBits { .. } => "guard-low-bits",
            Self::GuardTruncated { .. } => "guard-truncated",
            Self::ByteValue(_) => "byte-value",
            Self::PageWord { .. } => "page-word",
            Self::FileOffset { .. } => "file-offset",
            Self::FileNotFound(_) => "file-not-found",
            Self::FileUnreadable { .. } => "file-unreadable",
            Self::ModuleNotFound(_) => "module-not-found",
            Self::ModuleName { .. } => "module-name",
            Self::CircularImport(_) => "circular-import",
            Self::Fatal(_) => "fatal",
            Self::ReturnOutside => "return-outside",
            Self::Build(BuildError::Refused(_) | BuildError::TooLarge(_)) => "image-invalid",
            Self::Build(_) => "library",
            Self::Load(_) => "load",
            Self::Untraceable(_) => "untraceable",
            Self::Host(_) => "host",
        }
    }
}

impl From<BuildError> for Cause {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

impl From<coyotos_image::space::SpaceError> for Cause {
    fn from(error: coyotos_image::space::SpaceError) -> Self {
        Self::Build(error.into())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { found, expected } => write!(f, "expected {expected}, found {found}"),
            Self::UnknownCharacter(c) => write!(f, "the character {c:?} begins nothing in this language"),
            Self::NotUtf8 => f.write_str("these bytes are not UTF-8; save the script as UTF-8"),
            Self::BadNumber { text, radix } => write!(
                f,
                "`{text}` is not a number of radix {radix}: decimal numbers begin with 1 to 9, octal with 0, hexadecimal with 0x and at least one digit"
            ),
            Self::StringOpen => f.write_str(
                "the string does not end on its line; close it with \" or write \\\" for a quote in it",
            ),
            Self::StringCharacter(c) => {
                write!(f, "a string cannot hold {c:?} itself; write \\n, \\t or \\{{U+{:x}}}", u32::from(*c))
            }
            Self::UnknownEscape => {
                f.write_str("unknown escape; the escapes are \\n \\t \\r \\b \\s \\f \\\" \\\\ and \\{U+HEX}")
            }
            Self::Reserved(word) => write!(f, "`{word}` is reserved and cannot be a name"),
            Self::ScriptTooLong(bytes) => {
                write!(f, "the script has {bytes} bytes, and at most {MAX_SCRIPT_BYTES} are read")
            }
            Self::Limit(limit) => limit.fmt(f),
            Self::Unbound(name) => {
                write!(
                    f,
                    "`{name}` is not bound here; names are bound before they are used, by def, enum or import"
                )
            }
            Self::UnboundMember { name, within } => write!(f, "{within} has no member `{name}`"),
            Self::NoMembers(found) => write!(
                f,
                "{found} has no members; modules, enums, GPTs, Processes, Endpoints and Entries have"
            ),
            Self::Impure(name) => write!(
                f,
                "`{name}` cannot be part of an enum's value, which is made of numbers, enum members and operators"
            ),
            Self::AlreadyBound(name) => {
                write!(
                    f,
                    "`{name}` is bound in this scope already; assign to it without def, or choose another name"
                )
            }
            Self::NotAValue(what) => write!(f, "{what} is not a value"),
            Self::AssignConstant(name) => write!(f, "`{name}` is constant"),
            Self::NotAssignable => f.write_str("only names, fields and slots can be assigned to"),
            Self::FieldValue { field, takes, found } => write!(f, "`{field}` takes {takes}, not {found}"),
            Self::NotAFunction(found) => write!(f, "{found} is not a function"),
            Self::ArgumentCount { name, least, most, given, .. } => {
                match most {
                    Some(most) if most == least => write!(f, "`{name}` takes {least} arguments")?,
                    Some(most) => write!(f, "`{name}` takes {least} to {most} arguments")?,
                    None => write!(f, "`{name}` takes at least {least} arguments")?,
                }
                write!(f, ", and {given} are given")
            }
            Self::ArgumentType { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::CapabilityType { expected, found } => {
                write!(f, "expected {expected}, found a capability of type {found}")
            }
            Self::BankRequired(found) => {
                write!(
                    f,
                    "expected a bank, found a capability of type {found}; use PrimeBank or a `new Bank`"
                )
            }
            Self::SpaceRequired(found) => write!(
                f,
                "expected an address space (GPT, Page, CapPage, window or Null), found a capability of type {found}"
            ),
            Self::Types { operator, operands } => write!(f, "`{operator}` cannot be applied to {operands}"),
            Self::ConditionType(found) => write!(f, "a condition is an integer or a string, not {found}"),
            Self::EnumNotInteger(found) => write!(f, "a member of an enum is an integer, not {found}"),
            Self::DivisionByZero => f.write_str("division by zero"),
            Self::Negative(value) => write!(f, "{value} is negative, and a number from 0 on is needed here"),
            Self::NotIndexable(found) => write!(
                f,
                "{found} has no slots; Pages, CapPages, the `cap` of a GPT and the `capReg` of a Process have"
            ),
            Self::IndexType(found) => write!(f, "an index is an integer, not {found}"),
            Self::IndexRange { field, index, count } => {
                write!(f, "{field} has no slot {index}: the last one is {}", count.saturating_sub(1))
            }
            Self::GuardRange { l2g, page } => {
                write!(f, "a capability covers 2^{page} bytes (a page) to 2^64 bytes, not 2^{l2g}")
            }
            Self::GuardLowBits { offset, l2g } => {
                write!(f, "{offset:#x} is not a multiple of the 2^{l2g} bytes that the capability covers")
            }
            Self::GuardTruncated { offset, l2g } => write!(
                f,
                "the guard {offset:#x} has bits beyond the 24 of `match` above 2^{l2g}; use guarded_space, which adds GPTs"
            ),
            Self::ByteValue(value) => write!(f, "{value} is not a byte: bytes are 0 to 255"),
            Self::PageWord { offset, page } => {
                write!(
                    f,
                    "{offset:#x} is not the offset of a 64-bit word in a page: a multiple of 8 below {page:#x}"
                )
            }
            Self::FileOffset { offset, page } => {
                write!(f, "{offset:#x} is not a multiple of the page size, {page:#x}")
            }
            Self::FileNotFound(name) => write!(f, "the file {name:?} is in none of the library folders"),
            Self::FileUnreadable { name, reason } => write!(f, "{name:?} cannot be read: {reason}"),
            Self::ModuleNotFound(name) => write!(f, "the module {name} is in none of the module folders"),
            Self::ModuleName { found, expected } => {
                write!(f, "the file holds the module {found}, and its path says {expected}")
            }
            Self::CircularImport(name) => {
                write!(
                    f,
                    "the module {name} is still being run: it imports itself, directly or through others"
                )
            }
            Self::Fatal(text) => write!(f, "fatal: {text}"),
            Self::ReturnOutside => f.write_str("`return` is outside of a function"),
            Self::Build(error) => error.fmt(f),
            Self::Load(error) => error.fmt(f),
            Self::Untraceable(name) => {
                write!(f, "a recipe cannot name the file {name:?}: its name has blanks in it; rename it")
            }
            Self::Host(reason) => f.write_str(reason),
        }
    }
}

/// A call or an import that was under way when a run ended.
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

/// How many of the calls that led to an error are listed: the innermost and the outermost.
pub(crate) const INNERMOST: usize = 16;
pub(crate) const OUTERMOST: usize = 4;

/// The end of a run that has no image: why, where, and through which calls and imports the run came there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Details>);

impl Error {
    pub(crate) fn new(cause: Cause, at: Option<Location>, calls: Vec<Frame>) -> Self {
        Self(Box::new(Details { cause, at, calls, left_out: 0 }))
    }

    /// With the number of calls between the innermost that are listed and the outermost.
    pub(crate) fn leaving_out(mut self, calls: usize) -> Self {
        self.0.left_out = calls;
        self
    }

    /// Why the run ended.
    pub fn cause(&self) -> &Cause {
        &self.0.cause
    }

    /// Where; `None` for what is not about a place in a script, such as a module that was asked for from outside.
    pub fn at(&self) -> Option<&Location> {
        self.0.at.as_ref()
    }

    /// The calls and imports that were under way, the innermost first: all, or the 16 innermost and the 4 outermost.
    pub fn calls(&self) -> &[Frame] {
        &self.0.calls
    }

    /// How many calls are left out, after the first 16 of [`calls`](Self::calls).
    pub fn calls_left_out(&self) -> usize {
        self.0.left_out
    }
}

impl fmt::Display for Error {
    /// `FILE:LINE:COLUMN: why`. The text has what the script has: it is to be escaped on its way to a terminal.
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

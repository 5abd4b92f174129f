use alloc::string::String;

use coyotos_image::{BuildError, CapType, LoadError};

use crate::limits::Limit;

/// Why a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// A syntax error.
    Syntax {
        /// What was found.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A character that begins no token.
    UnknownCharacter(char),
    /// Bytes that are not UTF-8, outside a comment.
    NotUtf8,
    /// A number without digits, or with a digit that does not exist in its radix.
    BadNumber {
        /// The number.
        text: String,
        /// 8, 10 or 16.
        radix: u32,
    },
    /// A string that does not end on its line.
    StringOpen,
    /// A character that a string may contain only as an escape.
    StringCharacter(char),
    /// A backslash that does not begin an escape.
    UnknownEscape,
    /// A reserved word.
    Reserved(String),
    /// A script of more than [`MAX_SCRIPT_BYTES`](crate::MAX_SCRIPT_BYTES).
    ScriptTooLong(usize),
    /// A limit of the run was exceeded.
    Limit(Limit),
    /// A name that is not bound here.
    Unbound(String),
    /// A name that is not among the members of what precedes it.
    UnboundMember {
        /// The name.
        name: String,
        /// What was searched.
        within: String,
    },
    /// A value that has no members.
    NoMembers(String),
    /// Something that cannot be part of the value of an `enum` member.
    Impure(String),
    /// A name that is already bound in this scope.
    AlreadyBound(String),
    /// Something without a value, where a value is required.
    NotAValue(String),
    /// A binding that cannot be assigned to.
    AssignConstant(String),
    /// The left side of `=` is not a name, a field or a slot.
    NotAssignable,
    /// A field or slot that does not accept the value.
    FieldValue {
        /// The field.
        field: String,
        /// What it accepts.
        takes: &'static str,
        /// The value assigned.
        found: String,
    },
    /// A call of something that is neither a function nor a builtin.
    NotAFunction(String),
    /// A call with the wrong number of arguments.
    ArgumentCount {
        /// The function.
        name: String,
        /// Minimum number of arguments.
        least: usize,
        /// Maximum number of arguments; `None` for any number.
        most: Option<usize>,
        /// Number of arguments given.
        given: usize,
        /// Whether it is a builtin of the language.
        builtin: bool,
    },
    /// An argument of a type that a builtin does not accept.
    ArgumentType {
        /// What it accepts.
        expected: &'static str,
        /// What was given.
        found: String,
    },
    /// A capability of a type that a builtin does not accept.
    CapabilityType {
        /// What it accepts.
        expected: &'static str,
        /// What was given.
        found: CapType,
    },
    /// A capability that does not refer to a bank.
    BankRequired(CapType),
    /// A capability that cannot be part of an address space.
    SpaceRequired(CapType),
    /// Operands that an operator does not accept.
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
    /// A division by 0, or a remainder of one.
    DivisionByZero,
    /// A negative number, where sizes, offsets and bits are expected.
    Negative(String),
    /// An index of something that has no slots.
    NotIndexable(String),
    /// An index that is not an integer.
    IndexType(String),
    /// An index past the last slot.
    IndexRange {
        /// What it is an index of.
        field: String,
        /// The index.
        index: u64,
        /// The number of slots.
        count: u64,
    },
    /// A guard of a size that a capability cannot cover.
    GuardRange {
        /// The binary logarithm of the size.
        l2g: u64,
        /// The binary logarithm of the page size.
        page: u8,
    },
    /// An offset that is not a multiple of the size that the guard covers.
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
    /// An offset that is not that of a 64-bit word in a page: not a multiple of 8, or past the end.
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
    /// A file that is in none of the library folders.
    FileNotFound(String),
    /// A file, or a script, that could not be read.
    FileUnreadable {
        /// Its name.
        name: String,
        /// The host's reason.
        reason: String,
    },
    /// A module that is in none of the module folders.
    ModuleNotFound(String),
    /// A file that contains a module other than the one that its path names.
    ModuleName {
        /// The name in the file.
        found: String,
        /// The name expected.
        expected: String,
    },
    /// A module that imports itself, directly or through others.
    CircularImport(String),
    /// The script called `fatal` with this text.
    Fatal(String),
    /// A `return` outside a function.
    ReturnOutside,
    /// The image library refused the operation.
    Build(BuildError),
    /// A program could not be loaded.
    Load(LoadError),
    /// A file whose name a recipe cannot express: it contains blanks.
    Untraceable(String),
    /// Printed output could not be delivered.
    Host(String),
}

impl Cause {
    /// A short name for the cause, stable across versions.
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

use alloc::string::String;

use coyotos_image::{BuildError, CapType, LoadError};

use crate::limits::Limit;

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
    /// A script of more than [`MAX_SCRIPT_BYTES`](crate::MAX_SCRIPT_BYTES).
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

//! The result of parsing a module: a flat list of operations on a stack of operands. None of them is nested,
//! so running them takes no recursion.

use alloc::rc::Rc;
use alloc::vec::Vec;

use num_bigint::BigInt;

use crate::source::{FileId, Span};
use crate::value::Symbol;

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Equal,
    NotEqual,
    Less,
    Greater,
    LessEqual,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Binary {
    const ALL: [Self; 11] = [
        Self::Equal,
        Self::NotEqual,
        Self::Less,
        Self::Greater,
        Self::LessEqual,
        Self::GreaterEqual,
        Self::Add,
        Self::Subtract,
        Self::Multiply,
        Self::Divide,
        Self::Remainder,
    ];

    pub(crate) fn of(sign: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.sign() == sign)
    }

    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::Greater => ">",
            Self::LessEqual => "<=",
            Self::GreaterEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }

    /// The operator's precedence.
    pub(crate) const fn strength(self) -> u8 {
        match self {
            Self::Equal | Self::NotEqual => 1,
            Self::Less | Self::Greater | Self::LessEqual | Self::GreaterEqual => 2,
            Self::Add | Self::Subtract => 3,
            Self::Multiply | Self::Divide | Self::Remainder => 4,
        }
    }
}

/// A function of a module, by its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FunctionId(pub(crate) usize);

/// An index into the operations.
pub(crate) type Target = usize;

/// An operation. Operations that push a result first pop their operands.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Integer(Rc<BigInt>),
    Text(Rc<str>),
    Unit,
    /// Pushes the binding of a name; if required, only a pure one.
    Name {
        name: Symbol,
        pure: bool,
    },
    /// Pushes a member or field of the operand.
    Member {
        name: Symbol,
        pure: bool,
    },
    /// Pushes the constructor of an object.
    New {
        kind: Symbol,
        pure: bool,
    },
    /// Pushes a slot of the operand below the index.
    Index,
    /// Requires a callable value that accepts `arguments` arguments.
    Callee {
        arguments: usize,
    },
    /// Calls the operand below the arguments, whose positions in the script begin at index `first`.
    Call {
        arguments: usize,
        first: usize,
    },
    /// Requires the last operand to be a value.
    Argument,
    Binary(Binary),
    Minus,
    Not,
    /// Opens a scope.
    Open,
    /// Closes a scope; the last operand is its value.
    Close,
    Pop,
    Jump(Target),
    /// Jumps if the operand is false.
    Unless(Target),
    /// Jumps if only imports and enums are being run.
    UnlessRun(Target),
    Print {
        star: bool,
    },
    Assign,
    Define {
        name: Symbol,
        public: bool,
    },
    DefineFunction {
        id: FunctionId,
        public: bool,
    },
    Return,
    /// Begins an enum; with a name it is a set of names.
    Enum {
        name: Option<Symbol>,
        public: bool,
    },
    /// Requires that a member is new.
    EnumName {
        name: Symbol,
    },
    /// Adds the member, with the operand as its value or the next number.
    EnumMember {
        name: Symbol,
        given: bool,
        public: bool,
    },
    EnumEnd,
    Import {
        name: Symbol,
        module: Symbol,
    },
    /// The end of the module.
    End,
}

#[derive(Debug)]
pub(crate) struct FunctionCode {
    pub(crate) name: Symbol,
    pub(crate) parameters: Vec<Symbol>,
    pub(crate) entry: Target,
}

/// An exported enum, for headers.
#[derive(Debug)]
pub(crate) struct ExportedEnum {
    pub(crate) name: Option<Symbol>,
    /// Whether its members are capability registers.
    pub(crate) registers: bool,
    pub(crate) members: Vec<Symbol>,
}

/// A module.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) file: FileId,
    pub(crate) name: Symbol,
    pub(crate) name_at: Span,
    pub(crate) ops: Vec<(Op, Span)>,
    pub(crate) functions: Vec<FunctionCode>,
    /// The positions of call arguments in the script.
    pub(crate) arguments: Vec<Span>,
    pub(crate) enums: Vec<ExportedEnum>,
}

//! What the parser makes of a module: operations on a stack of operands, one after the other. Nothing in them is nested,
//! so that running them takes no recursion.

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

    /// How closely it binds.
    pub(crate) const fn strength(self) -> u8 {
        match self {
            Self::Equal | Self::NotEqual => 1,
            Self::Less | Self::Greater | Self::LessEqual | Self::GreaterEqual => 2,
            Self::Add | Self::Subtract => 3,
            Self::Multiply | Self::Divide | Self::Remainder => 4,
        }
    }
}

/// A function of a module, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FunctionId(pub(crate) usize);

/// A place among the operations.
pub(crate) type Target = usize;

/// An operation. Those that push take their operands from the stack first.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Integer(Rc<BigInt>),
    Text(Rc<str>),
    Unit,
    /// Pushes the binding of a name; a pure one, if so demanded.
    Name {
        name: Symbol,
        pure: bool,
    },
    /// Pushes a member or field of the operand.
    Member {
        name: Symbol,
        pure: bool,
    },
    /// Pushes what makes an object.
    New {
        kind: Symbol,
        pure: bool,
    },
    /// Pushes a slot of the operand below the index.
    Index,
    /// Demands something that can be called with `arguments` arguments.
    Callee {
        arguments: usize,
    },
    /// Calls the operand below the arguments, whose places in the script begin with number `first`.
    Call {
        arguments: usize,
        first: usize,
    },
    /// Demands a value of the last operand.
    Argument,
    Binary(Binary),
    Minus,
    Not,
    /// Opens a scope.
    Open,
    /// Closes it; the last operand is its value.
    Close,
    Pop,
    Jump(Target),
    /// Jumps if the operand is not true.
    Unless(Target),
    /// Jumps where only imports and enums are run.
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
    /// Demands that a member is new.
    EnumName {
        name: Symbol,
    },
    /// Adds the member, with the operand as its value or counting on.
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
    /// Where the arguments of calls are in the script.
    pub(crate) arguments: Vec<Span>,
    pub(crate) enums: Vec<ExportedEnum>,
}

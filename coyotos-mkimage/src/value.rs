//! The values of expressions, and the names bound to them.

use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;

use coyotos_image::Capability;
use num_bigint::BigInt;

use crate::builtins::Builtin;
use crate::code::{Code, FunctionId};

/// A name, by its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Symbol(usize);

/// The names of a run, each of them once.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    names: Vec<Rc<str>>,
    numbers: BTreeMap<Rc<str>, Symbol>,
}

impl Symbols {
    pub(crate) fn of(&mut self, name: &str) -> Symbol {
        if let Some(&symbol) = self.numbers.get(name) {
            return symbol;
        }
        let (symbol, name) = (Symbol(self.names.len()), Rc::<str>::from(name));
        self.names.push(Rc::clone(&name));
        self.numbers.insert(name, symbol);
        symbol
    }

    pub(crate) fn name(&self, symbol: Symbol) -> &str {
        self.names.get(symbol.0).map_or("", |name| name)
    }
}

/// The value of an expression.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Integer(Rc<BigInt>),
    /// As in the script, with undecoded escapes.
    Text(Rc<str>),
    Capability(Capability),
    Function(Rc<Function>),
    Builtin(&'static Builtin),
    Environment(EnvironmentId),
    /// The value of what has none.
    Unit,
}

impl Value {
    pub(crate) fn integer(value: impl Into<BigInt>) -> Self {
        Self::Integer(Rc::new(value.into()))
    }

    /// The kind of value, for messages.
    pub(crate) fn kind(&self) -> String {
        match self {
            Self::Integer(_) => "an integer".to_string(),
            Self::Text(_) => "a string".to_string(),
            Self::Capability(cap) => alloc::format!("a capability of type {}", cap.cap_type()),
            Self::Function(_) => "a function".to_string(),
            Self::Builtin(builtin) => alloc::format!("the builtin `{}`", builtin.name),
            Self::Environment(_) => "a set of names".to_string(),
            Self::Unit => "nothing (UNIT)".to_string(),
        }
    }
}

/// A function: its code, and the scope in which it was defined.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: Symbol,
    pub(crate) code: Rc<Code>,
    pub(crate) id: FunctionId,
    pub(crate) parameters: usize,
    pub(crate) scope: ScopeId,
}

/// The properties of a binding besides its value.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flags {
    /// It cannot be assigned to.
    pub(crate) constant: bool,
    /// Importers see it.
    pub(crate) public: bool,
    /// It may be part of the value of an enum member.
    pub(crate) pure: bool,
}

#[derive(Debug)]
pub(crate) struct Binding {
    pub(crate) name: Symbol,
    pub(crate) value: RefCell<Value>,
    pub(crate) flags: Flags,
}

/// Bindings by name, and in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Names {
    order: Vec<Rc<Binding>>,
    index: BTreeMap<Symbol, usize>,
}

impl Names {
    pub(crate) fn get(&self, name: Symbol) -> Option<&Rc<Binding>> {
        self.order.get(*self.index.get(&name)?)
    }

    /// Binds a name, replacing any earlier binding.
    pub(crate) fn bind(&mut self, name: Symbol, value: Value, flags: Flags) {
        self.share(Rc::new(Binding { name, value: RefCell::new(value), flags }));
    }

    /// Shares a binding with another set: assignments to one are seen in both.
    pub(crate) fn share(&mut self, binding: Rc<Binding>) {
        self.index.insert(binding.name, self.order.len());
        self.order.push(binding);
    }

    /// Oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Rc<Binding>> {
        self.order.iter()
    }
}

/// A set of names that is a value, by its index: a module, an enum, the result of `loadimage` or
/// `lookup_addr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EnvironmentId(usize);

/// All sets of names that are values. A set may contain itself, so none is freed before the end of the run.
#[derive(Debug, Default)]
pub(crate) struct Environments(Vec<Names>);

impl Environments {
    pub(crate) fn add(&mut self, names: Names) -> EnvironmentId {
        self.0.push(names);
        EnvironmentId(self.0.len().saturating_sub(1))
    }

    pub(crate) fn get(&self, id: EnvironmentId) -> Option<&Names> {
        self.0.get(id.0)
    }

    pub(crate) fn get_mut(&mut self, id: EnvironmentId) -> Option<&mut Names> {
        self.0.get_mut(id.0)
    }
}

/// A scope, by its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ScopeId(usize);

#[derive(Debug)]
struct Scope {
    parent: Option<ScopeId>,
    names: Names,
}

/// The scopes of a run. The last one opened is the first one closed, so they form a stack, except that scopes
/// in which a function was defined are kept.
#[derive(Debug)]
pub(crate) struct Scopes {
    list: Vec<Scope>,
    /// Number of scopes at the bottom that are kept.
    kept: usize,
}

impl Scopes {
    /// The scope around all modules.
    pub(crate) const OUTERMOST: ScopeId = ScopeId(0);

    pub(crate) fn new(outermost: Names) -> Self {
        Self { list: alloc::vec![Scope { parent: None, names: outermost }], kept: 1 }
    }

    pub(crate) fn open(&mut self, parent: ScopeId) -> ScopeId {
        self.list.push(Scope { parent: Some(parent), names: Names::default() });
        ScopeId(self.list.len().saturating_sub(1))
    }

    /// Closes a scope and all that were opened after it.
    pub(crate) fn close(&mut self, scope: ScopeId) {
        if self.kept <= scope.0 {
            self.list.truncate(scope.0);
        }
    }

    /// Keeps a scope, and those opened before it, for a function.
    pub(crate) fn keep(&mut self, scope: ScopeId) {
        self.kept = self.kept.max(scope.0.saturating_add(1));
    }

    pub(crate) fn parent(&self, scope: ScopeId) -> Option<ScopeId> {
        self.list.get(scope.0)?.parent
    }

    pub(crate) fn names(&self, scope: ScopeId) -> Option<&Names> {
        Some(&self.list.get(scope.0)?.names)
    }

    pub(crate) fn names_mut(&mut self, scope: ScopeId) -> Option<&mut Names> {
        Some(&mut self.list.get_mut(scope.0)?.names)
    }

    /// Looks a name up in a scope and the scopes that enclose it.
    pub(crate) fn find(&self, scope: ScopeId, name: Symbol) -> Option<&Rc<Binding>> {
        let mut next = Some(scope);
        while let Some(current) = next {
            let scope = self.list.get(current.0)?;
            if let Some(binding) = scope.names.get(name) {
                return Some(binding);
            }
            next = scope.parent;
        }
        None
    }
}

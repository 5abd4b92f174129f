//! Names: lookup, binding, enum counting, imports.

use alloc::rc::Rc;
use alloc::string::ToString as _;

use num_bigint::BigInt;

use super::operations::Step;
use super::{Counting, Machine, Module, Operand};
use crate::code::FunctionId;
use crate::error::Cause;
use crate::field::{self, Member, Place};
use crate::limits::Limit;
use crate::value::{EnvironmentId, Flags, Function, Names, Symbol, Value};

/// Number of steps that a definition takes besides its operation.
const BINDING_STEPS: u64 = 4;
/// Number of steps for what takes memory until the end of the run: a function, with the scopes that it needs,
/// and a set of names.
const KEPT_STEPS: u64 = 64;

impl Machine<'_> {
    pub(super) fn name(&mut self, name: Symbol, pure: bool) -> Step<()> {
        let found = self.scopes.find(self.scope(), name);
        let binding = found.ok_or_else(|| Cause::Unbound(self.text(name)))?;
        if pure && !binding.flags.pure {
            return Err(Cause::Impure(self.text(name)).into());
        }
        let value = binding.value.borrow().clone();
        self.operands.push(Operand::Bound(Rc::clone(binding), value));
        Ok(())
    }

    pub(super) fn member(&mut self, name: Symbol, pure: bool) -> Step<()> {
        let of = self.pop()?;
        let operand = match &of {
            Value::Environment(id) => {
                let names = self.environments.get(*id);
                let binding = names
                    .and_then(|names| names.get(name))
                    .ok_or_else(|| Cause::UnboundMember { name: self.text(name), within: of.kind() })?;
                if pure && !binding.flags.pure {
                    return Err(Cause::Impure(self.text(name)).into());
                }
                let value = binding.value.borrow().clone();
                Operand::Bound(Rc::clone(binding), value)
            }
            Value::Capability(object) => {
                let member = field::member(*object, self.symbols.name(name))?;
                if pure {
                    return Err(Cause::Impure(self.text(name)).into());
                }
                match member {
                    Member::Field(field) => {
                        let place = Place { object: *object, field };
                        Operand::Field(place, place.get(&self.library)?)
                    }
                    vector => Operand::Slots(*object, vector),
                }
            }
            other => return Err(Cause::NoMembers(other.kind()).into()),
        };
        self.operands.push(operand);
        Ok(())
    }

    pub(super) fn new_of(&mut self, kind: Symbol, pure: bool) -> Step<()> {
        let within = || "what `new` makes".to_string();
        let binding = self.constructors.get(kind);
        let binding =
            binding.ok_or_else(|| Cause::UnboundMember { name: self.text(kind), within: within() })?;
        if pure {
            return Err(Cause::Impure(alloc::format!("new {}", self.symbols.name(kind))).into());
        }
        let value = binding.value.borrow().clone();
        self.push(value);
        Ok(())
    }

    /// The last operand, which must be kept.
    pub(super) fn a_value(&mut self) -> Step<Value> {
        match self.pop()? {
            Value::Unit => Err(Cause::NotAValue("nothing (UNIT)".into()).into()),
            value => Ok(value),
        }
    }

    fn demand_unbound(&self, name: Symbol) -> Step<()> {
        let bound = self.scopes.names(self.scope()).is_some_and(|names| names.get(name).is_some());
        if bound { Err(Cause::AlreadyBound(self.text(name)).into()) } else { Ok(()) }
    }

    /// Binds a name in the innermost scope.
    fn bind(&mut self, name: Symbol, value: Value, flags: Flags) -> Step<()> {
        self.meter.take(BINDING_STEPS)?;
        let scope = self.scope();
        if let Some(names) = self.scopes.names_mut(scope) {
            names.bind(name, value, flags);
        }
        Ok(())
    }

    pub(super) fn define(&mut self, name: Symbol, public: bool) -> Step<()> {
        let value = self.a_value()?;
        self.demand_unbound(name)?;
        self.bind(name, value, Flags { public, ..Flags::default() })?;
        self.push(Value::Unit);
        Ok(())
    }

    pub(super) fn define_function(&mut self, id: FunctionId, public: bool) -> Step<()> {
        let Some(frame) = self.frames.last() else { return Ok(()) };
        let Some(code) = frame.code.functions.get(id.0) else { return Ok(()) };
        let (name, scope) = (code.name, frame.scope);
        let parameters = code.parameters.len();
        let function = Function { name, code: Rc::clone(&frame.code), id, parameters, scope };
        self.demand_unbound(name)?;
        self.meter.take(KEPT_STEPS)?;
        self.scopes.keep(scope);
        self.bind(name, Value::Function(Rc::new(function)), Flags { public, ..Flags::default() })?;
        self.push(Value::Unit);
        Ok(())
    }

    pub(super) fn begin_enum(&mut self, name: Option<Symbol>, public: bool) -> Step<()> {
        let environment = match name {
            None => None,
            Some(name) => {
                self.demand_unbound(name)?;
                self.meter.take(KEPT_STEPS)?;
                let id = self.environments.add(Names::default());
                self.bind(name, Value::Environment(id), Flags { public, ..Flags::default() })?;
                Some(id)
            }
        };
        self.enums.push(Counting { environment, next: BigInt::ZERO });
        Ok(())
    }

    /// The set to which the members of the enum are added; `None` for the scope.
    fn enum_environment(&self) -> Option<EnvironmentId> {
        self.enums.last().and_then(|counting| counting.environment)
    }

    pub(super) fn new_member(&self, name: Symbol) -> Step<()> {
        match self.enum_environment() {
            None => self.demand_unbound(name),
            Some(id) if self.environments.get(id).is_some_and(|names| names.get(name).is_some()) => {
                Err(Cause::AlreadyBound(self.text(name)).into())
            }
            Some(_) => Ok(()),
        }
    }

    pub(super) fn enum_member(&mut self, name: Symbol, given: bool, public: bool) -> Step<()> {
        if given {
            let value = match self.pop()? {
                Value::Integer(number) => number,
                other => return Err(Cause::EnumNotInteger(other.kind()).into()),
            };
            // The value may have bound the name itself.
            self.new_member(name)?;
            if let Some(counting) = self.enums.last_mut() {
                counting.next = (*value).clone();
            }
        }
        let most = self.options.limits.integer_bits;
        let Some(counting) = self.enums.last_mut() else { return Ok(()) };
        let value = Value::integer(counting.next.clone());
        let next = counting.next.checked_add(&BigInt::from(1)).filter(|next| next.bits() <= most);
        counting.next = next.ok_or(Limit::IntegerBits(most))?;
        let flags = Flags { public, pure: true, constant: false };
        match counting.environment {
            None => self.bind(name, value, flags)?,
            Some(id) => {
                self.meter.take(BINDING_STEPS)?;
                if let Some(names) = self.environments.get_mut(id) {
                    names.bind(name, value, flags);
                }
            }
        }
        Ok(())
    }

    /// Binds the exports of a module, after it was run.
    pub(super) fn import(&mut self, name: Symbol, module: Symbol) -> Step<()> {
        self.demand_unbound(name)?;
        match self.modules.get(&module) {
            Some(Module::Done(id)) => {
                let value = Value::Environment(*id);
                self.bind(name, value, Flags::default())?;
                self.push(Value::Unit);
            }
            Some(Module::Running) => return Err(Cause::CircularImport(self.text(module)).into()),
            None => {
                // This operation is run again after the module.
                self.enter_module(module)?;
                let below = self.frames.len().saturating_sub(2);
                if let Some(importer) = self.frames.get_mut(below) {
                    importer.next = importer.next.saturating_sub(1);
                }
            }
        }
        Ok(())
    }
}

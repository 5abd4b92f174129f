//! The implementation of each operation.

use alloc::rc::Rc;
use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::ops::Neg as _;

use num_bigint::BigInt;

use super::{Machine, Operand, Stop, kinds};
use crate::builtins::{Arguments, Builtin};
use crate::code::{Binary, Op};
use crate::error::Cause;
use crate::field::{self, Member, Place};
use crate::number::{Bits as _, compute, holds, natural, steps};
use crate::value::{Flags, Function, ScopeId, Scopes, Symbol, Value};

pub(super) type Step<T> = Result<T, Stop>;

impl Machine<'_> {
    /// Runs the next operation.
    pub(super) fn step(&mut self) -> Step<()> {
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        let code = Rc::clone(&frame.code);
        let Some((op, _)) = code.ops.get(frame.next) else { return self.leave_module().map_err(Stop::from) };
        frame.next = frame.next.saturating_add(1);
        self.meter.take(1)?;
        match op {
            Op::Integer(number) => self.push(Value::Integer(Rc::clone(number))),
            Op::Text(raw) => self.push(Value::Text(Rc::clone(raw))),
            Op::Unit => self.push(Value::Unit),
            Op::Name { name, pure } => self.name(*name, *pure)?,
            Op::Member { name, pure } => self.member(*name, *pure)?,
            Op::New { kind, pure } => self.new_of(*kind, *pure)?,
            Op::Index => self.index()?,
            Op::Callee { arguments } => self.callee(*arguments)?,
            Op::Call { arguments, first } => {
                let spans = code.arguments.get(*first..).unwrap_or_default();
                self.call(*arguments).map_err(|(mut stop, argument)| {
                    stop.span = argument.and_then(|argument| spans.get(argument).copied());
                    stop
                })?;
            }
            Op::Argument => {
                let value = self.pop()?;
                self.push(value);
            }
            Op::Binary(operator) => self.binary(*operator)?,
            Op::Minus => match self.pop()? {
                // There is a single zero, and no overflow.
                Value::Integer(number) => self.push(Value::integer(number.as_ref().neg())),
                other => return Err(Cause::Types { operator: "-", operands: other.kind() }.into()),
            },
            Op::Not => match self.pop()? {
                Value::Integer(number) => self.push(Value::integer(u8::from(*number == BigInt::ZERO))),
                Value::Text(_) => self.push(Value::integer(0)),
                other => return Err(Cause::Types { operator: "!", operands: other.kind() }.into()),
            },
            Op::Open => {
                let scope = self.scopes.open(self.scope());
                self.set_scope(scope);
            }
            Op::Close => {
                let value = self.pop()?;
                self.push(value);
                let scope = self.scope();
                let parent = self.scopes.parent(scope).unwrap_or(Scopes::OUTERMOST);
                self.scopes.close(scope);
                self.set_scope(parent);
            }
            Op::Pop => drop(self.operands.pop()),
            Op::Jump(target) => self.jump(*target),
            Op::Unless(target) => {
                if !self.truth()? {
                    self.jump(*target);
                }
            }
            Op::UnlessRun(target) => {
                if self.headers.is_some() {
                    self.jump(*target);
                }
            }
            Op::Print { star } => self.print(*star)?,
            Op::Assign => self.assign()?,
            Op::Define { name, public } => self.define(*name, *public)?,
            Op::DefineFunction { id, public } => self.define_function(*id, *public)?,
            Op::Return => self.return_value()?,
            Op::Enum { name, public } => self.begin_enum(*name, *public)?,
            Op::EnumName { name } => self.new_member(*name)?,
            Op::EnumMember { name, given, public } => self.enum_member(*name, *given, *public)?,
            Op::EnumEnd => {
                self.enums.pop();
                self.push(Value::Unit);
            }
            Op::Import { name, module } => self.import(*name, *module)?,
            Op::End => self.leave_module()?,
        }
        Ok(())
    }

    pub(super) fn push(&mut self, value: Value) {
        self.operands.push(Operand::Value(value));
    }

    /// The value of the last operand.
    pub(super) fn pop(&mut self) -> Step<Value> {
        match self.operands.pop() {
            None => Ok(Value::Unit),
            Some(Operand::Value(value) | Operand::Bound(_, value) | Operand::Field(_, value)) => Ok(value),
            Some(Operand::Slots(_, member)) => {
                let name = if member == Member::Registers { "capReg" } else { "cap" };
                Err(Cause::NotAValue(alloc::format!("`{name}` without an index")).into())
            }
        }
    }

    pub(super) fn scope(&self) -> ScopeId {
        self.frames.last().map_or(Scopes::OUTERMOST, |frame| frame.scope)
    }

    fn set_scope(&mut self, scope: ScopeId) {
        if let Some(frame) = self.frames.last_mut() {
            frame.scope = scope;
        }
    }

    fn jump(&mut self, target: usize) {
        if let Some(frame) = self.frames.last_mut() {
            frame.next = target;
        }
    }

    pub(super) fn text(&self, symbol: Symbol) -> alloc::string::String {
        self.symbols.name(symbol).into()
    }

    fn index(&mut self) -> Step<()> {
        let index = self.pop()?;
        let (object, member) = match self.operands.pop() {
            Some(Operand::Slots(object, member)) => (object, Some(member)),
            Some(Operand::Value(value) | Operand::Bound(_, value) | Operand::Field(_, value)) => {
                match value {
                    Value::Capability(object) => (object, None),
                    other => return Err(Cause::NotIndexable(other.kind()).into()),
                }
            }
            None => return Ok(()),
        };
        let number = match &index {
            Value::Integer(number) => natural(number)?.low32(),
            other => {
                // Values that cannot be indexed at all are reported first.
                Place::indexed(&self.library, object, member, 0)?;
                return Err(Cause::IndexType(other.kind()).into());
            }
        };
        let place = Place::indexed(&self.library, object, member, number)?;
        let value = place.get(&self.library)?;
        self.operands.push(Operand::Field(place, value));
        Ok(())
    }

    /// Requires a function or builtin that accepts `given` arguments, before they are evaluated.
    fn callee(&mut self, given: usize) -> Step<()> {
        let callee = self.pop()?;
        let (name, least, most, builtin) = match &callee {
            Value::Function(function) => {
                (self.text(function.name), function.parameters, Some(function.parameters), false)
            }
            Value::Builtin(builtin) => (builtin.name.to_string(), builtin.least, builtin.most, true),
            other => return Err(Cause::NotAFunction(other.kind()).into()),
        };
        if given < least || most.is_some_and(|most| given > most) {
            return Err(Cause::ArgumentCount { name, least, most, given, builtin }.into());
        }
        self.push(callee);
        Ok(())
    }

    fn call(&mut self, arguments: usize) -> Result<(), (Stop, Option<usize>)> {
        let first = self.operands.len().saturating_sub(arguments);
        let arguments = self.operands.drain(first..).map(|operand| match operand {
            Operand::Value(value) | Operand::Bound(_, value) | Operand::Field(_, value) => value,
            Operand::Slots(..) => Value::Unit,
        });
        let arguments: Vec<Value> = arguments.collect();
        let here = |stop: Stop| (stop, None);
        match self.pop().map_err(here)? {
            Value::Function(function) => self.call_function(&function, arguments).map_err(here),
            Value::Builtin(builtin) => self.call_builtin(builtin, &arguments),
            other => Err(here(Cause::NotAFunction(other.kind()).into())),
        }
    }

    fn call_builtin(&mut self, builtin: &Builtin, arguments: &[Value]) -> Result<(), (Stop, Option<usize>)> {
        let value = (builtin.run)(&mut self.context(), &Arguments(arguments));
        let value = value.map_err(|fault| (Stop::from(fault.cause), fault.argument))?;
        self.push(value);
        Ok(())
    }

    fn call_function(&mut self, function: &Function, arguments: Vec<Value>) -> Step<()> {
        self.enough_room()?;
        let Some(code) = function.code.functions.get(function.id.0) else { return Ok(()) };
        let scope = self.scopes.open(function.scope);
        if let Some(names) = self.scopes.names_mut(scope) {
            for (&name, value) in code.parameters.iter().zip(arguments) {
                names.bind(name, value, Flags::default());
            }
        }
        self.push_frame(Rc::clone(&function.code), code.entry, scope, Some(function.name));
        Ok(())
    }

    fn return_value(&mut self) -> Step<()> {
        let value = self.pop()?;
        if self.frames.last().is_none_or(|frame| frame.function.is_none()) {
            return Err(Cause::ReturnOutside.into());
        }
        if let Some(frame) = self.frames.pop() {
            self.operands.truncate(frame.operands);
            self.enums.truncate(frame.enums);
            self.scopes.close(frame.outermost);
        }
        self.push(value);
        Ok(())
    }

    fn binary(&mut self, operator: Binary) -> Step<()> {
        let (right, left) = (self.pop()?, self.pop()?);
        let equality = matches!(operator, Binary::Equal | Binary::NotEqual);
        let comparison = equality || operator.strength() == Binary::Less.strength();
        let truth = |truth: bool| Value::integer(u8::from(truth));
        let value = match (&left, &right) {
            (Value::Integer(left), Value::Integer(right)) => {
                self.meter.take(steps(operator, left, right))?;
                Value::integer(compute(operator, left, right, self.options.limits.integer_bits)?)
            }
            (Value::Text(left), Value::Text(right)) if comparison => {
                self.meter.take(left.len().min(right.len()) as u64 / 64)?;
                truth(holds(operator, left.as_bytes().cmp(right.as_bytes())))
            }
            (Value::Capability(left), Value::Capability(right)) if equality => {
                truth((left == right) == (operator == Binary::Equal))
            }
            _ => {
                let operands = kinds(&left, &right);
                return Err(Cause::Types { operator: operator.sign(), operands }.into());
            }
        };
        self.push(value);
        Ok(())
    }

    fn truth(&mut self) -> Step<bool> {
        match self.pop()? {
            Value::Integer(number) => Ok(*number != BigInt::ZERO),
            Value::Text(_) => Ok(true),
            other => Err(Cause::ConditionType(other.kind()).into()),
        }
    }

    fn print(&mut self, star: bool) -> Step<()> {
        let value = self.pop()?;
        let mut context = self.context();
        if star {
            context.print_object(&value)?;
        } else {
            context.print_value(&value)?;
        }
        self.push(Value::Unit);
        Ok(())
    }

    fn assign(&mut self) -> Step<()> {
        let value = self.a_value()?;
        match self.operands.pop() {
            Some(Operand::Bound(binding, _)) => {
                if binding.flags.constant {
                    return Err(Cause::AssignConstant(self.text(binding.name)).into());
                }
                *binding.value.borrow_mut() = value;
            }
            Some(Operand::Field(place, _)) => {
                let page = u64::from(self.library.arch().page_size());
                self.meter.take(if matches!(place.field, field::Field::Byte(0)) { page / 64 } else { 1 })?;
                place.set(&mut self.library, &value)?;
            }
            Some(Operand::Slots(_, member)) => {
                let field = if member == Member::Registers { "capReg" } else { "cap" };
                let takes = "an index; its slots are assigned one by one";
                return Err(Cause::FieldValue { field: field.into(), takes, found: value.kind() }.into());
            }
            _ => return Err(Cause::NotAssignable.into()),
        }
        self.push(Value::Unit);
        Ok(())
    }
}

//! The values of a script's expressions in a layout.

use super::LinkError;
use super::layout::Layout;
use super::script::{Expression, Query};

impl Layout<'_, '_, '_> {
    /// The value of an expression. In the first pass, unknown values are 0.
    pub(super) fn value(
        &self,
        expression: &Expression,
        dot: u64,
        line: u32,
        pass: usize,
    ) -> Result<u64, LinkError> {
        let value = |expression: &Expression| self.value(expression, dot, line, pass);
        let fail = |reason: String| Err(LinkError::Value { line, reason });
        let result = match expression {
            Expression::Number(number) => *number,
            Expression::Symbol(name) if name == "." => dot,
            Expression::Symbol(name) => match self.global(name) {
                Some(value) => value,
                None if pass == 0 => 0,
                None => return fail(format!("symbol `{name}` is not defined")),
            },
            Expression::Of(Query::Defined, name) => self.global(name).is_some().into(),
            Expression::Of(query, name) => match self.outs.iter().find(|out| out.name == name) {
                Some(out) if *query == Query::Addr => out.address,
                Some(out) => out.size,
                None => return fail(format!("there is no section `{name}`")),
            },
            Expression::Align(what, to) => {
                let (what, to) = (what.as_ref().map_or(Ok(dot), |what| value(what))?, value(to)?);
                what.checked_next_multiple_of(to.max(1)).unwrap_or(u64::MAX)
            }
            Expression::Unary(operator, operand) => match (operator, value(operand)?) {
                (b'-', value) => value.wrapping_neg(),
                (b'~', value) => !value,
                (_, value) => u64::from(value == 0),
            },
            Expression::Choice(parts) => {
                let [condition, one, other] = &**parts;
                if value(condition)? != 0 { value(one)? } else { value(other)? }
            }
            Expression::Binary(operator, left, right) => {
                let (left, right) = (value(left)?, value(right)?);
                let shift = u32::try_from(right).unwrap_or(u32::MAX);
                match *operator {
                    "+" => left.wrapping_add(right),
                    "-" => left.wrapping_sub(right),
                    "*" => left.wrapping_mul(right),
                    "/" | "%" if right == 0 && pass == 0 => 0,
                    "/" | "%" if right == 0 => return fail("division by zero".into()),
                    "/" => left / right,
                    "%" => left % right,
                    "<<" => left.checked_shl(shift).unwrap_or(0),
                    ">>" => left.checked_shr(shift).unwrap_or(0),
                    "&" => left & right,
                    "|" => left | right,
                    "^" => left ^ right,
                    "<" => (left < right).into(),
                    ">" => (left > right).into(),
                    "<=" => (left <= right).into(),
                    ">=" => (left >= right).into(),
                    "==" => (left == right).into(),
                    "!=" => (left != right).into(),
                    "&&" => (left != 0 && right != 0).into(),
                    _ => (left != 0 || right != 0).into(),
                }
            }
        };
        // Addresses have 32 bits.
        Ok(result & u64::from(u32::MAX))
    }
}

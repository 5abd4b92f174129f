//! Expressions of a script: operators have the precedence of C.

use super::parser::Parser;
use super::words::number;
use super::{Expression, Query, ScriptError};

/// Maximum nesting of parentheses, and of sections within `SECTIONS`.
const MAX_DEPTH: u32 = 64;

const OPERATORS: [(&str, u8); 18] = [
    ("<<", 8),
    (">>", 8),
    ("<=", 7),
    (">=", 7),
    ("==", 6),
    ("!=", 6),
    ("&&", 2),
    ("||", 1),
    ("*", 10),
    ("/", 10),
    ("%", 10),
    ("+", 9),
    ("-", 9),
    ("<", 7),
    (">", 7),
    ("&", 5),
    ("^", 4),
    ("|", 3),
];

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Result<Expression, ScriptError> {
        self.deeper(|parser| {
            let condition = parser.binary(0)?;
            if !parser.accept("?")? {
                return Ok(condition);
            }
            let one = parser.expression()?;
            parser.expect(":")?;
            let other = parser.expression()?;
            Ok(Expression::Choice(Box::new([condition, one, other])))
        })
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, ScriptError>,
    ) -> Result<T, ScriptError> {
        if self.depth >= MAX_DEPTH {
            return Err(self.error("(", "an expression with less nesting"));
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn binary(&mut self, least: u8) -> Result<Expression, ScriptError> {
        let mut left = self.unary()?;
        let mut chain = 0u32;
        loop {
            self.skip()?;
            let operator = OPERATORS.iter().find(|(mark, _)| self.rest.starts_with(mark));
            let Some(&(mark, binding)) = operator.filter(|(_, binding)| *binding > least) else {
                return Ok(left);
            };
            chain += 1;
            // Each operator of a chain is a level of the tree.
            if chain > MAX_DEPTH {
                return Err(self.error(mark, "an expression with fewer operators"));
            }
            self.take(mark.len());
            let right = self.deeper(|parser| parser.binary(binding))?;
            left = Expression::Binary(mark, left.into(), right.into());
        }
    }

    fn unary(&mut self) -> Result<Expression, ScriptError> {
        self.skip()?;
        for mark in [b'-', b'~', b'!'] {
            if self.rest.as_bytes().first() == Some(&mark) {
                self.take(1);
                let operand = self.deeper(Self::unary)?;
                return Ok(Expression::Unary(mark, operand.into()));
            }
        }
        if self.accept("(")? {
            let value = self.expression()?;
            self.expect(")")?;
            return Ok(value);
        }
        let length =
            self.rest.find(|c: char| !c.is_alphanumeric() && !"._$".contains(c)).unwrap_or(self.rest.len());
        let name = self.take(length);
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            return number(name).map(Expression::Number).ok_or_else(|| self.error(name, "a 32-bit number"));
        }
        match name {
            "" => {
                let found = self.peek()?;
                Err(self.error(found, "a value"))
            }
            "ALIGN" | "BLOCK" => {
                self.expect("(")?;
                let first = self.expression()?;
                let second = if self.accept(",")? { Some(self.expression()?) } else { None };
                self.expect(")")?;
                Ok(match second {
                    Some(to) => Expression::Align(Some(first.into()), to.into()),
                    None => Expression::Align(None, first.into()),
                })
            }
            "ABSOLUTE" => {
                self.expect("(")?;
                let value = self.expression()?;
                self.expect(")")?;
                Ok(value)
            }
            "ADDR" | "LOADADDR" => Ok(Expression::Of(Query::Addr, self.argument()?)),
            "SIZEOF" => Ok(Expression::Of(Query::Sizeof, self.argument()?)),
            "DEFINED" => Ok(Expression::Of(Query::Defined, self.argument()?)),
            // There are no headers in memory.
            "SIZEOF_HEADERS" => Ok(Expression::Number(0)),
            _ => Ok(Expression::Symbol(name.to_owned())),
        }
    }
}

use alloc::vec::Vec;

use num_bigint::BigInt;

use super::{Parsed, Parser};
use crate::code::{Binary, Op, Target};
use crate::error::Cause;
use crate::lexer::{Token, radix};
use crate::limits::Limit;
use crate::source::Span;

/// A prefix `-` applies to operators of at least this precedence: `-2*3` is -(2*3).
const AFTER_MINUS: u8 = 4;
const LOOSEST: u8 = 1;

impl Parser<'_, '_> {
    /// Parses an expression. Returns its position in the script: that of its last operator, as in the
    /// original.
    pub(super) fn expression(&mut self) -> Parsed<Span> {
        self.binary(LOOSEST)
    }

    fn binary(&mut self, least: u8) -> Parsed<Span> {
        let mut whole = self.prefixed()?;
        while let Token::Operator(sign) = self.token {
            let operator = Binary::of(sign).filter(|operator| operator.strength() >= least);
            let Some(operator) = operator else { break };
            let at = self.advance()?;
            self.binary(operator.strength().saturating_add(1))?;
            self.emit(Op::Binary(operator), at);
            whole = at;
        }
        Ok(whole)
    }

    fn prefixed(&mut self) -> Parsed<Span> {
        self.nested(|parser| {
            if parser.is("-") {
                let at = parser.advance()?;
                parser.binary(AFTER_MINUS)?;
                parser.emit(Op::Minus, at);
                Ok(at)
            } else if parser.is("!") {
                let at = parser.advance()?;
                parser.prefixed()?;
                parser.emit(Op::Not, at);
                Ok(at)
            } else {
                parser.postfixed()
            }
        })
    }

    fn postfixed(&mut self) -> Parsed<Span> {
        let start = self.here();
        let mut whole = self.primary()?;
        loop {
            if self.is("(") {
                self.call(whole)?;
            } else if self.is(".") {
                self.settle(start);
                let dot = self.advance()?;
                let (name, end) = self.identifier()?;
                whole = dot.to(end);
                self.emit(Op::Member { name, pure: self.pure }, whole);
            } else if self.is("[") {
                let open = self.advance()?;
                self.expression()?;
                whole = open.to(self.demand("]", "`]` after the index")?);
                self.emit(Op::Index, whole);
            } else {
                return Ok(whole);
            }
        }
    }

    /// The left side of a `.` may be anything, even where only pure values are allowed. What earlier dots of
    /// a chain established is not examined again.
    fn settle(&mut self, start: Target) {
        let end = self.here();
        let (from, to) = if self.settled.0 >= start { self.settled } else { (start, start) };
        let rest = (start..from).chain(to..end);
        for index in rest {
            if let Some((Op::Name { pure, .. } | Op::Member { pure, .. } | Op::New { pure, .. }, _)) =
                self.ops.get_mut(index)
            {
                *pure = false;
            }
        }
        self.settled = (start, end);
    }

    fn primary(&mut self) -> Parsed<Span> {
        match self.token {
            Token::Number(digits) => {
                let value = self.number(digits)?;
                let at = self.advance()?;
                self.emit(Op::Integer(value.into()), at);
                Ok(at)
            }
            Token::Text(raw) => {
                let at = self.advance()?;
                self.emit(Op::Text(raw.into()), at);
                Ok(at)
            }
            Token::Identifier(_) => {
                let (name, at) = self.identifier()?;
                self.emit(Op::Name { name, pure: self.pure }, at);
                Ok(at)
            }
            Token::Keyword("new") => {
                let new = self.advance()?;
                let (kind, end) = self.identifier()?;
                let whole = new.to(end);
                self.emit(Op::New { kind, pure: self.pure }, whole);
                if !self.is("(") {
                    return self.wanted("`(` and the bank to charge");
                }
                self.call(whole)?;
                Ok(whole)
            }
            Token::Operator("{") => self.block(),
            _ => self.wanted("an expression"),
        }
    }

    fn number(&self, digits: &str) -> Parsed<BigInt> {
        let (radix, digits) = radix(digits);
        let most = self.bounds.integer_bits;
        let limit = (Cause::Limit(Limit::IntegerBits(most)), self.at);
        let digits = digits.trim_start_matches('0');
        if digits.len() as u64 > most {
            return Err(limit);
        }
        let value = if digits.is_empty() {
            Some(BigInt::ZERO)
        } else {
            BigInt::parse_bytes(digits.as_bytes(), radix)
        };
        value.filter(|value| value.bits() <= most).ok_or(limit)
    }

    /// Parses the arguments of a call, after the callee.
    fn call(&mut self, callee: Span) -> Parsed<()> {
        let check = self.here();
        self.emit(Op::Callee { arguments: 0 }, callee);
        self.advance()?;
        let mut places = Vec::new();
        if !self.is(")") {
            loop {
                let first = self.at;
                self.expression()?;
                let last = self.ops.last().map_or(first, |&(_, at)| at);
                let whole = if last.end > first.start { first.to(last) } else { first };
                self.emit(Op::Argument, whole);
                places.push(whole);
                if !self.takes(",")? {
                    break;
                }
            }
        }
        self.demand(")", "`,` or `)`")?;
        let arguments = places.len();
        if let Some((Op::Callee { arguments: demanded }, _)) = self.ops.get_mut(check) {
            *demanded = arguments;
        }
        let first = self.arguments.len();
        self.arguments.append(&mut places);
        self.emit(Op::Call { arguments, first }, callee);
        Ok(())
    }

    /// `{`, statements, `}`: a scope whose value is that of the last statement.
    pub(super) fn block(&mut self) -> Parsed<Span> {
        self.nested(|parser| {
            let open = parser.demand("{", "`{`")?;
            parser.emit(Op::Open, open);
            loop {
                parser.statement(true)?;
                if parser.is("}") {
                    break;
                }
                parser.emit(Op::Pop, parser.at);
            }
            let close = parser.advance()?;
            parser.emit(Op::Close, close);
            Ok(open)
        })
    }
}

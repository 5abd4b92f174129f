//! From tokens to operations, in one pass. Source: specification section 2.

mod expression;
mod statement;

use alloc::string::String;
use alloc::vec::Vec;

use crate::code::{Code, ExportedEnum, FunctionCode, Op, Target};
use crate::error::Cause;
use crate::lexer::{Lexer, Token};
use crate::limits::Limit;
use crate::source::{FileId, MAX_SCRIPT_BYTES, Span};
use crate::value::{Symbol, Symbols};

/// An error and its position.
pub(crate) type Refusal = (Cause, Span);
type Parsed<T> = Result<T, Refusal>;

/// The limits of the parser.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) nesting: usize,
    pub(crate) integer_bits: u64,
}

/// Parses a script.
pub(crate) fn parse(text: &[u8], file: FileId, symbols: &mut Symbols, bounds: Bounds) -> Parsed<Code> {
    if text.len() > MAX_SCRIPT_BYTES {
        return Err((Cause::ScriptTooLong(text.len()), Span::default()));
    }
    let mut parser = Parser {
        lexer: Lexer::new(text),
        token: Token::End,
        at: Span::default(),
        symbols,
        bounds,
        depth: 0,
        ops: Vec::new(),
        functions: Vec::new(),
        arguments: Vec::new(),
        enums: Vec::new(),
        pure: false,
        settled: (0, 0),
    };
    parser.advance()?;
    let (name, name_at) = parser.module()?;
    let Parser { ops, functions, arguments, enums, .. } = parser;
    Ok(Code { file, name, name_at, ops, functions, arguments, enums })
}

struct Parser<'a, 's> {
    lexer: Lexer<'a>,
    /// The next token, and its position.
    token: Token<'a>,
    at: Span,
    symbols: &'s mut Symbols,
    bounds: Bounds,
    depth: usize,
    ops: Vec<(Op, Span)>,
    functions: Vec<FunctionCode>,
    arguments: Vec<Span>,
    enums: Vec<ExportedEnum>,
    /// Whether the parser is in the value of an enum member.
    pure: bool,
    /// The range of operations last found to be on the left side of a `.`.
    settled: (Target, Target),
}

impl<'a> Parser<'a, '_> {
    /// Advances to the next token; returns the position of the last one.
    fn advance(&mut self) -> Parsed<Span> {
        let last = self.at;
        (self.token, self.at) = self.lexer.next()?;
        Ok(last)
    }

    fn wanted<T>(&self, expected: &'static str) -> Parsed<T> {
        let found = match self.token {
            Token::Identifier(word) | Token::Keyword(word) | Token::Number(word) => quoted(word),
            Token::Reserved(word) => return Err((Cause::Reserved(word.into()), self.at)),
            Token::Text(_) => "a string".into(),
            Token::Operator(sign) => quoted(sign),
            Token::End => "the end of the file".into(),
        };
        Err((Cause::Syntax { found, expected }, self.at))
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.token, Token::Operator(found) if found == sign)
    }

    fn is_keyword(&self, word: &str) -> bool {
        matches!(self.token, Token::Keyword(found) if found == word)
    }

    /// Consumes an operator if it is next.
    fn takes(&mut self, sign: &str) -> Parsed<bool> {
        let next = self.is(sign);
        if next {
            self.advance()?;
        }
        Ok(next)
    }

    fn demand(&mut self, sign: &str, expected: &'static str) -> Parsed<Span> {
        if self.is(sign) { self.advance() } else { self.wanted(expected) }
    }

    fn identifier(&mut self) -> Parsed<(Symbol, Span)> {
        let Token::Identifier(name) = self.token else { return self.wanted("a name") };
        Ok((self.symbols.of(name), self.advance()?))
    }

    /// The name of a module, in which keywords are allowed as names.
    fn module_name(&mut self) -> Parsed<(Symbol, Span)> {
        let (mut name, mut whole) = (String::new(), None);
        loop {
            let (Token::Identifier(word) | Token::Keyword(word) | Token::Reserved(word)) = self.token else {
                return self.wanted("the name of a module");
            };
            if !word.is_ascii() {
                return self.wanted("the name of a module, which consists of ASCII letters, digits and _");
            }
            name.push_str(word);
            let at = self.advance()?;
            let from_first = whole.map_or(at, |first: Span| first.to(at));
            if !self.is(".") {
                return Ok((self.symbols.of(&name), from_first));
            }
            whole = Some(from_first);
            name.push('.');
            self.advance()?;
        }
    }

    fn module(&mut self) -> Parsed<(Symbol, Span)> {
        if !self.is_keyword("module") {
            return self.wanted("`module NAME {`, with which a script begins");
        }
        self.advance()?;
        let name = self.module_name()?;
        self.demand("{", "`{`")?;
        loop {
            self.module_statement()?;
            self.emit(Op::Pop, self.at);
            if self.is("}") {
                break;
            }
        }
        let end = self.advance()?;
        self.emit(Op::End, end);
        if self.token == Token::End { Ok(name) } else { self.wanted("the end of the file after the module") }
    }

    fn emit(&mut self, op: Op, at: Span) {
        self.ops.push((op, at));
    }

    fn here(&self) -> Target {
        self.ops.len()
    }

    /// Emits a jump whose target is not yet known.
    fn emit_jump(&mut self, jump: fn(Target) -> Op, at: Span) -> Target {
        self.emit(jump(0), at);
        self.here().saturating_sub(1)
    }

    /// Makes a jump lead to the next operation emitted.
    fn land(&mut self, jump: Target) {
        let target = self.here();
        if let Some((Op::Jump(to) | Op::Unless(to) | Op::UnlessRun(to), _)) = self.ops.get_mut(jump) {
            *to = target;
        }
    }

    /// Parses a construct that may contain itself.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= self.bounds.nesting {
            return Err((Cause::Limit(Limit::Nesting(self.bounds.nesting)), self.at));
        }
        self.depth = self.depth.saturating_add(1);
        let result = parse(self);
        self.depth = self.depth.saturating_sub(1);
        result
    }
}

fn quoted(word: &str) -> String {
    alloc::format!("`{word}`")
}

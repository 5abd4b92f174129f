use alloc::vec::Vec;

use super::{Parsed, Parser};
use crate::code::{ExportedEnum, FunctionCode, FunctionId, Op};
use crate::lexer::Token;
use crate::source::Span;

impl Parser<'_, '_> {
    /// Parses a statement of a module. Like every statement it leaves an operand.
    pub(super) fn module_statement(&mut self) -> Parsed<()> {
        match self.token {
            Token::Keyword("import") => self.import(),
            Token::Keyword("enum" | "capreg") => self.enumeration(false),
            Token::Keyword("export") => {
                self.advance()?;
                match self.token {
                    Token::Keyword("enum" | "capreg") => self.enumeration(true),
                    Token::Keyword("def") => self.run_only(|parser| parser.definition(true)),
                    _ => self.wanted("`def`, `enum` or `capreg` after `export`"),
                }
            }
            _ => self.run_only(|parser| parser.statement(false)),
        }
    }

    /// Parses what is not run when only headers are made.
    fn run_only(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<()>) -> Parsed<()> {
        let jump = self.emit_jump(Op::UnlessRun, self.at);
        parse(self)?;
        let end = self.emit_jump(Op::Jump, self.at);
        self.land(jump);
        self.emit(Op::Unit, self.at);
        self.land(end);
        Ok(())
    }

    fn import(&mut self) -> Parsed<()> {
        let at = self.advance()?;
        let name = self.identifier()?.0;
        self.demand("=", "`=` and the name of a module")?;
        let (module, end) = self.module_name()?;
        self.demand(";", "`;`")?;
        self.emit(Op::Import { name, module }, at.to(end));
        Ok(())
    }

    pub(super) fn statement(&mut self, in_block: bool) -> Parsed<()> {
        match self.token {
            Token::Keyword("def") => self.definition(false),
            Token::Keyword("enum" | "capreg") => self.enumeration(false),
            Token::Keyword("if") => self.condition(),
            Token::Keyword("while") => self.while_loop(),
            Token::Keyword("do") => self.do_loop(),
            Token::Keyword("print") => {
                let at = self.advance()?;
                let star = self.takes("*")?;
                self.expression()?;
                self.demand(";", "`;`")?;
                self.emit(Op::Print { star }, at);
                Ok(())
            }
            Token::Keyword("return") if in_block => {
                let at = self.advance()?;
                self.expression()?;
                self.demand(";", "`;`")?;
                self.emit(Op::Return, at);
                Ok(())
            }
            Token::Keyword("return") => self.wanted("a statement; `return` belongs in a function"),
            Token::Keyword("import" | "export") if in_block => {
                self.wanted("a statement; `import` and `export` belong outside blocks")
            }
            Token::Keyword(word) if word != "new" => self.wanted("a statement"),
            Token::Operator(";") => self.wanted("a statement; there are no empty ones"),
            Token::Operator("}") => self.wanted("a statement; there are no empty blocks and modules"),
            Token::Operator("(") => self.wanted("an expression; groups are written { a + b; }"),
            Token::End => self.wanted("`}`"),
            _ => {
                self.expression()?;
                if self.is("=") {
                    let at = self.advance()?;
                    self.expression()?;
                    self.emit(Op::Assign, at);
                }
                self.demand(";", "an operator or `;`")?;
                Ok(())
            }
        }
    }

    fn definition(&mut self, public: bool) -> Parsed<()> {
        let at = self.advance()?;
        let (name, name_at) = self.identifier()?;
        let whole = at.to(name_at);
        if self.takes("=")? {
            self.expression()?;
            self.demand(";", "an operator or `;`")?;
            self.emit(Op::Define { name, public }, whole);
            return Ok(());
        }
        self.demand("(", "`=` and a value, or `(` and parameters")?;
        let mut parameters = Vec::new();
        if !self.is(")") {
            loop {
                parameters.push(self.identifier()?.0);
                if !self.takes(",")? {
                    break;
                }
            }
        }
        self.demand(")", "`,` or `)`")?;
        let id = FunctionId(self.functions.len());
        self.emit(Op::DefineFunction { id, public }, whole);
        let over = self.emit_jump(Op::Jump, whole);
        self.functions.push(FunctionCode { name, parameters, entry: self.here() });
        // The caller of the function decides whether its value must be pure.
        let pure = core::mem::replace(&mut self.pure, false);
        let body = self.block();
        self.pure = pure;
        let end = self.ops.last().map_or(whole, |&(_, at)| at);
        body?;
        self.emit(Op::Return, end);
        self.land(over);
        Ok(())
    }

    fn enumeration(&mut self, public: bool) -> Parsed<()> {
        let registers = self.is_keyword("capreg");
        let at = self.advance()?;
        let name = if matches!(self.token, Token::Identifier(_)) { Some(self.identifier()?) } else { None };
        let whole = name.map_or(at, |(_, end)| at.to(end));
        let name = name.map(|(name, _)| name);
        self.demand("{", "a name or `{`")?;
        self.emit(Op::Enum { name, public }, whole);
        let mut members = Vec::new();
        loop {
            let (member, member_at) = self.identifier()?;
            members.push(member);
            self.emit(Op::EnumName { name: member }, member_at);
            let given = self.takes("=")?;
            let value_at = if given { self.pure_expression()? } else { member_at };
            self.emit(Op::EnumMember { name: member, given, public }, value_at);
            if !self.takes(",")? {
                break;
            }
        }
        self.demand("}", "`,` or `}`")?;
        self.demand(";", "`;`")?;
        self.emit(Op::EnumEnd, whole);
        if public {
            self.enums.push(ExportedEnum { name, registers, members });
        }
        Ok(())
    }

    fn pure_expression(&mut self) -> Parsed<Span> {
        let pure = core::mem::replace(&mut self.pure, true);
        let result = self.expression();
        self.pure = pure;
        result
    }

    /// A condition in parentheses; returns its position.
    fn parenthesized(&mut self) -> Parsed<Span> {
        self.demand("(", "`(` and a condition")?;
        let condition = self.expression()?;
        self.demand(")", "an operator or `)`")?;
        Ok(condition)
    }

    /// `if`, with all its `else if`: these are not nested, and there may be many.
    fn condition(&mut self) -> Parsed<()> {
        let mut ends = Vec::new();
        loop {
            let at = self.advance()?;
            let condition = self.parenthesized()?;
            let otherwise = self.emit_jump(Op::Unless, condition);
            self.block()?;
            ends.push(self.emit_jump(Op::Jump, at));
            self.land(otherwise);
            if !self.is_keyword("else") {
                self.emit(Op::Unit, at);
                break;
            }
            self.advance()?;
            if !self.is_keyword("if") {
                self.block()?;
                break;
            }
        }
        ends.into_iter().for_each(|end| self.land(end));
        Ok(())
    }

    fn while_loop(&mut self) -> Parsed<()> {
        let at = self.advance()?;
        self.emit(Op::Unit, at);
        let top = self.here();
        let condition = self.parenthesized()?;
        let end = self.emit_jump(Op::Unless, condition);
        self.emit(Op::Pop, at);
        self.block()?;
        self.emit(Op::Jump(top), at);
        self.land(end);
        Ok(())
    }

    fn do_loop(&mut self) -> Parsed<()> {
        let at = self.advance()?;
        let top = self.here();
        self.block()?;
        if !self.is_keyword("while") {
            return self.wanted("`while`");
        }
        self.advance()?;
        let condition = self.parenthesized()?;
        self.demand(";", "`;`")?;
        let end = self.emit_jump(Op::Unless, condition);
        self.emit(Op::Pop, at);
        self.emit(Op::Jump(top), at);
        self.land(end);
        Ok(())
    }
}

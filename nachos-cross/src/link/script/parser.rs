//! From a script's text to its statements.

use super::{Assignment, Content, Expression, OutputSection, Script, ScriptError, Statement};

pub(super) struct Parser<'a> {
    pub(super) rest: &'a str,
    line: u32,
    pub(super) depth: u32,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text, line: 1, depth: 0 }
    }

    pub(super) fn error(&self, found: &str, expected: &'static str) -> ScriptError {
        ScriptError { line: self.line, found: found.chars().take(40).collect(), expected }
    }

    pub(super) fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.line = self.line.saturating_add(u32::try_from(taken.matches('\n').count()).unwrap_or(0));
        self.rest = rest;
        taken
    }

    pub(super) fn skip(&mut self) -> Result<(), ScriptError> {
        loop {
            let blanks = self.rest.len() - self.rest.trim_start().len();
            self.take(blanks);
            if self.rest.starts_with("/*") {
                let Some(end) = self.rest.find("*/") else {
                    return Err(self.error("/*", "the comment's end"));
                };
                self.take(end + 2);
            } else if self.rest.starts_with('#') {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.take(end);
            } else {
                return Ok(());
            }
        }
    }

    /// The next name (of a file, section or symbol, with pattern characters) or mark; empty at the end.
    pub(super) fn word(&mut self) -> Result<&'a str, ScriptError> {
        self.skip()?;
        if let Some(quoted) = self.rest.strip_prefix('"') {
            let Some(end) = quoted.find('"') else { return Err(self.error("\"", "the closing quote")) };
            return Ok(self.take(end + 2).trim_matches('"'));
        }
        let name = |c: char| c.is_alphanumeric() || "._$/\\~-+*?[]^!:".contains(c);
        // A colon is part of a name only if more of the name follows (C:/x).
        let length = self.rest.find(|c| !name(c)).unwrap_or(self.rest.len());
        let candidate = self.rest.get(..length).unwrap_or_default();
        let end = match candidate.find(':') {
            Some(0) => 1,
            Some(at) => at,
            None => length,
        };
        // `.=`, `x+=1`: an operator directly before an equals sign belongs to it.
        let candidate = candidate.get(..end).unwrap_or_default();
        let after = self.rest.get(end..).unwrap_or_default();
        let end =
            if after.starts_with('=') && candidate.len() > 1 && candidate.ends_with(['+', '-', '*', '/']) {
                end - 1
            } else {
                end
            };
        if end > 0 {
            return Ok(self.take(end));
        }
        let one = self.rest.chars().next().map_or(0, char::len_utf8);
        Ok(self.take(one))
    }

    pub(super) fn peek(&mut self) -> Result<&'a str, ScriptError> {
        let (rest, line) = (self.rest, self.line);
        let word = self.word()?;
        (self.rest, self.line) = (rest, line);
        Ok(word)
    }

    pub(super) fn expect(&mut self, mark: &'static str) -> Result<(), ScriptError> {
        let found = self.word()?;
        if found == mark { Ok(()) } else { Err(self.error(found, mark)) }
    }

    /// `mark`, if it comes next.
    pub(super) fn accept(&mut self, mark: &str) -> Result<bool, ScriptError> {
        self.skip()?;
        let found = self.rest.starts_with(mark);
        if found {
            self.take(mark.len());
        }
        Ok(found)
    }

    /// A name in parentheses; after a comma anything may follow.
    pub(super) fn argument(&mut self) -> Result<String, ScriptError> {
        self.expect("(")?;
        let argument = self.word()?.to_owned();
        loop {
            match self.word()? {
                ")" => return Ok(argument),
                "" => return Err(self.error("", "`)`")),
                _ => {}
            }
        }
    }

    /// A command or an assignment.
    pub(super) fn command(&mut self, word: &'a str, script: &mut Script) -> Result<(), ScriptError> {
        match word {
            "ENTRY" => script.entry = Some(self.argument()?),
            "OUTPUT_FORMAT" => script.output_format = Some(self.argument()?),
            "SEARCH_DIR" => script.search_dirs.push(self.argument()?),
            "OUTPUT_ARCH" | "TARGET" | "STARTUP" | "EXTERN" => {
                self.argument()?;
            }
            "FORCE_COMMON_ALLOCATION" | "CONSTRUCTORS" => {}
            _ => {
                let assignment = self.assignment(word)?;
                script.statements.push(Statement::Assign(assignment));
            }
        }
        Ok(())
    }

    fn assignment(&mut self, word: &'a str) -> Result<Assignment, ScriptError> {
        if matches!(word, "PROVIDE" | "HIDDEN" | "PROVIDE_HIDDEN") {
            self.expect("(")?;
            let symbol = self.word()?;
            let assignment = self.simple_assignment(symbol)?;
            self.expect(")")?;
            self.accept(";")?;
            return Ok(Assignment { provide: word != "HIDDEN", ..assignment });
        }
        let assignment = self.simple_assignment(word)?;
        // The semicolon may be missing after the last statement of a block.
        if !self.accept(";")? && self.peek()? != "}" {
            let found = self.peek()?;
            return Err(self.error(found, "`;`"));
        }
        Ok(assignment)
    }

    fn simple_assignment(&mut self, symbol: &'a str) -> Result<Assignment, ScriptError> {
        let line = self.line;
        let is_name = |c: char| c.is_alphanumeric() || "._$".contains(c);
        if symbol.is_empty() || !symbol.chars().all(is_name) {
            return Err(self.error(symbol, "a section or an assignment"));
        }
        let mut operator = None;
        if !self.accept("=")? {
            for (mark, name) in [("+=", "+"), ("-=", "-"), ("*=", "*"), ("/=", "/"), ("|=", "|"), ("&=", "&")]
            {
                if operator.is_none() && self.accept(mark)? {
                    operator = Some(name);
                }
            }
            if operator.is_none() {
                let found = self.peek()?;
                return Err(self.error(found, "`=`"));
            }
        }
        let value = self.expression()?;
        let value = match operator {
            Some(name) => {
                Expression::Binary(name, Expression::Symbol(symbol.to_owned()).into(), value.into())
            }
            None => value,
        };
        Ok(Assignment { symbol: symbol.to_owned(), value, provide: false, line })
    }

    pub(super) fn sections(&mut self, script: &mut Script) -> Result<(), ScriptError> {
        loop {
            let word = self.word()?;
            match word {
                "}" => return Ok(()),
                "" => return Err(self.error("", "`}`")),
                ";" => continue,
                "ENTRY" | "OUTPUT_FORMAT" | "SEARCH_DIR" | "OUTPUT_ARCH" | "PROVIDE" | "HIDDEN"
                | "PROVIDE_HIDDEN" => {
                    self.command(word, script)?;
                    continue;
                }
                _ => {}
            }
            self.skip()?;
            let assigns =
                ["=", "+=", "-=", "*=", "/=", "|=", "&="].iter().any(|mark| self.rest.starts_with(mark))
                    && !self.rest.starts_with("==");
            if assigns {
                self.command(word, script)?;
            } else {
                let section = self.output_section(word)?;
                script.statements.push(Statement::Section(section));
            }
        }
    }

    fn output_section(&mut self, name: &'a str) -> Result<OutputSection, ScriptError> {
        if name.chars().all(|c| !c.is_alphanumeric()) {
            return Err(self.error(name, "a section or an assignment"));
        }
        let mut address = None;
        if !self.accept(":")? {
            // `(NOLOAD)` and the like are where an address may be.
            let (rest, line) = (self.rest, self.line);
            if self.accept("(")? && matches!(self.word()?, "NOLOAD" | "DSECT" | "COPY" | "INFO" | "OVERLAY") {
                self.expect(")")?;
            } else {
                (self.rest, self.line) = (rest, line);
                address = Some(self.expression()?);
                if self.accept("(")? {
                    self.word()?;
                    self.expect(")")?;
                }
            }
            self.expect(":")?;
        }
        loop {
            match self.word()? {
                "{" => break,
                "AT" | "ALIGN" | "SUBALIGN" => {
                    self.expect("(")?;
                    self.expression()?;
                    self.expect(")")?;
                }
                found => return Err(self.error(found, "`{`")),
            }
        }
        let mut body = Vec::new();
        loop {
            let word = self.word()?;
            match word {
                "}" => break,
                "" => return Err(self.error("", "`}`")),
                ";" | "CONSTRUCTORS" => {}
                "CREATE_OBJECT_SYMBOLS" => {}
                "BYTE" | "SHORT" | "LONG" => {
                    self.expect("(")?;
                    let value = self.expression()?;
                    self.expect(")")?;
                    body.push(Content::Data(
                        match word {
                            "BYTE" => 1,
                            "SHORT" => 2,
                            _ => 4,
                        },
                        value,
                    ));
                }
                "KEEP" => {
                    self.expect("(")?;
                    let file = self.word()?;
                    body.push(self.input(file)?);
                    self.expect(")")?;
                }
                _ => {
                    self.skip()?;
                    let assigns =
                        ["=", "+=", "-=", "*=", "/=", "|=", "&="].iter().any(|m| self.rest.starts_with(m));
                    if matches!(word, "PROVIDE" | "HIDDEN" | "PROVIDE_HIDDEN") || assigns {
                        body.push(Content::Assign(self.assignment(word)?));
                    } else {
                        body.push(self.input(word)?);
                    }
                }
            }
        }
        // `=fill`, `>region` and the like: the padding is zeros, and there is a single memory.
        if self.accept("=")? {
            self.expression()?;
        }
        while self.accept(">")? {
            self.word()?;
        }
        self.accept(",")?;
        Ok(OutputSection { name: name.to_owned(), address, body })
    }

    /// `file (section section)`, or a file, which means all its sections.
    fn input(&mut self, file: &'a str) -> Result<Content, ScriptError> {
        let ordinary = |c: char| c.is_alphanumeric() || "._$/\\~-+*?[]^!".contains(c);
        if !file.chars().all(ordinary) {
            return Err(self.error(file, "a file's name or a pattern"));
        }
        let mut sections = Vec::new();
        if !self.accept("(")? {
            return Ok(Content::Input { file: file.to_owned(), sections: vec!["*".to_owned()] });
        }
        loop {
            let word = self.word()?;
            match word {
                ")" => break,
                "" => return Err(self.error("", "`)`")),
                "," => {}
                "SORT" | "SORT_BY_NAME" | "SORT_NONE" => sections.push(self.argument()?),
                _ if word.chars().all(ordinary) => sections.push(word.to_owned()),
                _ => return Err(self.error(word, "a section's name or a pattern")),
            }
        }
        Ok(Content::Input { file: file.to_owned(), sections })
    }
}

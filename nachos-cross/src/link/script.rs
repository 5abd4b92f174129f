//! Linker scripts: the part of GNU ld's language that the scripts of Nachos courses use.
//!
//! `SECTIONS`, `ENTRY`, `OUTPUT_FORMAT`, `OUTPUT_ARCH`, `SEARCH_DIR`, `BLOCK`, `ALIGN`, assignments, `PROVIDE`, input
//! patterns, `KEEP`, `CONSTRUCTORS`, `BYTE` to `LONG`, `/DISCARD/`. Anything else is refused by its line.

use std::fmt;

/// Nesting of parentheses, and of sections within `SECTIONS`, beyond which a script is refused.
const MAX_DEPTH: u32 = 64;

/// A script, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The symbol of `ENTRY`.
    pub entry: Option<String>,
    /// The first name in `OUTPUT_FORMAT`.
    pub output_format: Option<String>,
    /// The folders of `SEARCH_DIR`.
    pub search_dirs: Vec<String>,
    /// What `SECTIONS` has, and assignments outside of it, in order.
    pub statements: Vec<Statement>,
}

/// A statement of `SECTIONS`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// An assignment.
    Assign(Assignment),
    /// An output section.
    Section(OutputSection),
}

/// An output section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputSection {
    /// Its name.
    pub name: String,
    /// Its address, where the script gives one.
    pub address: Option<Expression>,
    /// What it consists of.
    pub body: Vec<Content>,
}

/// A statement within an output section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// An assignment.
    Assign(Assignment),
    /// Input sections.
    Input {
        /// A pattern for files.
        file: String,
        /// Patterns for sections.
        sections: Vec<String>,
    },
    /// A number of this many bytes.
    Data(u32, Expression),
}

/// `symbol = value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The symbol; `.` is the address at which the next thing goes.
    pub symbol: String,
    /// The value.
    pub value: Expression,
    /// Whether a definition in an object comes first.
    pub provide: bool,
    /// The line of the script.
    pub line: u32,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// A number.
    Number(u64),
    /// A symbol, or `.`.
    Symbol(String),
    /// `ADDR`, `LOADADDR`, `SIZEOF`, `DEFINED` of a name.
    Of(Query, String),
    /// `ALIGN` or `BLOCK`: the address, or a value, rounded up.
    Align(Option<Box<Expression>>, Box<Expression>),
    /// An operator with one operand: `-`, `~`, `!`.
    Unary(u8, Box<Expression>),
    /// An operator with two operands.
    Binary(&'static str, Box<Expression>, Box<Expression>),
    /// `condition ? one : other`.
    Choice(Box<[Expression; 3]>),
}

/// What an expression asks of a section or symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    /// The address of a section.
    Addr,
    /// Its size.
    Sizeof,
    /// Whether a symbol is defined.
    Defined,
}

/// A script that was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// The line, from 1 on.
    pub line: u32,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: &'static str,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, found, expected } = self;
        let found = if found.is_empty() {
            "the end of the script".into()
        } else {
            format!("`{}`", found.escape_debug())
        };
        write!(f, "line {line}: {found}, where {expected} was expected")
    }
}

impl std::error::Error for ScriptError {}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// [`ScriptError`] with the line of what is not understood.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let mut parser = Parser { rest: text, line: 1, depth: 0 };
        let mut script = Self::default();
        loop {
            let word = parser.word()?;
            match word {
                "" => return Ok(script),
                ";" => {}
                "SECTIONS" => {
                    parser.expect("{")?;
                    parser.sections(&mut script)?;
                }
                _ => parser.command(word, &mut script)?,
            }
        }
    }

    /// True when an output section begins at a multiple of 5.0j's page of 1024 bytes by the script's own words.
    #[must_use]
    pub fn is_paged(&self) -> bool {
        self.statements.iter().any(|statement| match statement {
            Statement::Section(OutputSection { address: Some(Expression::Align(_, to)), .. })
            | Statement::Assign(Assignment { value: Expression::Align(_, to), .. }) => {
                **to == Expression::Number(0x400)
            }
            _ => false,
        })
    }
}

struct Parser<'a> {
    rest: &'a str,
    line: u32,
    depth: u32,
}

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

impl<'a> Parser<'a> {
    fn error(&self, found: &str, expected: &'static str) -> ScriptError {
        ScriptError { line: self.line, found: found.chars().take(40).collect(), expected }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.line = self.line.saturating_add(u32::try_from(taken.matches('\n').count()).unwrap_or(0));
        self.rest = rest;
        taken
    }

    fn skip(&mut self) -> Result<(), ScriptError> {
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

    /// The next name (of a file, section or symbol, with the characters of patterns) or mark; empty at the end.
    fn word(&mut self) -> Result<&'a str, ScriptError> {
        self.skip()?;
        if let Some(quoted) = self.rest.strip_prefix('"') {
            let Some(end) = quoted.find('"') else { return Err(self.error("\"", "the closing quote")) };
            return Ok(self.take(end + 2).trim_matches('"'));
        }
        let name = |c: char| c.is_alphanumeric() || "._$/\\~-+*?[]^!:".contains(c);
        // A colon is a part of a name only in front of more of it (C:/x).
        let length = self.rest.find(|c| !name(c)).unwrap_or(self.rest.len());
        let candidate = self.rest.get(..length).unwrap_or_default();
        let end = match candidate.find(':') {
            Some(0) => 1,
            Some(at) => at,
            None => length,
        };
        // `.=`, `x+=1`: an operator in front of an equals sign belongs to that.
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

    fn peek(&mut self) -> Result<&'a str, ScriptError> {
        let (rest, line) = (self.rest, self.line);
        let word = self.word()?;
        (self.rest, self.line) = (rest, line);
        Ok(word)
    }

    fn expect(&mut self, mark: &'static str) -> Result<(), ScriptError> {
        let found = self.word()?;
        if found == mark { Ok(()) } else { Err(self.error(found, mark)) }
    }

    /// `mark`, if it comes next.
    fn accept(&mut self, mark: &str) -> Result<bool, ScriptError> {
        self.skip()?;
        let found = self.rest.starts_with(mark);
        if found {
            self.take(mark.len());
        }
        Ok(found)
    }

    /// A name in parentheses; after a comma anything may follow.
    fn argument(&mut self) -> Result<String, ScriptError> {
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
    fn command(&mut self, word: &'a str, script: &mut Script) -> Result<(), ScriptError> {
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
        // The last statement of a block may lack it.
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

    fn sections(&mut self, script: &mut Script) -> Result<(), ScriptError> {
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
            // `(NOLOAD)` and the like stand where an address may.
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
        // `=fill`, `>region` and the like: the padding is zeros, and there is one memory.
        if self.accept("=")? {
            self.expression()?;
        }
        while self.accept(">")? {
            self.word()?;
        }
        self.accept(",")?;
        Ok(OutputSection { name: name.to_owned(), address, body })
    }

    /// `file (section section)`, or a file whose every section is meant.
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

    fn expression(&mut self) -> Result<Expression, ScriptError> {
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
            // Each link of a chain is a level of the tree.
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
            return number(name)
                .map(Expression::Number)
                .ok_or_else(|| self.error(name, "a number of 32 bits"));
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

/// A number as scripts and options of ld write them: decimal, `0x`, octal after `0`, with `K` or `M`.
#[must_use]
pub fn number(text: &str) -> Option<u64> {
    let (digits, factor) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1 << 10),
        None => text.strip_suffix(['m', 'M']).map_or((text, 1), |digits| (digits, 1 << 20)),
    };
    let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16),
        None if digits.len() > 1 && digits.starts_with('0') => u64::from_str_radix(digits, 8),
        None => digits.parse(),
    };
    value.ok()?.checked_mul(factor).filter(|&value| value <= u32::MAX.into())
}

/// Whether a name matches a pattern with `*` and `?`. In linear space; in time by the product of the lengths.
#[must_use]
pub fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&c) if c == b'?' || Some(&c) == name.get(n) => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    n = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|&c| c == b'*'))
}

#[cfg(test)]
mod tests {
    use super::{Content, Expression, Script, Statement, matches, number};

    #[test]
    fn the_idioms_of_the_time() {
        let script = Script::parse(
            "/* by hand */ OUTPUT_FORMAT(\"ecoff-littlemips\") SEARCH_DIR(.)\nENTRY(__start)\nSECTIONS {\n\
             .text BLOCK(0x400) : { _ftext = . ; *(.init) eprol = .; *(.text .stub) crt.o(.fini) }\n\
             .data . : { *(.data) CONSTRUCTORS . = . + 4; LONG(7) }\n end=.; _x += 2;\n\
             .bss (NOLOAD) : { *(.bss) *(COMMON) } /DISCARD/ : { *(.note*) } }",
        )
        .unwrap();
        assert_eq!(script.entry.as_deref(), Some("__start"));
        assert_eq!(script.output_format.as_deref(), Some("ecoff-littlemips"));
        assert_eq!(script.search_dirs, ["."]);
        assert!(script.is_paged());
        let names: Vec<_> = script
            .statements
            .iter()
            .map(|statement| match statement {
                Statement::Section(section) => section.name.as_str(),
                Statement::Assign(assignment) => assignment.symbol.as_str(),
            })
            .collect();
        assert_eq!(names, [".text", ".data", "end", "_x", ".bss", "/DISCARD/"]);
        let Statement::Section(text) = &script.statements[0] else { panic!() };
        assert_eq!(
            text.body[3],
            Content::Input { file: "*".into(), sections: vec![".text".into(), ".stub".into()] }
        );
        assert_eq!(text.body[4], Content::Input { file: "crt.o".into(), sections: vec![".fini".into()] });
    }

    #[test]
    fn operators_bind_as_in_c() {
        let script = Script::parse("x = 1 + 2 * 3 << 1 | 4;").unwrap();
        let Statement::Assign(assignment) = &script.statements[0] else { panic!() };
        assert!(
            matches!(&assignment.value, Expression::Binary("|", left, _) if matches!(**left, Expression::Binary("<<", ..)))
        );
    }

    #[test]
    fn what_is_not_understood_is_named_by_its_line() {
        for (text, message) in [
            ("SECTIONS {\n.text : { *(.text)", "line 2: the end of the script, where `}` was expected"),
            ("\nMEMORY { }", "line 2: `{`, where `=` was expected"),
            ("x = 1 y = 2;", "line 1: `y`, where `;` was expected"),
            ("/* open", "line 1: `/*`, where the comment's end was expected"),
            ("x = 0x1ffffffff;", "line 1: `0x1ffffffff`, where a number of 32 bits was expected"),
        ] {
            assert_eq!(Script::parse(text).unwrap_err().to_string(), message, "{text}");
        }
        let deep = format!("x = {}1;", "(".repeat(100_000));
        assert!(Script::parse(&deep).is_err());
    }

    #[test]
    fn patterns_and_numbers() {
        for (pattern, name, expected) in [
            ("*", "", true),
            (".text*", ".text.startup", true),
            ("*crt?.o", "lib/crt0.o", true),
            ("*.o", "x.c", false),
            ("a*b*c", "aXbXbc", true),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
        for (text, expected) in [
            ("010", Some(8)),
            ("0x400", Some(1024)),
            ("2K", Some(2048)),
            ("9", Some(9)),
            ("4096M", None),
            ("x", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}

//! Linker scripts: the part of GNU ld's language that the scripts of Nachos courses use.
//!
//! `SECTIONS`, `ENTRY`, `OUTPUT_FORMAT`, `OUTPUT_ARCH`, `SEARCH_DIR`, `BLOCK`, `ALIGN`, assignments,
//! `PROVIDE`, input patterns, `KEEP`, `CONSTRUCTORS`, `BYTE` to `LONG`, `/DISCARD/`. Anything else is refused
//! with its line number.

mod expression;
mod parser;
mod words;

use std::fmt;

use parser::Parser;
pub use words::{matches, number};

/// A parsed script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The symbol of `ENTRY`.
    pub entry: Option<String>,
    /// The first name in `OUTPUT_FORMAT`.
    pub output_format: Option<String>,
    /// The folders of `SEARCH_DIR`.
    pub search_dirs: Vec<String>,
    /// The statements of `SECTIONS`, and assignments outside it, in order.
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
    /// Its address, if the script gives one.
    pub address: Option<Expression>,
    /// Its contents.
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
    /// The symbol; `.` is the location counter.
    pub symbol: String,
    /// The value.
    pub value: Expression,
    /// Whether a definition in an object takes precedence (`PROVIDE`).
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
    /// `ALIGN` or `BLOCK`: the location counter, or a value, rounded up.
    Align(Option<Box<Expression>>, Box<Expression>),
    /// A unary operator: `-`, `~`, `!`.
    Unary(u8, Box<Expression>),
    /// A binary operator.
    Binary(&'static str, Box<Expression>, Box<Expression>),
    /// `condition ? one : other`.
    Choice(Box<[Expression; 3]>),
}

/// What an expression queries about a section or symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    /// The address of a section.
    Addr,
    /// Its size.
    Sizeof,
    /// Whether a symbol is defined.
    Defined,
}

/// A syntax error in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// The line, counted from 1.
    pub line: u32,
    /// What was found.
    pub found: String,
    /// What was expected.
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
        write!(f, "line {line}: expected {expected}, found {found}")
    }
}

impl std::error::Error for ScriptError {}

impl Script {
    /// Parses a script.
    ///
    /// # Errors
    /// [`ScriptError`] with the line of the syntax error.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let mut parser = Parser::new(text);
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

    /// True when the script itself places an output section at a multiple of 5.0j's page of 1024 bytes.
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
            ("SECTIONS {\n.text : { *(.text)", "line 2: expected `}`, found the end of the script"),
            ("\nMEMORY { }", "line 2: expected `=`, found `{`"),
            ("x = 1 y = 2;", "line 1: expected `;`, found `y`"),
            ("/* open", "line 1: expected the comment's end, found `/*`"),
            ("x = 0x1ffffffff;", "line 1: expected a 32-bit number, found `0x1ffffffff`"),
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

//! Why a program could not be linked.

use std::fmt;

use super::script::ScriptError;

/// Why a program could not be linked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkError {
    /// The script has a syntax error.
    Script(ScriptError),
    /// An object in the format of the old compiler.
    OldObject {
        /// The file.
        file: String,
    },
    /// An object for another machine.
    OtherMachine {
        /// The file.
        file: String,
        /// `e_machine`.
        machine: u16,
    },
    /// Neither an object nor an archive.
    NotAnObject {
        /// The file.
        file: String,
    },
    /// An object that is inconsistent.
    Damaged {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// An archive that cannot be read.
    Archive {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// Objects of different byte orders.
    ByteOrders {
        /// The first object with the other byte order.
        file: String,
    },
    /// Undefined symbols.
    Undefined(Vec<Undefined>),
    /// A symbol that two objects define.
    Duplicate {
        /// The symbol.
        symbol: String,
        /// The two objects.
        files: [String; 2],
    },
    /// Two sections at the same addresses.
    Overlap {
        /// Their names, first and last addresses.
        sections: [(String, u64, u64); 2],
    },
    /// An address that does not fit into its instruction, or an instruction that needs something unavailable.
    Relocation {
        /// The object.
        file: String,
        /// The function.
        function: String,
        /// The symbol.
        symbol: String,
        /// What is wrong.
        reason: String,
    },
    /// An expression of the script without a value.
    Value {
        /// The line of the script, or 0 for an option.
        line: u32,
        /// What is wrong.
        reason: String,
    },
    /// The program takes more memory than any machine has.
    TooLarge {
        /// The last section.
        section: String,
        /// Its end.
        end: u64,
    },
    /// What the output format cannot express.
    Output(String),
    /// There are no input files.
    NoInput,
}

/// An undefined symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undefined {
    /// The symbol.
    pub symbol: String,
    /// The object that refers to it.
    pub file: String,
    /// The function that refers to it.
    pub function: String,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Script(error) => error.fmt(f),
            Self::OldObject { file } => write!(
                f,
                "{}: an object of the old compiler (ECOFF); make clean first, and build all of it again",
                file.escape_debug()
            ),
            Self::OtherMachine { file, machine } => write!(
                f,
                "{}: an object for another machine (ELF machine {machine}, MIPS is 8), perhaps of the host's compiler; make \
                 clean first, and build all of it again",
                file.escape_debug()
            ),
            Self::NotAnObject { file } => {
                write!(f, "{}: neither an object nor an archive", file.escape_debug())
            }
            Self::Damaged { file, reason } | Self::Archive { file, reason } => {
                write!(f, "{}: {}", file.escape_debug(), reason.escape_debug())
            }
            Self::ByteOrders { file } => {
                write!(
                    f,
                    "{}: its byte order differs from that of the objects before it",
                    file.escape_debug()
                )
            }
            Self::Undefined(symbols) => {
                for (index, Undefined { symbol, file, function }) in symbols.iter().enumerate() {
                    let end = if index == 0 { "" } else { "\n" };
                    write!(
                        f,
                        "{end}{}: in {}: undefined reference to `{}`",
                        file.escape_debug(),
                        function.escape_debug(),
                        symbol.escape_debug()
                    )?;
                }
                Ok(())
            }
            Self::Duplicate { symbol, files: [first, second] } => write!(
                f,
                "{}: multiple definition of `{}`; first defined in {}",
                second.escape_debug(),
                symbol.escape_debug(),
                first.escape_debug()
            ),
            Self::Overlap { sections: [low, high] } => write!(
                f,
                "section {} ({:#x} to {:#x}) overlaps section {} ({:#x} to {:#x})",
                high.0.escape_debug(),
                high.1,
                high.2,
                low.0.escape_debug(),
                low.1,
                low.2
            ),
            Self::Relocation { file, function, symbol, reason } => write!(
                f,
                "{}: in {}: `{}` {reason}",
                file.escape_debug(),
                function.escape_debug(),
                symbol.escape_debug()
            ),
            Self::Value { line: 0, reason } => reason.escape_debug().fmt(f),
            Self::Value { line, reason } => write!(f, "line {line}: {}", reason.escape_debug()),
            Self::TooLarge { section, end } => write!(
                f,
                "section {} ends at {end:#x}: more memory than a Nachos machine has",
                section.escape_debug()
            ),
            Self::Output(reason) => reason.fmt(f),
            Self::NoInput => f.write_str("no input files"),
        }
    }
}

impl std::error::Error for LinkError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Script(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ScriptError> for LinkError {
    fn from(error: ScriptError) -> Self {
        Self::Script(error)
    }
}

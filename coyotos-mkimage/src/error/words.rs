//! The message for each cause.

use core::fmt;

use super::Cause;
use crate::source::MAX_SCRIPT_BYTES;

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { found, expected } => write!(f, "expected {expected}, found {found}"),
            Self::UnknownCharacter(c) => write!(f, "unexpected character {c:?}"),
            Self::NotUtf8 => f.write_str("these bytes are not UTF-8; save the script as UTF-8"),
            Self::BadNumber { text, radix } => write!(
                f,
                "`{text}` is not a number in radix {radix}: decimal numbers begin with 1 to 9, octal ones with 0, hexadecimal ones with 0x and at least one digit"
            ),
            Self::StringOpen => f.write_str(
                "the string does not end on its line; close it with \" or write \\\" for a quote in it",
            ),
            Self::StringCharacter(c) => {
                write!(
                    f,
                    "a string cannot contain {c:?} itself; write \\n, \\t or \\{{U+{:x}}}",
                    u32::from(*c)
                )
            }
            Self::UnknownEscape => {
                f.write_str("unknown escape; the escapes are \\n \\t \\r \\b \\s \\f \\\" \\\\ and \\{U+HEX}")
            }
            Self::Reserved(word) => write!(f, "`{word}` is reserved and cannot be a name"),
            Self::ScriptTooLong(bytes) => {
                write!(f, "the script has {bytes} bytes, but the maximum is {MAX_SCRIPT_BYTES}")
            }
            Self::Limit(limit) => limit.fmt(f),
            Self::Unbound(name) => {
                write!(f, "`{name}` is not bound here; bind names before use, with def, enum or import")
            }
            Self::UnboundMember { name, within } => write!(f, "{within} has no member `{name}`"),
            Self::NoMembers(found) => {
                write!(f, "{found} has no members; modules, enums, GPTs, Processes, Endpoints and Entries do")
            }
            Self::Impure(name) => write!(
                f,
                "`{name}` cannot be part of an enum's value, which consists of numbers, enum members and operators"
            ),
            Self::AlreadyBound(name) => {
                write!(
                    f,
                    "`{name}` is already bound in this scope; assign to it without def, or choose another name"
                )
            }
            Self::NotAValue(what) => write!(f, "{what} is not a value"),
            Self::AssignConstant(name) => write!(f, "`{name}` is a constant"),
            Self::NotAssignable => f.write_str("only names, fields and slots can be assigned to"),
            Self::FieldValue { field, takes, found } => write!(f, "`{field}` takes {takes}, not {found}"),
            Self::NotAFunction(found) => write!(f, "{found} is not a function"),
            Self::ArgumentCount { name, least, most, given, .. } => {
                match most {
                    Some(most) if most == least => write!(f, "`{name}` takes {least} arguments")?,
                    Some(most) => write!(f, "`{name}` takes {least} to {most} arguments")?,
                    None => write!(f, "`{name}` takes at least {least} arguments")?,
                }
                write!(f, ", but {given} were given")
            }
            Self::ArgumentType { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::CapabilityType { expected, found } => {
                write!(f, "expected {expected}, found a capability of type {found}")
            }
            Self::BankRequired(found) => {
                write!(
                    f,
                    "expected a bank, found a capability of type {found}; use PrimeBank or a `new Bank`"
                )
            }
            Self::SpaceRequired(found) => write!(
                f,
                "expected an address space (GPT, Page, CapPage, window or Null), found a capability of type {found}"
            ),
            Self::Types { operator, operands } => write!(f, "`{operator}` cannot be applied to {operands}"),
            Self::ConditionType(found) => {
                write!(f, "a condition must be an integer or a string, not {found}")
            }
            Self::EnumNotInteger(found) => write!(f, "a member of an enum must be an integer, not {found}"),
            Self::DivisionByZero => f.write_str("division by zero"),
            Self::Negative(value) => {
                write!(f, "{value} is negative, but a number of at least 0 is required here")
            }
            Self::NotIndexable(found) => write!(
                f,
                "{found} has no slots; Pages, CapPages, the `cap` of a GPT and the `capReg` of a Process do"
            ),
            Self::IndexType(found) => write!(f, "an index must be an integer, not {found}"),
            Self::IndexRange { field, index, count } => {
                write!(f, "{field} has no slot {index}: the last one is {}", count.saturating_sub(1))
            }
            Self::GuardRange { l2g, page } => {
                write!(f, "a capability covers 2^{page} bytes (a page) to 2^64 bytes, not 2^{l2g}")
            }
            Self::GuardLowBits { offset, l2g } => {
                write!(f, "{offset:#x} is not a multiple of the 2^{l2g} bytes that the capability covers")
            }
            Self::GuardTruncated { offset, l2g } => write!(
                f,
                "the guard {offset:#x} has bits beyond the 24 of `match` above 2^{l2g}; use guarded_space, which adds GPTs"
            ),
            Self::ByteValue(value) => write!(f, "{value} is not a byte: bytes are 0 to 255"),
            Self::PageWord { offset, page } => {
                write!(
                    f,
                    "{offset:#x} is not the offset of a 64-bit word in a page: a multiple of 8 below {page:#x}"
                )
            }
            Self::FileOffset { offset, page } => {
                write!(f, "{offset:#x} is not a multiple of the page size, {page:#x}")
            }
            Self::FileNotFound(name) => write!(f, "the file {name:?} is in none of the library folders"),
            Self::FileUnreadable { name, reason } => write!(f, "{name:?} cannot be read: {reason}"),
            Self::ModuleNotFound(name) => write!(f, "the module {name} is in none of the module folders"),
            Self::ModuleName { found, expected } => {
                write!(f, "the file contains the module {found}, but its path is that of {expected}")
            }
            Self::CircularImport(name) => {
                write!(
                    f,
                    "the module {name} is still being run: it imports itself, directly or through others"
                )
            }
            Self::Fatal(text) => write!(f, "fatal: {text}"),
            Self::ReturnOutside => f.write_str("`return` outside a function"),
            Self::Build(error) => error.fmt(f),
            Self::Load(error) => error.fmt(f),
            Self::Untraceable(name) => {
                write!(f, "a recipe cannot name the file {name:?}: its name contains blanks; rename it")
            }
            Self::Host(reason) => f.write_str(reason),
        }
    }
}

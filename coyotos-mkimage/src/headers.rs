//! C headers for what modules export: a `#define` for each member of an enum. Source: specification section 7.

use alloc::string::String;
use core::fmt::Write as _;

use crate::code::Code;
use crate::value::{Environments, Names, Symbols, Value};

/// A header for a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name of the module: `a.b`, whose header is the file `a.b.h`.
    pub module: String,
    /// The header's text.
    pub text: String,
}

/// The header of a module that was run; `None` when it exports no enum.
pub(crate) fn header(
    code: &Code,
    names: Option<&Names>,
    environments: &Environments,
    symbols: &Symbols,
) -> Option<Header> {
    if code.enums.is_empty() {
        return None;
    }
    let module = symbols.name(code.name);
    let mut text = String::new();
    for exported in &code.enums {
        let (mut prefix, mut scope) = (module.replace('.', "_"), names);
        if let Some(name) = exported.name {
            prefix.push('_');
            prefix.push_str(symbols.name(name));
            let members =
                names.and_then(|names| names.get(name)).map(|binding| binding.value.borrow().clone());
            scope = match members {
                Some(Value::Environment(id)) => environments.get(id),
                _ => None,
            };
        }
        for &member in &exported.members {
            let binding = scope.and_then(|names| names.get(member));
            let Some(Value::Integer(value)) = binding.map(|binding| binding.value.borrow().clone()) else {
                continue;
            };
            let name = symbols.name(member);
            // Writing to a string does not fail.
            let _ = if exported.registers {
                writeln!(text, "#define {prefix}_{name} REG_CAPLOC({value})")
            } else {
                writeln!(text, "#define {prefix}_{name} {value}")
            };
        }
    }
    Some(Header { module: module.into(), text })
}

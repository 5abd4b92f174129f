//! The output of `print` for values. Source: specification section 8.

use alloc::string::{String, ToString as _};
use core::fmt::Write as _;

use coyotos_image::{CapType, Capability, Restr};

use crate::error::Cause;
use crate::limits::{Limit, Meter};
use crate::number::print_steps;
use crate::text;
use crate::value::{Binding, Environments, Symbols, Value};

/// Maximum depth to which sets of names and trees are printed: a set may contain itself, and so may a tree.
pub(crate) const PRINT_DEPTH: usize = 128;

/// What is needed to show a value.
pub(crate) struct Shower<'a> {
    pub(crate) symbols: &'a Symbols,
    pub(crate) environments: &'a Environments,
    pub(crate) meter: &'a mut Meter,
}

impl Shower<'_> {
    /// Appends a value to a text.
    ///
    /// # Errors
    /// [`Limit::PrintDepth`], [`Limit::Steps`].
    pub(crate) fn show(&mut self, value: &Value, out: &mut String) -> Result<(), Cause> {
        self.show_within(value, out, 0)
    }

    fn show_within(&mut self, value: &Value, out: &mut String, depth: usize) -> Result<(), Cause> {
        self.meter.take(1).map_err(Cause::Limit)?;
        match value {
            Value::Integer(number) => {
                self.meter.take(print_steps(number)).map_err(Cause::Limit)?;
                out.push_str(&number.to_string());
            }
            Value::Text(raw) => {
                self.meter.take(raw.len() as u64 / 64).map_err(Cause::Limit)?;
                out.push_str(&text::decoded(raw));
            }
            Value::Unit => out.push_str("UNIT"),
            Value::Capability(cap) => out.push_str(&capability(*cap)),
            Value::Function(function) => {
                let _ =
                    write!(out, "<fn {}, {} args>", self.symbols.name(function.name), function.parameters);
            }
            Value::Builtin(builtin) => {
                let _ = write!(out, "<primfn {}, {}", builtin.shown, builtin.least);
                match builtin.most {
                    Some(0) | None => out.push_str("..."),
                    Some(most) if most == builtin.least => {}
                    Some(most) => {
                        let _ = write!(out, "-{most}");
                    }
                }
                out.push_str(" args>");
            }
            Value::Environment(id) => {
                if depth >= PRINT_DEPTH {
                    return Err(Cause::Limit(Limit::PrintDepth(PRINT_DEPTH)));
                }
                let names = self.environments.get(*id);
                for (index, binding) in names.into_iter().flat_map(|names| names.iter().rev()).enumerate() {
                    out.push_str(if index == 0 { "[ " } else { "\n  " });
                    out.push_str(self.symbols.name(binding.name));
                    out.push_str(" = ");
                    let value = binding.value.borrow().clone();
                    self.show_within(&value, out, depth.saturating_add(1))?;
                    flags(binding, out);
                }
                out.push_str(" ]");
            }
        }
        Ok(())
    }
}

fn flags(binding: &Binding, out: &mut String) {
    let flags = binding.flags;
    if flags.constant || flags.public || flags.pure {
        out.push_str(match (flags.constant, flags.public) {
            (true, true) => " (const, public)",
            (true, false) => " (const)",
            (false, true) => " (public)",
            (false, false) => " ()",
        });
    }
}

/// A number in hexadecimal, except for a plain 0.
fn hexadecimal(number: u64) -> String {
    if number == 0 { "0".to_string() } else { alloc::format!("{number:#x}") }
}

/// The name of a type, as the original prints it.
pub(crate) fn type_name(cap: Capability) -> String {
    cap.cap_type().to_string()
}

/// A capability, as `print` shows it.
pub(crate) fn capability(cap: Capability) -> String {
    let (kind, restr) = (cap.cap_type(), cap.restr());
    let mut out = "{".to_string();
    let on_page = kind == CapType::PAGE;
    let opaque = [(Restr::OP, "OP"), (Restr::NC, "NC")];
    let cached = [(Restr::CD, "CD"), (Restr::WT, "WT")];
    let general = [(Restr::RO, "RO"), (Restr::NX, "NX"), (Restr::WK, "WK")];
    if cap.swizzled() {
        out.push_str(" P");
    }
    for (bit, name) in general.into_iter().chain(if on_page { cached } else { opaque }) {
        if restr.contains(bit) {
            out.push(' ');
            out.push_str(name);
        }
    }
    // Writing to a string does not fail.
    let _ = write!(out, " {}(ty={})", type_name(cap), kind.number());
    let entry = kind == CapType::ENTRY || kind == CapType::APP_NOTICE;
    if kind.is_object() || entry {
        let _ = write!(out, " ac={} oid={}", cap.alloc_count(), hexadecimal(cap.oid()));
    } else if kind.is_window() {
        let _ = write!(out, " offset={}", hexadecimal(cap.oid()));
    }
    if entry {
        let _ = write!(out, " pp={}", cap.prot_payload());
    } else if kind.is_memory() {
        let _ = write!(out, " match={} l2g={}", hexadecimal(cap.guard_match().into()), cap.l2g());
    }
    out.push_str(" }");
    out
}

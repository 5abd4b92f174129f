//! Functions that print, and functions that end a run.

use alloc::string::String;

use coyotos_image::ObjectType;

use super::{Arguments, Context, Done};
use crate::dump::Dump;
use crate::error::Cause;
use crate::show::Shower;
use crate::value::Value;

impl Context<'_> {
    /// A value as `print` shows it.
    pub(crate) fn shown(&mut self, value: &Value) -> Result<String, Cause> {
        let mut text = String::new();
        let mut shower = Shower { symbols: self.symbols, environments: self.environments, meter: self.meter };
        shower.show(value, &mut text)?;
        Ok(text)
    }

    /// Prints the output of a dump, even when the dump ends early. Returns whether there was any.
    fn dump(&mut self, dump: impl FnOnce(&mut Dump<'_>) -> Result<bool, Cause>) -> Result<bool, Cause> {
        let mut all = Dump { library: self.library, meter: self.meter, out: String::new() };
        let result = dump(&mut all);
        let text = all.out;
        self.host.print(&text).map_err(Cause::Host)?;
        result
    }

    /// `print` and a value.
    pub(crate) fn print_value(&mut self, value: &Value) -> Result<(), Cause> {
        let mut text = self.shown(value)?;
        text.push('\n');
        self.host.print(&text).map_err(Cause::Host)
    }

    /// `print *`.
    pub(crate) fn print_object(&mut self, value: &Value) -> Result<(), Cause> {
        match value {
            Value::Capability(cap) if self.dump(|dump| dump.object(*cap))? => Ok(()),
            _ => self.print_value(value),
        }
    }
}

pub(super) fn doprint(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    for value in arguments.0 {
        let text = context.shown(value)?;
        context.print(&text)?;
    }
    Ok(Value::Unit)
}

pub(super) fn print_space(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    match arguments.get(0) {
        Value::Capability(cap) => context.dump(|dump| dump.space(*cap).map(|()| true)).map(drop)?,
        other => context.print_value(other)?,
    }
    Ok(Value::Unit)
}

pub(super) fn print_tree(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    match arguments.get(0) {
        Value::Capability(cap) => context.dump(|dump| dump.tree(*cap).map(|()| true)).map(drop)?,
        other => context.print_value(other)?,
    }
    Ok(Value::Unit)
}

pub(super) fn dump_usage(context: &mut Context<'_>, _: &Arguments<'_>) -> Done<Value> {
    let count = |kind| context.library.builder().count(kind);
    let text = alloc::format!(
        "{{ nPage: {} nCapPage: {} nGPT: {} nEndpoint: {} nProc: {}  nBank: {} }}\n",
        count(ObjectType::Page),
        count(ObjectType::CapPage),
        count(ObjectType::Gpt),
        count(ObjectType::Endpoint),
        count(ObjectType::Process),
        context.library.banks().len()
    );
    context.print(&text)?;
    Ok(Value::Unit)
}

pub(super) fn fatal(_: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    let text = arguments.text(0)?;
    Err(Cause::Fatal(text.into()).into())
}

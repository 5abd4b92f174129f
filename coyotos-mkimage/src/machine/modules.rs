//! Modules: found, run once, and what they export.

use alloc::rc::Rc;
use alloc::string::ToString as _;
use alloc::vec::Vec;

use super::{Machine, Module, Stop};
use crate::code::Code;
use crate::error::{Cause, Error};
use crate::headers;
use crate::parser::{Bounds, parse};
use crate::value::{Names, Scopes, Symbol};

/// The name of the target architecture's own module.
const TARGET_INFO: &str = "coyotos.TargetInfo";

impl Machine<'_> {
    pub(super) fn run_module(&mut self, name: &str) -> Result<(), Error> {
        self.frames.clear();
        self.operands.clear();
        self.enums.clear();
        let name = self.symbols.of(name);
        if self.modules.contains_key(&name) {
            return Ok(());
        }
        self.flush_trace().map_err(|cause| Error::new(cause, None, Vec::new()))?;
        if let Err(stop) = self.enter_module(name) {
            return Err(self.located(stop));
        }
        while !self.frames.is_empty() {
            if let Err(fault) = self.step() {
                return Err(self.located(fault));
            }
            if self.library.trace().is_some_and(|trace| !trace.is_empty()) {
                self.note_place();
                self.flush_trace().map_err(|cause| Error::new(cause, None, Vec::new()))?;
            }
        }
        Ok(())
    }

    /// Begins to run a module.
    pub(super) fn enter_module(&mut self, name: Symbol) -> Result<(), Stop> {
        self.enough_room()?;
        let called = self.symbols.name(name).to_string();
        let target = called == TARGET_INFO;
        let path = if target { alloc::format!("{called}.{}", self.arch.name()) } else { called.clone() };
        let path = alloc::format!("{}.mki", path.replace('.', "/"));
        let file = match self.host.module(&path) {
            Ok(Some(file)) => file,
            Ok(None) => return Err(Cause::ModuleNotFound(called).into()),
            Err(reason) => return Err(Cause::FileUnreadable { name: path, reason }.into()),
        };
        let text: Rc<[u8]> = file.bytes.into();
        let id = self.sources.add(&file.name, Rc::clone(&text));
        let bounds =
            Bounds { nesting: self.options.limits.nesting, integer_bits: self.options.limits.integer_bits };
        let within = |cause, span| Stop { place: Some((id, span, name)), ..Stop::from(cause) };
        let code =
            parse(&text, id, &mut self.symbols, bounds).map_err(|(cause, span)| within(cause, span))?;
        if code.name != name && !target {
            let cause = Cause::ModuleName { found: self.symbols.name(code.name).into(), expected: called };
            return Err(within(cause, code.name_at));
        }
        self.modules.insert(name, Module::Running);
        let scope = self.scopes.open(Scopes::OUTERMOST);
        // Its functions and bindings outlive it.
        self.scopes.keep(scope);
        self.push_frame(Rc::new(Code { name, ..code }), 0, scope, None);
        Ok(())
    }

    /// Finishes a module.
    pub(super) fn leave_module(&mut self) -> Result<(), Cause> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        self.operands.truncate(frame.operands);
        let mut public = Names::default();
        let names = self.scopes.names(frame.outermost);
        for binding in names.into_iter().flat_map(Names::iter).filter(|binding| binding.flags.public) {
            self.meter.take(1).map_err(Cause::Limit)?;
            public.share(Rc::clone(binding));
        }
        let environment = self.environments.add(public);
        self.modules.insert(frame.code.name, Module::Done(environment));
        if self.headers.is_some() {
            let header = headers::header(&frame.code, names, &self.environments, &self.symbols);
            self.headers.get_or_insert_default().extend(header);
        }
        Ok(())
    }
}

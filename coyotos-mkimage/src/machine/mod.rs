//! Runs modules: a stack of operands, a stack of calls, and no recursion.

mod modules;
mod names;
mod operations;
mod place;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use coyotos_image::{Arch, Builder, Capability, Rules};
use num_bigint::BigInt;

use crate::builtins::{self, Context};
use crate::code::Code;
use crate::error::{Cause, Error};
use crate::field::{Member, Place};
use crate::headers::Header;
use crate::host::{File, Host};
use crate::library::Library;
use crate::limits::{Limit, Limits, Meter};
use crate::parser::{Bounds, parse};
use crate::source::{FileId, Sources, Span};
use crate::value::{Binding, EnvironmentId, Environments, Names, ScopeId, Scopes, Symbol, Symbols, Value};

/// How scripts are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The limits of the run.
    pub limits: Limits,
    /// Whether the library calls are passed to [`Host::trace`].
    pub trace: bool,
    /// The rules that the image is checked against: the original's 16 by default.
    pub rules: Rules,
}

impl Default for Options {
    fn default() -> Self {
        Self { limits: Limits::default(), trace: false, rules: Rules::Reference }
    }
}

/// An operand.
#[derive(Clone, Debug)]
enum Operand {
    Value(Value),
    /// A name, with the value that it had when it was evaluated.
    Bound(Rc<Binding>, Value),
    /// A field or slot, with the value that it had when it was evaluated.
    Field(Place, Value),
    /// All slots of an object, which are not a value.
    Slots(Capability, Member),
}

/// A module or a function that is being run.
#[derive(Debug)]
struct Frame {
    code: Rc<Code>,
    next: usize,
    scope: ScopeId,
    /// The scope that is closed at the end.
    outermost: ScopeId,
    /// Number of operands and enums that belong to the callers.
    operands: usize,
    enums: usize,
    /// The function; `None` for a module.
    function: Option<Symbol>,
}

/// An enum that is being run: where its members go, and the value of the next one.
#[derive(Debug)]
struct Counting {
    environment: Option<EnvironmentId>,
    next: BigInt,
}

/// A module: being run, or its exports.
#[derive(Clone, Copy, Debug)]
enum Module {
    Running,
    Done(EnvironmentId),
}

/// Runs scripts, which build an image.
///
/// ```
/// use coyotos_image::Arch;
/// use coyotos_mkimage::{File, Host, Machine, Options};
///
/// struct Scripts(String);
///
/// impl Host for Scripts {
///     fn module(&mut self, path: &str) -> Result<Option<File>, String> {
///         let text = "module hello { def p = new Page(PrimeBank); p[0] = 0xf4; print p; }";
///         Ok((path == "hello.mki").then(|| File { name: path.into(), bytes: text.into() }))
///     }
///     fn file(&mut self, _: &str) -> Result<Option<File>, String> {
///         Ok(None)
///     }
///     fn print(&mut self, text: &str) -> Result<(), String> {
///         self.0 += text;
///         Ok(())
///     }
/// }
///
/// let mut scripts = Scripts(String::new());
/// let mut machine = Machine::new(Arch::I386, &mut scripts, Options::default());
/// machine.run("hello")?;
/// let image = machine.image()?;
/// assert_eq!((&image[..8], image[0x1000]), (&b"coyimage"[..], 0xf4));
/// assert_eq!(scripts.0, "{ Page(ty=33) ac=0 oid=0x1 match=0 l2g=12 }\n");
/// # Ok::<(), coyotos_mkimage::Error>(())
/// ```
pub struct Machine<'h> {
    arch: Arch,
    host: &'h mut dyn Host,
    options: Options,
    library: Library,
    meter: Meter,
    symbols: Symbols,
    sources: Sources,
    scopes: Scopes,
    environments: Environments,
    modules: BTreeMap<Symbol, Module>,
    constructors: Names,
    operands: Vec<Operand>,
    frames: Vec<Frame>,
    enums: Vec<Counting>,
    /// The headers made so far, when only headers are made.
    headers: Option<Vec<Header>>,
}

impl fmt::Debug for Machine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("arch", &self.arch)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl<'h> Machine<'h> {
    /// A machine with an image that contains only the prime bank.
    pub fn new(arch: Arch, host: &'h mut dyn Host, options: Options) -> Self {
        let builder = Builder::new(arch).with_rules(options.rules);
        let mut symbols = Symbols::default();
        let scope = builtins::scope(&mut symbols, &builder);
        let mut constructors = Names::default();
        for builtin in &builtins::CONSTRUCTORS {
            let flags = crate::value::Flags { constant: true, ..Default::default() };
            constructors.bind(symbols.of(builtin.name), Value::Builtin(builtin), flags);
        }
        Self {
            arch,
            host,
            options,
            library: Library::new(builder, options.trace, options.limits.image_bytes),
            meter: Meter::new(options.limits.steps),
            symbols,
            sources: Sources::default(),
            scopes: Scopes::new(scope),
            environments: Environments::default(),
            modules: BTreeMap::new(),
            constructors,
            operands: Vec::new(),
            frames: Vec::new(),
            enums: Vec::new(),
            headers: None,
        }
    }

    /// Runs a module, unless it has already run.
    ///
    /// # Errors
    /// Why the run ended early. Its changes to the image up to that point are unspecified.
    pub fn run(&mut self, module: &str) -> Result<(), Error> {
        let result = self.run_module(module);
        let flushed = self.flush_trace();
        result?;
        flushed.map_err(|cause| Error::new(cause, None, Vec::new()))
    }

    /// Makes the headers of modules and of all that they import. Only imports and enums are run. Only modules
    /// that export an enum have a header.
    ///
    /// # Errors
    /// Why they could not be made.
    pub fn headers(mut self, modules: &[&str]) -> Result<Vec<Header>, Error> {
        self.headers = Some(Vec::new());
        for module in modules {
            self.run_module(module)?;
        }
        Ok(self.headers.unwrap_or_default())
    }

    /// The image, checked by the rules.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn image(&mut self) -> Result<Vec<u8>, Error> {
        let bytes = self.library.builder().to_vec();
        let bytes = bytes.map_err(|error| Error::new(Cause::Build(error), None, Vec::new()))?;
        if let Some(trace) = self.library.trace() {
            trace.validate();
        }
        self.flush_trace().map_err(|cause| Error::new(cause, None, Vec::new()))?;
        Ok(bytes)
    }

    /// The image, to be changed further.
    pub fn into_builder(self) -> Builder {
        self.library.into_builder()
    }

    fn enough_room(&self) -> Result<(), Cause> {
        let most = self.options.limits.depth;
        if self.frames.len() >= most { Err(Cause::Limit(Limit::Depth(most))) } else { Ok(()) }
    }

    fn push_frame(&mut self, code: Rc<Code>, entry: usize, scope: ScopeId, function: Option<Symbol>) {
        self.frames.push(Frame {
            code,
            next: entry,
            scope,
            outermost: scope,
            operands: self.operands.len(),
            enums: self.enums.len(),
            function,
        });
    }

    fn context(&mut self) -> Context<'_> {
        Context {
            library: &mut self.library,
            host: self.host,
            meter: &mut self.meter,
            environments: &mut self.environments,
            symbols: &mut self.symbols,
        }
    }
}

impl Frame {
    /// The operation that was begun last.
    fn last(&self) -> Option<&(crate::code::Op, Span)> {
        self.code.ops.get(self.next.saturating_sub(1))
    }
}

/// Parses a script without running it. Returns the name of the module that it contains.
///
/// ```
/// use coyotos_mkimage::{File, Limits, check_syntax};
///
/// let script = |text: &str| File { name: "t.mki".into(), bytes: text.into() };
/// assert_eq!(check_syntax(&script("module a.t { print 1; }"), Limits::default())?, "a.t");
/// let error = check_syntax(&script("module t { print; }"), Limits::default()).unwrap_err();
/// assert_eq!(error.to_string(), "t.mki:1:17: expected an expression, found `;`");
/// # Ok::<(), coyotos_mkimage::Error>(())
/// ```
///
/// # Errors
/// The first error in the script.
pub fn check_syntax(script: &File, limits: Limits) -> Result<String, Error> {
    let (mut sources, mut symbols) = (Sources::default(), Symbols::default());
    let text: Rc<[u8]> = script.bytes.as_slice().into();
    let id = sources.add(&script.name, Rc::clone(&text));
    let bounds = Bounds { nesting: limits.nesting, integer_bits: limits.integer_bits };
    match parse(&text, id, &mut symbols, bounds) {
        Ok(code) => Ok(symbols.name(code.name).to_string()),
        Err((cause, span)) => Err(Error::new(cause, sources.locate(id, span), Vec::new())),
    }
}

/// Why a step failed, and where, if not at its operation.
struct Stop {
    cause: Box<Cause>,
    span: Option<Span>,
    /// A position in a script that could not be parsed, and the expected module.
    place: Option<(FileId, Span, Symbol)>,
}

impl From<Cause> for Stop {
    fn from(cause: Cause) -> Self {
        Self { cause: Box::new(cause), span: None, place: None }
    }
}

impl From<Limit> for Stop {
    fn from(limit: Limit) -> Self {
        Cause::Limit(limit).into()
    }
}

/// A value as text for a message.
fn kinds(left: &Value, right: &Value) -> String {
    alloc::format!("{} and {}", left.kind(), right.kind())
}

//! The functions and constants available to every script. Source: specification section 6.

mod capabilities;
mod objects;
mod printing;
mod spaces;

use alloc::string::String;
use core::fmt;

use coyotos_image::{Builder, CapType, Capability};
use num_bigint::BigInt;

use crate::error::Cause;
use crate::host::{File, Host};
use crate::library::Library;
use crate::limits::Meter;
use crate::number::{Bits, natural};
use crate::value::{Environments, Flags, Names, Symbols, Value};

/// The state that builtins work on.
pub(crate) struct Context<'a> {
    pub(crate) library: &'a mut Library,
    pub(crate) host: &'a mut dyn Host,
    pub(crate) meter: &'a mut Meter,
    pub(crate) environments: &'a mut Environments,
    pub(crate) symbols: &'a mut Symbols,
}

/// Why a builtin failed, and the argument at fault: `None` for the call as a whole.
pub(crate) struct Fault {
    pub(crate) cause: Cause,
    pub(crate) argument: Option<usize>,
}

impl From<Cause> for Fault {
    fn from(cause: Cause) -> Self {
        Self { cause, argument: None }
    }
}

type Done<T> = Result<T, Fault>;

type Run = fn(&mut Context<'_>, &Arguments<'_>) -> Done<Value>;

/// A builtin function.
pub(crate) struct Builtin {
    /// Its name in scripts.
    pub(crate) name: &'static str,
    /// Its name in printed output.
    pub(crate) shown: &'static str,
    /// Minimum number of arguments.
    pub(crate) least: usize,
    /// Maximum number of arguments; `None` for any number.
    pub(crate) most: Option<usize>,
    pub(crate) run: Run,
}

impl fmt::Debug for Builtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

const fn builtin(name: &'static str, least: usize, most: usize, run: Run) -> Builtin {
    Builtin { name, shown: name, least, most: Some(most), run }
}

const fn constructor(name: &'static str, shown: &'static str, run: Run) -> Builtin {
    Builtin { name, shown, least: 1, most: Some(1), run }
}

/// All except those that `new` takes.
pub(crate) static FUNCTIONS: [Builtin; 41] = [
    builtin("PageCap", 1, 1, capabilities::page_cap),
    builtin("PhysPageCap", 1, 1, capabilities::phys_page_cap),
    builtin("Window", 1, 1, capabilities::window),
    builtin("LocalWindow", 2, 2, capabilities::local_window),
    builtin("NullCap", 0, 0, |_, _| Ok(capabilities::misc(CapType::NULL))),
    builtin("KeyBits", 0, 0, |_, _| Ok(capabilities::misc(CapType::CAP_BITS))),
    builtin("Discrim", 0, 0, |_, _| Ok(capabilities::misc(CapType::DISCRIM))),
    builtin("Range", 0, 0, |_, _| Ok(capabilities::misc(CapType::RANGE))),
    builtin("Sleep", 0, 0, |_, _| Ok(capabilities::misc(CapType::SLEEP))),
    builtin("IrqCtl", 0, 0, |_, _| Ok(capabilities::misc(CapType::IRQ_CTL))),
    builtin("SchedCtl", 0, 0, |_, _| Ok(capabilities::misc(CapType::SCHED_CTL))),
    builtin("Checkpoint", 0, 0, |_, _| Ok(capabilities::misc(CapType::CHECKPOINT))),
    builtin("ObStore", 0, 0, |_, _| Ok(capabilities::misc(CapType::OB_STORE))),
    builtin("PinCtl", 0, 0, |_, _| Ok(capabilities::misc(CapType::PIN_CTL))),
    builtin("SysCtl", 0, 0, |_, _| Ok(capabilities::misc(CapType::SYS_CTL))),
    builtin("KernLog", 0, 0, |_, _| Ok(capabilities::misc(CapType::KERN_LOG))),
    builtin("IoPerm", 0, 0, |_, _| Ok(capabilities::misc(CapType::IO_PRIV))),
    builtin("enter", 2, 2, capabilities::enter),
    builtin("AppInt", 2, 2, capabilities::app_int),
    builtin("readonly", 1, 1, capabilities::readonly),
    builtin("weaken", 1, 1, capabilities::weaken),
    builtin("noexec", 1, 1, capabilities::noexec),
    builtin("opaque", 1, 1, capabilities::opaque),
    builtin("nocall", 1, 1, capabilities::nocall),
    builtin("nocache", 1, 1, capabilities::nocache),
    builtin("guard", 2, 3, capabilities::guard),
    builtin("get_l2g", 1, 1, capabilities::get_l2g),
    builtin("get_match", 1, 1, capabilities::get_match),
    builtin("guarded_space", 3, 4, spaces::guarded_space),
    builtin("insert_subspace", 4, 5, spaces::insert_subspace),
    builtin("lookup_addr", 2, 2, spaces::lookup_addr),
    builtin("readfile", 2, 3, spaces::readfile),
    builtin("loadimage", 2, 2, spaces::loadimage),
    builtin("dup", 2, 2, objects::dup),
    builtin("fillpage", 2, 2, objects::fillpage),
    builtin("set_page_uint64", 3, 3, objects::set_page_uint64),
    Builtin { name: "doprint", shown: "doprint", least: 1, most: None, run: printing::doprint },
    builtin("print_space", 1, 1, printing::print_space),
    builtin("print_tree", 1, 1, printing::print_tree),
    builtin("dump_usage", 0, 0, printing::dump_usage),
    builtin("fatal", 1, 1, printing::fatal),
];

/// The names that `new` takes.
pub(crate) static CONSTRUCTORS: [Builtin; 6] = [
    constructor("Bank", "make_bank", objects::new_bank),
    constructor("CapPage", "make_cappage", objects::new_cap_page),
    constructor("GPT", "make_gpt", objects::new_gpt),
    constructor("Endpoint", "make_endpoint", objects::new_endpoint),
    constructor("Page", "make_page", objects::new_page),
    constructor("Process", "make_process", objects::new_process),
];

/// The names of the functions and constants, in no particular order. Those that `new` takes are in a separate
/// list.
pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|builtin| builtin.name).chain(["PrimeBank", "PrimeBankEndpoint"])
}

/// The names that `new` takes.
pub fn constructors() -> impl Iterator<Item = &'static str> {
    CONSTRUCTORS.iter().map(|builtin| builtin.name)
}

/// The scope around all modules.
pub(crate) fn scope(symbols: &mut Symbols, builder: &Builder) -> Names {
    let mut names = Names::default();
    let constant = Flags { constant: true, ..Flags::default() };
    for builtin in &FUNCTIONS {
        names.bind(symbols.of(builtin.name), Value::Builtin(builtin), constant);
    }
    let endpoint = builder.capability_to(CapType::ENDPOINT, 0);
    names.bind(symbols.of("PrimeBankEndpoint"), Value::Capability(endpoint), constant);
    names.bind(symbols.of("PrimeBank"), Value::Capability(builder.prime_bank()), constant);
    names
}

/// The arguments of a call.
pub(crate) struct Arguments<'a>(pub(crate) &'a [Value]);

impl Arguments<'_> {
    fn get(&self, index: usize) -> &Value {
        self.0.get(index).unwrap_or(&Value::Unit)
    }

    const fn has(&self, index: usize) -> bool {
        index < self.0.len()
    }

    /// Reports what is wrong with an argument.
    fn wrong<T>(index: usize, cause: Cause) -> Done<T> {
        Err(Fault { cause, argument: Some(index) })
    }

    fn mistyped<T>(&self, index: usize, expected: &'static str) -> Done<T> {
        Self::wrong(index, Cause::ArgumentType { expected, found: self.get(index).kind() })
    }

    fn integer(&self, index: usize) -> Done<&BigInt> {
        match self.get(index) {
            Value::Integer(number) => Ok(number),
            _ => self.mistyped(index, "an integer"),
        }
    }

    /// The lowest 64 bits of a non-negative number.
    fn word64(&self, index: usize) -> Done<u64> {
        let natural = natural(self.integer(index)?).or_else(|cause| Self::wrong(index, cause))?;
        Ok(natural.low64())
    }

    /// The lowest 32 bits of a non-negative number.
    fn word32(&self, index: usize) -> Done<u32> {
        let natural = natural(self.integer(index)?).or_else(|cause| Self::wrong(index, cause))?;
        Ok(natural.low32())
    }

    fn text(&self, index: usize) -> Done<&str> {
        match self.get(index) {
            Value::Text(raw) => Ok(raw),
            _ => self.mistyped(index, "a string"),
        }
    }

    fn capability(&self, index: usize) -> Done<Capability> {
        match self.get(index) {
            Value::Capability(cap) => Ok(*cap),
            _ => self.mistyped(index, "a capability"),
        }
    }

    /// A capability of a certain kind.
    fn capability_if(
        &self,
        index: usize,
        is: impl FnOnce(Capability) -> bool,
        expected: &'static str,
    ) -> Done<Capability> {
        let cap = self.capability(index)?;
        if is(cap) {
            Ok(cap)
        } else {
            Self::wrong(index, Cause::CapabilityType { expected, found: cap.cap_type() })
        }
    }

    /// An Entry to the endpoint of a bank.
    fn bank(&self, index: usize, context: &Context<'_>) -> Done<Capability> {
        let is_entry = |cap: Capability| cap.cap_type() == CapType::ENTRY;
        let cap = self.capability_if(index, is_entry, "the Entry of a bank")?;
        let state = context.library.endpoint(cap).or_else(|cause| Self::wrong(index, cause))?;
        let bank = usize::try_from(state.endpoint_id.wrapping_sub(1)).ok();
        let oid = bank.and_then(|bank| context.library.banks().get(bank));
        if oid == Some(&cap.oid()) {
            Ok(cap)
        } else {
            Self::wrong(index, Cause::BankRequired(cap.cap_type()))
        }
    }

    /// A capability that can be part of an address space, or Null.
    fn space(&self, index: usize) -> Done<Capability> {
        let cap = self.capability(index)?;
        let kind = cap.cap_type();
        if kind.is_memory() || kind == CapType::NULL {
            Ok(cap)
        } else {
            Self::wrong(index, Cause::SpaceRequired(kind))
        }
    }
}

impl Context<'_> {
    fn take(&mut self, steps: u64) -> Done<()> {
        self.meter.take(steps).map_err(|limit| Cause::Limit(limit).into())
    }

    fn print(&mut self, text: &str) -> Done<()> {
        self.host.print(text).map_err(|reason| Cause::Host(reason).into())
    }

    /// The file with a name, found by the host.
    fn file(&mut self, index: usize, arguments: &Arguments<'_>) -> Done<File> {
        let name = arguments.text(index)?;
        let found = if name.is_empty() { Ok(None) } else { self.host.file(name) };
        let cause = match found {
            Ok(Some(file)) => {
                self.take(file.bytes.len() as u64 / 64)?;
                return Ok(file);
            }
            Ok(None) => Cause::FileNotFound(String::from(name)),
            Err(reason) => Cause::FileUnreadable { name: String::from(name), reason },
        };
        Arguments::wrong(index, cause)
    }
}

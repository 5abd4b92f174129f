//! The language of recipes: a text file that builds an image, one call per line. docs/coyotos-image.md describes it.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::arch::Arch;
use crate::build::{BuildError, Builder, LoadError, SpaceWriter};
use crate::capability::{CapType, Capability, Restr};
use crate::object::{ObjectId, ObjectType, Slot};
use crate::space::{Leaf, SpaceError};

/// What a line did besides changing the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to report.
    Done,
    /// `elf`: where the program starts.
    Entry(u64),
    /// `leaf`: what is mapped at the address.
    Leaf(Leaf),
    /// `validate`: the image keeps the original's rules.
    Valid,
    /// `file`: the image was written.
    File {
        /// The name that the line gives.
        name: String,
        /// The uncompressed image.
        image: Vec<u8>,
    },
}

/// Why a line failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// No call has this name.
    UnknownCall(String),
    /// The call takes other arguments.
    Usage(&'static str),
    /// Not a number, or one too large for the field.
    Number(String),
    /// Bytes that are not pairs of hexadecimal digits.
    Hex(String),
    /// No architecture has this name.
    UnknownArch(String),
    /// There was no `arch` line yet.
    NoArch,
    /// A name that stands for nothing yet.
    UnknownName(String),
    /// No field has this name.
    UnknownField(String),
    /// The builder refused.
    Build(BuildError),
    /// The program was refused.
    Load(LoadError),
    /// A file could not be read.
    File {
        /// Its name.
        name: String,
        /// The reader's reason.
        reason: String,
    },
}

impl From<BuildError> for Cause {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

impl From<SpaceError> for Cause {
    fn from(error: SpaceError) -> Self {
        Self::Build(error.into())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCall(name) => {
                write!(f, "there is no call `{name}`; docs/coyotos-image.md lists all")
            }
            Self::Usage(usage) => write!(f, "expected `{usage}`"),
            Self::Number(text) => {
                write!(f, "`{text}` is not a number that fits here; write 12, 0xc, 0o14 or 0b1100")
            }
            Self::Hex(text) => write!(f, "`{text}` is not made of pairs of hexadecimal digits"),
            Self::UnknownArch(name) => {
                write!(f, "there is no architecture `{name}`; use i386, coldfire or arm")
            }
            Self::NoArch => f.write_str("a recipe begins with an `arch` line"),
            Self::UnknownName(name) => {
                write!(f, "nothing is called `{name}` yet; name an object that a line above made")
            }
            Self::UnknownField(name) => {
                write!(f, "there is no field `{name}` here; docs/coyotos-image.md lists them by call")
            }
            Self::Build(error) => error.fmt(f),
            Self::Load(error) => error.fmt(f),
            Self::File { name, reason } => write!(f, "{name}: {reason}"),
        }
    }
}

/// A line that failed: its number, counted from 1, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipeError {
    /// The line's number.
    pub line: usize,
    /// Why it failed.
    pub cause: Cause,
}

impl fmt::Display for RecipeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.cause)
    }
}

impl core::error::Error for RecipeError {}

/// Runs the lines of a recipe. `R` reads the file that an `elf` line names, or says why it cannot.
///
/// A line that fails changes nothing.
///
/// ```
/// use coyotos_image::recipe::{Interpreter, Outcome};
///
/// let mut recipe = Interpreter::new(|_: &str| Err("no files here".into()));
/// for line in ["arch i386", "page p prime", "add s prime null 0x5000 p 0"] {
///     recipe.line(line)?;
/// }
/// let Outcome::Leaf(leaf) = recipe.line("leaf s 0x5004")? else { unreachable!() };
/// assert_eq!((leaf.capability.oid(), leaf.offset), (1, 4));
/// # Ok::<(), coyotos_image::recipe::RecipeError>(())
/// ```
#[derive(Debug)]
pub struct Interpreter<R> {
    read: R,
    builder: Option<Builder>,
    names: BTreeMap<String, Capability>,
    lines: usize,
}

impl<R: FnMut(&str) -> Result<Vec<u8>, String>> Interpreter<R> {
    /// An interpreter before the first line.
    pub const fn new(read: R) -> Self {
        Self { read, builder: None, names: BTreeMap::new(), lines: 0 }
    }

    /// Runs a whole recipe, up to the first line that fails, and hands on what each line did.
    ///
    /// # Errors
    /// The first line that failed.
    pub fn run(&mut self, recipe: &str, mut report: impl FnMut(Outcome)) -> Result<(), RecipeError> {
        recipe.lines().try_for_each(|line| self.line(line).map(&mut report))
    }

    /// The image so far.
    pub const fn builder(&self) -> Option<&Builder> {
        self.builder.as_ref()
    }

    /// The image so far, to be written or changed.
    pub fn into_builder(self) -> Option<Builder> {
        self.builder
    }

    /// What a name stands for.
    pub fn name(&self, name: &str) -> Option<Capability> {
        self.names.get(name).copied()
    }

    /// Runs a line.
    ///
    /// # Errors
    /// [`RecipeError`]; nothing has changed but the count of lines.
    pub fn line(&mut self, line: &str) -> Result<Outcome, RecipeError> {
        self.lines = self.lines.saturating_add(1);
        // Editors on some systems begin a text file with a byte order mark.
        let line = if self.lines == 1 { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line };
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        self.call(&words).map_err(|cause| RecipeError { line: self.lines, cause })
    }

    fn call(&mut self, words: &[&str]) -> Result<Outcome, Cause> {
        match words {
            [] => Ok(Outcome::Done),
            [first, ..] if first.starts_with('#') => Ok(Outcome::Done),
            ["arch", name] => self.arch(name),
            ["arch", ..] => Err(Cause::Usage(usage("arch").unwrap_or_default())),
            [call, rest @ ..] => {
                let usage = usage(call).ok_or_else(|| Cause::UnknownCall((*call).to_string()))?;
                let builder = self.builder.as_mut().ok_or(Cause::NoArch)?;
                let mut calls = Calls { builder, names: &mut self.names, read: &mut self.read };
                calls.call(call, rest).unwrap_or(Err(Cause::Usage(usage)))
            }
        }
    }

    fn arch(&mut self, name: &str) -> Result<Outcome, Cause> {
        let arch = Arch::from_name(name).ok_or_else(|| Cause::UnknownArch(name.to_string()))?;
        let builder = Builder::new(arch);
        let endpoint = builder.capability_to(CapType::ENDPOINT, 0);
        self.names = [("null", Capability::NULL), ("prime", builder.prime_bank()), ("primeEP", endpoint)]
            .map(|(name, cap)| (name.to_string(), cap))
            .into();
        self.builder = Some(builder);
        Ok(Outcome::Done)
    }
}

/// How a call is written; `None` when there is none of the name.
fn usage(call: &str) -> Option<&'static str> {
    Some(match call {
        "arch" => "arch i386|coldfire|arm",
        "bank" => "bank NAME PARENT",
        "page" => "page NAME BANK",
        "cappage" => "cappage NAME BANK",
        "gpt" => "gpt NAME BANK",
        "endpoint" => "endpoint NAME BANK",
        "process" => "process NAME BANK",
        "cap" => "cap NAME TYPE [OID]",
        "copy" => "copy NAME FROM",
        "set" => "set NAME type|swizzled|restr|allocCount|pp|l2g|match|oid VALUE",
        "put" => "put OBJECT FIELD INDEX NAME",
        "get" => "get NAME OBJECT FIELD INDEX",
        "gptset" => "gptset GPT l2v|ha|bg VALUE",
        "epset" => "epset ENDPOINT pm|protPayload|endpointID VALUE",
        "procset" => "procset PROCESS runState|flags|notices|faultCode|faultInfo VALUE",
        "data" => "data PAGE OFFSET HEX",
        "guarded" => "guarded NAME BANK CAP OFFSET L2",
        "add" => "add NAME BANK SPACE ADDRESS CAP L2",
        "elf" => "elf NAME BANK FILE",
        "load" => "load NAME BANK FILE",
        "runnable" => "runnable NAME BANK SPACE PC",
        "constructor" => "constructor SPACE-NAME PROTO-NAME BANK SPACE PC [PROTO-FILE]",
        "emit" => "emit NAME BANK SPACE ADDRESS RESTR HEX",
        "symbols" => "symbols SPACE FILE",
        "leaf" => "leaf SPACE ADDRESS",
        "validate" => "validate",
        "file" => "file NAME",
        _ => return None,
    })
}

/// A number as the recipe language writes it.
fn number(text: &str) -> Result<u64, Cause> {
    let bad = || Cause::Number(text.to_string());
    let (digits, radix) = match text.get(..2) {
        Some("0x" | "0X") => (text.get(2..), 16),
        Some("0o" | "0O") => (text.get(2..), 8),
        Some("0b" | "0B") => (text.get(2..), 2),
        _ => (Some(text), 10),
    };
    let digits = digits.filter(|digits| digits.starts_with(|first: char| first.is_ascii_hexdigit()));
    u64::from_str_radix(digits.ok_or_else(bad)?, radix).map_err(|_| bad())
}

/// The lowest bits of a number: fields take as many as they have, as the original does.
fn low32(value: u64) -> u32 {
    let [a, b, c, d, ..] = value.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

fn low8(value: u64) -> u8 {
    let [low, ..] = value.to_le_bytes();
    low
}

fn hex(text: &str) -> Result<Vec<u8>, Cause> {
    let bad = || Cause::Hex(text.to_string());
    let digit = |digit: &u8| char::from(*digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Ok(digit(high).ok_or_else(bad)? << 4 | digit(low).ok_or_else(bad)?),
            _ => Err(bad()),
        })
        .collect()
}

struct Calls<'a, R> {
    builder: &'a mut Builder,
    names: &'a mut BTreeMap<String, Capability>,
    read: &'a mut R,
}

impl<R: FnMut(&str) -> Result<Vec<u8>, String>> Calls<'_, R> {
    /// A capability by its name; a name that stands for nothing stands for Null.
    fn cap(&self, name: &str) -> Capability {
        self.names.get(name).copied().unwrap_or_default()
    }

    /// An object by its name.
    fn object(&self, name: &str) -> Result<Capability, Cause> {
        self.names.get(name).copied().ok_or_else(|| Cause::UnknownName(name.to_string()))
    }

    fn bind(&mut self, name: &str, cap: Capability) -> Result<Outcome, Cause> {
        self.names.insert(name.to_string(), cap);
        Ok(Outcome::Done)
    }

    fn l2(text: &str) -> Result<u32, Cause> {
        u32::try_from(number(text)?).map_err(|_| Cause::Number(text.to_string()))
    }

    /// The slot that a `put` or `get` names. The field counts for processes only, as in the original.
    fn slot(object: Capability, field: &str, index: &str) -> Result<Slot, Cause> {
        let index = Self::l2(index)?;
        match ObjectId::of(object).map(|id| id.object_type) {
            Some(ObjectType::Gpt | ObjectType::CapPage) => Ok(Slot::Index(index)),
            Some(ObjectType::Endpoint) => Ok(Slot::Recipient),
            _ => Slot::from_name(field, index).ok_or_else(|| Cause::UnknownField(field.to_string())),
        }
    }

    /// Runs a call; `None` when it takes other arguments.
    fn call(&mut self, call: &str, words: &[&str]) -> Option<Result<Outcome, Cause>> {
        Some(match (call, words) {
            ("bank", [name, parent]) => {
                let parent = self.cap(parent);
                self.builder.alloc_bank(parent).map_err(Cause::from).and_then(|cap| self.bind(name, cap))
            }
            ("page", [name, bank]) => self.alloc(name, ObjectType::Page, bank),
            ("cappage", [name, bank]) => self.alloc(name, ObjectType::CapPage, bank),
            ("gpt", [name, bank]) => self.alloc(name, ObjectType::Gpt, bank),
            ("endpoint", [name, bank]) => self.alloc(name, ObjectType::Endpoint, bank),
            ("process", [name, bank]) => self.alloc(name, ObjectType::Process, bank),
            ("cap", [name, cap_type]) => self.make(name, cap_type, "0"),
            ("cap", [name, cap_type, oid]) => self.make(name, cap_type, oid),
            ("copy", [name, from]) => self.bind(name, self.cap(from)),
            ("set", [name, field, value]) => self.set(name, field, value),
            ("put", [object, field, index, name]) => self.put(object, field, index, name),
            ("get", [name, object, field, index]) => self.get(name, object, field, index),
            ("gptset", [gpt, field, value]) => self.gptset(gpt, field, value),
            ("epset", [endpoint, field, value]) => self.epset(endpoint, field, value),
            ("procset", [process, field, value]) => self.procset(process, field, value),
            ("data", [page, offset, bytes]) => self.data(page, offset, bytes),
            ("guarded", [name, bank, cap, offset, l2]) => self.guarded(name, bank, cap, offset, l2),
            ("add", [name, bank, space, address, cap, l2]) => self.add(name, (bank, space), address, cap, l2),
            ("elf", [name, bank, file]) => self.elf(name, bank, file),
            ("load", [name, bank, file]) => self.load(name, bank, file),
            ("runnable", [name, bank, space, pc]) => self.runnable(name, bank, space, pc),
            ("constructor", [name, proto, bank, space, pc]) => {
                self.constructor((name, proto), bank, space, pc, None)
            }
            ("constructor", [name, proto, bank, space, pc, file]) => {
                self.constructor((name, proto), bank, space, pc, Some(file))
            }
            ("emit", [name, bank, space, address, restr, bytes]) => {
                self.emit(name, (bank, space), address, restr, bytes)
            }
            ("symbols", [space, file]) => self.symbols(space, file),
            ("leaf", [space, address]) => self.leaf(space, address),
            ("validate", []) => self.builder.validate().map(|()| Outcome::Valid).map_err(Cause::from),
            ("file", [name]) => {
                let image = self.builder.to_vec();
                image.map(|image| Outcome::File { name: (*name).to_string(), image }).map_err(Cause::from)
            }
            _ => return None,
        })
    }

    fn alloc(&mut self, name: &str, object_type: ObjectType, bank: &str) -> Result<Outcome, Cause> {
        let cap = self.builder.alloc(object_type, self.cap(bank))?;
        self.bind(name, cap)
    }

    fn make(&mut self, name: &str, cap_type: &str, oid: &str) -> Result<Outcome, Cause> {
        let number_of = u8::try_from(number(cap_type)?).ok().and_then(CapType::new);
        let kind = number_of.ok_or_else(|| Cause::Number(cap_type.to_string()))?;
        let cap = self.builder.capability_to(kind, number(oid)?);
        self.bind(name, cap)
    }

    fn set(&mut self, name: &str, field: &str, value: &str) -> Result<Outcome, Cause> {
        let (mut cap, value) = (self.cap(name), number(value)?);
        match field {
            "type" => cap.set_type(CapType::new(low8(value & 0x3f)).unwrap_or(CapType::NULL)),
            "swizzled" => cap.set_swizzled(value & 1 != 0),
            "restr" => cap.set_restr(Restr::from_bits(low8(value))),
            "allocCount" => cap.set_alloc_count(low32(value)),
            "pp" => cap.set_prot_payload(low32(value)),
            "l2g" => cap.set_l2g(low8(value)),
            "match" => cap.set_guard_match(low32(value)),
            "oid" => cap.set_oid(value),
            _ => return Err(Cause::UnknownField(field.to_string())),
        }
        self.bind(name, cap)
    }

    fn put(&mut self, object: &str, field: &str, index: &str, name: &str) -> Result<Outcome, Cause> {
        let object = self.object(object)?;
        let slot = Self::slot(object, field, index)?;
        self.builder.set_capability(object, slot, self.cap(name))?;
        Ok(Outcome::Done)
    }

    fn get(&mut self, name: &str, object: &str, field: &str, index: &str) -> Result<Outcome, Cause> {
        let object = self.object(object)?;
        let cap = self.builder.capability(object, Self::slot(object, field, index)?)?;
        self.bind(name, cap)
    }

    fn gptset(&mut self, gpt: &str, field: &str, value: &str) -> Result<Outcome, Cause> {
        let (gpt, value) = (self.object(gpt)?, number(value)?);
        let mut state = self.builder.gpt(gpt)?;
        match field {
            "l2v" => state.l2v = low8(value & 0x3f),
            "ha" => state.ha = value & 1 != 0,
            "bg" => state.bg = value & 1 != 0,
            _ => return Err(Cause::UnknownField(field.to_string())),
        }
        self.builder.set_gpt(gpt, state)?;
        Ok(Outcome::Done)
    }

    fn epset(&mut self, endpoint: &str, field: &str, value: &str) -> Result<Outcome, Cause> {
        let (endpoint, value) = (self.object(endpoint)?, number(value)?);
        // An Entry names its endpoint, and will do.
        let mut target = endpoint;
        if target.cap_type() == CapType::ENTRY {
            target.set_type(CapType::ENDPOINT);
        }
        let mut state = self.builder.endpoint(target)?;
        match field {
            "pm" => state.pm = value & 1 != 0,
            "protPayload" => state.prot_payload = low32(value),
            "endpointID" => state.endpoint_id = value,
            _ => return Err(Cause::UnknownField(field.to_string())),
        }
        self.builder.set_endpoint(target, state)?;
        Ok(Outcome::Done)
    }

    fn procset(&mut self, process: &str, field: &str, value: &str) -> Result<Outcome, Cause> {
        let (process, value) = (self.object(process)?, number(value)?);
        let mut state = self.builder.process(process)?;
        match field {
            "runState" => state.run_state = low8(value),
            "flags" => {
                let [low, high, ..] = value.to_le_bytes();
                state.flags = u16::from_le_bytes([low, high]);
            }
            "notices" => state.notices = low32(value),
            "faultCode" => state.fault_code = low32(value),
            "faultInfo" => state.fault_info = value,
            _ => return Err(Cause::UnknownField(field.to_string())),
        }
        self.builder.set_process(process, state)?;
        Ok(Outcome::Done)
    }

    fn data(&mut self, page: &str, offset: &str, bytes: &str) -> Result<Outcome, Cause> {
        let page = self.object(page)?;
        self.builder.write_page(page, number(offset)?, &hex(bytes)?)?;
        Ok(Outcome::Done)
    }

    fn guarded(
        &mut self,
        name: &str,
        bank: &str,
        cap: &str,
        offset: &str,
        l2: &str,
    ) -> Result<Outcome, Cause> {
        let (bank, cap) = (self.cap(bank), self.cap(cap));
        let cap = self.builder.guarded(bank, cap, number(offset)?, Self::l2(l2)?)?;
        self.bind(name, cap)
    }

    fn add(
        &mut self,
        name: &str,
        (bank, space): (&str, &str),
        address: &str,
        cap: &str,
        l2: &str,
    ) -> Result<Outcome, Cause> {
        let (bank, space, cap) = (self.cap(bank), self.cap(space), self.cap(cap));
        let root = self.builder.add(bank, space, number(address)?, cap, Self::l2(l2)?)?;
        self.bind(name, root)
    }

    fn read_file(&mut self, file: &str) -> Result<Vec<u8>, Cause> {
        (self.read)(file).map_err(|reason| Cause::File { name: file.to_string(), reason })
    }

    /// The default loader, which checks every bound.
    fn load(&mut self, name: &str, bank: &str, file: &str) -> Result<Outcome, Cause> {
        let bytes = self.read_file(file)?;
        let loaded = self.builder.load_elf(self.cap(bank), &bytes).map_err(Cause::Load)?;
        self.bind(name, loaded.space)?;
        Ok(Outcome::Entry(loaded.entry))
    }

    fn runnable(&mut self, name: &str, bank: &str, space: &str, pc: &str) -> Result<Outcome, Cause> {
        let process = self.builder.runnable_process(self.cap(bank), self.cap(space), number(pc)?)?;
        self.bind(name, process)
    }

    /// What a constructor takes: the space, and the page of the `ProtoSpace`.
    fn constructor(
        &mut self,
        (name, proto_name): (&str, &str),
        bank: &str,
        space: &str,
        pc: &str,
        file: Option<&str>,
    ) -> Result<Outcome, Cause> {
        let arch = self.builder.arch();
        let proto = match file {
            Some(file) => {
                let elf = self.read_file(file)?;
                Some(Builder::proto_space_of_elf(arch, &elf).map_err(Cause::Load)?)
            }
            None => None,
        };
        let (bank, space) = (self.cap(bank), self.cap(space));
        let form = self.builder.constructor_form(bank, space, number(pc)?, proto.as_deref())?;
        self.bind(name, form.space)?;
        self.bind(proto_name, form.proto_space)
    }

    fn emit(
        &mut self,
        name: &str,
        (bank, space): (&str, &str),
        address: &str,
        restr: &str,
        bytes: &str,
    ) -> Result<Outcome, Cause> {
        let (bank, space) = (self.cap(bank), self.cap(space));
        let (address, restr, bytes) = (number(address)?, number(restr)?, hex(bytes)?);
        let mut writer = SpaceWriter::extend(self.builder, bank, space);
        writer.rights(Restr::from_bits(low8(restr)));
        writer.write(address, &bytes)?;
        let (root, _) = writer.finish();
        self.bind(name, root)
    }

    /// Keeps the symbols of a program for a space.
    fn symbols(&mut self, space: &str, file: &str) -> Result<Outcome, Cause> {
        let bytes = self.read_file(file)?;
        let space = self.object(space)?;
        self.builder.keep_symbols(&bytes, space, None).map_err(Cause::Load)?;
        Ok(Outcome::Done)
    }

    fn elf(&mut self, name: &str, bank: &str, file: &str) -> Result<Outcome, Cause> {
        let bytes = self.read_file(file)?;
        let loaded = self.builder.load_elf_compat(self.cap(bank), &bytes).map_err(Cause::Load)?;
        self.bind(name, loaded.space)?;
        Ok(Outcome::Entry(loaded.entry))
    }

    fn leaf(&mut self, space: &str, address: &str) -> Result<Outcome, Cause> {
        Ok(Outcome::Leaf(self.builder.leaf(self.cap(space), number(address)?)?))
    }
}

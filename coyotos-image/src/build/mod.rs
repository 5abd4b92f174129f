//! Building an image: objects, their fields and capabilities, address spaces.

mod error;
mod journal;
#[cfg(feature = "elf")]
mod keep_symbols;
#[cfg(feature = "elf")]
mod load;
#[cfg(feature = "elf")]
mod load_compat;
mod map;
mod objects;
mod process;
mod read_back;
mod space_writer;
mod symbols;
mod validate;
mod write;

use alloc::alloc::{Layout, handle_alloc_error};
use alloc::vec::Vec;

pub use error::BuildError;
use journal::Journal;
#[cfg(feature = "elf")]
pub use load::{LoadError, LoadedElf};
pub use process::{CAP_STACK_SLOT, ConstructorForm, PROTO_CODE, STACK_SLOT, SmallModelFlaw, TEXT_SLOT};
pub use space_writer::SpaceWriter;
use symbols::SymbolTableBuilder;

use crate::arch::Arch;
use crate::capability::{CapType, Capability};
use crate::check::Rules;
use crate::image::Bank;
use crate::object::{EndpointAttrs, GptAttrs, ObjectType, ProcessAttrs};
use crate::space::SpaceError;
use crate::try_vec::{copy, copy_of, push, zeros};
use crate::wire::{CAP_REGS, GPT_SLOTS, Packing};

/// An object and the bank to which it is charged.
#[derive(Clone, Debug)]
struct Charged<T> {
    bank: u64,
    object: T,
}

#[derive(Clone, Debug)]
struct Gpt {
    state: GptAttrs,
    caps: [Capability; GPT_SLOTS],
}

#[derive(Clone, Copy, Debug)]
struct Endpoint {
    state: EndpointAttrs,
    recipient: Capability,
}

/// The capabilities of a process, in file order.
const PROCESS_CAPS: usize = 6 + CAP_REGS;

#[derive(Clone, Debug)]
struct Process {
    state: ProcessAttrs,
    caps: [Capability; PROCESS_CAPS],
}

/// Builds an image, or modifies one that was read.
///
/// Every object is charged to a bank, which is given as a capability: [`prime_bank`](Self::prime_bank) or one
/// from [`alloc_bank`](Self::alloc_bank). Objects are identified by the capabilities that the builder
/// returns. A call that fails leaves the builder unchanged.
///
/// Every call that needs memory returns [`SpaceError::OutOfMemory`] when it runs out. The exceptions are
/// [`new`](Self::new) and `clone`, which behave as Rust's collections do; [`try_new`](Self::try_new) is the
/// fallible alternative.
///
/// ```
/// use coyotos_image::{Arch, Builder, Options, Restr, Image};
///
/// let mut builder = Builder::new(Arch::I386);
/// let bank = builder.prime_bank();
/// let mut code = builder.page_with(bank, &[0xf4])?;
/// code.set_restr(Restr::RO);
/// let space = builder.add(bank, coyotos_image::Capability::NULL, 0x1000, code, 0)?;
/// builder.runnable_process(bank, space, 0x1000)?;
/// let bytes = builder.to_vec()?;
/// assert_eq!(Image::parse(&bytes, Options::default())?.header().n_proc, 1);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Builder {
    arch: Arch,
    packing: Packing,
    /// The rules by which capabilities are checked before the image is written.
    rules: Rules,
    /// Page 0, which will hold the header, and the user's pages. `None` is a page of zeros.
    pages: Vec<Charged<Option<Vec<u8>>>>,
    cap_pages: Vec<Charged<Vec<Capability>>>,
    gpts: Vec<Charged<Gpt>>,
    endpoints: Vec<Charged<Endpoint>>,
    processes: Vec<Charged<Process>>,
    banks: Vec<Bank>,
    symbols: SymbolTableBuilder,
    journal: Journal,
}

impl Builder {
    /// An image with page 0 and the prime bank. If there is no memory for these, the program aborts as it
    /// does when a `Vec` cannot grow: see [`try_new`](Self::try_new).
    pub fn new(arch: Arch) -> Self {
        Self::try_new(arch).unwrap_or_else(|_| handle_alloc_error(Layout::new::<Charged<Endpoint>>()))
    }

    /// An image with page 0 and the prime bank.
    ///
    /// # Errors
    /// [`SpaceError::OutOfMemory`].
    pub fn try_new(arch: Arch) -> Result<Self, SpaceError> {
        let mut builder = Self::empty(arch, Packing::AsWritten);
        push(&mut builder.pages, Charged { bank: 0, object: None })?;
        let state = EndpointAttrs { endpoint_id: 1, ..EndpointAttrs::default() };
        let object = Endpoint { state, recipient: Capability::NULL };
        push(&mut builder.endpoints, Charged { bank: 0, object })?;
        push(&mut builder.banks, Bank { endpoint_oid: 0, parent: 0 })?;
        Ok(builder)
    }

    fn empty(arch: Arch, packing: Packing) -> Self {
        Self {
            arch,
            packing,
            rules: Rules::Reference,
            pages: Vec::new(),
            cap_pages: Vec::new(),
            gpts: Vec::new(),
            endpoints: Vec::new(),
            processes: Vec::new(),
            banks: Vec::new(),
            symbols: SymbolTableBuilder::default(),
            journal: Journal::default(),
        }
    }

    /// Chooses how bit-fields are packed into words; relevant only for big-endian targets.
    #[must_use]
    pub fn with_packing(mut self, packing: Packing) -> Self {
        self.packing = packing;
        self
    }

    /// Chooses the rules by which capabilities are checked before the image is written:
    /// [`Reference`](Rules::Reference) by default, except for an image that was read.
    #[must_use]
    pub fn with_rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// The architecture.
    pub const fn arch(&self) -> Arch {
        self.arch
    }

    /// How bit-fields are packed into words.
    pub const fn packing(&self) -> Packing {
        self.packing
    }

    /// Number of objects of a kind. For pages: page 0 and the allocated ones, without tables.
    pub fn count(&self, object_type: ObjectType) -> u64 {
        let len = match object_type {
            ObjectType::Page => self.pages.len(),
            ObjectType::CapPage => self.cap_pages.len(),
            ObjectType::Gpt => self.gpts.len(),
            ObjectType::Process => self.processes.len(),
            ObjectType::Endpoint => self.endpoints.len(),
        };
        len as u64
    }

    /// A capability as the original makes it: see [`Capability::new`].
    pub const fn capability_to(&self, cap_type: CapType, oid: u64) -> Capability {
        Capability::new(cap_type, self.arch.page_size_log2(), oid)
    }

    /// The Entry of bank 0.
    pub const fn prime_bank(&self) -> Capability {
        self.capability_to(CapType::ENTRY, 0)
    }

    /// The index of the bank that a capability refers to: its Entry, or an Endpoint capability to its
    /// endpoint.
    fn bank_index(&self, bank: Capability) -> Result<u64, SpaceError> {
        let cap_type = bank.cap_type();
        if cap_type != CapType::ENTRY && cap_type != CapType::ENDPOINT {
            return Err(SpaceError::NotABank(cap_type));
        }
        let endpoint = usize::try_from(bank.oid()).ok().and_then(|oid| self.endpoints.get(oid));
        let missing =
            SpaceError::NoSuchObject { cap_type, oid: bank.oid(), count: self.count(ObjectType::Endpoint) };
        // Modulo 2^64, as in the original.
        Ok(endpoint.ok_or(missing)?.object.state.endpoint_id.wrapping_sub(1))
    }

    /// Allocates a bank below another.
    ///
    /// # Errors
    /// [`SpaceError::NotABank`], [`SpaceError::NoSuchObject`], [`SpaceError::TooMany`], [`SpaceError::OutOfMemory`].
    pub fn alloc_bank(&mut self, parent: Capability) -> Result<Capability, SpaceError> {
        let parent = self.bank_index(parent)?;
        let bank = self.banks.len() as u64;
        let endpoint_id = bank.checked_add(1).ok_or(SpaceError::TooMany)?;
        let state = EndpointAttrs { endpoint_id, ..EndpointAttrs::default() };
        let oid = room(self.endpoints.len())?;
        let object = Endpoint { state, recipient: Capability::NULL };
        self.atomically(|builder| {
            push(&mut builder.endpoints, Charged { bank, object })?;
            push(&mut builder.banks, Bank { endpoint_oid: oid, parent })
        })?;
        let mut entry = Capability::NULL;
        entry.set_type(CapType::ENTRY);
        entry.set_oid(oid);
        Ok(entry)
    }

    /// Allocates an object, charged to a bank. It is all zero; each slot of a GPT covers a page.
    ///
    /// # Errors
    /// Those of [`alloc_bank`](Self::alloc_bank).
    pub fn alloc(&mut self, object_type: ObjectType, bank: Capability) -> Result<Capability, SpaceError> {
        let bank = self.bank_index(bank)?;
        let count = usize::try_from(self.count(object_type)).map_err(|_| SpaceError::TooMany)?;
        let oid = room(count)?;
        match object_type {
            ObjectType::Page => push(&mut self.pages, Charged { bank, object: None })?,
            ObjectType::CapPage => {
                let slots = ObjectType::CapPage.slot_count(self.arch.page_size());
                let slots = usize::try_from(slots).map_err(|_| SpaceError::TooMany)?;
                let object = zeros(slots)?;
                push(&mut self.cap_pages, Charged { bank, object })?;
            }
            ObjectType::Gpt => {
                let state = GptAttrs { l2v: self.arch.page_size_log2(), ha: false, bg: false };
                let object = Gpt { state, caps: [Capability::NULL; GPT_SLOTS] };
                push(&mut self.gpts, Charged { bank, object })?;
            }
            ObjectType::Endpoint => {
                let object = Endpoint { state: EndpointAttrs::default(), recipient: Capability::NULL };
                push(&mut self.endpoints, Charged { bank, object })?;
            }
            ObjectType::Process => {
                let object =
                    Process { state: ProcessAttrs::default(), caps: [Capability::NULL; PROCESS_CAPS] };
                push(&mut self.processes, Charged { bank, object })?;
            }
        }
        Ok(self.capability_to(object_type.cap_type(), oid))
    }

    /// Charges an object to the bank with an index, even if there is no such bank: [`check`](crate::check())
    /// reports it. For rebuilding an image from its parts.
    ///
    /// # Errors
    /// [`SpaceError::WrongType`] for a capability that is not to an object, [`SpaceError::NoSuchObject`].
    pub fn charge(&mut self, object: Capability, bank: u64) -> Result<(), SpaceError> {
        let found = object.cap_type();
        let wrong = SpaceError::WrongType { found, expected: CapType::PAGE };
        let object_type = ObjectType::from_cap_type(found).ok_or(wrong)?;
        let index = self.index(object, object_type)?;
        let charged = match object_type {
            ObjectType::Page => self.pages.get_mut(index).map(|object| &mut object.bank),
            ObjectType::CapPage => self.cap_pages.get_mut(index).map(|object| &mut object.bank),
            ObjectType::Gpt => self.gpts.get_mut(index).map(|object| &mut object.bank),
            ObjectType::Process => self.processes.get_mut(index).map(|object| &mut object.bank),
            ObjectType::Endpoint => self.endpoints.get_mut(index).map(|object| &mut object.bank),
        };
        if let Some(charged) = charged {
            *charged = bank;
        }
        Ok(())
    }

    /// Replaces the bank table. The endpoints and parents that it refers to are not checked:
    /// [`check`](crate::check()) does that.
    ///
    /// # Errors
    /// [`SpaceError::TooMany`] for more records than 32 bits can count.
    pub fn set_banks(&mut self, banks: Vec<Bank>) -> Result<(), SpaceError> {
        room(banks.len())?;
        self.banks = banks;
        Ok(())
    }

    /// Allocates a page that begins with these bytes and is zero after them.
    ///
    /// # Errors
    /// Those of [`alloc`](Self::alloc), and [`BuildError::PastEnd`] for more bytes than a page has.
    pub fn page_with(&mut self, bank: Capability, bytes: &[u8]) -> Result<Capability, BuildError> {
        let object = if bytes.is_empty() { None } else { Some(self.page_contents(0, bytes)?) };
        let page = self.alloc(ObjectType::Page, bank)?;
        if let Some(last) = self.pages.last_mut() {
            last.object = object;
        }
        Ok(page)
    }

    /// A page's worth of bytes: these from `offset` on, and zeros around them.
    fn page_contents(&self, offset: usize, bytes: &[u8]) -> Result<Vec<u8>, BuildError> {
        let page_size = self.page_len();
        let end = offset.saturating_add(bytes.len());
        if end > page_size {
            return Err(BuildError::PastEnd { end: end as u64, size: page_size as u64 });
        }
        if bytes.len() == page_size {
            return Ok(copy_of(bytes)?);
        }
        let mut contents = zeros(page_size)?;
        copy(bytes, contents.get_mut(offset..).unwrap_or_default());
        Ok(contents)
    }

    fn page_len(&self) -> usize {
        usize::try_from(self.arch.page_size()).unwrap_or(usize::MAX)
    }
}

/// The OID of the next object, if it can be counted.
fn room(count: usize) -> Result<u64, SpaceError> {
    // The count itself must fit, so the last OID is one below.
    u32::try_from(count).ok().filter(|&count| count < u32::MAX).map(u64::from).ok_or(SpaceError::TooMany)
}

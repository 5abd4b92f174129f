//! For `cargo xtask prove` only: functions of the format crates that no function of the headers calls by
//! itself, so that their machine code is proved too.

use core::cell::Cell;

use ::aout_minix::compress::in_place_distance;
use ::aout_minix::minix2::{self, WordSize};
use ::aout_minix::{ElksSymbols, NlistSymbols, TableError, TableFault};
use coyotos_image::space::{self, GptSource};
use coyotos_image::{Capability, GptAttrs};
use execfmt_common::ByteOrder;
use os2_ne::{Image, NeFinding};

use crate::aout_minix::{execfmt_aout, header};
use crate::coyotos_image::space_status;
use crate::memory::{caller, status};
use crate::status::{EXECFMT_E_ARGUMENT, EXECFMT_END, EXECFMT_OK, execfmt_status};

/// The memory that Minix 2 gives a program, in clicks.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_proof_minix2 {
    /// The text, if it is separate.
    pub text: u32,
    /// Data and bss, and text if it is not separate.
    pub data: u32,
    /// Everything except separate text.
    pub total: u32,
    /// The gap between data and stack.
    pub gap: u32,
    /// File offset of the text, in bytes.
    pub text_offset: u32,
}

/// `aout_minix::minix2::exec`.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_proof_minix2_exec(
    aout: *const execfmt_aout,
    bits: u32,
    click_size: u32,
    layout: *mut execfmt_proof_minix2,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let word_size = match bits {
            16 => WordSize::Bits16,
            32 => WordSize::Bits32,
            _ => return Err(EXECFMT_E_ARGUMENT),
        };
        let header = header(&caller.read(aout)?)?;
        let found = minix2::exec(&header, word_size, click_size).map_err(|refusal| refusal.rule.number())?;
        let minix2::Layout { text_clicks, data_clicks, total_clicks, gap_clicks, text_offset } = found;
        let layout_of = execfmt_proof_minix2 {
            text: text_clicks,
            data: data_clicks,
            total: total_clicks,
            gap: gap_clicks,
            text_offset: text_offset.into(),
        };
        caller.write(layout, layout_of)
    })
}

/// What `aout_minix::compress::decode_in_place` checks during each item.
#[unsafe(no_mangle)]
pub extern "C" fn execfmt_proof_in_place(inp: usize, first_out: usize, last_out: usize) -> execfmt_status {
    status(|| in_place_distance(inp, first_out, last_out).map_err(|refusal| refusal.rule.number()))
}

/// A capability as it is in an image.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_proof_capability {
    /// OID or offset.
    pub oid: u64,
    /// Type, restrictions and so on.
    pub word0: u32,
    /// Payload or guard.
    pub word1: u32,
}

impl execfmt_proof_capability {
    const fn get(self) -> Capability {
        Capability::from_words(self.word0, self.word1, self.oid)
    }
}

/// GPTs that are all alike.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_proof_gpts {
    /// Their number.
    pub count: u64,
    /// The contents of each of their slots.
    pub slot: execfmt_proof_capability,
    /// The binary logarithm of the number of bytes that a slot covers.
    pub l2v: u8,
    /// Whether there is a handler.
    pub ha: u8,
    /// Whether there is a background.
    pub bg: u8,
    /// Any value.
    pub reserved: [u8; 5],
}

/// What is mapped at an address.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_proof_leaf {
    /// The leaf.
    pub oid: u64,
    /// The address in it.
    pub offset: u64,
    /// Its first word.
    pub word0: u32,
    /// Its second word.
    pub word1: u32,
    /// The restrictions.
    pub restr: u32,
    /// The slot examined last; all ones for none.
    pub slot: u32,
}

struct Alike {
    gpts: execfmt_proof_gpts,
    last: Cell<u32>,
}

impl GptSource for Alike {
    fn gpt_state(&self, oid: u64) -> Option<GptAttrs> {
        let execfmt_proof_gpts { count, l2v, ha, bg, .. } = self.gpts;
        (oid < count).then_some(GptAttrs { l2v, ha: ha != 0, bg: bg != 0 })
    }

    fn gpt_slot(&self, _: u64, slot: u32) -> Option<Capability> {
        self.last.set(slot);
        Some(self.gpts.slot.get())
    }

    fn gpt_count(&self) -> u64 {
        self.gpts.count
    }
}

/// `coyotos_image::space::leaf`, where all GPTs are alike.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_proof_coyotos_leaf(
    root: *const execfmt_proof_capability,
    address: u64,
    gpts: *const execfmt_proof_gpts,
    leaf: *mut execfmt_proof_leaf,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let source = Alike { gpts: caller.read(gpts)?, last: Cell::new(u32::MAX) };
        let found = space::leaf(&source, caller.read(root)?.get(), address).map_err(space_status)?;
        let (word0, word1, oid) = found.capability.words();
        let restr = found.restr.bits().into();
        let (offset, slot) = (found.offset, source.last.get());
        caller.write(leaf, execfmt_proof_leaf { oid, offset, word0, word1, restr, slot })
    })
}

/// The first relocation of a segment, and the state of its reader afterwards.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_proof_ne_relocation {
    /// File offset of the record, in bytes.
    pub offset: u64,
    /// File offset of the next one.
    pub next: u64,
    /// Number of relocations left by the count in the file.
    pub left: u32,
    /// Fields of the record.
    pub source_type: u32,
    /// Flags of the record.
    pub flags: u32,
    /// Offset of the changed bytes in the segment.
    pub source_offset: u32,
    /// The number of the target.
    pub target_segment: u32,
    /// The offset in the target.
    pub target_offset: u32,
    /// Whether ELKS supports relocations of this kind.
    pub known: u32,
    /// The result for the next one: EXECFMT_OK for a record, else why there is none.
    pub second: execfmt_status,
}

/// Two steps of `os2_ne::Relocations`.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_proof_ne_relocations(
    bytes: *const u8,
    length: usize,
    number: u32,
    relocation: *mut execfmt_proof_ne_relocation,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let refused = |refusal: NeFinding| refusal.rule.number();
        let image = Image::parse(caller.values(bytes, length)?).map_err(refused)?;
        let segment = u16::try_from(number).ok().and_then(|number| image.segment(number));
        let mut relocations = segment.ok_or(EXECFMT_E_ARGUMENT)?.relocations();
        let (offset, record) = relocations.next().ok_or(EXECFMT_END)?.map_err(refused)?;
        let (next, left) = (relocations.offset(), relocations.left().into());
        let second =
            relocations.next().map_or(EXECFMT_END, |second| second.map_or_else(refused, |_| EXECFMT_OK));
        let found = execfmt_proof_ne_relocation {
            offset,
            next,
            left,
            source_type: record.source_type.into(),
            flags: record.flags.into(),
            source_offset: record.source_offset.get().into(),
            target_segment: record.target_segment.into(),
            target_offset: record.target_offset.get().into(),
            known: record.known().is_ok().into(),
            second,
        };
        caller.write(relocation, found)
    })
}

/// A symbol of a table, or the fault that ends the table.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct execfmt_proof_symbol {
    /// Where its name begins, or all of its entries do, in bytes (0 if empty); for a fault its offset in the table.
    pub offset: u64,
    /// Number of bytes there.
    pub length: u64,
    /// Number of bytes that the record would need; 0 for a symbol.
    pub needed: u64,
    /// The value.
    pub value: u32,
    /// The letter, the storage class, or type and storage class.
    pub class: u32,
    /// The number of its first entry.
    pub index: u32,
    /// 0 for a symbol, else which fault it is, from 1.
    pub fault: u32,
}

impl From<TableError> for execfmt_proof_symbol {
    fn from(error: TableError) -> Self {
        let fault = match error.fault {
            TableFault::PartialRecord => 1,
            TableFault::Unterminated => 2,
            TableFault::TrailingBytes => 3,
            _ => u32::MAX,
        };
        Self { offset: error.offset, length: error.left, needed: error.needed, fault, ..Self::default() }
    }
}

/// Where a part of a file begins, in bytes; 0 for an empty one, which need not be in the file.
fn place(file: &[u8], part: &[u8]) -> u64 {
    let offset = part.as_ptr().addr().wrapping_sub(file.as_ptr().addr());
    if part.is_empty() { 0 } else { offset as u64 }
}

/// The first item of an iterator, or the second one, which shows what the first has left.
fn step<T>(mut items: impl Iterator<Item = T>, number: u32) -> Option<T> {
    let first = items.next();
    if number == 0 { first } else { items.next() }
}

/// A step of `aout_minix::ElksSymbols`.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_proof_elks_symbol(
    table: *const u8,
    length: usize,
    number: u32,
    symbol: *mut execfmt_proof_symbol,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let table = caller.values(table, length)?;
        let found = match step(ElksSymbols::new(table), number).ok_or(EXECFMT_END)? {
            Err(error) => error.into(),
            Ok(found) => execfmt_proof_symbol {
                offset: place(table, found.name),
                length: found.name.len() as u64,
                value: found.addr.into(),
                class: found.letter.into(),
                ..Default::default()
            },
        };
        caller.write(symbol, found)
    })
}

/// A step of `aout_minix::NlistSymbols`.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_proof_nlist_symbol(
    table: *const u8,
    length: usize,
    big: u32,
    number: u32,
    symbol: *mut execfmt_proof_symbol,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let table = caller.values(table, length)?;
        let order = if big == 0 { ByteOrder::Little } else { ByteOrder::Big };
        let found = match step(NlistSymbols::new(table, order), number).ok_or(EXECFMT_END)? {
            Err(error) => error.into(),
            Ok(found) => execfmt_proof_symbol {
                offset: place(table, found.bytes()),
                length: found.bytes().len() as u64,
                value: found.value,
                class: found.sclass.0.into(),
                index: found.index,
                ..Default::default()
            },
        };
        caller.write(symbol, found)
    })
}

/// A step of the iterator of `mips_coff::Symbols`.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_proof_coff_symbol(
    bytes: *const u8,
    length: usize,
    number: u32,
    symbol: *mut execfmt_proof_symbol,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let bytes = caller.values(bytes, length)?;
        let symbols = mips_coff::Image::parse(bytes).and_then(|image| image.symbols());
        let symbols = symbols.map_err(|refusal| refusal.rule.number())?;
        let found = step(symbols.iter(), number).ok_or(EXECFMT_END)?;
        let found = execfmt_proof_symbol {
            offset: place(bytes, found.name),
            length: found.name.len() as u64,
            value: found.value,
            class: u32::from(found.kind) << 8 | u32::from(found.class),
            ..Default::default()
        };
        caller.write(symbol, found)
    })
}

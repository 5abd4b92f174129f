//! The rules on objects. Sources: specification section 3, rules 14 to 16, and section 1.

use core::mem::size_of;

use execfmt_common::Expected;
use zerocopy::FromBytes;
use zerocopy::byteorder::LittleEndian;

use super::Rules;
use super::capability::{Limits, TYPE, Violation, check_capability};
use super::findings::Pending;
use crate::capability::{CapType, Capability};
use crate::field::CoyotosField;
use crate::image::Image;
use crate::object::{GptAttrs, ObjectId, ObjectType, ProcessAttrs, Slot};
use crate::rules::{CoyotosFinding, CoyotosRule};
use crate::wire::{self, BitFields, Located, field, with_codec};

const CAP_SIZE: usize = size_of::<wire::Capability<LittleEndian>>();

impl Limits {
    pub(super) fn of(image: &Image<'_>, rules: Rules) -> Self {
        let header = image.header();
        Self {
            rules,
            page_size_log2: image.arch().page_size_log2(),
            user_pages: header.bank_vec_oid,
            pages: header.n_page.into(),
            cap_pages: header.n_cap_page.into(),
            gpts: header.n_gpt.into(),
            endpoints: header.n_endpoint.into(),
            processes: header.n_proc.into(),
        }
    }
}

/// The first object of a kind, from an index on, that breaks a rule: a fast scan, so that only such objects
/// are examined in detail.
pub(super) fn first_broken(
    image: &Image<'_>,
    object_type: ObjectType,
    from: u64,
    limits: &Limits,
) -> Option<u64> {
    let size = usize::try_from(object_type.size(image.header().pg_size)).ok()?;
    let start = usize::try_from(from).ok()?.checked_mul(size)?;
    let objects = image.region(object_type).get(start..)?.chunks_exact(size.max(1));
    let broken = |(_, object): &(u64, &[u8])| !is_clean(image, object_type, object, limits);
    (from..).zip(objects).find(broken).map(|(oid, _)| oid)
}

/// Whether an object breaks no rule.
fn is_clean(image: &Image<'_>, object_type: ObjectType, object: &[u8], limits: &Limits) -> bool {
    let caps = object.get(object_type.caps_at()..).unwrap_or_default();
    let mut clean = with_codec!(image.codec(), O, K => caps_clean::<O, K>(caps, limits));
    if !clean || object_type == ObjectType::CapPage {
        return clean;
    }
    let id = ObjectId { object_type, oid: 0 };
    attrs_of(image, id, object, limits, &mut |_| clean = false);
    clean
        && (object_type == ObjectType::Gpt
            || image_slots(image, id, object).all(|(slot, cap)| check_slot(slot, cap).is_none()))
}

#[inline]
fn caps_clean<O: zerocopy::ByteOrder, K: BitFields>(caps: &[u8], limits: &Limits) -> bool {
    let Ok(caps) = <[wire::Capability<O>]>::ref_from_bytes(caps) else { return false };
    caps.iter().all(|wire| {
        let cap = wire.unpack::<K>();
        let mut clean = true;
        if !cap.is_zero() {
            check_capability(cap, limits, |_| clean = false);
        }
        clean
    })
}

fn image_slots<'a>(
    image: &Image<'a>,
    id: ObjectId,
    object: &'a [u8],
) -> impl Iterator<Item = (Slot, Capability)> + use<'a> {
    let (codec, page_size) = (image.codec(), image.header().pg_size);
    let caps = object.get(id.object_type.caps_at()..).unwrap_or_default();
    (0_u32..).zip(caps.chunks_exact(CAP_SIZE)).filter_map(move |(index, bytes)| {
        let slot = id.object_type.slot(index, page_size)?;
        let cap =
            with_codec!(codec, O, K => wire::Capability::<O>::ref_from_bytes(bytes).ok()?.unpack::<K>());
        Some((slot, cap))
    })
}

/// The rules on one slot of an object.
#[inline(never)]
pub(super) fn slot(image: &Image<'_>, id: ObjectId, slot: Slot, limits: &Limits, pending: &mut Pending) {
    let Some(cap) = image.capability(id, slot) else { return };
    let start = image.object_offset(id).unwrap_or_default();
    let at = id.object_type.slot_at(slot, image.header().pg_size).unwrap_or_default();
    let mut report = |violation: Violation| {
        let Violation { rule, field: Located { name, at: within }, found, expected } = violation;
        let offset = start.saturating_add(at).saturating_add(within as u64);
        pending.push(rule.finding(CoyotosField::Capability(id, slot, name), offset, found, expected));
    };
    check_slot(slot, cap).into_iter().for_each(&mut report);
    check_capability(cap, limits, report);
}

/// Rules 15 and 16: slots that accept only one type of capability.
pub(crate) fn check_slot(slot: Slot, cap: Capability) -> Option<Violation> {
    let (rule, wanted) = match slot {
        Slot::Recipient => (CoyotosRule::Recipient, CapType::PROCESS),
        Slot::IoSpace => (CoyotosRule::IoSpace, CapType::IO_PRIV),
        _ => return None,
    };
    let expected = Expected::Either(CapType::NULL.number().into(), wanted.number().into());
    let found = u64::from(cap.cap_type().number());
    (!expected.allows(found)).then_some(Violation::new(rule, TYPE, found, expected))
}

/// Rule 14.
pub(crate) fn check_gpt(l2v: u8, page_size_log2: u8) -> Option<Violation> {
    let expected = Expected::AtLeast(page_size_log2.into());
    let field = field!(Gpt.word0: L2v);
    (l2v < page_size_log2).then_some(Violation::new(CoyotosRule::GptSize, field, l2v.into(), expected))
}

/// The rules on an object's fields that are not capabilities.
#[inline(never)]
pub(super) fn attrs(
    image: &Image<'_>,
    id: ObjectId,
    limits: &Limits,
    report: &mut dyn FnMut(CoyotosFinding),
) {
    let start = image.object_offset(id).unwrap_or_default();
    let object = image.object_bytes(id).unwrap_or_default();
    attrs_of(image, id, object, limits, &mut |violation| {
        let Violation { rule, field: Located { name, at }, found, expected } = violation;
        let offset = start.saturating_add(at as u64);
        report(rule.finding(CoyotosField::Object(id, name), offset, found, expected));
    });
}

fn attrs_of(
    image: &Image<'_>,
    id: ObjectId,
    object: &[u8],
    limits: &Limits,
    report: &mut dyn FnMut(Violation),
) {
    let full = limits.rules == Rules::Full;
    let reserved = |report: &mut dyn FnMut(Violation), field, found: u32| {
        if full && found != 0 {
            report(Violation::new(CoyotosRule::Reserved, field, found.into(), Expected::Exactly(0)));
        }
    };
    with_codec!(image.codec(), O, K => match id.object_type {
        ObjectType::Gpt => if let Ok((wire, _)) = wire::Gpt::<O>::ref_from_prefix(object) {
            let word = wire.canonical_word0::<K>();
            reserved(report, field!(Gpt.word0: FirstPadding), word.wrapping_shr(8));
            reserved(report, field!(Gpt.reserved), wire.reserved.get());
            let l2v = GptAttrs::of_word(word).l2v;
            check_gpt(l2v, limits.page_size_log2).into_iter().for_each(report);
        },
        ObjectType::Endpoint => if let Ok((wire, _)) = wire::Endpoint::<O>::ref_from_prefix(object) {
            let padding = wire.canonical_word0::<K>().wrapping_shr(1);
            reserved(report, field!(Endpoint.word0: FirstPadding), padding);
        },
        ObjectType::Process => if let Ok((wire, _)) = wire::Process::<O>::ref_from_prefix(object) {
            reserved(report, field!(Process.reserved0), wire.reserved0.into());
            reserved(report, field!(Process.reserved1), wire.reserved1.get());
            if full && wire.run_state > ProcessAttrs::MAX_RUN_STATE {
                let expected = Expected::AtMost(ProcessAttrs::MAX_RUN_STATE.into());
                let (rule, field) = (CoyotosRule::RunState, field!(Process.run_state));
                report(Violation::new(rule, field, wire.run_state.into(), expected));
            }
            let flags = wire.flags.get();
            if full && flags & !ProcessAttrs::KNOWN_FLAGS != 0 {
                let expected = Expected::AtMost(ProcessAttrs::KNOWN_FLAGS.into());
                let (rule, field) = (CoyotosRule::ProcessFlags, field!(Process.flags));
                report(Violation::new(rule, field, flags.into(), expected));
            }
        },
        ObjectType::Page | ObjectType::CapPage => {}
    });
}

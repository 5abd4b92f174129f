//! The rules on objects, and the run over all that hold capabilities.

use core::mem::size_of;

use execfmt_common::Expected;
use zerocopy::FromBytes;
use zerocopy::byteorder::LittleEndian;

use super::Rules;
use super::capability::{Limits, Violation, judge_capability};
use crate::capability::{CapType, Capability};
use crate::error::{CoyotosField, CoyotosFinding, CoyotosRule};
use crate::image::Image;
use crate::object::{ObjectId, ObjectType, ProcessState, Slot};
use crate::wire::{self, BitFields, with_codec};

/// The most rules that one object can break besides those of its capabilities.
const MOST_OBJECT_FINDINGS: usize = 4;
/// The most rules that one capability can break, two more of which a slot can add.
const MOST_SLOT_FINDINGS: usize = 12;

const CAP_SIZE: usize = size_of::<wire::Capability<LittleEndian, wire::AsWritten>>();

/// A few findings, by value.
#[derive(Clone, Copy)]
struct Few<const N: usize> {
    items: [Option<CoyotosFinding>; N],
}

impl<const N: usize> Few<N> {
    const fn new() -> Self {
        Self { items: [None; N] }
    }

    fn push(&mut self, finding: CoyotosFinding) {
        if let Some(free) = self.items.iter_mut().find(|item| item.is_none()) {
            *free = Some(finding);
        }
    }

    fn into_iter(self) -> impl Iterator<Item = CoyotosFinding> {
        self.items.into_iter().flatten()
    }
}

impl Limits {
    fn of(image: &Image<'_>, rules: Rules) -> Self {
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

pub(super) fn findings<'a>(
    image: &Image<'a>,
    rules: Rules,
) -> impl Iterator<Item = CoyotosFinding> + use<'a> {
    let image = *image;
    let limits = Limits::of(&image, rules);
    ObjectType::WITH_CAPABILITIES.into_iter().flat_map(move |object_type| {
        let size = usize::try_from(object_type.size(image.header().pg_size)).unwrap_or(usize::MAX);
        let objects = image.region(object_type).chunks_exact(size.max(1));
        let spoilt =
            objects.enumerate().filter(move |(_, object)| !is_clean(&image, object_type, object, &limits));
        spoilt.flat_map(move |(oid, object)| {
            let object_id = ObjectId { object_type, oid: oid as u64 };
            object_findings(&image, object_id, object, limits)
        })
    })
}

/// Whether an object breaks no rule: a fast run, so that only objects that do are looked at in detail.
fn is_clean(image: &Image<'_>, object_type: ObjectType, object: &[u8], limits: &Limits) -> bool {
    let caps = object.get(object_type.caps_at()..).unwrap_or_default();
    let clean = with_codec!(image.codec(), O, K => caps_clean::<O, K>(caps, limits));
    if !clean || object_type == ObjectType::CapPage {
        return clean;
    }
    let id = ObjectId { object_type, oid: 0 };
    state_findings(image, id, object, limits).into_iter().next().is_none()
        && (object_type == ObjectType::Gpt
            || image_slots(image, id, object).all(|(slot, cap)| judge_slot(slot, cap).is_none()))
}

#[inline]
fn caps_clean<O: zerocopy::ByteOrder, K: BitFields>(caps: &[u8], limits: &Limits) -> bool {
    let Ok(caps) = <[wire::Capability<O, K>]>::ref_from_bytes(caps) else { return false };
    caps.iter().all(|wire| {
        let cap = Capability::from(wire);
        let mut clean = true;
        if !cap.is_zero() {
            judge_capability(cap, limits, |_| clean = false);
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
        let cap = with_codec!(codec, O, K => wire::Capability::<O, K>::ref_from_bytes(bytes).ok()?.into());
        Some((slot, cap))
    })
}

fn object_findings<'a>(
    image: &Image<'a>,
    id: ObjectId,
    object: &'a [u8],
    limits: Limits,
) -> impl Iterator<Item = CoyotosFinding> + use<'a> {
    let start = image.object_offset(id).unwrap_or_default();
    let page_size = image.header().pg_size;
    let caps = image_slots(image, id, object).flat_map(move |(slot, cap)| {
        let at = id.object_type.slot_at(slot, page_size).unwrap_or_default();
        slot_findings(id, slot, cap, start.saturating_add(at), &limits).into_iter()
    });
    caps.chain(state_findings(image, id, object, &limits).into_iter())
}

fn slot_findings(
    id: ObjectId,
    slot: Slot,
    cap: Capability,
    offset: u64,
    limits: &Limits,
) -> Few<MOST_SLOT_FINDINGS> {
    let mut few = Few::new();
    let mut report = |(rule, name, at, found, expected): Violation| {
        let field = CoyotosField::Capability(id, slot, name);
        few.push(rule.finding(field, offset.saturating_add(at), found, expected));
    };
    judge_slot(slot, cap).into_iter().for_each(&mut report);
    judge_capability(cap, limits, report);
    few
}

/// Rules 15 and 16: slots that hold one kind of capability only.
pub(crate) fn judge_slot(slot: Slot, cap: Capability) -> Option<Violation> {
    let (rule, wanted) = match slot {
        Slot::Recipient => (CoyotosRule::Recipient, CapType::PROCESS),
        Slot::IoSpace => (CoyotosRule::IoSpace, CapType::IO_PRIV),
        _ => return None,
    };
    let expected = Expected::Either(CapType::NULL.number().into(), wanted.number().into());
    let found = u64::from(cap.cap_type().number());
    (!expected.allows(found)).then_some((rule, "type", 0, found, expected))
}

/// Rule 14.
pub(crate) fn judge_gpt(l2v: u8, page_size_log2: u8) -> Option<Violation> {
    let expected = Expected::AtLeast(page_size_log2.into());
    (l2v < page_size_log2).then_some((CoyotosRule::GptSize, "l2v", 0, l2v.into(), expected))
}

fn state_findings(
    image: &Image<'_>,
    id: ObjectId,
    object: &[u8],
    limits: &Limits,
) -> Few<MOST_OBJECT_FINDINGS> {
    let mut few = Few::new();
    let start = image.object_offset(id).unwrap_or_default();
    let mut report = |(rule, name, at, found, expected): Violation| {
        few.push(rule.finding(CoyotosField::Object(id, name), start.saturating_add(at), found, expected));
    };
    let thorough = limits.rules == Rules::Thorough;
    let mut reserved = |name, at, found: u32| {
        if thorough && found != 0 {
            report((CoyotosRule::Reserved, name, at, found.into(), Expected::Exactly(0)));
        }
    };
    with_codec!(image.codec(), O, K => match id.object_type {
        ObjectType::Gpt => if let Ok((wire, _)) = wire::Gpt::<O, K>::ref_from_prefix(object) {
            let word = wire.canonical_word0();
            reserved("first word's padding", 0, word.wrapping_shr(8));
            reserved("reserved", 4, wire.reserved.get());
            let l2v = crate::object::GptState::of_word(word).l2v;
            judge_gpt(l2v, limits.page_size_log2).into_iter().for_each(&mut report);
        },
        ObjectType::Endpoint => if let Ok((wire, _)) = wire::Endpoint::<O, K>::ref_from_prefix(object) {
            reserved("first word's padding", 0, wire.canonical_word0().wrapping_shr(1));
        },
        ObjectType::Process => if let Ok((wire, _)) = wire::Process::<O, K>::ref_from_prefix(object) {
            reserved("reserved", 1, wire.reserved0.into());
            reserved("reserved", 12, wire.reserved1.get());
            if thorough && wire.run_state > ProcessState::MAX_RUN_STATE {
                let expected = Expected::AtMost(ProcessState::MAX_RUN_STATE.into());
                report((CoyotosRule::RunState, "runState", 0, wire.run_state.into(), expected));
            }
            let flags = wire.flags.get();
            if thorough && flags & !ProcessState::KNOWN_FLAGS != 0 {
                let expected = Expected::AtMost(ProcessState::KNOWN_FLAGS.into());
                report((CoyotosRule::ProcessFlags, "flags", 2, flags.into(), expected));
            }
        },
        ObjectType::Page | ObjectType::CapPage => {}
    });
    few
}

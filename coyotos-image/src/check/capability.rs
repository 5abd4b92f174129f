//! The rules on one capability. Sources: specification section 3, rules 1 to 13.

use execfmt_common::Expected;

use super::{Rules, index_below};
use crate::bits::{hi, lo, shl, shr};
use crate::capability::{CapType, Capability, Restr};
use crate::rules::CoyotosRule;
use crate::wire::{Located, field};

/// What a capability is checked against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) rules: Rules,
    pub(crate) page_size_log2: u8,
    /// Number of pages without those of the tables, as the original counts them.
    pub(crate) user_pages: u64,
    pub(crate) pages: u64,
    pub(crate) cap_pages: u64,
    pub(crate) gpts: u64,
    pub(crate) endpoints: u64,
    pub(crate) processes: u64,
}

/// A rule that a record breaks: the field, relative to the record, and the values found and expected.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Violation {
    pub(crate) rule: CoyotosRule,
    pub(crate) field: Located,
    pub(crate) found: u64,
    pub(crate) expected: Expected,
}

impl Violation {
    #[inline(always)]
    pub(crate) const fn new(rule: CoyotosRule, field: Located, found: u64, expected: Expected) -> Self {
        Self { rule, field, found, expected }
    }
}

pub(crate) const TYPE: Located = field!(Capability.word0: Type);
const SWIZZLED: Located = field!(Capability.word0: Swizzled);
const RESTR: Located = field!(Capability.word0: Restr);
const ALLOC_COUNT: Located = field!(Capability.word0: AllocCount);
const PROT_PAYLOAD: Located = field!(Capability.word1: ProtPayload);
const L2G: Located = field!(Capability.word1: L2g);
const GUARD_PADDING: Located = field!(Capability.word1: GuardPadding);
const MATCH: Located = field!(Capability.word1: Match);
pub(crate) const OID: Located = field!(Capability.oid);

/// A bit for every known type.
const KNOWN: u64 = 0x8000_003f_0001_ffff;

const fn is_known(kind: CapType) -> bool {
    KNOWN.wrapping_shr(kind.number() as u32) & 1 != 0
}

/// The nearest known types below and above an unknown one.
const fn nearest_known(kind: CapType) -> Expected {
    let (below, above) = if kind.number() < CapType::ENDPOINT.number() {
        (CapType::IRQ_WAIT, CapType::ENDPOINT)
    } else {
        (CapType::APP_NOTICE, CapType::ENTRY)
    };
    Expected::Either(below.number() as u64, above.number() as u64)
}

/// Reports every rule that a capability breaks, in the original's order.
#[inline(always)]
pub(crate) fn check_capability(cap: Capability, limits: &Limits, mut report: impl FnMut(Violation)) {
    let kind = cap.cap_type();
    let reference = matches!(limits.rules, Rules::Reference);
    let zero = Expected::Exactly(0);
    if cap.swizzled() {
        report(Violation::new(CoyotosRule::Swizzled, SWIZZLED, 1, zero));
    }
    if !is_known(kind) {
        report(Violation::new(CoyotosRule::UnknownCapType, TYPE, kind.number().into(), nearest_known(kind)));
    }
    let object = kind.is_object();
    if cap.alloc_count() != 0 && kind != CapType::WINDOW && !object {
        // The slot of a LocalWindow is checked as such below.
        if reference || kind != CapType::LOCAL_WINDOW {
            report(Violation::new(CoyotosRule::AllocCount, ALLOC_COUNT, cap.alloc_count().into(), zero));
        }
    }
    if object {
        let (count, least) = match kind {
            CapType::PAGE if cap.is_physical_page() => (u64::MAX, 0),
            CapType::PAGE if reference => (limits.user_pages, 0),
            CapType::PAGE => (limits.pages, limits.user_pages),
            CapType::CAP_PAGE => (limits.cap_pages, 0),
            CapType::GPT => (limits.gpts, 0),
            CapType::ENDPOINT => (limits.endpoints, 0),
            _ => (limits.processes, 0),
        };
        if cap.oid() >= count {
            report(Violation::new(CoyotosRule::OidRange, OID, cap.oid(), index_below(count, cap.oid())));
        } else if least != 0 && (cap.oid() == 0 || cap.oid() >= least) {
            let expected = if cap.oid() == 0 { Expected::AtLeast(1) } else { index_below(least, cap.oid()) };
            report(Violation::new(CoyotosRule::TablePage, OID, cap.oid(), expected));
        }
    } else if kind == CapType::ENTRY || kind == CapType::APP_NOTICE {
        let (rule, count) = if kind == CapType::ENTRY {
            (CoyotosRule::EntryRange, limits.endpoints)
        } else {
            (CoyotosRule::NoticeRange, limits.processes)
        };
        if !reference && cap.oid() >= count {
            report(Violation::new(rule, OID, cap.oid(), index_below(count, cap.oid())));
        }
    } else if !kind.is_window() && cap.oid() != 0 {
        report(Violation::new(CoyotosRule::StrayOid, OID, cap.oid(), zero));
    }
    if kind.is_memory() {
        check_guard(cap, limits, &mut report);
        return;
    }
    if cap.restr() != Restr::NONE {
        report(Violation::new(CoyotosRule::StrayRestr, RESTR, cap.restr().bits().into(), zero));
    }
    let payload = matches!(kind, CapType::ENDPOINT | CapType::ENTRY | CapType::APP_NOTICE);
    if !payload && cap.prot_payload() != 0 {
        report(Violation::new(CoyotosRule::StrayPayload, PROT_PAYLOAD, cap.prot_payload().into(), zero));
    }
}

#[inline(always)]
fn check_guard(cap: Capability, limits: &Limits, report: &mut impl FnMut(Violation)) {
    let reference = matches!(limits.rules, Rules::Reference);
    let (kind, restr, l2g) = (cap.cap_type(), cap.restr(), u32::from(cap.l2g()));
    let opaque = Restr::OP.with(Restr::NC);
    if restr.and(opaque) != Restr::NONE && kind != CapType::GPT && !cap.is_physical_page() {
        let expected = Expected::Exactly(restr.without(opaque).bits().into());
        report(Violation::new(CoyotosRule::StrayOpaque, RESTR, restr.bits().into(), expected));
    }
    if restr.contains(Restr::WK) && !restr.contains(Restr::RO) {
        let expected = Expected::Exactly(restr.with(Restr::RO).bits().into());
        report(Violation::new(CoyotosRule::WeakNotReadOnly, RESTR, restr.bits().into(), expected));
    }
    let least = u32::from(limits.page_size_log2);
    if l2g < least {
        report(Violation::new(CoyotosRule::GuardSize, L2G, l2g.into(), Expected::AtLeast(least.into())));
    } else if l2g > u64::BITS {
        report(Violation::new(CoyotosRule::GuardSize, L2G, l2g.into(), Expected::AtMost(u64::BITS.into())));
    }
    let bits = u64::from(cap.guard_match());
    if l2g <= u64::BITS && shr(shl(bits, l2g), l2g) != bits {
        let room = lo(u64::MAX, u64::BITS.wrapping_sub(l2g));
        report(Violation::new(CoyotosRule::GuardMatch, MATCH, bits, Expected::AtMost(room)));
    }
    if !reference && cap.guard_padding() {
        report(Violation::new(CoyotosRule::Reserved, GUARD_PADDING, 1, Expected::Exactly(0)));
    }
    if kind.is_window() {
        if lo(cap.oid(), l2g) != 0 {
            let expected = Expected::Exactly(hi(cap.oid(), l2g));
            report(Violation::new(CoyotosRule::WindowOffset, OID, cap.oid(), expected));
        }
        let most = if reference && kind == CapType::LOCAL_WINDOW { 0 } else { 15 };
        if cap.alloc_count() > most {
            let expected = Expected::AtMost(most.into());
            report(Violation::new(CoyotosRule::WindowSlot, ALLOC_COUNT, cap.alloc_count().into(), expected));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_known_types_is_the_table_of_names() {
        for number in 0..0x40 {
            let kind = CapType::new(number).unwrap();
            assert_eq!(is_known(kind), kind.is_known(), "{kind}");
        }
    }

    #[test]
    fn what_is_expected_of_an_unknown_type_is_the_known_ones_next_to_it() {
        let known = |number: &u8| CapType::new(*number).unwrap().is_known();
        for number in (0..0x40).filter(|number| !known(number)) {
            let below = (0..number).rev().find(known).unwrap();
            let above = (number..0x40).find(known).unwrap();
            let expected = nearest_known(CapType::new(number).unwrap());
            assert_eq!(expected, Expected::Either(below.into(), above.into()), "{number:#x}");
        }
    }
}

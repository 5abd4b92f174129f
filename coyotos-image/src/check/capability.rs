//! The rules on one capability. Sources: specification section 3, rules 1 to 13.

use execfmt_common::Expected;

use super::{Rules, index_below};
use crate::bits::{hi, lo, shl, shr};
use crate::capability::{CapType, Capability, Restr};
use crate::error::CoyotosRule;

/// What a capability is judged against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) rules: Rules,
    pub(crate) page_size_log2: u8,
    /// Pages without those of the tables: what the original counts.
    pub(crate) user_pages: u64,
    pub(crate) pages: u64,
    pub(crate) cap_pages: u64,
    pub(crate) gpts: u64,
    pub(crate) endpoints: u64,
    pub(crate) processes: u64,
}

/// A rule that a capability breaks, the name of the field and its place in the capability in bytes.
pub(crate) type Violation = (CoyotosRule, &'static str, u64, u64, Expected);

const WORD1: u64 = 4;
pub(super) const OID: u64 = 8;

/// A bit for every known type.
const KNOWN: u64 = 0x8000_003f_0001_ffff;

const fn is_known(kind: CapType) -> bool {
    KNOWN.wrapping_shr(kind.number() as u32) & 1 != 0
}

/// The known types next to an unknown one, below it and above.
const fn nearest_known(kind: CapType) -> Expected {
    let (below, above) = if kind.number() < CapType::ENDPOINT.number() {
        (CapType::IRQ_WAIT, CapType::ENDPOINT)
    } else {
        (CapType::APP_NOTICE, CapType::ENTRY)
    };
    Expected::Either(below.number() as u64, above.number() as u64)
}

/// Hands every rule that a capability breaks to `report`, in the original's order.
#[inline(always)]
pub(crate) fn judge_capability(cap: Capability, limits: &Limits, mut report: impl FnMut(Violation)) {
    let kind = cap.cap_type();
    let original = matches!(limits.rules, Rules::Original);
    let zero = Expected::Exactly(0);
    if cap.swizzled() {
        report((CoyotosRule::Swizzled, "swizzled", 0, 1, zero));
    }
    if !is_known(kind) {
        report((CoyotosRule::UnknownCapType, "type", 0, kind.number().into(), nearest_known(kind)));
    }
    let object = kind.is_object();
    if cap.alloc_count() != 0 && kind != CapType::WINDOW && !object {
        // The slot of a LocalWindow is judged as such below.
        if original || kind != CapType::LOCAL_WINDOW {
            report((CoyotosRule::AllocCount, "allocCount", 0, cap.alloc_count().into(), zero));
        }
    }
    if object {
        let (count, least) = match kind {
            CapType::PAGE if cap.is_physical_page() => (u64::MAX, 0),
            CapType::PAGE if original => (limits.user_pages, 0),
            CapType::PAGE => (limits.pages, limits.user_pages),
            CapType::CAP_PAGE => (limits.cap_pages, 0),
            CapType::GPT => (limits.gpts, 0),
            CapType::ENDPOINT => (limits.endpoints, 0),
            _ => (limits.processes, 0),
        };
        if cap.oid() >= count {
            report((CoyotosRule::OidRange, "oid", OID, cap.oid(), index_below(count, cap.oid())));
        } else if least != 0 && (cap.oid() == 0 || cap.oid() >= least) {
            let expected = if cap.oid() == 0 { Expected::AtLeast(1) } else { index_below(least, cap.oid()) };
            report((CoyotosRule::TablePage, "oid", OID, cap.oid(), expected));
        }
    } else if kind == CapType::ENTRY || kind == CapType::APP_NOTICE {
        let (rule, count) = if kind == CapType::ENTRY {
            (CoyotosRule::EntryRange, limits.endpoints)
        } else {
            (CoyotosRule::NoticeRange, limits.processes)
        };
        if !original && cap.oid() >= count {
            report((rule, "oid", OID, cap.oid(), index_below(count, cap.oid())));
        }
    } else if !kind.is_window() && cap.oid() != 0 {
        report((CoyotosRule::StrayOid, "oid", OID, cap.oid(), zero));
    }
    if kind.is_memory() {
        judge_guard(cap, limits, &mut report);
        return;
    }
    if cap.restr() != Restr::NONE {
        report((CoyotosRule::StrayRestr, "restr", 0, cap.restr().bits().into(), zero));
    }
    let payload = matches!(kind, CapType::ENDPOINT | CapType::ENTRY | CapType::APP_NOTICE);
    if !payload && cap.prot_payload() != 0 {
        report((CoyotosRule::StrayPayload, "protPayload", WORD1, cap.prot_payload().into(), zero));
    }
}

#[inline(always)]
fn judge_guard(cap: Capability, limits: &Limits, report: &mut impl FnMut(Violation)) {
    let original = matches!(limits.rules, Rules::Original);
    let (kind, restr, l2g) = (cap.cap_type(), cap.restr(), u32::from(cap.l2g()));
    let opaque = Restr::OP.with(Restr::NC);
    if restr.and(opaque) != Restr::NONE && kind != CapType::GPT && !cap.is_physical_page() {
        let expected = Expected::Exactly(restr.without(opaque).bits().into());
        report((CoyotosRule::StrayOpaque, "restr", 0, restr.bits().into(), expected));
    }
    if restr.contains(Restr::WK) && !restr.contains(Restr::RO) {
        let expected = Expected::Exactly(restr.with(Restr::RO).bits().into());
        report((CoyotosRule::WeakNotReadOnly, "restr", 0, restr.bits().into(), expected));
    }
    let least = u32::from(limits.page_size_log2);
    if l2g < least {
        report((CoyotosRule::GuardSize, "l2g", WORD1, l2g.into(), Expected::AtLeast(least.into())));
    } else if l2g > u64::BITS {
        report((CoyotosRule::GuardSize, "l2g", WORD1, l2g.into(), Expected::AtMost(u64::BITS.into())));
    }
    let bits = u64::from(cap.guard_match());
    if l2g <= u64::BITS && shr(shl(bits, l2g), l2g) != bits {
        let room = lo(u64::MAX, u64::BITS.wrapping_sub(l2g));
        report((CoyotosRule::GuardMatch, "match", WORD1, bits, Expected::AtMost(room)));
    }
    if !original && cap.guard_padding() {
        report((CoyotosRule::Reserved, "guard padding", WORD1, 1, Expected::Exactly(0)));
    }
    if kind.is_window() {
        if lo(cap.oid(), l2g) != 0 {
            let expected = Expected::Exactly(hi(cap.oid(), l2g));
            report((CoyotosRule::WindowOffset, "oid", OID, cap.oid(), expected));
        }
        let most = if original && kind == CapType::LOCAL_WINDOW { 0 } else { 15 };
        if cap.alloc_count() > most {
            let expected = Expected::AtMost(most.into());
            report((CoyotosRule::WindowSlot, "allocCount", 0, cap.alloc_count().into(), expected));
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

//! The original's rules, for an image that is not yet written.

use execfmt_common::Severity;

use super::{BuildError, Builder};
use crate::capability::Capability;
use crate::check::{Limits, Violation, check_capability, check_gpt, check_slot};
use crate::field::CoyotosField;
use crate::header::Header;
use crate::object::{ObjectId, ObjectType, Slot};
use crate::wire::Located;

impl Builder {
    /// Checks the objects by the original's 16 rules, in the original's order; or, if
    /// [`with_rules`](Self::with_rules) chose them, by those of [`Rules::Full`](crate::Rules::Full).
    ///
    /// # Errors
    /// [`BuildError::Refused`] with the first finding; its offset is the one that the field would have in the
    /// file. [`BuildError::TooLarge`] when the image cannot be written regardless of its contents.
    pub fn validate(&self) -> Result<(), BuildError> {
        self.check(&self.plan()?)
    }

    pub(super) fn check(&self, header: &Header) -> Result<(), BuildError> {
        let checker = Checker {
            limits: Limits {
                rules: self.rules,
                page_size_log2: self.arch.page_size_log2(),
                user_pages: self.count(ObjectType::Page),
                pages: header.n_page.into(),
                cap_pages: self.count(ObjectType::CapPage),
                gpts: self.count(ObjectType::Gpt),
                endpoints: self.count(ObjectType::Endpoint),
                processes: self.count(ObjectType::Process),
            },
            header,
        };
        for (oid, page) in (0_u64..).zip(&self.cap_pages) {
            checker.slots(ObjectId { object_type: ObjectType::CapPage, oid }, &page.object)?;
        }
        for (oid, gpt) in (0_u64..).zip(&self.gpts) {
            let id = ObjectId { object_type: ObjectType::Gpt, oid };
            checker.slots(id, &gpt.object.caps)?;
            if let Some(violation) = check_gpt(gpt.object.state.l2v, self.arch.page_size_log2()) {
                return Err(checker.refused(id, None, violation));
            }
        }
        for (oid, endpoint) in (0_u64..).zip(&self.endpoints) {
            let id = ObjectId { object_type: ObjectType::Endpoint, oid };
            checker.slots(id, core::slice::from_ref(&endpoint.object.recipient))?;
        }
        for (oid, process) in (0_u64..).zip(&self.processes) {
            // The original checks the type of ioSpace first, then the registers, then the rest.
            let id = ObjectId { object_type: ObjectType::Process, oid };
            let (state, registers) = process.object.caps.split_at(Slot::STATE.len());
            checker.special(id, 0, state)?;
            checker.slots_from(id, STATE_SLOTS, registers)?;
            checker.slots_from(id, 0, state)?;
        }
        Ok(())
    }
}

/// Index of the first register among the slots of a process.
#[expect(clippy::cast_possible_truncation, reason = "6")]
const STATE_SLOTS: u32 = Slot::STATE.len() as u32;

struct Checker<'a> {
    limits: Limits,
    header: &'a Header,
}

impl Checker<'_> {
    fn slots(&self, id: ObjectId, caps: &[Capability]) -> Result<(), BuildError> {
        self.special(id, 0, caps)?;
        self.slots_from(id, 0, caps)
    }

    fn slot(&self, id: ObjectId, index: u32) -> Slot {
        id.object_type.slot(index, self.header.pg_size).unwrap_or(Slot::Index(index))
    }

    /// Rules 15 and 16, for the slots of one object from an index on.
    fn special(&self, id: ObjectId, first: u32, caps: &[Capability]) -> Result<(), BuildError> {
        if !matches!(id.object_type, ObjectType::Endpoint | ObjectType::Process) {
            return Ok(());
        }
        for (index, &cap) in (first..).zip(caps) {
            let slot = self.slot(id, index);
            if let Some(violation) = check_slot(slot, cap) {
                return Err(self.refused(id, Some(slot), violation));
            }
        }
        Ok(())
    }

    /// The rules on capabilities, for the slots of one object from an index on.
    fn slots_from(&self, id: ObjectId, first: u32, caps: &[Capability]) -> Result<(), BuildError> {
        for (index, &cap) in (first..).zip(caps).filter(|(_, cap)| !cap.is_zero()) {
            let mut broken = None;
            check_capability(cap, &self.limits, |violation| {
                if violation.rule.severity() == Severity::Error {
                    broken = broken.or(Some(violation));
                }
            });
            if let Some(violation) = broken {
                return Err(self.refused(id, Some(self.slot(id, index)), violation));
            }
        }
        Ok(())
    }

    fn refused(&self, id: ObjectId, slot: Option<Slot>, violation: Violation) -> BuildError {
        let Violation { rule, field: Located { name, at }, found, expected } = violation;
        let size = u64::from(id.object_type.size(self.header.pg_size));
        let object = self.header.start(id.object_type).saturating_add(id.oid.saturating_mul(size));
        let (field, within) = match slot {
            None => (CoyotosField::Object(id, name), 0),
            Some(slot) => {
                let within = id.object_type.slot_at(slot, self.header.pg_size).unwrap_or_default();
                (CoyotosField::Capability(id, slot, name), within)
            }
        };
        let offset = object.saturating_add(within).saturating_add(at as u64);
        BuildError::Refused(rule.finding(field, offset, found, expected))
    }
}

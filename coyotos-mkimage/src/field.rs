//! Fields and slots of objects, which are read and assigned through a capability. Source: specification section 6.

use alloc::string::{String, ToString as _};

use coyotos_image::{CapType, Capability, ObjectType, ProcessAttrs, Slot};
use num_bigint::BigInt;

use crate::error::Cause;
use crate::library::Library;
use crate::number::{Bits, natural};
use crate::value::Value;

/// A field of an object, or a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    ProtPayload,
    EndpointId,
    Pm,
    L2v,
    Bg,
    Ha,
    RunState,
    Flags,
    FaultCode,
    FaultInfo,
    Slot(Slot),
    /// Of a Page.
    Byte(u32),
}

/// The meaning of a name after a dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Member {
    Field(Field),
    /// All slots of a GPT, which can only be used with an index.
    Slots,
    /// All registers of a process, which can only be used with an index.
    Registers,
}

type Done<T> = Result<T, Cause>;

/// The fields of the objects of a type; `None` for a type without fields.
const fn members(kind: CapType) -> Option<&'static [(&'static str, Member)]> {
    use Field as F;
    use Member::Field as Of;
    Some(match kind {
        CapType::ENDPOINT | CapType::ENTRY => &[
            ("protPayload", Of(F::ProtPayload)),
            ("endpointID", Of(F::EndpointId)),
            ("recipient", Of(F::Slot(Slot::Recipient))),
            ("pm", Of(F::Pm)),
        ],
        CapType::GPT => &[("l2v", Of(F::L2v)), ("bg", Of(F::Bg)), ("ha", Of(F::Ha)), ("cap", Member::Slots)],
        CapType::PROCESS => &[
            ("runState", Of(F::RunState)),
            ("flags", Of(F::Flags)),
            ("faultCode", Of(F::FaultCode)),
            ("faultInfo", Of(F::FaultInfo)),
            ("schedule", Of(F::Slot(Slot::Schedule))),
            ("addrSpace", Of(F::Slot(Slot::AddrSpace))),
            ("brand", Of(F::Slot(Slot::Brand))),
            ("cohort", Of(F::Slot(Slot::Cohort))),
            ("ioSpace", Of(F::Slot(Slot::IoSpace))),
            ("handler", Of(F::Slot(Slot::Handler))),
            ("capReg", Member::Registers),
        ],
        _ => return None,
    })
}

/// The member with a name.
///
/// # Errors
/// [`Cause::NoMembers`], [`Cause::UnboundMember`].
pub(crate) fn member(object: Capability, name: &str) -> Done<Member> {
    let kind = || Value::Capability(object).kind();
    let members = members(object.cap_type()).ok_or_else(|| Cause::NoMembers(kind()))?;
    let found = members.iter().find(|(known, _)| *known == name);
    found
        .map(|&(_, member)| member)
        .ok_or_else(|| Cause::UnboundMember { name: name.to_string(), within: kind() })
}

/// A field of an object, to be read or assigned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) object: Capability,
    pub(crate) field: Field,
}

impl Place {
    /// A slot of `member`, or of the object itself.
    ///
    /// # Errors
    /// [`Cause::NotIndexable`], [`Cause::IndexRange`].
    pub(crate) fn indexed(
        library: &Library,
        object: Capability,
        member: Option<Member>,
        index: u32,
    ) -> Done<Self> {
        let page_size = library.arch().page_size();
        let (field, what, count) = match (object.cap_type(), member) {
            (_, Some(Member::Slots)) => {
                (Field::Slot(Slot::Index(index)), "cap", ObjectType::Gpt.slot_count(page_size))
            }
            (_, Some(Member::Registers)) => {
                let state = u32::try_from(Slot::STATE.len()).unwrap_or(u32::MAX);
                let count = ObjectType::Process.slot_count(page_size).saturating_sub(state);
                (Field::Slot(Slot::CapReg(index)), "capReg", count)
            }
            (CapType::CAP_PAGE, _) => {
                (Field::Slot(Slot::Index(index)), "a CapPage", ObjectType::CapPage.slot_count(page_size))
            }
            (CapType::PAGE, _) => (Field::Byte(index), "a Page", page_size),
            _ => return Err(Cause::NotIndexable(Value::Capability(object).kind())),
        };
        if index >= count {
            let (index, count) = (index.into(), count.into());
            return Err(Cause::IndexRange { field: what.to_string(), index, count });
        }
        Ok(Self { object, field })
    }

    fn name(&self) -> String {
        match self.field {
            Field::ProtPayload => "protPayload".to_string(),
            Field::EndpointId => "endpointID".to_string(),
            Field::Pm => "pm".to_string(),
            Field::L2v => "l2v".to_string(),
            Field::Bg => "bg".to_string(),
            Field::Ha => "ha".to_string(),
            Field::RunState => "runState".to_string(),
            Field::Flags => "flags".to_string(),
            Field::FaultCode => "faultCode".to_string(),
            Field::FaultInfo => "faultInfo".to_string(),
            Field::Slot(slot) => slot.to_string(),
            Field::Byte(index) => alloc::format!("[{index}]"),
        }
    }

    /// Reads the field.
    ///
    /// # Errors
    /// The errors of the image library, for an object that does not exist.
    pub(crate) fn get(self, library: &Library) -> Done<Value> {
        let object = self.object;
        Ok(match self.field {
            Field::ProtPayload => Value::integer(library.endpoint(object)?.prot_payload),
            Field::EndpointId => Value::integer(library.endpoint(object)?.endpoint_id),
            Field::Pm => Value::integer(u8::from(library.endpoint(object)?.pm)),
            Field::L2v => Value::integer(library.gpt(object)?.l2v),
            Field::Bg => Value::integer(u8::from(library.gpt(object)?.bg)),
            Field::Ha => Value::integer(u8::from(library.gpt(object)?.ha)),
            Field::RunState => Value::integer(library.process(object)?.run_state),
            Field::Flags => Value::integer(library.process(object)?.flags),
            Field::FaultCode => Value::integer(library.process(object)?.fault_code),
            Field::FaultInfo => Value::integer(library.process(object)?.fault_info),
            Field::Slot(slot) => Value::Capability(library.capability(object, slot)?),
            Field::Byte(index) => {
                let at = usize::try_from(index).unwrap_or(usize::MAX);
                let byte = library.page(object)?.and_then(|bytes| bytes.get(at).copied());
                Value::integer(byte.unwrap_or_default())
            }
        })
    }

    fn refused(&self, takes: &'static str, value: &Value) -> Cause {
        let found = match value {
            Value::Integer(number) if number.bits() <= 64 => number.to_string(),
            other => other.kind(),
        };
        Cause::FieldValue { field: self.name(), takes, found }
    }

    /// Assigns to the field.
    ///
    /// # Errors
    /// [`Cause::FieldValue`], [`Cause::Negative`], and the errors of the image library.
    pub(crate) fn set(self, library: &mut Library, value: &Value) -> Done<()> {
        match self.field {
            Field::Slot(slot) => {
                let Value::Capability(cap) = value else { return Err(self.refused("a capability", value)) };
                if slot == Slot::CapReg(0) {
                    return Err(self.refused("nothing: register 0 is read-only, and always Null", value));
                }
                library.set_capability(self.object, slot, *cap)
            }
            Field::Byte(index) => {
                let takes = "a byte, 0 to 255";
                let Value::Integer(number) = value else { return Err(self.refused(takes, value)) };
                let byte = u8::try_from(&**number).map_err(|_| self.refused(takes, value))?;
                library.write_page(self.object, index.into(), &[byte])
            }
            _ => {
                let Value::Integer(number) = value else { return Err(self.refused("an integer", value)) };
                self.set_number(library, number)
            }
        }
    }

    fn set_number(self, library: &mut Library, number: &BigInt) -> Done<()> {
        let object = self.object;
        match self.field {
            Field::ProtPayload | Field::EndpointId | Field::Pm => {
                let mut state = library.endpoint(object)?;
                match self.field {
                    Field::ProtPayload => state.prot_payload = natural(number)?.low32(),
                    Field::EndpointId => state.endpoint_id = natural(number)?.low64(),
                    _ => state.pm = *number != BigInt::ZERO,
                }
                library.set_endpoint(object, state)
            }
            Field::L2v | Field::Bg | Field::Ha => {
                let mut state = library.gpt(object)?;
                match self.field {
                    Field::L2v => state.l2v = natural(number)?.low8() & 0x3f,
                    Field::Bg => state.bg = *number != BigInt::ZERO,
                    _ => state.ha = *number != BigInt::ZERO,
                }
                library.set_gpt(object, state)
            }
            _ => {
                let mut state = library.process(object)?;
                match self.field {
                    Field::RunState => {
                        state.run_state = natural(number)?.low8();
                        if state.run_state > ProcessAttrs::MAX_RUN_STATE {
                            let takes = "0 (running), 1 (receiving) or 2 (faulted)";
                            return Err(self.refused(takes, &Value::integer(number.clone())));
                        }
                    }
                    Field::Flags => state.flags = natural(number)?.low16(),
                    Field::FaultCode => state.fault_code = natural(number)?.low32(),
                    _ => state.fault_info = natural(number)?.low64(),
                }
                library.set_process(object, state)
            }
        }
    }
}

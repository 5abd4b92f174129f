use core::ffi::CStr;

use coyotos_image::{
    Alloc, Bank, CapType, Capability, EndpointAttrs, GptAttrs, Header, ObjectId, ObjectType, Packing,
    ProcessAttrs, Restr, Rules, Symbol, space,
};

use super::types::*;
use crate::finding::byte_order_code;
use crate::status::{EXECFMT_E_ARGUMENT, execfmt_status};

pub(super) fn message(status: execfmt_status) -> Option<&'static CStr> {
    Some(match status {
        EXECFMT_COYOTOS_E_HANDLE => c"Coyotos: a struct or handle was damaged, never filled in, or destroyed",
        EXECFMT_COYOTOS_E_MEMORY => c"Coyotos: there is not enough memory",
        EXECFMT_COYOTOS_E_NO_OBJECT => c"Coyotos: there is no such object",
        EXECFMT_COYOTOS_E_NO_SLOT => c"Coyotos: the object has no such slot",
        EXECFMT_COYOTOS_E_NOT_MEMORY => c"Coyotos: a capability that cannot be part of an address space",
        EXECFMT_COYOTOS_E_NOT_A_BANK => c"Coyotos: a capability to something other than a bank",
        EXECFMT_COYOTOS_E_WRONG_TYPE => c"Coyotos: a capability to an object of another kind than required",
        EXECFMT_COYOTOS_E_SIZE => c"Coyotos: a size below a page or above 64 bits",
        EXECFMT_COYOTOS_E_UNALIGNED => c"Coyotos: the address is not a multiple of the size",
        EXECFMT_COYOTOS_E_INDIVISIBLE => {
            c"Coyotos: the address is within a window or a leaf, which cannot be divided"
        }
        EXECFMT_COYOTOS_E_INCONSISTENT => c"Coyotos: the GPTs of the tree are inconsistent",
        EXECFMT_COYOTOS_E_TOO_DEEP => c"Coyotos: a path through more than 64 GPTs: a cycle",
        EXECFMT_COYOTOS_E_TOO_MANY => c"Coyotos: more objects than can be counted, or GPTs than were allowed",
        EXECFMT_COYOTOS_E_PAST_END => c"Coyotos: bytes past the end of a page",
        EXECFMT_COYOTOS_E_HEADER_PAGE => c"Coyotos: page 0 holds the header; allocate another page",
        EXECFMT_COYOTOS_E_TOO_LARGE => c"Coyotos: the image would be 4 GiB or longer",
        EXECFMT_COYOTOS_E_ENTRY => c"Coyotos: the start address is not mapped executable",
        EXECFMT_COYOTOS_E_NOT_SMALL => c"Coyotos: the space is larger than one GPT of pages",
        EXECFMT_COYOTOS_E_SMALL_MODEL => {
            c"Coyotos: no text at page 1, or a page in a slot reserved for a stack"
        }
        EXECFMT_COYOTOS_E_NAMES => c"Coyotos: the names of symbols do not fit into a string table",
        EXECFMT_COYOTOS_E_NOT_WRITABLE => c"Coyotos: the address does not lead to a page of the image",
        EXECFMT_COYOTOS_E_ADDRESS => c"Coyotos: the range of addresses ends beyond 64 bits",
        _ => return None,
    })
}

pub(super) fn packing(code: u32) -> Result<Packing, execfmt_status> {
    match code {
        EXECFMT_COYOTOS_AS_WRITTEN => Ok(Packing::AsWritten),
        EXECFMT_COYOTOS_NATIVE_BIG_ENDIAN => Ok(Packing::NativeBigEndian),
        _ => Err(EXECFMT_E_ARGUMENT),
    }
}

pub(super) fn rules(code: u32) -> Result<Rules, execfmt_status> {
    match code {
        EXECFMT_COYOTOS_FULL => Ok(Rules::Full),
        EXECFMT_COYOTOS_REFERENCE => Ok(Rules::Reference),
        _ => Err(EXECFMT_E_ARGUMENT),
    }
}

pub(super) fn object_type(number: u32) -> Result<ObjectType, execfmt_status> {
    ObjectType::ALL.into_iter().find(|kind| kind.number() == number).ok_or(EXECFMT_E_ARGUMENT)
}

/// The root of the space that a symbol refers to: the object of its capability.
pub(super) fn root(root: Capability) -> Result<ObjectId, execfmt_status> {
    ObjectId::of(root).filter(|_| root.cap_type().is_memory()).ok_or(EXECFMT_COYOTOS_E_NOT_MEMORY)
}

pub(crate) const fn space_status(error: space::SpaceError) -> execfmt_status {
    use space::SpaceError;
    match error {
        SpaceError::NotMemory(_) => EXECFMT_COYOTOS_E_NOT_MEMORY,
        SpaceError::NotABank(_) => EXECFMT_COYOTOS_E_NOT_A_BANK,
        SpaceError::WrongType { .. } => EXECFMT_COYOTOS_E_WRONG_TYPE,
        SpaceError::NoSuchObject { .. } => EXECFMT_COYOTOS_E_NO_OBJECT,
        SpaceError::Size { .. } => EXECFMT_COYOTOS_E_SIZE,
        SpaceError::Unaligned { .. } => EXECFMT_COYOTOS_E_UNALIGNED,
        SpaceError::Indivisible(_) => EXECFMT_COYOTOS_E_INDIVISIBLE,
        SpaceError::Inconsistent(_) => EXECFMT_COYOTOS_E_INCONSISTENT,
        SpaceError::TooDeep => EXECFMT_COYOTOS_E_TOO_DEEP,
        SpaceError::TooMany => EXECFMT_COYOTOS_E_TOO_MANY,
        SpaceError::OutOfMemory { .. } => EXECFMT_COYOTOS_E_MEMORY,
        _ => EXECFMT_E_ARGUMENT,
    }
}

impl From<&Header> for execfmt_coyotos_header {
    fn from(header: &Header) -> Self {
        Self {
            byte_order: byte_order_code(header.byte_order),
            version: header.version,
            target: header.target,
            pg_size: header.pg_size,
            n_alloc: header.n_alloc,
            n_bank: header.n_bank,
            n_symbol: header.n_symbol,
            n_string_bytes: header.n_string_bytes,
            n_page: header.n_page,
            n_cap_page: header.n_cap_page,
            n_gpt: header.n_gpt,
            n_endpoint: header.n_endpoint,
            n_proc: header.n_proc,
            img_bytes: header.img_bytes,
            bank_vec_oid: header.bank_vec_oid,
            sym_vec_oid: header.sym_vec_oid,
            string_table_oid: header.string_table_oid,
            alloc_vec_oid: header.alloc_vec_oid,
            end_vec_oid: header.end_vec_oid,
        }
    }
}

impl From<Capability> for execfmt_coyotos_capability {
    fn from(cap: Capability) -> Self {
        let memory = cap.cap_type().is_memory();
        let of_memory = |value: u32| if memory { value } else { 0 };
        let padding = memory && cap.guard_padding();
        Self {
            oid: cap.oid(),
            cap_type: cap.cap_type().number().into(),
            restr: cap.restr().bits().into(),
            alloc_count: cap.alloc_count(),
            prot_payload: if memory { 0 } else { cap.prot_payload() },
            l2g: of_memory(cap.l2g().into()),
            guard_match: of_memory(cap.guard_match()),
            flags: u32::from(cap.swizzled()) | u32::from(padding) << 1,
            reserved: 0,
        }
    }
}

/// The lowest `bits` bits of a field; `None` if others are set.
fn narrow<T: TryFrom<u32>>(value: u32, bits: u32) -> Result<T, execfmt_status> {
    let fits = value.checked_shr(bits) == Some(0);
    T::try_from(value).ok().filter(|_| fits).ok_or(EXECFMT_E_ARGUMENT)
}

impl TryFrom<execfmt_coyotos_capability> for Capability {
    type Error = execfmt_status;

    fn try_from(c: execfmt_coyotos_capability) -> Result<Self, execfmt_status> {
        let cap_type = CapType::new(narrow(c.cap_type, 6)?).ok_or(EXECFMT_E_ARGUMENT)?;
        let (flags, memory): (u8, _) = (narrow(c.flags, 2)?, cap_type.is_memory());
        let mut cap = Self::NULL;
        cap.set_type(cap_type);
        cap.set_oid(c.oid);
        cap.set_restr(Restr::from_bits(narrow(c.restr, 5)?));
        cap.set_alloc_count(narrow(c.alloc_count, 20)?);
        cap.set_swizzled(u32::from(flags) & EXECFMT_COYOTOS_CAP_SWIZZLED != 0);
        // The second word holds either a payload or a guard.
        let of_other = if memory { c.prot_payload } else { c.l2g | c.guard_match | u32::from(flags) & 2 };
        if of_other != 0 || c.reserved != 0 {
            return Err(EXECFMT_E_ARGUMENT);
        }
        if memory {
            let (l2g, bits): (u32, u32) = (narrow(c.l2g, 7)?, narrow(c.guard_match, 24)?);
            cap.set_prot_payload(l2g | u32::from(flags & 2) << 6 | bits << 8);
        } else {
            cap.set_prot_payload(c.prot_payload);
        }
        Ok(cap)
    }
}

impl From<GptAttrs> for execfmt_coyotos_gpt {
    fn from(gpt: GptAttrs) -> Self {
        Self { l2v: gpt.l2v.into(), flags: u32::from(gpt.ha) | u32::from(gpt.bg) << 1 }
    }
}

impl TryFrom<execfmt_coyotos_gpt> for GptAttrs {
    type Error = execfmt_status;

    fn try_from(c: execfmt_coyotos_gpt) -> Result<Self, execfmt_status> {
        let flags: u32 = narrow(c.flags, 2)?;
        let (ha, bg) =
            (flags & EXECFMT_COYOTOS_GPT_HANDLER != 0, flags & EXECFMT_COYOTOS_GPT_BACKGROUND != 0);
        Ok(Self { l2v: narrow(c.l2v, 6)?, ha, bg })
    }
}

impl From<EndpointAttrs> for execfmt_coyotos_endpoint {
    fn from(endpoint: EndpointAttrs) -> Self {
        let EndpointAttrs { pm, prot_payload, endpoint_id } = endpoint;
        Self { endpoint_id, pm: pm.into(), prot_payload }
    }
}

impl TryFrom<execfmt_coyotos_endpoint> for EndpointAttrs {
    type Error = execfmt_status;

    fn try_from(c: execfmt_coyotos_endpoint) -> Result<Self, execfmt_status> {
        let pm: u32 = narrow(c.pm, 1)?;
        Ok(Self { pm: pm != 0, prot_payload: c.prot_payload, endpoint_id: c.endpoint_id })
    }
}

impl From<ProcessAttrs> for execfmt_coyotos_process {
    fn from(process: ProcessAttrs) -> Self {
        Self {
            fault_info: process.fault_info,
            fault_code: process.fault_code,
            notices: process.notices,
            run_state: process.run_state.into(),
            flags: process.flags.into(),
        }
    }
}

impl TryFrom<execfmt_coyotos_process> for ProcessAttrs {
    type Error = execfmt_status;

    fn try_from(c: execfmt_coyotos_process) -> Result<Self, execfmt_status> {
        Ok(Self {
            run_state: narrow(c.run_state, 8)?,
            flags: narrow(c.flags, 16)?,
            notices: c.notices,
            fault_code: c.fault_code,
            fault_info: c.fault_info,
        })
    }
}

impl From<Bank> for execfmt_coyotos_bank {
    fn from(bank: Bank) -> Self {
        let Bank { endpoint_oid, parent } = bank;
        Self { endpoint_oid, parent }
    }
}

impl From<Alloc> for execfmt_coyotos_alloc {
    fn from(alloc: Alloc) -> Self {
        let Alloc { oid, bank, frame_type, reserved } = alloc;
        Self { oid, bank, frame_type, reserved }
    }
}

impl From<space::Leaf> for execfmt_coyotos_leaf {
    fn from(leaf: space::Leaf) -> Self {
        let (capability, restr) = (leaf.capability.into(), leaf.restr.bits().into());
        Self { capability, offset: leaf.offset, restr, reserved: 0 }
    }
}

impl From<space::Mapping> for execfmt_coyotos_mapping {
    fn from(mapping: space::Mapping) -> Self {
        let (capability, restr) = (mapping.capability.into(), mapping.restr.bits().into());
        Self { capability, address: mapping.address, l2_size: mapping.l2_size.into(), restr }
    }
}

impl From<Symbol<'_>> for execfmt_coyotos_symbol {
    fn from(symbol: Symbol<'_>) -> Self {
        Self {
            value: symbol.value,
            object: symbol.object,
            name: symbol.name.map_or(core::ptr::null(), |name| name.as_ptr().cast()),
            name_length: symbol.name.map_or(0, <[u8]>::len),
            size: symbol.size,
            kind: symbol.kind.number().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use coyotos_image::SpaceId;

    use super::*;

    #[test]
    fn every_capability_comes_back_from_c() {
        for word0 in [0, 1, 0x21, 0x1a3, 0xfff, 0xffff_ffff, 0xa5a5_a5a5, 0x3f, 0x60] {
            for word1 in [0, 12, 0x80, 0xff, 0xffff_ffff, 0xa5a5_a57f] {
                let cap = Capability::from_words(word0, word1, 0x0123_4567_89ab_cdef);
                let c = execfmt_coyotos_capability::from(cap);
                assert_eq!(Capability::try_from(c), Ok(cap));
            }
        }
        let id = ObjectId { object_type: ObjectType::Gpt, oid: 5 };
        assert_eq!(SpaceId::of(id).to_u64() >> 56, u64::from(EXECFMT_COYOTOS_OBJECT_GPT));
    }
}

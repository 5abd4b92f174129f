//! Functions that create capabilities, or derive them from others.

use coyotos_image::{CapType, Capability, PHYSICAL_PAGE_OID, Restr};

use super::{Arguments, Context, Done};
use crate::error::Cause;
use crate::value::Value;

fn page(context: &Context<'_>, oid: u64) -> Value {
    Value::Capability(context.library.builder().capability_to(CapType::PAGE, oid))
}

pub(super) fn page_cap(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    Ok(page(context, arguments.word64(0)?))
}

pub(super) fn phys_page_cap(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    Ok(page(context, arguments.word64(0)?.wrapping_add(PHYSICAL_PAGE_OID)))
}

pub(super) fn window(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    let mut cap = context.library.builder().capability_to(CapType::WINDOW, 0);
    cap.set_oid(arguments.word64(0)?);
    Ok(Value::Capability(cap))
}

pub(super) fn local_window(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    let mut cap = context.library.builder().capability_to(CapType::LOCAL_WINDOW, 0);
    cap.set_oid(arguments.word64(0)?);
    cap.set_alloc_count(arguments.word32(1)?);
    Ok(Value::Capability(cap))
}

/// A capability whose type is all that it contains.
pub(super) fn misc(kind: CapType) -> Value {
    let mut cap = Capability::NULL;
    cap.set_type(kind);
    Value::Capability(cap)
}

/// An Endpoint capability converted to another type, with a payload.
fn with_payload(context: &Context<'_>, arguments: &Arguments<'_>, kind: CapType) -> Done<Value> {
    let is_endpoint = |cap: Capability| cap.cap_type() == CapType::ENDPOINT;
    let mut cap = arguments.capability_if(0, is_endpoint, "an Endpoint")?;
    let payload = arguments.word32(1)?;
    context.library.endpoint(cap).or_else(|cause| Arguments::wrong(0, cause))?;
    cap.set_type(kind);
    cap.set_prot_payload(payload);
    Ok(Value::Capability(cap))
}

pub(super) fn enter(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    with_payload(context, arguments, CapType::ENTRY)
}

pub(super) fn app_int(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    with_payload(context, arguments, CapType::APP_NOTICE)
}

/// A capability with more restrictions; Null is unchanged.
fn restricted(
    arguments: &Arguments<'_>,
    restr: Restr,
    is: impl FnOnce(Capability) -> bool,
    expected: &'static str,
) -> Done<Value> {
    let null_or = |cap: Capability| cap.cap_type() == CapType::NULL || is(cap);
    let mut cap = arguments.capability_if(0, null_or, expected)?;
    if cap.cap_type() != CapType::NULL {
        cap.set_restr(cap.restr().with(restr));
    }
    Ok(Value::Capability(cap))
}

fn is_memory(cap: Capability) -> bool {
    cap.cap_type().is_memory()
}

const MEMORY: &str = "a GPT, Page, CapPage or window";

pub(super) fn readonly(_: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    restricted(arguments, Restr::RO, is_memory, MEMORY)
}

pub(super) fn weaken(_: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    restricted(arguments, Restr::WK.with(Restr::RO), is_memory, MEMORY)
}

pub(super) fn noexec(_: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    restricted(arguments, Restr::NX, is_memory, MEMORY)
}

fn is_gpt(cap: Capability) -> bool {
    cap.cap_type() == CapType::GPT
}

pub(super) fn opaque(_: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    restricted(arguments, Restr::OP, is_gpt, "a GPT")
}

pub(super) fn nocall(_: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    restricted(arguments, Restr::NC, is_gpt, "a GPT")
}

pub(super) fn nocache(_: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    restricted(arguments, Restr::CD, Capability::is_physical_page, "a Page of physical memory (PhysPageCap)")
}

/// The bits of `match`.
const MATCH_BITS: u32 = 24;

pub(super) fn guard(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    let mut cap = arguments.capability(0)?;
    let offset = arguments.word64(1)?;
    if !is_memory(cap) {
        return Arguments::wrong(0, Cause::CapabilityType { expected: MEMORY, found: cap.cap_type() });
    }
    let l2g = if arguments.has(2) { arguments.word32(2)? } else { cap.l2g().into() };
    let page = context.library.arch().page_size_log2();
    let size = u8::try_from(l2g).ok().filter(|&l2g| l2g >= page && u32::from(l2g) <= u64::BITS);
    let Some(size) = size else {
        return Arguments::wrong(
            if arguments.has(2) { 2 } else { 0 },
            Cause::GuardRange { l2g: l2g.into(), page },
        );
    };
    let bits = offset.checked_shr(l2g).unwrap_or(0);
    if bits.checked_shl(l2g).unwrap_or(0) != offset {
        return Arguments::wrong(1, Cause::GuardLowBits { offset, l2g: l2g.into() });
    }
    let fits =
        u32::try_from(bits).ok().filter(|bits| bits.leading_zeros() >= u32::BITS.saturating_sub(MATCH_BITS));
    let Some(bits) = fits else {
        return Arguments::wrong(1, Cause::GuardTruncated { offset, l2g: l2g.into() });
    };
    cap.set_l2g(size);
    cap.set_guard_match(bits);
    Ok(Value::Capability(cap))
}

fn guarded(arguments: &Arguments<'_>) -> Done<Capability> {
    let is = |cap: Capability| matches!(cap.cap_type(), CapType::GPT | CapType::PAGE | CapType::CAP_PAGE);
    arguments.capability_if(0, is, "a GPT, Page or CapPage")
}

pub(super) fn get_l2g(_: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    Ok(Value::integer(guarded(arguments)?.l2g()))
}

pub(super) fn get_match(_: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    Ok(Value::integer(guarded(arguments)?.guard_match()))
}

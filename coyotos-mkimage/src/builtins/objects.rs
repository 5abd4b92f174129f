//! New objects, copies of objects, and the contents of pages.

use alloc::vec::Vec;

use coyotos_image::{ByteOrder, CapType, Capability, ObjectType};

use super::{Arguments, Context, Done};
use crate::error::Cause;
use crate::number::{Bits, natural};
use crate::value::Value;

pub(super) fn new_bank(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    let parent = arguments.bank(0, context)?;
    Ok(Value::Capability(context.library.alloc_bank(parent)?))
}

fn new(context: &mut Context<'_>, arguments: &Arguments<'_>, kind: ObjectType) -> Done<Value> {
    let bank = arguments.bank(0, context)?;
    context.take(u64::from(kind.size(context.library.arch().page_size())) / 64)?;
    Ok(Value::Capability(context.library.alloc(kind, bank)?))
}

pub(super) fn new_page(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    new(context, arguments, ObjectType::Page)
}

pub(super) fn new_cap_page(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    new(context, arguments, ObjectType::CapPage)
}

pub(super) fn new_gpt(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    new(context, arguments, ObjectType::Gpt)
}

pub(super) fn new_endpoint(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    new(context, arguments, ObjectType::Endpoint)
}

pub(super) fn new_process(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    new(context, arguments, ObjectType::Process)
}

pub(super) fn dup(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    let bank = arguments.bank(0, context)?;
    let is_object = |cap: Capability| cap.cap_type().is_object();
    let mut cap = arguments.capability_if(1, is_object, "a Page, CapPage, GPT, Process or Endpoint")?;
    let expected = "an object of the image";
    let Some(kind) = ObjectType::from_cap_type(cap.cap_type()).filter(|_| !cap.is_physical_page()) else {
        return Arguments::wrong(1, Cause::CapabilityType { expected, found: cap.cap_type() });
    };
    context.take(u64::from(kind.size(context.library.arch().page_size())) / 16)?;
    // An object that does not exist must be refused before one is allocated for it.
    let exists = match kind {
        ObjectType::Page => context.library.page(cap).map(|_| ()),
        ObjectType::Gpt => context.library.gpt(cap).map(|_| ()),
        ObjectType::Process => context.library.process(cap).map(|_| ()),
        ObjectType::Endpoint => context.library.endpoint(cap).map(|_| ()),
        ObjectType::CapPage => context.library.capability(cap, coyotos_image::Slot::Index(0)).map(|_| ()),
    };
    exists.or_else(|cause| Arguments::wrong(1, cause))?;
    let copy = context.library.alloc(kind, bank)?;
    context.library.copy(cap, copy)?;
    cap.set_oid(copy.oid());
    cap.set_alloc_count(copy.alloc_count());
    Ok(Value::Capability(cap))
}

fn page(arguments: &Arguments<'_>) -> Done<Capability> {
    arguments.capability_if(0, |cap| cap.cap_type() == CapType::PAGE, "a Page")
}

pub(super) fn fillpage(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    let page = page(arguments)?;
    let number = natural(arguments.integer(1)?).or_else(|cause| Arguments::wrong(1, cause))?;
    let Ok(byte) = u8::try_from(number.low32()) else {
        return Arguments::wrong(1, Cause::ByteValue(number.low64()));
    };
    let size = usize::try_from(context.library.arch().page_size()).unwrap_or(usize::MAX);
    context.take(size as u64 / 64)?;
    let mut bytes = Vec::new();
    bytes.resize(size, byte);
    context.library.write_page(page, 0, &bytes).or_else(|cause| Arguments::wrong(0, cause))?;
    Ok(Value::Unit)
}

pub(super) fn set_page_uint64(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    let page = page(arguments)?;
    let (offset, value) = (arguments.word32(1)?, arguments.word64(2)?);
    let arch = context.library.arch();
    if offset % 8 != 0 || offset >= arch.page_size() {
        return Arguments::wrong(1, Cause::PageWord { offset: offset.into(), page: arch.page_size().into() });
    }
    let bytes = match arch.byte_order() {
        ByteOrder::Little => value.to_le_bytes(),
        ByteOrder::Big => value.to_be_bytes(),
    };
    context.library.write_page(page, offset.into(), &bytes).or_else(|cause| Arguments::wrong(0, cause))?;
    Ok(Value::Unit)
}

//! Address spaces, and loading files into them.

use coyotos_image::{Capability, ObjectType, Restr};

use super::{Arguments, Context, Done};
use crate::error::Cause;
use crate::value::{Flags, Names, Value};

/// The maximum size that a space is to cover; 0 for its own size.
fn size(arguments: &Arguments<'_>, index: usize) -> Done<u32> {
    if arguments.has(index) { arguments.word32(index) } else { Ok(0) }
}

/// The number of steps that a call on a space may take: it may create a GPT at each level.
const SPACE_STEPS: u64 = 32;

pub(super) fn guarded_space(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    let bank = arguments.bank(0, context)?;
    let (space, offset, l2) = (arguments.space(1)?, arguments.word64(2)?, size(arguments, 3)?);
    context.take(SPACE_STEPS)?;
    Ok(Value::Capability(context.library.guarded(bank, space, offset, l2)?))
}

pub(super) fn insert_subspace(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    let bank = arguments.bank(0, context)?;
    let (space, sub) = (arguments.space(1)?, arguments.space(2)?);
    let (offset, l2) = (arguments.word64(3)?, size(arguments, 4)?);
    context.take(SPACE_STEPS)?;
    Ok(Value::Capability(context.library.add(bank, space, offset, sub, l2)?))
}

const CONSTANT: Flags = Flags { constant: true, public: false, pure: false };

pub(super) fn lookup_addr(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    let (space, offset) = (arguments.space(0)?, arguments.word64(1)?);
    // The names are kept until the end of the run.
    context.take(SPACE_STEPS.saturating_mul(4))?;
    let leaf = context.library.leaf(space, offset)?;
    let mut names = Names::default();
    let mut bind = |name: &str, value| names.bind(context.symbols.of(name), value, CONSTANT);
    bind("cap", Value::Capability(leaf.capability));
    bind("offset", Value::integer(leaf.offset));
    for (name, bit) in [("ro", Restr::RO), ("nx", Restr::NX), ("wk", Restr::WK), ("op", Restr::OP)] {
        bind(name, Value::integer(u8::from(leaf.restr.contains(bit))));
    }
    Ok(Value::Environment(context.environments.add(names)))
}

pub(super) fn readfile(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    let bank = arguments.bank(0, context)?;
    arguments.text(1)?;
    let offset = if arguments.has(2) { arguments.word64(2)? } else { 0 };
    let file = context.file(1, arguments)?;
    let page = context.library.arch().page_size();
    if offset.checked_rem(page.into()) != Some(0) {
        return Arguments::wrong(2, Cause::FileOffset { offset, page: page.into() });
    }
    let (mut space, mut at) = (Capability::NULL, offset);
    for bytes in file.bytes.chunks(usize::try_from(page).unwrap_or(usize::MAX).max(1)) {
        context.take(u64::from(page) / 64)?;
        let cap = context.library.alloc(ObjectType::Page, bank)?;
        let used = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last.saturating_add(1));
        if let Some(used) = bytes.get(..used).filter(|used| !used.is_empty()) {
            context.library.write_page(cap, 0, used)?;
        }
        space = context.library.add(bank, space, at, cap, 0)?;
        at = at.wrapping_add(page.into());
    }
    Ok(Value::Capability(space))
}

pub(super) fn loadimage(context: &mut Context<'_>, arguments: &Arguments<'_>) -> Done<Value> {
    let bank = arguments.bank(0, context)?;
    let file = context.file(1, arguments)?;
    let loaded =
        context.library.load(bank, &file.name, &file.bytes).or_else(|cause| Arguments::wrong(1, cause))?;
    let mut names = Names::default();
    names.bind(context.symbols.of("pc"), Value::integer(loaded.entry), CONSTANT);
    names.bind(context.symbols.of("space"), Value::Capability(loaded.space), Flags::default());
    Ok(Value::Environment(context.environments.add(names)))
}

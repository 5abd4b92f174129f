use super::{GptSource, MAX_DEPTH, SpaceError};
use crate::bits::{lo, shr};
use crate::capability::{CapType, Capability, Restr};

/// What is mapped at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The Page or CapPage; Null when nothing is mapped there.
    pub capability: Capability,
    /// The address within it, in bytes.
    pub offset: u64,
    /// The restrictions accumulated on the path, without OP.
    pub restr: Restr,
}

/// Looks up what is mapped at an address. Takes at most [`MAX_DEPTH`] steps.
///
/// # Errors
/// [`SpaceError::NotMemory`] for a window or another capability that leads nowhere, [`SpaceError::NoSuchObject`],
/// [`SpaceError::TooDeep`].
pub fn leaf(source: &impl GptSource, space: Capability, address: u64) -> Result<Leaf, SpaceError> {
    let (mut current, mut offset, mut restr) = (space, address, Restr::NONE);
    let unmapped = |restr| Ok(Leaf { capability: Capability::NULL, offset: 0, restr });
    for _ in 0..=MAX_DEPTH {
        let kind = current.cap_type();
        if kind == CapType::NULL {
            return unmapped(restr);
        }
        if !kind.is_memory() || kind.is_window() {
            return Err(SpaceError::NotMemory(kind));
        }
        let l2g = u32::from(current.l2g());
        if shr(offset, l2g) != u64::from(current.guard_match()) {
            return unmapped(restr);
        }
        offset = lo(offset, l2g);
        restr = restr.with(current.restr().without(Restr::OP));
        if restr.contains(Restr::WK) {
            restr = restr.with(Restr::RO);
        }
        if kind != CapType::GPT {
            return Ok(Leaf { capability: current, offset, restr });
        }
        let missing =
            || SpaceError::NoSuchObject { cap_type: kind, oid: current.oid(), count: source.gpt_count() };
        let gpt = source.gpt_state(current.oid()).ok_or_else(missing)?;
        let slot = shr(offset, gpt.l2v.into());
        let Some(slot) = u32::try_from(slot).ok().filter(|&slot| shr(slot.into(), gpt.l2slots()) == 0) else {
            return unmapped(restr);
        };
        offset = lo(offset, gpt.l2v.into());
        current = source.gpt_slot(current.oid(), slot).ok_or_else(missing)?;
    }
    Err(SpaceError::TooDeep)
}

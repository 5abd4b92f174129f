//! For `cargo xtask prove` only.

use super::error::StreamFinding;
use super::memory::{InPlace, Memory as _};

/// What decompression in place checks during each item: the positions of input and output after the item's
/// first byte and after its last one.
///
/// # Errors
/// [`OutputOvertakes`](super::StreamRule::OutputOvertakes) or
/// [`DistanceTooLarge`](super::StreamRule::DistanceTooLarge).
pub fn in_place_distance(inp: usize, first_out: usize, last_out: usize) -> Result<(), StreamFinding> {
    InPlace { area: &mut [] }.check_distance(inp, first_out, last_out)
}

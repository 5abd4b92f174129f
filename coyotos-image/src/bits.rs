//! The bit arithmetic of guards and offsets, in which shifts by 64 or more give 0.

/// `x` times two to the power of `b`, modulo 2^64.
pub(crate) const fn shl(x: u64, b: u32) -> u64 {
    match x.checked_shl(b) {
        Some(shifted) => shifted,
        None => 0,
    }
}

/// `x` shifted right by `b`.
pub(crate) const fn shr(x: u64, b: u32) -> u64 {
    match x.checked_shr(b) {
        Some(shifted) => shifted,
        None => 0,
    }
}

/// The bits of `x` below bit `b`.
pub(crate) const fn lo(x: u64, b: u32) -> u64 {
    match 1_u64.checked_shl(b) {
        Some(bit) => x & bit.wrapping_sub(1),
        None => x,
    }
}

/// The bits of `x` at bit `b` and above.
pub(crate) const fn hi(x: u64, b: u32) -> u64 {
    x & !lo(u64::MAX, b)
}

/// The number of significant bits of `x`.
#[cfg(feature = "alloc")]
pub(crate) const fn bit_length(x: u64) -> u32 {
    u64::BITS.wrapping_sub(x.leading_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts_by_the_whole_word_give_nothing() {
        for (b, low, high) in
            [(0, 0, !0), (12, 0xfff, !0xfff), (63, !0 >> 1, 1 << 63), (64, !0, 0), (127, !0, 0)]
        {
            assert_eq!((lo(!0, b), hi(!0, b)), (low, high), "bits {b}");
        }
        assert_eq!((shl(1, 63), shl(1, 64), shl(1, 100), shr(!0, 63), shr(!0, 64)), (1 << 63, 0, 0, 1, 0));
    }
}

//! Integers where the library takes words of fixed size.

use alloc::string::ToString as _;
use core::cmp::Ordering;

use num_bigint::{BigInt, Sign};

use crate::code::Binary;
use crate::error::Cause;
use crate::limits::Limit;

/// The lowest bits of a non-negative number: as many as the field has, as in the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Natural([u8; 8]);

/// The lowest 64 bits of a number.
///
/// # Errors
/// [`Cause::Negative`].
pub(crate) fn natural(number: &BigInt) -> Result<Natural, Cause> {
    if number.sign() == Sign::Minus {
        return Err(Cause::Negative(shown(number)));
    }
    Ok(Natural(number.iter_u64_digits().next().unwrap_or_default().to_le_bytes()))
}

/// A number in a message.
fn shown(number: &BigInt) -> alloc::string::String {
    if number.bits() <= 256 {
        number.to_string()
    } else {
        alloc::format!("a number of {} bits", number.bits())
    }
}

/// Words of fixed sizes.
pub(crate) trait Bits {
    fn low8(self) -> u8;
    fn low16(self) -> u16;
    fn low32(self) -> u32;
    fn low64(self) -> u64;
}

impl Bits for Natural {
    fn low8(self) -> u8 {
        let [a, ..] = self.0;
        a
    }

    fn low16(self) -> u16 {
        let [a, b, ..] = self.0;
        u16::from_le_bytes([a, b])
    }

    fn low32(self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_le_bytes([a, b, c, d])
    }

    fn low64(self) -> u64 {
        u64::from_le_bytes(self.0)
    }
}

/// Number of steps for printing a number: the square of its length.
pub(crate) fn print_steps(number: &BigInt) -> u64 {
    let words = number.bits() / 64;
    words.saturating_mul(words) / 256
}

/// Number of steps for an operation on two integers.
pub(crate) fn steps(operator: Binary, left: &BigInt, right: &BigInt) -> u64 {
    let (a, b) = (left.bits() / 64, right.bits() / 64);
    match operator {
        Binary::Multiply | Binary::Divide | Binary::Remainder => {
            (a.saturating_mul(b) / 64).saturating_add(a.max(b) / 8)
        }
        _ => a.max(b) / 8,
    }
}

/// Computes with two integers.
///
/// # Errors
/// [`Cause::DivisionByZero`], [`Limit::IntegerBits`].
pub(crate) fn compute(
    operator: Binary,
    left: &BigInt,
    right: &BigInt,
    most_bits: u64,
) -> Result<BigInt, Cause> {
    let limit = || Cause::Limit(Limit::IntegerBits(most_bits));
    let truth = |truth: bool| BigInt::from(u8::from(truth));
    let order = left.cmp(right);
    let value = match operator {
        Binary::Add => left.checked_add(right),
        Binary::Subtract => left.checked_sub(right),
        Binary::Multiply if left.bits().saturating_add(right.bits()) > most_bits.saturating_add(1) => None,
        Binary::Multiply => left.checked_mul(right),
        Binary::Divide => return left.checked_div(right).ok_or(Cause::DivisionByZero),
        // The remainder of a division that truncates: it has the sign of the left operand.
        Binary::Remainder => {
            let quotient = left.checked_div(right).ok_or(Cause::DivisionByZero)?;
            quotient.checked_mul(right).and_then(|product| left.checked_sub(&product))
        }
        comparison => Some(truth(holds(comparison, order))),
    };
    value.filter(|value| value.bits() <= most_bits).ok_or_else(limit)
}

/// Whether a comparison holds for two values in this order.
pub(crate) const fn holds(comparison: Binary, order: Ordering) -> bool {
    match comparison {
        Binary::Equal => order.is_eq(),
        Binary::NotEqual => order.is_ne(),
        Binary::Less => order.is_lt(),
        Binary::Greater => order.is_gt(),
        Binary::LessEqual => order.is_le(),
        _ => order.is_ge(),
    }
}

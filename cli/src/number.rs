//! Numbers as a user writes them: the same parser for every option and argument.

/// A number in decimal, hexadecimal after `0x`, or octal after `0`, as C's `strtoul` accepts them; for clap.
///
/// # Errors
/// What was expected, with the largest number of the type.
pub(crate) fn number<T: TryFrom<u64> + Limit>(text: &str) -> Result<T, String> {
    parse(text).and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
        format!("expected 0 to {}: decimal, hexadecimal after 0x, or octal after 0", T::LARGEST)
    })
}

/// The same for an expression that contains numbers. Only digits: a sign is refused.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (text.get(2..)?, 16),
        [b'0', _, ..] => (text.get(1..)?, 8),
        _ => (text, 10),
    };
    // from_str_radix would accept a sign.
    let all_digits = digits.chars().all(|digit| digit.is_digit(radix));
    if all_digits { u64::from_str_radix(digits, radix).ok() } else { None }
}

/// An unsigned type of an option.
pub(crate) trait Limit {
    /// Its largest number.
    const LARGEST: u64;
}

impl Limit for u16 {
    const LARGEST: u64 = u16::MAX as u64;
}

impl Limit for u32 {
    const LARGEST: u64 = u32::MAX as u64;
}

impl Limit for u64 {
    const LARGEST: u64 = u64::MAX;
}

#[cfg(test)]
mod tests {
    use super::{number, parse};

    #[test]
    fn numbers_as_strtoul_takes_them() {
        for (text, expected) in [
            ("0", 0),
            ("00", 0),
            ("4096", 4096),
            ("0x1000", 4096),
            ("0X1000", 4096),
            ("010000", 4096),
            ("99999", 99_999),
            ("0xffffffffffffffff", u64::MAX),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        for text in ["", "0x", "-1", "+1", "0x+1", "09", "4k", "0xg", " 1", "18446744073709551616", "٣"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_error_names_the_largest() {
        assert_eq!(number::<u16>("65535"), Ok(u16::MAX));
        let error = number::<u16>("65536").unwrap_err();
        assert_eq!(error, "expected 0 to 65535: decimal, hexadecimal after 0x, or octal after 0");
    }
}

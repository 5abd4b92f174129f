//! The words of a line: how each call is written, and numbers and bytes.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::Cause;

/// The syntax of a call; `None` when there is no call of that name.
pub(super) fn usage(call: &str) -> Option<&'static str> {
    Some(match call {
        "arch" => "arch i386|coldfire|arm",
        "bank" => "bank NAME PARENT",
        "page" => "page NAME BANK",
        "cappage" => "cappage NAME BANK",
        "gpt" => "gpt NAME BANK",
        "endpoint" => "endpoint NAME BANK",
        "process" => "process NAME BANK",
        "cap" => "cap NAME TYPE [OID]",
        "copy" => "copy NAME FROM",
        "set" => "set NAME type|swizzled|restr|allocCount|pp|l2g|match|oid VALUE",
        "put" => "put OBJECT FIELD INDEX NAME",
        "get" => "get NAME OBJECT FIELD INDEX",
        "gptset" => "gptset GPT l2v|ha|bg VALUE",
        "epset" => "epset ENDPOINT pm|protPayload|endpointID VALUE",
        "procset" => "procset PROCESS runState|flags|notices|faultCode|faultInfo VALUE",
        "data" => "data PAGE OFFSET HEX",
        "guarded" => "guarded NAME BANK CAP OFFSET L2",
        "add" => "add NAME BANK SPACE ADDRESS CAP L2",
        "elf" => "elf NAME BANK FILE",
        "load" => "load NAME BANK FILE",
        "runnable" => "runnable NAME BANK SPACE PC",
        "constructor" => "constructor SPACE-NAME PROTO-NAME BANK SPACE PC [PROTO-FILE]",
        "emit" => "emit NAME BANK SPACE ADDRESS RESTR HEX",
        "symbols" => "symbols SPACE FILE",
        "leaf" => "leaf SPACE ADDRESS",
        "validate" => "validate",
        "file" => "file NAME",
        _ => return None,
    })
}

/// A number in the syntax of the recipe language.
pub(super) fn number(text: &str) -> Result<u64, Cause> {
    let bad = || Cause::Number(text.to_string());
    let (digits, radix) = match text.get(..2) {
        Some("0x" | "0X") => (text.get(2..), 16),
        Some("0o" | "0O") => (text.get(2..), 8),
        Some("0b" | "0B") => (text.get(2..), 2),
        _ => (Some(text), 10),
    };
    let digits = digits.filter(|digits| digits.starts_with(|first: char| first.is_ascii_hexdigit()));
    u64::from_str_radix(digits.ok_or_else(bad)?, radix).map_err(|_| bad())
}

/// The lowest bits of a number: as many as the field has, as in the original.
pub(super) fn low32(value: u64) -> u32 {
    let [a, b, c, d, ..] = value.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

pub(super) fn low8(value: u64) -> u8 {
    let [low, ..] = value.to_le_bytes();
    low
}

pub(super) fn hex(text: &str) -> Result<Vec<u8>, Cause> {
    let bad = || Cause::Hex(text.to_string());
    let digit = |digit: &u8| char::from(*digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Ok(digit(high).ok_or_else(bad)? << 4 | digit(low).ok_or_else(bad)?),
            _ => Err(bad()),
        })
        .collect()
}

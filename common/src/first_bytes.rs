use core::fmt;

/// The first bytes of a file as messages show them, always in the same notation: in file order, in
/// hexadecimal, and as text where they are printable.
///
/// ```
/// use execfmt_common::FirstBytes;
///
/// assert_eq!(FirstBytes::of(b"hello").to_string(), "68 65 6c 6c 'hell'");
/// assert_eq!(FirstBytes::of(&[0xad, 0xdf]).to_string(), "ad df");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstBytes {
    bytes: [u8; Self::SHOWN],
    len: usize,
}

impl FirstBytes {
    /// Maximum number of bytes shown.
    pub const SHOWN: usize = 4;

    /// The first bytes of a file, or of its beginning.
    pub fn of(file: &[u8]) -> Self {
        let mut bytes = [0; Self::SHOWN];
        bytes.iter_mut().zip(file).for_each(|(to, from)| *to = *from);
        Self { bytes, len: file.len().min(Self::SHOWN) }
    }

    /// The bytes as a little-endian number, as findings carry them; missing bytes count as 0.
    pub const fn number(self) -> u32 {
        u32::from_le_bytes(self.bytes)
    }
}

impl fmt::Display for FirstBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes.get(..self.len).unwrap_or_default();
        if bytes.is_empty() {
            return f.write_str("none");
        }
        for (index, byte) in bytes.iter().enumerate() {
            write!(f, "{}{byte:02x}", if index == 0 { "" } else { " " })?;
        }
        match core::str::from_utf8(bytes) {
            Ok(text) if bytes.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') => {
                write!(f, " '{text}'")
            }
            _ => Ok(()),
        }
    }
}

use core::ffi::CStr;
use core::fmt;

macro_rules! names {
    ($First:ident = $first:literal, $($Name:ident = $name:literal),+ $(,)?) => {
        /// The name of a field, or of a part of the image, that a rule is about: as the specification spells it, where it does.
        ///
        /// The numbers are part of the C ABI: a name is only ever added at the end.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum FieldName {
            #[doc = concat!("`", $first, "`")]
            $First = 1,
            $(#[doc = concat!("`", $name, "`")] $Name,)+
        }

        impl FieldName {
            /// All names, by their numbers.
            pub const ALL: &'static [Self] = &[Self::$First, $(Self::$Name),+];

            /// The name followed by a NUL, so that C gets the same text.
            const fn text(self) -> &'static str {
                match self {
                    Self::$First => concat!($first, "\0"),
                    $(Self::$Name => concat!($name, "\0"),)+
                }
            }
        }
    };
}

names! {
    Magic = "magic",
    Endian = "endian",
    Version = "version",
    Target = "target",
    PgSize = "pgSize",
    NAlloc = "nAlloc",
    NBank = "nBank",
    NSymbol = "nSymbol",
    NStringBytes = "nStringBytes",
    NPage = "nPage",
    NCapPage = "nCapPage",
    NGpt = "nGPT",
    NEndpoint = "nEndpoint",
    NProc = "nProc",
    ImgBytes = "imgBytes",
    BankVecOid = "bankVecOID",
    SymVecOid = "symVecOID",
    StringTableOid = "stringTableOID",
    AllocVecOid = "allocVecOID",
    EndVecOid = "endVecOID",
    Header = "header",
    BankTable = "bank table",
    SymbolTable = "symbol table",
    StringTable = "string table",
    AllocTable = "alloc table",
    Oid = "oid",
    Parent = "parent",
    Type = "type",
    Bank = "bank",
    Reserved = "reserved",
    Value = "value",
    Object = "object",
    Size = "size",
    String = "string",
    EndpointId = "endpointID",
    L2v = "l2v",
    RunState = "runState",
    Flags = "flags",
    FirstPadding = "first word's padding",
    Swizzled = "swizzled",
    AllocCount = "allocCount",
    Restr = "restr",
    ProtPayload = "protPayload",
    L2g = "l2g",
    Match = "match",
    GuardPadding = "guard padding",
    Cap = "cap",
}

impl FieldName {
    /// The name as text.
    pub fn as_str(self) -> &'static str {
        self.text().strip_suffix('\0').unwrap_or_default()
    }

    /// The name for C.
    pub fn as_c_str(self) -> &'static CStr {
        CStr::from_bytes_with_nul(self.text().as_bytes()).unwrap_or_default()
    }

    /// The number of the name, from 1 on.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The name with a number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number.checked_sub(1)?)).copied()
    }

    /// The name with this text. For constants only: a text that is not a name fails to compile.
    #[expect(clippy::panic, reason = "at compile time only")]
    pub(crate) const fn of(text: &str) -> Self {
        let mut names = Self::ALL;
        while let Some((name, rest)) = names.split_first() {
            if is_spelt(name.text().as_bytes(), text.as_bytes()) {
                return *name;
            }
            names = rest;
        }
        panic!("not the name of a field")
    }
}

/// Whether a name with its NUL is a text without one.
const fn is_spelt(mut name: &[u8], mut text: &[u8]) -> bool {
    while let (Some((first, name_rest)), Some((second, text_rest))) = (name.split_first(), text.split_first())
    {
        if *first != *second {
            return false;
        }
        (name, text) = (name_rest, text_rest);
    }
    matches!((name, text), ([0], []))
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text, text for C and number of a name lead to the same name, and back.
    #[test]
    fn every_name_comes_back_from_its_number_and_its_text() {
        for (number, &name) in (1..).zip(FieldName::ALL) {
            assert_eq!((name.number(), FieldName::from_number(number)), (number, Some(name)));
            assert_eq!((name.as_c_str().to_str(), FieldName::of(name.as_str())), (Ok(name.as_str()), name));
            assert!(!name.as_str().is_empty() && !name.as_str().contains('\0'), "{name}");
        }
        assert_eq!((FieldName::from_number(0), FieldName::from_number(u8::MAX)), (None, None));
    }

    /// Programs in C keep the numbers: these are some of the first release.
    #[test]
    fn numbers_stay() {
        let numbers = [FieldName::Magic, FieldName::EndVecOid, FieldName::Oid, FieldName::GuardPadding];
        assert_eq!(numbers.map(FieldName::number), [1, 20, 26, 46]);
    }
}

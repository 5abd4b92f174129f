use zerocopy::ByteOrder;
use zerocopy::byteorder::{I16, I32, U16, U32, U64};

/// How a field of a wire struct is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WireKind {
    /// An unsigned number, in the byte order of the record.
    Unsigned,
    /// A signed number, in the byte order of the record.
    Signed,
    /// Bytes.
    Bytes,
    /// A record with fields of its own.
    Record(&'static [WireField]),
    /// An array of this many elements.
    Array(&'static WireKind, usize),
}

/// A type that a field of a wire struct may have.
pub trait Wire {
    /// How it is read.
    const KIND: WireKind;
}

/// A field of a wire struct: the single description that errors, listings, documentation and the assertions
/// of the C header use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireField {
    /// The name in the format's specification.
    pub name: &'static str,
    /// Offset from the start of the struct, in bytes.
    pub offset: usize,
    /// Its length in bytes.
    pub size: usize,
    /// How it is read.
    pub kind: WireKind,
    /// Its meaning.
    pub meaning: &'static str,
}

macro_rules! wire_numbers {
    ($($number:ident $kind:ident),+) => {
        $(impl<O: ByteOrder> Wire for $number<O> {
            const KIND: WireKind = WireKind::$kind;
        })+
    };
}

wire_numbers!(U16 Unsigned, U32 Unsigned, U64 Unsigned, I16 Signed, I32 Signed);

impl Wire for u8 {
    const KIND: WireKind = WireKind::Unsigned;
}

impl<T: Wire, const N: usize> Wire for [T; N] {
    const KIND: WireKind = match T::KIND {
        WireKind::Unsigned if size_of::<T>() == 1 => WireKind::Bytes,
        _ => WireKind::Array(&T::KIND, N),
    };
}

/// The name of a field whose name is a keyword of Rust, such as `r#type`, without the `r#`.
#[doc(hidden)]
pub const fn field_name(identifier: &'static str) -> &'static str {
    match identifier.as_bytes() {
        [b'r', b'#', name @ ..] => match core::str::from_utf8(name) {
            Ok(name) => name,
            Err(_) => identifier,
        },
        _ => identifier,
    }
}

/// Declares a wire struct and, from the same lines, its [`WireField`]s: `FIELDS`, in order. Where the name in
/// the specification differs from that of the Rust field, it follows the type: `pg_size: U32<O> = "pgSize"`.
///
/// ```
/// use zerocopy::byteorder::{LittleEndian, U32};
///
/// execfmt_common::wire! {
///     /// A record of four words.
///     #[derive(Clone, Copy, zerocopy::FromBytes, zerocopy::IntoBytes, zerocopy::Immutable, zerocopy::KnownLayout, zerocopy::Unaligned)]
///     #[repr(C)]
///     pub struct Pair<O: zerocopy::ByteOrder> {
///         /// Where it begins, in bytes.
///         pub start: U32<O>,
///         /// Its length in bytes.
///         pub size: U32<O>,
///         /// What follows it.
///         pub next_one: [U32<O>; 2] = "nextOne",
///     }
/// }
/// assert_eq!(Pair::<LittleEndian>::FIELDS[2].name, "nextOne");
/// let field = Pair::<LittleEndian>::FIELDS[1];
/// assert_eq!((field.name, field.offset, field.size), ("size", 4, 4));
/// assert_eq!(field.meaning.trim(), "Its length in bytes.");
/// ```
#[macro_export]
macro_rules! wire {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident $(<$O:ident: $bound:path>)? {
            $(
                $(#[doc = $doc:literal])+
                $field_visibility:vis $field:ident: $Type:ty $(= $spec:literal)?,
            )+
        }
    ) => {
        $(#[$attribute])*
        $visibility struct $name $(<$O: $bound>)? {
            $($(#[doc = $doc])+ $field_visibility $field: $Type,)+
        }

        impl $(<$O: $bound>)? $name $(<$O>)? {
            /// The fields, in the order of the struct.
            pub const FIELDS: &'static [$crate::WireField] = &[$($crate::WireField {
                name: $crate::wire!(@name $field $($spec)?),
                offset: ::core::mem::offset_of!(Self, $field),
                size: ::core::mem::size_of::<$Type>(),
                kind: <$Type as $crate::Wire>::KIND,
                meaning: concat!($($doc),+),
            }),+];
        }

        impl $(<$O: $bound>)? $crate::Wire for $name $(<$O>)? {
            const KIND: $crate::WireKind = $crate::WireKind::Record(Self::FIELDS);
        }
    };
    (@name $field:ident $spec:literal) => { $spec };
    (@name $field:ident) => { $crate::field_name(stringify!($field)) };
}

//! What a wire struct says of its fields.

use execfmt_common::WireKind;
use zerocopy::byteorder::{I16, U32};
use zerocopy::{BigEndian, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

execfmt_common::wire! {
    /// One field of each kind.
    #[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
    #[repr(C)]
    pub struct Record<O: zerocopy::ByteOrder> {
        /// A number.
        pub r#type: U32<O>,
        /// One with a sign.
        pub change: I16<O> = "delta",
        /// Bytes.
        pub name: [u8; 6],
        /// Numbers.
        pub sizes: [U32<O>; 3],
    }
}

#[test]
fn fields_have_the_names_of_the_specification_and_their_kinds() {
    let fields = Record::<BigEndian>::FIELDS;
    let rows: Vec<_> =
        fields.iter().map(|field| (field.name, field.offset, field.size, field.meaning.trim())).collect();
    assert_eq!(
        rows,
        [
            ("type", 0, 4, "A number."),
            ("delta", 4, 2, "One with a sign."),
            ("name", 6, 6, "Bytes."),
            ("sizes", 12, 12, "Numbers.")
        ]
    );
    let [number, signed, bytes, numbers] = fields else { panic!("four fields") };
    assert!(matches!(number.kind, WireKind::Unsigned));
    assert!(matches!(signed.kind, WireKind::Signed));
    assert!(matches!(bytes.kind, WireKind::Bytes));
    assert!(matches!(numbers.kind, WireKind::Array(WireKind::Unsigned, 3)));
}

#[test]
fn keywords_lose_their_mark_also_at_run_time() {
    for (identifier, name) in [("r#type", "type"), ("start", "start"), ("r", "r"), ("r#", "")] {
        assert_eq!(execfmt_common::field_name(identifier), name);
    }
}

//! Names, slots and pages of an image, one by one.

use coyotos_image::{
    Arch, CapType, Capability, CoyotosField, FieldName, Image, ObjectId, ObjectType, Options, Restr, Slot,
    SpaceId,
};

use crate::sample::{BIG, LITTLE, PAGES};

#[test]
fn architectures_have_the_names_of_recipes() {
    assert_eq!(Arch::ALL.map(Arch::name), ["i386", "coldfire", "arm"]);
    for arch in Arch::ALL {
        assert_eq!(Arch::from_name(arch.name()), Some(arch));
    }
    assert_eq!(Arch::from_name(""), None);
}

/// The slots of each object, as many as it has, and the first that it has not.
#[test]
fn slots_end_where_the_object_does() {
    for (object, page_size, count) in
        [(ObjectType::CapPage, 4096, 256), (ObjectType::CapPage, 512, 32), (ObjectType::Gpt, 4096, 16)]
    {
        let index = |slot| object.slot_index(Slot::Index(slot), page_size);
        assert_eq!((index(0), index(count - 1), index(count)), (Some(0), Some(count - 1), None), "{object}");
    }
    let register = |number| ObjectType::Process.slot_index(Slot::CapReg(number), 4096);
    assert_eq!((register(0), register(31), register(32)), (Some(6), Some(37), None));
    assert_eq!(ObjectType::Endpoint.slot_index(Slot::Recipient, 4096), Some(0));
    assert_eq!(ObjectType::Endpoint.slot_index(Slot::Index(0), 4096), None);
}

#[test]
fn pages_follow_each_other_from_the_header_on() {
    for sample in [LITTLE, BIG] {
        let bytes = sample.sound();
        let image = Image::parse(&bytes, Options::default()).unwrap();
        let size = sample.page as usize;
        assert_eq!(image.pages().count() as u64, PAGES);
        for (number, page) in image.pages().enumerate() {
            assert_eq!(page, &bytes[number * size..][..size], "{number}");
            assert_eq!(image.page(number as u64), Some(page));
        }
    }
}

/// A field of a capability: its word, lowest bit and width, as the specification has them; and how it is read and set.
type Field = (usize, u32, u32, fn(Capability) -> u32, fn(&mut Capability, u32));

#[test]
fn each_field_of_a_capability_is_read_and_set_by_itself() {
    let fields: [Field; 7] = [
        (
            0,
            0,
            6,
            |cap| cap.cap_type().number().into(),
            |cap, it| {
                cap.set_type(CapType::new((it & 0x3f) as u8).unwrap());
            },
        ),
        (0, 6, 1, |cap| cap.swizzled().into(), |cap, it| cap.set_swizzled(it & 1 != 0)),
        (0, 7, 5, |cap| cap.restr().bits().into(), |cap, it| cap.set_restr(Restr::from_bits(it as u8))),
        (0, 12, 20, Capability::alloc_count, Capability::set_alloc_count),
        (1, 0, 7, |cap| cap.l2g().into(), |cap, it| cap.set_l2g(it as u8)),
        (1, 8, 24, Capability::guard_match, Capability::set_guard_match),
        (1, 0, 32, Capability::prot_payload, Capability::set_prot_payload),
    ];
    let patterns = [0, u32::MAX, 0x5a5a_5a5a, 0xa5a5_a5a5, 0x0fed_cba9];
    for (word, shift, width, get, set) in fields {
        let ones = u32::MAX >> (32 - width);
        for (before, value) in patterns.iter().flat_map(|&a| patterns.map(|b| (a, b))) {
            let mut words = [before, !before];
            let mut cap = Capability::from_words(words[0], words[1], 77);
            assert_eq!(get(cap), words[word] >> shift & ones, "word {word} bit {shift}: {words:x?}");
            set(&mut cap, value);
            words[word] = words[word] & !(ones << shift) | (value & ones) << shift;
            assert_eq!(cap.words(), (words[0], words[1], 77), "word {word} bit {shift} to {value:x}");
            assert_eq!(cap.guard_padding(), words[1] >> 7 & 1 != 0);
        }
    }
}

#[test]
fn fields_name_their_object_and_slot() {
    let object = ObjectId { object_type: ObjectType::Gpt, oid: 3 };
    let (slot, name) = (Slot::Index(2), FieldName::from_number(1).unwrap());
    for (field, parts) in [
        (CoyotosField::FileLength, (None, None)),
        (CoyotosField::Object(object, name), (Some(object), None)),
        (CoyotosField::Capability(object, slot, name), (Some(object), Some(slot))),
    ] {
        assert_eq!((field.object(), field.slot()), parts, "{field}");
    }
}

/// The type of the root is in the highest 8 bits.
#[test]
fn spaces_are_named_by_their_root() {
    for object_type in ObjectType::ALL {
        for oid in [0, 1, 0x00ff_ffff_ffff_ffff] {
            let root = ObjectId { object_type, oid };
            let word = u64::from(object_type.number()) << 56 | oid;
            assert_eq!((SpaceId::of(root).to_u64(), SpaceId::from_u64(word).root()), (word, Some(root)));
        }
    }
    assert_eq!(SpaceId::from_u64(u64::MAX).root(), None);
}

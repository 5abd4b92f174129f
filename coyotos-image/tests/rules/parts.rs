//! Names, slots and pages of an image, one by one.

use coyotos_image::{Arch, Image, ObjectType, Options, Slot};

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

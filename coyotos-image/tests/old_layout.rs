//! Images of July 2007, put together here word by word: the crate's own structs have no part in it.
//!
//! What differs from the current layout: an endpoint has 48 bytes, with a second capability; a bit `sq` next to `pm`;
//! capabilities to processes have type 0x25, those to interrupts of applications 0x26, and 0x24 is free; `endVecOID` is
//! one less than the number of pages.

#![cfg(feature = "alloc")]
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

use coyotos_image::space::{WalkLimits, walk};
use coyotos_image::{
    Arch, Builder, CapType, Capability, CoyotosRule, Image, Layout, ObjectId, ObjectType, Options, Rules,
    Slot, check,
};

const OLD: Options<'static> =
    Options { archs: &Arch::ALL, packing: coyotos_image::Packing::AsWritten, old_layouts: true };

/// Words in the order of the target.
struct Words {
    big: bool,
    bytes: Vec<u8>,
}

impl Words {
    fn put(&mut self, size: usize, values: &[u64]) {
        for value in values {
            let (little, big) = (value.to_le_bytes(), value.to_be_bytes());
            self.bytes.extend(if self.big { &big[8 - size..] } else { &little[..size] });
        }
    }

    fn page_end(&mut self, page: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(page), 0);
    }

    fn cap(&mut self, word0: u64, word1: u64, oid: u64) {
        self.put(4, &[word0, word1]);
        self.put(8, &[oid]);
    }
}

/// A header page, two pages of the user, a bank page and an alloc page; a GPT that maps page 1 at 0x1000 times the
/// page; an endpoint; a process with the GPT for its space, that starts in it.
fn image(arch: Arch) -> Vec<u8> {
    let (page, log2) = (arch.page_size() as usize, u64::from(arch.page_size_log2()));
    let big = arch == Arch::COLDFIRE;
    let mut out = Words { big, bytes: b"coyimage".to_vec() };
    let size = 5 * page + 264 + 48 + 632;
    let endian = if big { 4321 } else { 1234 };
    out.put(4, &[endian, 1, arch.number().into(), page as u64, 8, 1, 0, 0, 5, 0, 1, 1, 1, size as u64]);
    out.put(8, &[3, 4, 4, 4, 4]);
    out.page_end(page);
    out.bytes.extend(b"code");
    out.page_end(page);
    out.bytes.extend(b"data");
    out.page_end(page);
    out.put(8, &[0, 0]);
    out.page_end(page);
    let objects = [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (2, 0), (3, 0), (4, 0)];
    for (kind, oid) in objects {
        out.put(8, &[oid, 0]);
        out.put(4, &[kind, 0]);
    }
    out.page_end(page);
    out.put(4, &[log2, 0]);
    out.cap(0, 0, 0);
    // Read-only page 1 in slot 1, and page 2 in slot 2.
    out.cap(0x21 | 2 << 7, log2, 1);
    out.cap(0x21, log2, 2);
    (3..16).for_each(|_| out.cap(0, 0, 0));
    // pm and sq, a payload, an id, the process, and no queue.
    out.put(4, &[3, 7]);
    out.put(8, &[1]);
    out.cap(0x25, 0, 0);
    out.cap(0, 0, 0);
    out.put(1, &[0, 0]);
    out.put(2, &[0]);
    out.put(4, &[0, 25, 0]);
    out.put(8, &[page as u64]);
    out.cap(0, 0, 0);
    out.cap(0x23, log2 + 4, 0);
    (0..4).for_each(|_| out.cap(0, 0, 0));
    // In the registers: an interrupt, and the type that was free.
    out.cap(0x26, 5, 0);
    out.cap(0x24, 0, 0);
    (2..32).for_each(|_| out.cap(0, 0, 0));
    assert_eq!(out.bytes.len(), size);
    out.bytes
}

const fn object(object_type: ObjectType) -> ObjectId {
    ObjectId { object_type, oid: 0 }
}

#[test]
fn what_it_holds_is_read_in_the_terms_of_the_current_layout() {
    for arch in Arch::ALL {
        let bytes = image(arch);
        let page = u64::from(arch.page_size());
        let image = Image::parse(&bytes, OLD).unwrap();
        assert_eq!((image.layout(), image.arch()), (Layout::July2007, arch));
        assert_eq!(image.page(1).unwrap()[..4], *b"code");
        assert_eq!((image.banks().len(), image.allocs().len()), (1, 8));
        assert_eq!(image.object_size(ObjectType::Endpoint), 48);
        let endpoint = image.endpoint(0).unwrap();
        assert_eq!((endpoint.pm, endpoint.prot_payload, endpoint.endpoint_id), (true, 7, 1));
        let caps: Vec<_> = image.capabilities(object(ObjectType::Endpoint)).collect();
        let process = Capability::new(CapType::PROCESS, 0, 0);
        assert_eq!(caps, [(Slot::Recipient, process), (Slot::RcvQueue, Capability::NULL)]);
        assert_eq!(image.object_offset(object(ObjectType::Process)), Some(5 * page + 264 + 48));
        assert_eq!(image.process(0).unwrap().fault_info, page);
        let register = |index| image.capability(object(ObjectType::Process), Slot::CapReg(index)).unwrap();
        assert_eq!((register(0).cap_type(), register(0).prot_payload()), (CapType::APP_NOTICE, 5));
        assert!(!register(1).cap_type().is_known());
        let space = image.capability(object(ObjectType::Process), Slot::AddrSpace).unwrap();
        let mapped: Vec<_> = walk(&image, space, WalkLimits::default())
            .pages()
            .map(|mapping| mapping.map(|mapping| (mapping.address, mapping.capability.oid())).unwrap())
            .collect();
        assert_eq!(mapped, [(page, 1), (2 * page, 2)]);
    }
}

#[test]
fn it_is_refused_where_it_would_be_taken_for_a_current_one() {
    for arch in Arch::ALL {
        let bytes = image(arch);
        let refusal = Image::parse(&bytes, Options::default()).unwrap_err();
        assert_eq!((refusal.rule, refusal.offset), (CoyotosRule::OldLayout, 60));
        let image = Image::parse(&bytes, OLD).unwrap();
        for rules in [Rules::Reference, Rules::Full] {
            let findings: Vec<_> = check(&image, rules).map(|finding| finding.rule).collect();
            assert_eq!(findings, [CoyotosRule::OldLayout], "{rules:?}");
        }
        assert!(Builder::from_image(&image).is_err());
    }
}

#[test]
fn end_vec_oid_is_one_less_than_the_number_of_pages() {
    let (at, wanted) = (96, 4);
    let mut bytes = image(Arch::I386);
    assert_eq!(bytes[at], wanted);
    for value in [wanted - 1, wanted + 1] {
        bytes[at] = value;
        assert_eq!(Image::parse(&bytes, OLD).unwrap_err().rule, CoyotosRule::TableEnd, "{value}");
    }
}

/// An option to read old images changes nothing of how current ones are read.
#[test]
fn a_current_image_is_current_whatever_is_allowed() {
    let bytes = Builder::new(Arch::I386).to_vec().unwrap();
    let image = Image::parse(&bytes, OLD).unwrap();
    assert_eq!((image.layout(), check(&image, Rules::Full).count()), (Layout::Current, 0));
}

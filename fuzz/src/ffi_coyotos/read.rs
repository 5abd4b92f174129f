//! Reading: each answer compared with the crate's.

use std::ffi::{CStr, c_void};
use std::ptr;

use ::coyotos_image::space::{WalkLimits, leaf, walk};
use ::coyotos_image::{
    CapType, Capability, CoyotosField, CoyotosFinding, CycleScratch, Expected, Image, ObjectId, ObjectType,
    Options, Packing, Rules, Slot, Symbol, check, find_cycles,
};
use execfmt::*;

use super::memory::answer;
use super::status::{of_rule, of_space};
use super::{Call, for_c, known, root, sentence};

/// Opens bytes as an image and asks everything about it.
pub(super) fn read(call: &Call, bytes: &[u8]) {
    let way = match call.packing % 8 {
        6 => Packing::NativeBigEndian,
        7 => {
            let opened =
                answer(|image| unsafe { open(bytes, u32::from(call.packing), image, ptr::null_mut()) });
            assert_eq!(opened.err(), Some(EXECFMT_E_ARGUMENT));
            return;
        }
        _ => Packing::AsWritten,
    };
    let packing = u32::from(way == Packing::NativeBigEndian);
    let ours = Image::parse(bytes, Options { packing: way, ..Options::default() });
    let mut opened = Err(EXECFMT_OK);
    let found = answer(|finding| {
        // SAFETY: the bytes and both places are there.
        opened = answer(|image| unsafe { open(bytes, packing, image, finding) });
        opened.err().map_or(EXECFMT_END, |_| EXECFMT_OK)
    });
    match (ours, opened) {
        (Ok(ours), Ok(image)) => {
            assert!(found.is_err(), "a finding about an image that opens");
            let reader = Reader { call, ours, image };
            reader.header();
            reader.objects();
            reader.tables();
            reader.check();
            reader.cycles();
            reader.spaces();
            reader.symbols();
            reader.nulls();
            reader.damaged();
        }
        (Err(refusal), Err(status)) => {
            assert_eq!(status, of_rule(refusal.rule));
            same_finding(call, &refusal, &found.expect("a finding with a refusal"));
            // Nobody need ask why.
            // SAFETY: as above.
            let again = answer(|image| unsafe { open(bytes, packing, image, ptr::null_mut()) });
            assert_eq!(again.err(), Some(status));
        }
        (ours, c) => panic!("{:?} from the crate, {:?} from C", ours.map(|_| ()), c.err()),
    }
}

unsafe fn open(
    bytes: &[u8],
    packing: u32,
    image: *mut execfmt_coyotos_image,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    unsafe { execfmt_coyotos_open(bytes.as_ptr(), bytes.len(), packing, image, finding) }
}

/// A finding says the same in C: by its numbers, its place and its sentence.
pub(super) fn same_finding(call: &Call, ours: &CoyotosFinding, c: &execfmt_finding) {
    assert_eq!((c.status, c.offset, c.found), (of_rule(ours.rule), ours.offset, ours.found));
    assert_eq!(c.severity == EXECFMT_ERROR, ours.is_error());
    let expected = match ours.expected {
        Expected::Exactly(value) => (EXECFMT_EXACTLY, value, 0),
        Expected::Either(one, other) => (EXECFMT_EITHER, one, other),
        Expected::AtLeast(value) => (EXECFMT_AT_LEAST, value, 0),
        Expected::AtMost(value) => (EXECFMT_AT_MOST, value, 0),
        Expected::MultipleOf(value) => (EXECFMT_MULTIPLE_OF, value, 0),
        Expected::AnythingBut(value) => (EXECFMT_ANYTHING_BUT, value, 0),
    };
    assert_eq!((c.relation, c.expected, c.expected_other), expected);
    let said = sentence(call.short, |buffer, room| {
        // SAFETY: the finding is there, and the buffer has the room given.
        unsafe { execfmt_coyotos_finding_message(c, buffer, room) }
    });
    assert_eq!(said, ours.to_string());
    // SAFETY: both structs are there.
    let place = answer(|place| unsafe { execfmt_coyotos_locate(c, place) }).expect("a finding has a place");
    // SAFETY: a static string.
    let name = unsafe { CStr::from_ptr(place.name) }.to_str().expect("names are ASCII");
    let (kind, expected, number) = match ours.field {
        CoyotosField::FileLength => (EXECFMT_COYOTOS_FIELD_FILE_LENGTH, "", 0),
        CoyotosField::Header(name) => (EXECFMT_COYOTOS_FIELD_HEADER, name.as_str(), 0),
        CoyotosField::Padding(name) => (EXECFMT_COYOTOS_FIELD_PADDING, name.as_str(), 0),
        CoyotosField::Bank(number, name) => (EXECFMT_COYOTOS_FIELD_BANK, name.as_str(), number),
        CoyotosField::Alloc(number, name) => (EXECFMT_COYOTOS_FIELD_ALLOC, name.as_str(), number),
        CoyotosField::Symbol(number, name) => (EXECFMT_COYOTOS_FIELD_SYMBOL, name.as_str(), number),
        CoyotosField::Strings => (EXECFMT_COYOTOS_FIELD_STRINGS, "", 0),
        CoyotosField::Object(id, name) => (EXECFMT_COYOTOS_FIELD_OBJECT, name.as_str(), id.oid as u32),
        CoyotosField::Capability(id, _, name) => {
            (EXECFMT_COYOTOS_FIELD_CAPABILITY, name.as_str(), id.oid as u32)
        }
        other => panic!("the library for C reports {other}"),
    };
    assert_eq!((place.kind, name, place.number), (kind, expected, number));
    let object_type = ours.field.object().map_or(0, |id| id.object_type.number());
    let slot = match (ours.field.object(), ours.field.slot()) {
        (Some(id), Some(slot)) => id.object_type.slot_index(slot, 0x2000).expect("the object has the slot"),
        _ => 0,
    };
    assert_eq!((place.object_type, place.slot), (object_type, slot));
}

/// What a callback has heard, and when it has heard enough.
struct Heard<T> {
    all: Vec<T>,
    enough: usize,
}

unsafe extern "C" fn hear<T: Copy>(context: *mut c_void, value: *const T) -> i32 {
    // SAFETY: the context is the Heard that the target passed; the value is there for the time of the call.
    let heard = unsafe { &mut *context.cast::<Heard<T>>() };
    // SAFETY: as above.
    heard.all.push(unsafe { value.read() });
    assert!(heard.all.len() <= heard.enough, "called again after it said that it had heard enough");
    i32::from(heard.all.len() == heard.enough)
}

struct Reader<'a> {
    call: &'a Call,
    ours: Image<'a>,
    image: execfmt_coyotos_image,
}

impl Reader<'_> {
    fn heard<T>(&self) -> Heard<T> {
        Heard { all: Vec::new(), enough: 1 + usize::from(self.call.patience) % 32 }
    }

    fn header(&self) {
        // SAFETY: the image is open, here and below.
        let c = answer(|header| unsafe { execfmt_coyotos_read_header(&raw const self.image, header) });
        let c = c.expect("an open image has a header");
        let ours = self.ours.header();
        let numbers = [
            c.version,
            c.target,
            c.pg_size,
            c.n_alloc,
            c.n_bank,
            c.n_symbol,
            c.n_string_bytes,
            c.n_page,
            c.n_cap_page,
            c.n_gpt,
            c.n_endpoint,
            c.n_proc,
            c.img_bytes,
        ];
        let oids = [c.bank_vec_oid, c.sym_vec_oid, c.string_table_oid, c.alloc_vec_oid, c.end_vec_oid];
        let fields = numbers.into_iter().map(u64::from).chain(oids);
        assert!(fields.eq(ours.fields().map(|(_, value)| value)));
        assert_eq!(
            c.byte_order == EXECFMT_BIG_ENDIAN,
            self.ours.arch().byte_order() == ::coyotos_image::ByteOrder::Big
        );
    }

    fn objects(&self) {
        let image = &raw const self.image;
        for object_type in ObjectType::ALL {
            let (kind, count) = (object_type.number(), u64::from(self.ours.count(object_type)));
            for oid in
                (0..count.min(2)).chain([count.saturating_sub(1), count, self.call.oid.into(), u64::MAX])
            {
                let id = ObjectId { object_type, oid };
                let ours = self.ours.object_bytes(id).map(|bytes| (bytes.as_ptr(), bytes.len()));
                let mut length = 0;
                // SAFETY: the image is open; the places are there.
                let c = answer(|at| unsafe { execfmt_coyotos_object(image, kind, oid, at, &raw mut length) });
                assert_eq!(c.map(|at| (at, length)), ours.ok_or(EXECFMT_COYOTOS_E_NO_OBJECT));
                self.fields(id);
                let slots = object_type.slot_count(self.ours.arch().page_size());
                for slot in (0..slots.min(4)).chain([slots.saturating_sub(1), slots, self.call.slot.into()]) {
                    self.slot(id, slot);
                }
            }
        }
        let none = 5 + u32::from(self.call.object_type);
        // SAFETY: as above.
        let c = answer(|cap| unsafe { execfmt_coyotos_read_capability(image, none, 0, 0, cap) });
        assert_eq!(c.err(), Some(EXECFMT_E_ARGUMENT));
    }

    fn slot(&self, id: ObjectId, slot: u32) {
        let kind = id.object_type.number();
        // SAFETY: the image is open.
        let c = answer(|cap| unsafe {
            execfmt_coyotos_read_capability(&raw const self.image, kind, id.oid, slot, cap)
        });
        let there = id.oid < u64::from(self.ours.count(id.object_type));
        let ours = id.object_type.slot(slot, self.ours.arch().page_size());
        let ours = ours.and_then(|slot: Slot| self.ours.capability(id, slot));
        let none = if there { EXECFMT_COYOTOS_E_NO_SLOT } else { EXECFMT_COYOTOS_E_NO_OBJECT };
        assert_eq!(c, ours.map(for_c).ok_or(none), "{id} slot {slot}");
    }

    fn fields(&self, id: ObjectId) {
        let (image, oid, none) = (&raw const self.image, id.oid, EXECFMT_COYOTOS_E_NO_OBJECT);
        match id.object_type {
            ObjectType::Gpt => {
                // SAFETY: the image is open, here and below.
                let c = answer(|gpt| unsafe { execfmt_coyotos_read_gpt(image, oid, gpt) });
                let ours = self.ours.gpt(oid).map(|gpt| (gpt.l2v.into(), gpt.ha, gpt.bg));
                let c = c.map(|c| (c.l2v, c.flags & 1 != 0, c.flags & 2 != 0));
                assert_eq!(c, ours.ok_or(none));
            }
            ObjectType::Endpoint => {
                let c = answer(|place| unsafe { execfmt_coyotos_read_endpoint(image, oid, place) });
                let ours = self.ours.endpoint(oid).map(|e| (e.pm.into(), e.prot_payload, e.endpoint_id));
                assert_eq!(c.map(|c| (c.pm, c.prot_payload, c.endpoint_id)), ours.ok_or(none));
            }
            ObjectType::Process => {
                let c = answer(|place| unsafe { execfmt_coyotos_read_process(image, oid, place) });
                let ours = self.ours.process(oid).map(|p| {
                    (u32::from(p.run_state), u32::from(p.flags), p.notices, p.fault_code, p.fault_info)
                });
                let c = c.map(|c| (c.run_state, c.flags, c.notices, c.fault_code, c.fault_info));
                assert_eq!(c, ours.ok_or(none));
            }
            ObjectType::Page | ObjectType::CapPage => {}
        }
    }

    fn tables(&self) {
        let image = &raw const self.image;
        let mut banks = self.ours.banks();
        for index in (0..16).chain([self.ours.header().n_bank, u32::MAX]) {
            // SAFETY: the image is open, here and below.
            let c = answer(|bank| unsafe { execfmt_coyotos_read_bank(image, index, bank) });
            let ours = if index < 16 { banks.next() } else { None };
            assert_eq!(
                c.map(|c| (c.endpoint_oid, c.parent)),
                ours.map(|b| (b.endpoint_oid, b.parent)).ok_or(EXECFMT_END)
            );
        }
        let mut allocs = self.ours.allocs();
        for index in (0..16).chain([self.ours.header().n_alloc, u32::MAX]) {
            let c = answer(|alloc| unsafe { execfmt_coyotos_read_alloc(image, index, alloc) });
            let ours = if index < 16 { allocs.next() } else { None };
            let ours = ours.map(|a| (a.oid, a.bank, a.frame_type, a.reserved));
            assert_eq!(c.map(|c| (c.oid, c.bank, c.frame_type, c.reserved)), ours.ok_or(EXECFMT_END));
        }
    }

    /// Findings reach the callback in their order until it has heard enough; the verdict is the first error's.
    fn compare(&self, ours: &[CoyotosFinding], c: impl Fn(execfmt_report_fn, *mut c_void) -> execfmt_status) {
        let first = |findings: &[CoyotosFinding]| {
            let error = findings.iter().find(|finding| finding.is_error());
            error.map_or(EXECFMT_OK, |finding| of_rule(finding.rule))
        };
        assert_eq!(known(c(None, ptr::null_mut())), first(ours));
        let mut heard = self.heard::<execfmt_finding>();
        let verdict = known(c(Some(hear::<execfmt_finding>), (&raw mut heard).cast()));
        let told = &ours[..ours.len().min(heard.enough)];
        // The verdict is that of all findings, those that the callback did not want to hear included.
        assert_eq!((verdict, heard.all.len()), (first(ours), told.len()));
        told.iter().zip(&heard.all).for_each(|(ours, c)| same_finding(self.call, ours, c));
    }

    fn check(&self) {
        let (rules, code) = match self.call.object_type & 1 {
            0 => (Rules::Full, EXECFMT_COYOTOS_FULL),
            _ => (Rules::Reference, EXECFMT_COYOTOS_REFERENCE),
        };
        let ours: Vec<_> = check(&self.ours, rules).collect();
        let size = size_of::<execfmt_coyotos_check_options>() as u32;
        let options = execfmt_coyotos_check_options { size, rules: code, packing: self.image.packing };
        let (bytes, length) = (self.image.bytes, self.image.length);
        // SAFETY: the image is open, and the context is the callback's.
        self.compare(&ours, |report, context| unsafe {
            execfmt_coyotos_check(bytes, length, &raw const options, report, context)
        });
    }

    fn cycles(&self) {
        let count = self.ours.count(ObjectType::Gpt) as usize;
        let mut scratch = vec![CycleScratch::default(); count];
        let ours: Vec<_> = find_cycles(&self.ours, &mut scratch).expect("room for every GPT").collect();
        const CANARY: u64 = 0xa5a5_a5a5_a5a5_a5a5;
        let words = std::cell::RefCell::new(vec![CANARY; count + 1]);
        self.compare(&ours, |report, context| {
            let scratch = words.borrow_mut().as_mut_ptr();
            // SAFETY: the image is open, and the scratch memory has the words given.
            unsafe { execfmt_coyotos_check_cycles(&raw const self.image, scratch, count, report, context) }
        });
        assert_eq!(words.borrow()[count], CANARY, "written past the end of the scratch memory");
        if let Some(less) = count.checked_sub(1) {
            let scratch = words.borrow_mut().as_mut_ptr();
            // SAFETY: as above.
            let status = unsafe {
                execfmt_coyotos_check_cycles(&raw const self.image, scratch, less, None, ptr::null_mut())
            };
            assert_eq!(status, EXECFMT_E_BUFFER);
        }
    }

    /// The roots to walk from: the input's own, and the spaces of processes.
    fn roots(&self) -> impl Iterator<Item = Capability> + '_ {
        let spaces = (0..u64::from(self.ours.count(ObjectType::Process)).min(4)).filter_map(|oid| {
            self.ours.capability(ObjectId { object_type: ObjectType::Process, oid }, Slot::AddrSpace)
        });
        let last = u64::from(self.ours.count(ObjectType::Gpt)).checked_sub(1);
        let last = last.map(|oid| {
            let mut cap = Capability::new(CapType::GPT, self.ours.arch().page_size_log2(), oid);
            cap.set_l2g(64);
            cap
        });
        [root(self.call)].into_iter().chain(last).chain(spaces)
    }

    fn spaces(&self) {
        let image = &raw const self.image;
        for root in self.roots() {
            let space = for_c(root);
            let gpts = u64::from(self.call.patience);
            let ours: Vec<_> =
                walk(&self.ours, root, WalkLimits { gpts }).pages().take(self.heard::<u8>().enough).collect();
            let mut heard = self.heard::<execfmt_coyotos_mapping>();
            let context = (&raw mut heard).cast();
            // SAFETY: the image is open, and the context is the callback's.
            let status = unsafe {
                let each = Some(hear::<execfmt_coyotos_mapping> as unsafe extern "C" fn(_, _) -> _);
                known(execfmt_coyotos_walk(image, &raw const space, gpts, each, context))
            };
            let told: Vec<_> = ours.iter().map_while(|mapping| mapping.ok()).collect();
            let error = ours.iter().find_map(|mapping| mapping.err());
            assert_eq!(status, error.map_or(EXECFMT_OK, of_space));
            assert_eq!(heard.all.len(), told.len());
            for (c, ours) in heard.all.iter().zip(&told) {
                assert_eq!(c.capability, for_c(ours.capability));
                let of_ours = (ours.address, u32::from(ours.l2_size), u32::from(ours.restr.bits()));
                assert_eq!((c.address, c.l2_size, c.restr), of_ours);
            }
            let mapped = told.iter().flat_map(|m| [m.address, m.address.wrapping_add(1 << (m.l2_size & 63))]);
            for address in mapped.take(8).chain([self.call.address, 0]) {
                // SAFETY: the image is open.
                let c = answer(|leaf| unsafe {
                    execfmt_coyotos_find_leaf(image, &raw const space, address, leaf)
                });
                let c = c.map(|c| (c.capability, c.offset, c.restr));
                let ours = leaf(&self.ours, root, address);
                let ours = ours.map(|l| (for_c(l.capability), l.offset, u32::from(l.restr.bits())));
                assert_eq!(c, ours.map_err(of_space));
            }
        }
    }

    fn same_symbol(&self, c: Result<execfmt_coyotos_symbol, execfmt_status>, ours: Option<Symbol<'_>>) {
        let c = c.map(|c| ((c.value, c.object, c.size, c.kind), (c.name, c.name_length)));
        let ours = ours.map(|s| {
            let name = s.name.map_or((ptr::null(), 0), |name| (name.as_ptr().cast(), name.len()));
            ((s.value, s.object, s.size, u32::from(s.kind.number())), name)
        });
        assert_eq!(c, ours.ok_or(EXECFMT_END));
    }

    fn symbols(&self) {
        let image = &raw const self.image;
        let symbols = self.ours.symbols();
        for index in (0..8).chain([symbols.len(), usize::from(self.call.slot), u32::MAX as usize]) {
            let number = index as u32;
            // SAFETY: the image is open; the places are there, here and below.
            let c = answer(|place| unsafe { execfmt_coyotos_read_symbol(image, number, place) });
            let ours = symbols.get(index);
            self.same_symbol(c, ours);
            let (address, name) = match ours {
                Some(ours) => (ours.value.wrapping_add(1), ours.name.unwrap_or(b"?")),
                None => (self.call.address, &b"_start"[..]),
            };
            let c = answer(|place| unsafe { execfmt_coyotos_symbol_at(image, ptr::null(), address, place) });
            self.same_symbol(c, self.ours.symbol_at(address));
            let c = answer(|place| unsafe {
                execfmt_coyotos_symbol_named(image, name.as_ptr().cast(), name.len(), place)
            });
            self.same_symbol(c, symbols.named(name));
        }
        for root in self.roots() {
            let space = for_c(root);
            let id = ObjectId::of(root).filter(|_| root.cap_type().is_memory());
            let c = answer(|place| unsafe {
                execfmt_coyotos_symbol_at(image, &raw const space, self.call.address, place)
            });
            let mut length = 0;
            let build_id = answer(|id| unsafe {
                execfmt_coyotos_build_id(image, &raw const space, id, &raw mut length)
            });
            match id {
                Some(id) => {
                    self.same_symbol(c, symbols.at_in(id, self.call.address));
                    let ours = symbols.build_id(id).map(|id| (id.as_ptr().cast(), id.len()));
                    assert_eq!(build_id.map(|id| (id, length)), ours.ok_or(EXECFMT_END));
                }
                None => {
                    assert_eq!(c.err(), Some(EXECFMT_COYOTOS_E_NOT_MEMORY));
                    assert_eq!(build_id.err(), Some(EXECFMT_COYOTOS_E_NOT_MEMORY));
                }
            }
        }
    }

    /// NULL in place of a result.
    fn nulls(&self) {
        let (image, null) = (&raw const self.image, ptr::null_mut::<c_void>());
        let (mut at, mut length) = (ptr::null(), 7);
        let space = for_c(Capability::NULL);
        let (space, there) = (&raw const space, ObjectType::Page.number());
        // SAFETY: the image is open; the places are there or NULL.
        let statuses = unsafe {
            [
                execfmt_coyotos_read_header(ptr::null(), ptr::null_mut()),
                execfmt_coyotos_read_header(image, null.cast()),
                execfmt_coyotos_object(image, there, 0, null.cast(), &raw mut length),
                execfmt_coyotos_object(image, there, 0, &raw mut at, ptr::null_mut()),
                execfmt_coyotos_find_leaf(image, space, 0, null.cast()),
                execfmt_coyotos_find_leaf(image, ptr::null(), 0, null.cast()),
                execfmt_coyotos_walk(image, space, 1, None, ptr::null_mut()),
                execfmt_coyotos_symbol_named(image, ptr::null(), 1, null.cast()),
                execfmt_coyotos_check_cycles(image, ptr::null_mut(), 1, None, ptr::null_mut()),
                execfmt_coyotos_locate(ptr::null(), null.cast()),
            ]
        };
        assert_eq!(statuses, [EXECFMT_E_NULL; 10]);
        assert!(at.is_null() && length == 7, "half of a result is stored");
    }

    /// A struct that somebody wrote to is refused, even where what is left would be well.
    fn damaged(&self) {
        let (field, value) = self.call.damage;
        let mut image = self.image;
        // The bytes claimed stay within those that are there: no library can check that.
        match field % 3 {
            0 => image.length = image.length.min(value as usize),
            1 => image.packing = value,
            _ => image.seal = value,
        }
        let same = (image.length, image.packing, image.seal)
            == (self.image.length, self.image.packing, self.image.seal);
        let mut header = execfmt_coyotos_header::default();
        // SAFETY: the bytes that the struct claims are there.
        let status = unsafe { execfmt_coyotos_read_header(&raw const image, &raw mut header) };
        assert!(same || status == EXECFMT_COYOTOS_E_HANDLE, "a damaged struct: {status}");
    }
}

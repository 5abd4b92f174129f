//! The C functions for Coyotos images, as a hostile or careless C program would call them: every answer is that of the
//! Rust crate on the same bytes.

#![allow(unsafe_code)]

mod build;
mod memory;
mod objects;
mod read;
mod spaces;
mod status;

use std::ffi::{CStr, c_char};

use ::coyotos_image::{CapType, Capability, Image, Options, Restr};
use arbitrary::{Arbitrary, Unstructured};
use execfmt::*;

use memory::Hooks;

#[derive(Arbitrary, Debug)]
struct Call {
    /// Whether the rest of the input is an image, or calls of a builder, which make one.
    is_image: bool,
    packing: u8,
    target: u8,
    /// The first allocation that fails, if any does.
    refused: Option<u8>,
    /// How many findings or mappings a callback wants to hear of.
    patience: u8,
    /// How many bytes a buffer is too short.
    short: u8,
    /// What a filled-in image is damaged with.
    damage: (u8, u32),
    /// Bytes of the image to change before it is read.
    scratches: [(u16, u8); 3],
    object_type: u8,
    oid: u16,
    slot: u16,
    root: (u8, u8, u16, u32),
    address: u64,
}

/// Every function of `execfmt/coyotos_image.h`: on arbitrary bytes, on an image that a random program builds through C
/// and Rust alike, and with a few bytes of it changed. Memory comes from hooks that count and refuse.
pub fn ffi_coyotos(data: &[u8]) {
    let mut source = Unstructured::new(data);
    let Ok(call) = Call::arbitrary(&mut source) else { return };
    let mut image = if call.is_image {
        source.take_rest().to_vec()
    } else {
        let Some(image) = build::build(&call, &mut source) else { return };
        assert!(Image::parse(&image, Options::default()).is_ok(), "what the library writes it reads");
        image
    };
    for (at, value) in call.scratches {
        let at = usize::from(at).checked_rem(image.len());
        if let Some(byte) = at.and_then(|at| image.get_mut(at)) {
            *byte ^= value;
        }
    }
    read::read(&call, &image);
    build::rebuild(&call, &image, &Hooks::new(&call));
}

/// A status is one that the header has, with a message.
fn known(status: execfmt_status) -> execfmt_status {
    // SAFETY: the message is a static string.
    assert!(!unsafe { CStr::from_ptr(execfmt_status_message(status)) }.is_empty());
    assert!(status <= EXECFMT_END || (400..=515).contains(&status), "status {status}");
    status
}

/// Calls a function that writes a sentence, with room for it and with less: it is whole, or cut off before a NUL.
fn sentence(short: u8, write: impl Fn(*mut c_char, usize) -> usize) -> String {
    let length = write(std::ptr::null_mut(), 0);
    let room = (length + 1).saturating_sub(short.into());
    for room in [room, length + 1] {
        let mut buffer = vec![0xa5; room + 1];
        assert_eq!(write(buffer.as_mut_ptr().cast(), room), length);
        assert_eq!(buffer[room], 0xa5, "written past the end");
        if let Some(last) = room.checked_sub(1) {
            assert_eq!(buffer.iter().position(|&byte| byte == 0), Some(last.min(length)));
        }
        if room == length + 1 {
            buffer.truncate(length);
            return String::from_utf8(buffer).expect("a sentence is UTF-8");
        }
    }
    unreachable!("the second time there is room")
}

/// A capability in C's form.
fn for_c(cap: Capability) -> execfmt_coyotos_capability {
    let (word0, word1, oid) = cap.words();
    let memory = [0x01, 0x02, 0x21, 0x22, 0x23].contains(&(word0 & 0x3f));
    let of_memory = |value| if memory { value } else { 0 };
    execfmt_coyotos_capability {
        oid,
        cap_type: word0 & 0x3f,
        restr: word0 >> 7 & 0x1f,
        alloc_count: word0 >> 12,
        prot_payload: if memory { 0 } else { word1 },
        l2g: of_memory(word1 & 0x7f),
        guard_match: of_memory(word1 >> 8),
        flags: word0 >> 6 & 1 | of_memory(word1 >> 6 & 2),
        reserved: 0,
    }
}

/// The root of a space that the input names: any memory, and what is none.
fn root(call: &Call) -> Capability {
    let (kind, l2g, restr, guard_match) = call.root;
    let kinds = [CapType::GPT, CapType::PAGE, CapType::WINDOW, CapType::NULL, CapType::ENTRY];
    let kind = kinds[usize::from(kind) % kinds.len()];
    let mut cap = Capability::new(kind, 12, call.oid.into());
    if kind.is_memory() {
        cap.set_l2g(l2g & 0x7f);
        cap.set_guard_match((guard_match & 0xff_ffff) >> (restr >> 8 & 0x1f));
        cap.set_restr(Restr::from_bits((restr & 0x1f) as u8));
    }
    cap
}

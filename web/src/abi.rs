//! How JavaScript passes memory: three functions of numbers.
//!
//! A caller requests memory with `execfmt_room`, writes a request there, its JSON and then the file's bytes,
//! and calls `execfmt_answer` with both lengths; it gets the address of the answer: the length of its JSON
//! and of its bytes as 32-bit little-endian words, then both. Memory and answer are valid until the next call
//! of the same function.
//!
//! `wasm-bindgen` would do the same, but requires a program of exactly matching version to be installed, and
//! generates more JavaScript than all of `web/engine.js`.

// Not an unsafe block: the attribute that gives a function its name in the module counts as unsafe, since two
// functions could have the same name. These begin with the project's name.
#![allow(unsafe_code)]

use std::sync::{Mutex, PoisonError};

use crate::{Answer, answer};

/// What JavaScript writes.
static ROOM: Mutex<Vec<u8>> = Mutex::new(Vec::new());
/// What it reads.
static ANSWER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// The address of `length` zero bytes; 0 when there is not enough memory.
#[unsafe(no_mangle)]
extern "C" fn execfmt_room(length: usize) -> usize {
    let mut room = ROOM.lock().unwrap_or_else(PoisonError::into_inner);
    *room = Vec::new();
    if room.try_reserve_exact(length).is_err() {
        return 0;
    }
    room.resize(length, 0);
    room.as_mut_ptr() as usize
}

/// The address of the answer to the request in that memory, whose JSON has the given length.
#[unsafe(no_mangle)]
extern "C" fn execfmt_answer(request: usize) -> usize {
    let room = ROOM.lock().unwrap_or_else(PoisonError::into_inner);
    let (request, file) = room.split_at_checked(request).unwrap_or((room.as_slice(), &[]));
    let Answer { json, bytes } = answer(request, file);
    let mut answer = ANSWER.lock().unwrap_or_else(PoisonError::into_inner);
    *answer = packed(&json, &bytes);
    answer.as_ptr() as usize
}

/// Frees the memory of the last answer.
#[unsafe(no_mangle)]
extern "C" fn execfmt_done() {
    for memory in [&ROOM, &ANSWER] {
        *memory.lock().unwrap_or_else(PoisonError::into_inner) = Vec::new();
    }
}

fn packed(json: &[u8], bytes: &[u8]) -> Vec<u8> {
    let length = |part: &[u8]| u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes();
    [&length(json), &length(bytes), json, bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::packed;

    #[test]
    fn lengths_come_first() {
        assert_eq!(packed(b"{}", b"abc"), b"\x02\0\0\0\x03\0\0\0{}abc");
        assert_eq!(packed(b"", b""), [0; 8]);
    }
}

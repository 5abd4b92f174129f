//! The memory of a C program: places for results with guards around them, and a malloc that counts and refuses.

use std::alloc::{Layout, alloc, dealloc};
use std::cell::Cell;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr;

use execfmt::*;

use super::Call;

/// What nobody writes by chance.
const CANARY: u8 = 0xa5;
const GUARD: usize = 16;

/// Calls a function with a place for its result: nothing is written around it, and nothing into it on failure.
pub(super) fn answer<T: Copy>(call: impl FnOnce(*mut T) -> execfmt_status) -> Result<T, execfmt_status> {
    #[repr(C)]
    struct Place<T> {
        before: [u8; GUARD],
        value: T,
        behind: [u8; GUARD],
    }
    let mut place = MaybeUninit::<Place<T>>::uninit();
    let bytes = place.as_mut_ptr().cast::<u8>();
    // SAFETY: within the place, all of whose bytes are written here; the result is read when the library says that it
    // stored one.
    unsafe {
        ptr::write_bytes(bytes, CANARY, size_of::<Place<T>>());
        let status = super::known(call(&raw mut (*place.as_mut_ptr()).value));
        let guards = [&raw const (*place.as_ptr()).before, &raw const (*place.as_ptr()).behind];
        assert!(guards.iter().all(|guard| guard.read() == [CANARY; GUARD]), "written around a result");
        if status == EXECFMT_OK {
            return Ok((*place.as_ptr()).value);
        }
        let value = (&raw const (*place.as_ptr()).value).cast::<u8>();
        let value = std::slice::from_raw_parts(value, size_of::<T>());
        assert!(value.iter().all(|&byte| byte == CANARY), "a result is stored with status {status}");
        Err(status)
    }
}

/// Calls a function with a buffer of a length: nothing is written after it, and nothing into it on failure.
pub(super) fn buffer<T>(
    length: usize,
    call: impl FnOnce(*mut u8) -> Result<T, execfmt_status>,
) -> Result<(Vec<u8>, T), execfmt_status> {
    let mut bytes = vec![CANARY; length + GUARD];
    let result = call(bytes.as_mut_ptr());
    assert!(bytes[length..].iter().all(|&byte| byte == CANARY), "written past the end of a buffer");
    if result.is_err() {
        assert!(bytes.iter().all(|&byte| byte == CANARY), "a failed call writes");
    }
    bytes.truncate(length);
    result.map(|result| (bytes, result))
}

/// The context of the memory functions.
pub(super) struct Hooks {
    calls: Cell<u32>,
    /// Which calls are refused.
    refused: Range<u32>,
    /// Whether an allocation was refused since it was last asked.
    failed: Cell<bool>,
    live: Cell<usize>,
}

/// Before each block: its size. As much after it, as a guard.
const HEAD: usize = 16;

impl Hooks {
    /// Refuses the call of malloc that the input names, and up to three that follow.
    pub(super) fn new(call: &Call) -> Self {
        let refused = call.refused.map_or(0..0, |first| {
            let first = u32::from(first);
            first..first + 1 + u32::from(call.patience & 3)
        });
        Self { calls: Cell::new(0), refused, failed: Cell::new(false), live: Cell::new(0) }
    }

    pub(super) fn functions(&self) -> execfmt_coyotos_memory {
        let context = ptr::from_ref(self).cast_mut().cast();
        execfmt_coyotos_memory { malloc: Some(malloc), free: Some(free), context }
    }

    /// Whether an allocation was refused since the last question.
    pub(super) fn refused(&self) -> bool {
        self.failed.take()
    }

    pub(super) fn live(&self) -> usize {
        self.live.get()
    }

    /// Gives back what the library handed out.
    pub(super) unsafe fn free(&self, memory: *mut u8) {
        // SAFETY: the caller's promise.
        unsafe { free(ptr::from_ref(self).cast_mut().cast(), memory.cast()) }
    }
}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size + 2 * HEAD, 16).expect("a size that fits memory")
}

unsafe extern "C" fn malloc(context: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the context is the Hooks that the target passed.
    let hooks = unsafe { &*context.cast::<Hooks>() };
    assert!(size > 0 && size < 1 << 26, "{size} bytes are asked for");
    let call = hooks.calls.get();
    hooks.calls.set(call + 1);
    if hooks.refused.contains(&call) {
        hooks.failed.set(true);
        return ptr::null_mut();
    }
    hooks.live.set(hooks.live.get() + 1);
    // SAFETY: a size above 0; head, block and guard lie within it.
    unsafe {
        let head = alloc(layout(size));
        assert!(!head.is_null());
        ptr::write_bytes(head, CANARY, size + 2 * HEAD);
        head.cast::<usize>().write(size);
        head.add(HEAD).cast()
    }
}

unsafe extern "C" fn free(context: *mut c_void, memory: *mut c_void) {
    assert!(!memory.is_null());
    // SAFETY: as above; the block is one that malloc gave.
    unsafe {
        let hooks = &*context.cast::<Hooks>();
        hooks.live.set(hooks.live.get().checked_sub(1).expect("more is given back than was taken"));
        let head = memory.cast::<u8>().sub(HEAD);
        let size = head.cast::<usize>().read();
        let behind = std::slice::from_raw_parts(head.add(HEAD + size), HEAD);
        assert!(behind.iter().all(|&byte| byte == CANARY), "written past the end of a block");
        dealloc(head, layout(size));
    }
}

//! A Rust program that has an allocator of its own, and links the C functions.

#![cfg(not(feature = "archive"))]
#![allow(unsafe_code, missing_docs)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use execfmt::*;

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) };
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

unsafe extern "C" fn malloc(_: *mut c_void, _: usize) -> *mut c_void {
    ptr::null_mut()
}

unsafe extern "C" fn free(_: *mut c_void, _: *mut c_void) {}

#[test]
fn a_builder_uses_the_allocator_of_the_program() {
    let mut builder = ptr::null_mut();
    let hooks = execfmt_coyotos_memory { malloc: Some(malloc), free: Some(free), context: ptr::null_mut() };
    // SAFETY: the pointers are to their values.
    unsafe {
        let refused =
            execfmt_coyotos_builder_create(EXECFMT_COYOTOS_I386, 0, &raw const hooks, &raw mut builder);
        assert_eq!(refused, EXECFMT_E_ARGUMENT, "hooks need the allocator of the C library");
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        let made = execfmt_coyotos_builder_create(EXECFMT_COYOTOS_I386, 0, ptr::null(), &raw mut builder);
        assert_eq!(made, EXECFMT_OK);
        assert!(ALLOCATIONS.load(Ordering::Relaxed) > before);
        assert_eq!(execfmt_coyotos_builder_destroy(builder), EXECFMT_OK);
    }
}

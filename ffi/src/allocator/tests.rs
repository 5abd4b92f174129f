#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use core::ffi::c_void;
use std::alloc::{GlobalAlloc as _, Layout, System};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use super::{Hooks, unfailing, using};

/// A caller's memory, of a limited number of calls. Every block is one byte off any alignment, and full of ones.
#[derive(Default)]
struct Odd {
    calls_left: AtomicUsize,
    blocks_held: AtomicUsize,
    bytes_held: AtomicUsize,
}

/// Room for the size, and one byte.
const HEAD: usize = 17;

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size + HEAD, 16).unwrap()
}

unsafe extern "C" fn malloc(context: *mut c_void, size: usize) -> *mut c_void {
    // Allocates, as a hook may.
    let name = format!("{size} bytes");
    assert!(!name.is_empty());
    // SAFETY: the test's own memory, which outlives its hooks.
    let odd = unsafe { &*context.cast::<Odd>() };
    if odd.calls_left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_err() {
        return ptr::null_mut();
    }
    odd.blocks_held.fetch_add(1, Relaxed);
    odd.bytes_held.fetch_add(size, Relaxed);
    // SAFETY: a layout that is not empty, and room for the size at its start.
    unsafe {
        let base = System.alloc(layout(size));
        base.cast::<usize>().write(size);
        let block = base.add(HEAD);
        block.write_bytes(0xff, size);
        block.cast()
    }
}

unsafe extern "C" fn free(context: *mut c_void, memory: *mut c_void) {
    // SAFETY: the test's own memory, and a block that `malloc` gave.
    unsafe {
        let odd = &*context.cast::<Odd>();
        let base = memory.cast::<u8>().sub(HEAD);
        let size = base.cast::<usize>().read();
        odd.blocks_held.fetch_sub(1, Relaxed);
        odd.bytes_held.fetch_sub(size, Relaxed);
        System.dealloc(base, layout(size));
    }
}

impl Odd {
    fn with_calls(calls: usize) -> Self {
        Self { calls_left: calls.into(), ..Self::default() }
    }

    fn hooks(&self) -> Option<Hooks> {
        Some(Hooks { malloc, free, context: ptr::from_ref(self).cast_mut().cast() })
    }

    fn held(&self) -> (usize, usize) {
        (self.blocks_held.load(Relaxed), self.bytes_held.load(Relaxed))
    }
}

#[test]
fn what_a_call_allocates_is_from_its_hooks_and_goes_back_to_them() {
    #[repr(align(256))]
    struct Wide([u8; 300]);
    let odd = Odd::with_calls(usize::MAX);
    let before = vec![1_u8; 100];
    let (bytes, wide, zeros, before) = using(odd.hooks(), || {
        let mut bytes: Vec<u32> = Vec::new();
        (0..1000).for_each(|n| bytes.push(n));
        let mut before = before;
        before.resize(10_000, 2);
        (bytes, Box::new(Wide([7; 300])), vec![0_u64; 99], before)
    });
    let (blocks, size) = odd.held();
    assert_eq!(blocks, 3, "what was the system's stays there, even when it grows");
    assert!((1000 * 4 + 512 + 99 * 8..9000).contains(&size), "{size} bytes");
    assert!(bytes.iter().copied().eq(0..1000));
    assert!(ptr::from_ref(&*wide).addr() % 256 == 0 && wide.0 == [7; 300]);
    assert!(zeros.iter().all(|&word| word == 0));
    assert!(before.iter().take(100).all(|&b| b == 1) && before.iter().skip(100).all(|&b| b == 2));
    thread::spawn(move || drop((bytes, wide))).join().unwrap();
    assert_eq!(odd.held().0, 1);
    drop(zeros);
    assert_eq!(odd.held(), (0, 0));
}

#[test]
fn hooks_that_have_no_memory_are_an_error_and_not_the_end() {
    let odd = Odd::with_calls(2);
    using(odd.hooks(), || {
        let mut bytes: Vec<u8> = Vec::new();
        bytes.try_reserve_exact(10).unwrap();
        bytes.resize(10, 5);
        bytes.try_reserve_exact(100).unwrap();
        bytes.try_reserve_exact(1000).unwrap_err();
        assert_eq!(bytes, [5; 10]);
        assert_eq!(odd.held().0, 1);
        // The innermost hooks count, and the outer ones come back.
        let inner = Odd::with_calls(1);
        using(inner.hooks(), || assert!(Vec::<u8>::new().try_reserve_exact(1).is_ok()));
        Vec::<u8>::new().try_reserve_exact(1).unwrap_err();
    });
    assert_eq!(odd.held(), (0, 0));
}

#[test]
fn the_system_stands_in_where_no_cannot_be_said() {
    for calls in 0..4 {
        let odd = Odd::with_calls(calls);
        using(odd.hooks(), || {
            let made = unfailing(|| (vec![1_u8; 10], vec![0_u8; 20], Box::new(3)));
            let refused = made.map(|_| ()).err();
            assert_eq!(refused, [Some(4), Some(4), Some(4), None][calls], "{calls} calls");
            Vec::<u8>::new().try_reserve_exact(1).unwrap_err();
        });
        assert_eq!(odd.held(), (0, 0));
    }
}

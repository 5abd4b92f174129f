//! Where the library's memory comes from. What a function of a builder allocates, the builder's own hooks give; everything
//! else is the system's, where there is one.
//!
//! A tag before each block records the allocator that it is returned to. So a block goes back to where it came from, whenever that is
//! and on whichever thread.
//!
//! It is the allocator of the whole program where the feature `archive` is on. A Rust program that links this crate without it
//! has its own allocator, and builders take no hooks.

mod source;
mod system;

use core::alloc::{GlobalAlloc, Layout};
use core::ffi::c_void;
use core::ptr;

use static_assertions::const_assert_eq;

#[cfg(feature = "std")]
pub(crate) use source::unfailing;
pub(crate) use source::using;

/// A caller's memory functions.
#[derive(Clone, Copy)]
pub(crate) struct Hooks {
    pub(crate) malloc: unsafe extern "C" fn(context: *mut c_void, size: usize) -> *mut c_void,
    pub(crate) free: unsafe extern "C" fn(context: *mut c_void, memory: *mut c_void),
    pub(crate) context: *mut c_void,
}

impl Hooks {
    /// Memory of the caller's malloc, for the caller's free; NULL when there is none.
    pub(crate) fn malloc(&self, size: usize) -> *mut u8 {
        // What a hook written in Rust allocates is not from the hook itself.
        // SAFETY: the caller's own function, called as its type says.
        using(None, || unsafe { (self.malloc)(self.context, size) }).cast()
    }

    /// Gives memory of the caller's malloc back.
    pub(crate) fn free(&self, memory: *mut u8) {
        // SAFETY: the caller's own function, on what the caller's malloc gave.
        using(None, || unsafe { (self.free)(self.context, memory.cast()) });
    }
}

/// What stands right before each block.
struct Tag {
    /// Where the memory begins that the giver gave.
    base: *mut u8,
    /// The giver; `None` for the system.
    hooks: Option<Hooks>,
}

// What docs/c-library.md says that a block takes beside itself.
const_assert_eq!(size_of::<Tag>(), size_of::<[usize; 4]>());

/// Makes memory from somewhere a block, with its tag before it. NULL stays NULL.
///
/// # Safety
/// `base` must be NULL or memory for `before` bytes and a block after them; of `before`, the tag takes the last, and the
/// block has to have the alignment of a tag there.
unsafe fn tagged(base: *mut u8, before: usize, hooks: Option<Hooks>) -> *mut u8 {
    if base.is_null() {
        return base;
    }
    // SAFETY: within the memory, and aligned: the caller's promise.
    unsafe {
        let block = base.add(before);
        block.cast::<Tag>().sub(1).write(Tag { base, hooks });
        block
    }
}

/// The tag of a block.
///
/// # Safety
/// `block` must be one that [`tagged`] made.
unsafe fn tag(block: *mut u8) -> Tag {
    // To the optimiser, memory that an allocator gave begins at the block, and what is read before it is nothing: with
    // `dealloc` inlined where a block is dropped it left out the reading, and with it the free. It must not know where
    // this pointer comes from.
    let block = core::hint::black_box(block);
    // SAFETY: the caller's promise.
    unsafe { block.cast::<Tag>().sub(1).read() }
}

/// A block from hooks, whatever the alignment of what they give.
fn from_hooks(hooks: Hooks, layout: Layout) -> *mut u8 {
    let align = layout.align().max(align_of::<Tag>());
    let extra = size_of::<Tag>().wrapping_add(align.wrapping_sub(1));
    let Some(size) = layout.size().checked_add(extra) else { return ptr::null_mut() };
    let base = hooks.malloc(size);
    let padding = base.addr().wrapping_add(size_of::<Tag>()).wrapping_neg() & align.wrapping_sub(1);
    // SAFETY: the first address of this alignment that has room for the tag before it is at most `extra` bytes away.
    unsafe { tagged(base, size_of::<Tag>().wrapping_add(padding), Some(hooks)) }
}

/// A block from hooks or from the system; NULL when they have none.
fn obtain(hooks: Option<Hooks>, layout: Layout, zeroed: bool) -> *mut u8 {
    let Some(hooks) = hooks else { return system::alloc(layout, zeroed) };
    let block = from_hooks(hooks, layout);
    if block.is_null() {
        return if source::system_stands_in(layout.size()) { system::alloc(layout, zeroed) } else { block };
    }
    if zeroed {
        // SAFETY: the block has this size.
        unsafe { block.write_bytes(0, layout.size()) };
    }
    block
}

struct Allocator;

#[cfg(feature = "archive")]
#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

// SAFETY: blocks have the size and alignment asked for, and go back to where they came from.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        obtain(source::hooks(), layout, false)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        obtain(source::hooks(), layout, true)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: a block of ours, of this layout: the caller's promise.
        unsafe {
            let Tag { base, hooks } = tag(block);
            match hooks {
                Some(hooks) => hooks.free(base),
                None => system::dealloc(base, layout),
            }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let Ok(new) = Layout::from_size_align(new_size, layout.align()) else { return ptr::null_mut() };
        // SAFETY: a block of ours, of this layout: the caller's promise.
        let Tag { base, hooks } = unsafe { tag(block) };
        if hooks.is_none() {
            // SAFETY: the system's, of this layout.
            return unsafe { system::realloc(base, layout, new) };
        }
        let moved = obtain(hooks, new, false);
        if !moved.is_null() {
            // SAFETY: both have room for the lesser of their sizes, and the old one is ours to give back.
            unsafe {
                ptr::copy_nonoverlapping(block, moved, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
        }
        moved
    }
}

#[cfg(all(test, feature = "std", feature = "archive"))]
mod tests;

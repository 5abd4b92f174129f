//! The source of the library's memory. What a function of a builder allocates comes from the builder's hooks;
//! everything else comes from the system, where there is one.
//!
//! A tag before each block records the allocator that owns it, so a block is always returned to its owner, at
//! any time and on any thread.
//!
//! With the feature `archive`, this is the allocator of the whole program. A Rust program that links this
//! crate without the feature has its own allocator, and builders take no hooks.

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
    /// Memory from the caller's malloc, for the caller's free; NULL when there is none.
    pub(crate) fn malloc(&self, size: usize) -> *mut u8 {
        // A hook written in Rust must not allocate from itself.
        // SAFETY: the caller's own function, called as its type says.
        using(None, || unsafe { (self.malloc)(self.context, size) }).cast()
    }

    /// Returns memory to the caller's free.
    pub(crate) fn free(&self, memory: *mut u8) {
        // SAFETY: the caller's own function, on what the caller's malloc gave.
        using(None, || unsafe { (self.free)(self.context, memory.cast()) });
    }
}

/// The tag right before each block.
struct Tag {
    /// The start of the memory that the owner returned.
    base: *mut u8,
    /// The owner; `None` for the system.
    hooks: Option<Hooks>,
}

// The overhead per block that docs/c-library.md states.
const_assert_eq!(size_of::<Tag>(), size_of::<[usize; 4]>());

/// Makes a block from memory, with a tag before it. NULL stays NULL.
///
/// # Safety
/// `base` must be NULL or memory for `before` bytes and a block after them; the tag takes the last of the
/// `before` bytes, where the block must have the alignment of a tag.
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
/// `block` must have been made by [`tagged`].
unsafe fn tag(block: *mut u8) -> Tag {
    // The optimiser assumes that memory from an allocator begins at the block, and that reading before it
    // yields nothing: when it inlined `dealloc` where a block is dropped, it removed the read, and with it
    // the free. It must not know where this pointer comes from.
    let block = core::hint::black_box(block);
    // SAFETY: the caller's promise.
    unsafe { block.cast::<Tag>().sub(1).read() }
}

/// A block from hooks, whatever the alignment of the memory that they return.
fn from_hooks(hooks: Hooks, layout: Layout) -> *mut u8 {
    let align = layout.align().max(align_of::<Tag>());
    let extra = size_of::<Tag>().wrapping_add(align.wrapping_sub(1));
    let Some(size) = layout.size().checked_add(extra) else { return ptr::null_mut() };
    let base = hooks.malloc(size);
    let padding = base.addr().wrapping_add(size_of::<Tag>()).wrapping_neg() & align.wrapping_sub(1);
    // SAFETY: the first address of this alignment that has room for the tag before it is at most `extra` bytes away.
    unsafe { tagged(base, size_of::<Tag>().wrapping_add(padding), Some(hooks)) }
}

/// A block from hooks or from the system; NULL when they have no memory.
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

// SAFETY: blocks have the requested size and alignment, and are returned to their owner.
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
            // SAFETY: both have room for the smaller of their sizes, and the old one is ours to free.
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

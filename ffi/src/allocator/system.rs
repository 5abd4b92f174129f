//! Blocks of the system's allocator, with a tag before them like all others. Without std there are none.

use core::alloc::Layout;

#[cfg(feature = "std")]
use {
    super::{Tag, tagged},
    core::ptr,
    std::alloc::{GlobalAlloc as _, System},
};

/// The room before a block: for the tag, and so that the block has the alignment that it needs.
#[cfg(feature = "std")]
const fn room(layout: Layout) -> usize {
    size_of::<Tag>().next_multiple_of(layout.align())
}

/// The layout of memory for the room and a block of this layout.
#[cfg(feature = "std")]
fn outer(layout: Layout) -> Option<Layout> {
    let align = layout.align().max(align_of::<Tag>());
    Layout::from_size_align(layout.size().checked_add(room(layout))?, align).ok()
}

#[cfg(feature = "std")]
pub(super) fn alloc(layout: Layout, zeroed: bool) -> *mut u8 {
    let Some(outer) = outer(layout) else { return ptr::null_mut() };
    // SAFETY: the layout is not empty, and made for a block with its tag.
    unsafe {
        let base = if zeroed { System.alloc_zeroed(outer) } else { System.alloc(outer) };
        tagged(base, room(layout), None)
    }
}

/// # Safety
/// `base` must be that of a block of this layout made by [`alloc`].
#[cfg(feature = "std")]
pub(super) unsafe fn dealloc(base: *mut u8, layout: Layout) {
    if let Some(outer) = outer(layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(base, outer) };
    }
}

/// # Safety
/// As for [`dealloc`]; `new` must have the alignment of `layout`.
#[cfg(feature = "std")]
pub(super) unsafe fn realloc(base: *mut u8, layout: Layout, new: Layout) -> *mut u8 {
    let (Some(old), Some(size)) = (outer(layout), outer(new)) else { return ptr::null_mut() };
    // SAFETY: the caller's promise. The room before the block depends only on its alignment, which does not
    // change.
    unsafe { tagged(System.realloc(base, old, size.size()), room(new), None) }
}

#[cfg(not(feature = "std"))]
pub(super) const fn alloc(_: Layout, _: bool) -> *mut u8 {
    core::ptr::null_mut()
}

/// # Safety
/// Never called: no block is from the system.
#[cfg(not(feature = "std"))]
pub(super) const unsafe fn dealloc(_: *mut u8, _: Layout) {}

/// # Safety
/// As for [`dealloc`].
#[cfg(not(feature = "std"))]
pub(super) const unsafe fn realloc(_: *mut u8, _: Layout, _: Layout) -> *mut u8 {
    core::ptr::null_mut()
}

//! Vectors with fallible allocation. The builder and the loaders store everything through these, so a
//! kernel's allocator can refuse; a call that is refused leaves no trace.

use alloc::string::String;
use alloc::vec::Vec;

use core::fmt;

use zerocopy::FromZeros;

/// The allocator returned no memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutOfMemory {
    /// Number of bytes requested.
    pub(crate) bytes: u64,
}

impl fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the allocator refused {} more bytes of memory; free some, or build a smaller image",
            self.bytes
        )
    }
}

/// The error for a lack of room for `count` more items.
fn missing<T>(count: usize) -> OutOfMemory {
    OutOfMemory { bytes: (count as u64).saturating_mul(size_of::<T>() as u64) }
}

/// Appends an item.
#[inline]
pub(crate) fn push<T>(items: &mut Vec<T>, item: T) -> Result<(), OutOfMemory> {
    items.try_reserve(1).map_err(|_| missing::<T>(1))?;
    // Always true; the condition spares the library for kernels the code of a growing list, which can panic.
    if items.len() < items.capacity() {
        items.push(item);
    }
    Ok(())
}

/// An empty list with room for exactly `count` items.
pub(crate) fn room_for<T>(count: usize) -> Result<Vec<T>, OutOfMemory> {
    let mut items = Vec::new();
    items.try_reserve_exact(count).map_err(|_| missing::<T>(count))?;
    Ok(items)
}

/// Zeros.
#[inline]
pub(crate) fn zeros<T: FromZeros>(count: usize) -> Result<Vec<T>, OutOfMemory> {
    T::new_vec_zeroed(count).map_err(|_| missing::<T>(count))
}

/// A copy of bytes.
pub(crate) fn copy_of(source: &[u8]) -> Result<Vec<u8>, OutOfMemory> {
    let mut bytes: Vec<u8> = room_for(source.len())?;
    // As in `push`.
    if source.len() <= bytes.capacity().wrapping_sub(bytes.len()) {
        bytes.extend_from_slice(source);
    }
    Ok(bytes)
}

/// Appends bytes.
pub(crate) fn append(bytes: &mut Vec<u8>, more: &[u8]) -> Result<(), OutOfMemory> {
    let before = bytes.len();
    u8::extend_vec_zeroed(bytes, more.len()).map_err(|_| missing::<u8>(more.len()))?;
    copy(more, bytes.get_mut(before..).unwrap_or_default());
    Ok(())
}

/// Copies as many bytes as both slices have.
#[inline]
pub(crate) fn copy(source: &[u8], target: &mut [u8]) {
    let len = source.len().min(target.len());
    if let (Some(source), Some(target)) = (source.get(..len), target.get_mut(..len)) {
        target.copy_from_slice(source);
    }
}

/// Collects an iterator.
pub(crate) fn collected<T>(source: impl IntoIterator<Item = T>) -> Result<Vec<T>, OutOfMemory> {
    let source = source.into_iter();
    let mut items = room_for(source.size_hint().0)?;
    for item in source {
        push(&mut items, item)?;
    }
    Ok(items)
}

/// A string from bytes; invalid UTF-8 is replaced by U+FFFD, as in [`String::from_utf8_lossy`].
pub(crate) fn text(bytes: &[u8]) -> Result<String, OutOfMemory> {
    let mut text = room_for(bytes.len())?;
    for chunk in bytes.utf8_chunks() {
        append(&mut text, chunk.valid().as_bytes())?;
        if !chunk.invalid().is_empty() {
            append(&mut text, "\u{fffd}".as_bytes())?;
        }
    }
    Ok(String::from_utf8(text).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_that_of_the_standard_library() {
        for bytes in [&b"ascii"[..], b"", b"caf\xc3\xa9", b"\xff", b"a\xe2\x82b\xf0\x9f", b"\xc3\xc3\xa9"] {
            assert_eq!(text(bytes).as_deref(), Ok(&*String::from_utf8_lossy(bytes)), "{bytes:02x?}");
        }
    }

    #[test]
    fn more_than_the_address_space_is_an_error_with_its_size() {
        // Eight times the address space, in as many bits as there are.
        let bytes = (usize::MAX as u64).saturating_mul(8);
        assert_eq!(zeros::<u64>(usize::MAX), Err(OutOfMemory { bytes }));
        let mut none: Vec<()> = Vec::new();
        assert_eq!(push(&mut none, ()), Ok(()));
        assert_eq!(collected((0..5_u32).filter(|n| n % 2 == 0)), Ok(alloc::vec![0, 2, 4]));
    }
}

//! Memory that may run out. Whatever the builder and the loaders keep grows through these, so that a kernel's allocator
//! can say no; a call that is told so leaves no trace.

use alloc::string::String;
use alloc::vec::Vec;

use crate::space::SpaceError;

/// What is missing when there is no room for `count` more items.
fn missing<T>(count: usize) -> SpaceError {
    SpaceError::OutOfMemory { bytes: (count as u64).saturating_mul(size_of::<T>() as u64) }
}

/// Appends an item.
#[inline]
pub(crate) fn push<T>(items: &mut Vec<T>, item: T) -> Result<(), SpaceError> {
    items.try_reserve(1).map_err(|_| missing::<T>(1))?;
    items.push(item);
    Ok(())
}

/// An empty list with room for `count` items and no more.
#[inline]
pub(crate) fn room_for<T>(count: usize) -> Result<Vec<T>, SpaceError> {
    let mut items = Vec::new();
    items.try_reserve_exact(count).map_err(|_| missing::<T>(count))?;
    Ok(items)
}

/// An item `count` times.
#[inline]
pub(crate) fn repeated<T: Copy>(item: T, count: usize) -> Result<Vec<T>, SpaceError> {
    let mut items = room_for(count)?;
    items.resize(count, item);
    Ok(items)
}

/// A copy.
#[inline]
pub(crate) fn copied<T: Copy>(source: &[T]) -> Result<Vec<T>, SpaceError> {
    let mut items = room_for(source.len())?;
    items.extend_from_slice(source);
    Ok(items)
}

/// All that an iterator gives.
pub(crate) fn collected<T>(source: impl IntoIterator<Item = T>) -> Result<Vec<T>, SpaceError> {
    let source = source.into_iter();
    let mut items = room_for(source.size_hint().0)?;
    for item in source {
        push(&mut items, item)?;
    }
    Ok(items)
}

/// Appends bytes.
#[inline]
pub(crate) fn append(bytes: &mut Vec<u8>, more: &[u8]) -> Result<(), SpaceError> {
    bytes.try_reserve(more.len()).map_err(|_| missing::<u8>(more.len()))?;
    bytes.extend_from_slice(more);
    Ok(())
}

/// A text from bytes; what is no UTF-8 is replaced by U+FFFD, as [`String::from_utf8_lossy`] does.
pub(crate) fn text(bytes: &[u8]) -> Result<String, SpaceError> {
    let parts = || {
        let replaced = |invalid: &[u8]| if invalid.is_empty() { "" } else { "\u{fffd}" };
        bytes.utf8_chunks().flat_map(move |chunk| [chunk.valid(), replaced(chunk.invalid())])
    };
    let length = parts().fold(0_usize, |sum, part| sum.saturating_add(part.len()));
    let mut text = String::new();
    text.try_reserve_exact(length).map_err(|_| missing::<u8>(length))?;
    parts().for_each(|part| text.push_str(part));
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_that_of_the_standard_library() {
        for bytes in [&b"plain"[..], b"", b"caf\xc3\xa9", b"\xff", b"a\xe2\x82b\xf0\x9f", b"\xc3\xc3\xa9"] {
            assert_eq!(text(bytes).as_deref(), Ok(&*String::from_utf8_lossy(bytes)), "{bytes:02x?}");
        }
    }

    #[test]
    fn more_than_the_address_space_is_an_error_with_its_size() {
        let expected = SpaceError::OutOfMemory { bytes: u64::MAX };
        assert_eq!(repeated(0_u64, usize::MAX), Err(expected));
        let mut none: Vec<()> = Vec::new();
        assert_eq!(push(&mut none, ()), Ok(()));
        assert_eq!(collected((0..5_u32).filter(|n| n % 2 == 0)), Ok(alloc::vec![0, 2, 4]));
    }
}

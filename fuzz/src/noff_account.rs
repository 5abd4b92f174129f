//! NOFF implemented a second time: the header's words, and the memory that the kernel's own arithmetic makes of them.

/// The largest memory that is made.
const MAX_MEMORY: u64 = 1 << 20;

/// A segment: address, file offset, size, and whether its bytes are in the file.
pub(crate) type Segment = (u64, u64, u64, bool);

/// The segments of a file of at least a header.
pub(crate) fn segments(file: &[u8], four: bool, big: bool) -> Vec<Segment> {
    let word = |index: usize| {
        let bytes = file[4 * index..4 * index + 4].try_into().expect("four bytes");
        u64::from(if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    };
    let count = if four { 4 } else { 3 };
    (0..count).map(|n| (word(1 + 3 * n), word(2 + 3 * n), word(3 + 3 * n), n + 1 < count)).collect()
}

/// The memory from address 0 on, up to the end of the last segment. `None` where a segment is not within the file or
/// within 32 bits, or the memory is too large for a test.
pub(crate) fn memory(file: &[u8], four: bool, big: bool) -> Option<Vec<u8>> {
    let segments: Vec<Segment> =
        segments(file, four, big).into_iter().filter(|&(_, _, size, _)| size > 0).collect();
    let end = segments.iter().map(|(address, _, size, _)| address + size).max().unwrap_or(0);
    if end > MAX_MEMORY {
        return None;
    }
    let mut memory = vec![0; end as usize];
    for (address, offset, size, _) in segments.into_iter().filter(|segment| segment.3) {
        let bytes = file.get(offset as usize..)?.get(..size as usize)?;
        memory[address as usize..(address + size) as usize].copy_from_slice(bytes);
    }
    Some(memory)
}

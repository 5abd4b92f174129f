/// The state of a decoder between two items, shared by its fast and its careful loop.
#[derive(Clone, Copy)]
pub(super) struct State {
    /// The position just past the next byte of input.
    pub(super) inp: usize,
    /// The position just past the next byte of output.
    pub(super) out: usize,
    /// The remaining bits of the last byte read, from the top; zeros below them.
    pub(super) bits: u64,
    /// Number of them, 0 to 8.
    pub(super) count: u32,
    /// Number of literals, or runs of them, since the last match: with exactly one the offset may be reused.
    pub(super) literals: u32,
    /// The offset of the last match.
    pub(super) offset: usize,
}

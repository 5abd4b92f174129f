//! The memory of a program, and the options that it depends on.

use elks_kernel::MIN_ARGUMENT_BYTES;

/// Maximum number of segments that ELKS accepts.
pub const MAX_SEGMENTS: usize = 5;

/// The value of `heap` that requests as much as fits into the segment.
pub const MAX_HEAP: u16 = 0xffff;

/// How the kernel was configured, and how the program is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Options {
    /// `CONFIG_EXEC_OS2`.
    pub os2: bool,
    /// The kernel runs in protected mode.
    pub protected_mode: bool,
    /// The size of the argument block (argc, argv, environment, strings), in bytes.
    pub argument_bytes: u16,
}

impl Default for Options {
    /// Configured, in real mode, the program called by a one-letter name without arguments and environment.
    fn default() -> Self {
        Self { os2: true, protected_mode: false, argument_bytes: MIN_ARGUMENT_BYTES }
    }
}

/// How the kernel treats a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SegmentKind {
    /// Code: shared by the processes that fork makes.
    Code,
    /// Data.
    Data,
    /// The auto data segment: data, heap and stack.
    Auto,
    /// The auto data segment, marked as code.
    AutoMarkedCode,
}

impl SegmentKind {
    /// The kind of a segment, from its code or data flag and whether it is the auto data segment.
    pub const fn of(is_data: bool, is_auto: bool) -> Self {
        match (is_data, is_auto) {
            (true, true) => Self::Auto,
            (false, true) => Self::AutoMarkedCode,
            (true, false) => Self::Data,
            (false, false) => Self::Code,
        }
    }

    /// The name of the kind, for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Data => "data",
            Self::Auto => "auto",
            Self::AutoMarkedCode => "auto-as-code",
        }
    }
}

/// The memory of one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SegmentLayout {
    /// The kind of segment.
    pub kind: SegmentKind,
    /// Size of its memory, in paragraphs.
    pub paras: u16,
    /// Number of bytes from the file.
    pub size: u16,
    /// Number of bytes of code or data: those from the file, and zeros.
    pub min_alloc: u16,
}

impl SegmentLayout {
    /// Size of its memory, in bytes.
    pub const fn bytes(&self) -> u32 {
        (self.paras as u32).wrapping_mul(16)
    }
}

/// The memory of a program, as `execve` sets it up. All sizes are in bytes unless stated to be in paragraphs
/// (16 bytes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    pub(super) segments: [Option<SegmentLayout>; MAX_SEGMENTS],
    /// Size of the auto data segment; a multiple of 16.
    pub data_len: u16,
    /// Size of the stack that the kernel reserves.
    pub minstack: u16,
    /// The heap that was requested; FFFF hexadecimal for as much as fits into the segment.
    pub heap_asked: u16,
    /// Where the heap may begin: after the data.
    pub t_enddata: u16,
    /// The end of the auto data segment.
    pub t_endseg: u16,
    /// The initial stack pointer; the argument block begins there.
    pub begstack: u16,
    /// The initial break: `t_enddata` rounded up to a word.
    pub endbrk: u16,
    /// The initial instruction pointer.
    pub entry: u16,
    /// Number of the segment in which the program starts, from 1.
    pub entry_segment: u16,
    /// Number of the auto data segment, from 1.
    pub auto_data_segment: u16,
    /// Size of the argument block.
    pub argument_bytes: u16,
    /// Size of stack, heap and arguments before it is truncated to 16 bits; without the heap when that is
    /// FFFF.
    pub(crate) asked: u32,
}

impl Layout {
    /// An empty layout, to be filled by [`read`](Self::read).
    pub const EMPTY: Self = Self {
        segments: [None; MAX_SEGMENTS],
        data_len: 0,
        minstack: 0,
        heap_asked: 0,
        t_enddata: 0,
        t_endseg: 0,
        begstack: 0,
        endbrk: 0,
        entry: 0,
        entry_segment: 0,
        auto_data_segment: 0,
        argument_bytes: 0,
        asked: 0,
    };

    /// The segments in the order of the table.
    #[inline(always)]
    pub fn segments(&self) -> impl Iterator<Item = &SegmentLayout> + Clone {
        self.segments.iter().map_while(Option::as_ref)
    }

    /// A segment by its number, from 1.
    #[inline(always)]
    pub fn segment(&self, number: u16) -> Option<&SegmentLayout> {
        self.segments.get(usize::from(number).checked_sub(1)?)?.as_ref()
    }

    /// Number of bytes between the break and the reserved stack: how much the heap may grow.
    pub const fn heap(&self) -> u16 {
        self.begstack.saturating_sub(self.minstack).saturating_sub(self.endbrk)
    }

    /// Size of the memory of all segments, in paragraphs.
    pub fn total_paras(&self) -> u32 {
        self.segments().fold(0, |sum, segment| sum.saturating_add(segment.paras.into()))
    }
}

use core::ffi::{c_char, c_void};

use ::aout_minix::Rule as _;
use ::aout_minix::compress::decode_in_place;
use ::aout_minix::elks::{ElksRule, Layout, LoadError, Memory, Options, Program, Segments, execve};

use super::check::argument_bytes;
use super::rules::{EXECFMT_AOUT_E_EXPAND, EXECFMT_AOUT_E_RELOCATION_PLACE, EXECFMT_AOUT_E_STORED_TOO_LONG};
use crate::base::execfmt_read_fn;
use crate::finding::{execfmt_finding, refused};
use crate::memory::{Caller, apart, caller, check, options, status};
use crate::status::{EXECFMT_E_ARGUMENT, EXECFMT_E_BUFFER, EXECFMT_E_RANGE, execfmt_status};

/// Kernel option: without medium model (far text, relocations).
pub const EXECFMT_ELKS_NO_MEDIUM_MODEL: u32 = 1;
/// Kernel option: without compression.
pub const EXECFMT_ELKS_NO_COMPRESSION: u32 = 2;

/// How the kernel was configured, and how the program is called. All 0 is the default: everything configured,
/// the smallest argument block that a real execve passes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct execfmt_elks_options {
    /// The size of this struct in bytes: sizeof.
    pub size: u32,
    /// EXECFMT_ELKS_NO_MEDIUM_MODEL and EXECFMT_ELKS_NO_COMPRESSION, or 0.
    pub without: u32,
    /// The size of the argument block in bytes, at most 65535; 0 for EXECFMT_ELKS_MIN_ARGUMENT_BYTES.
    pub argument_bytes: u32,
}
options!(execfmt_elks_options, 12);

/// Memory for loading a program. It remains the caller's.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_elks_memory {
    /// Memory for text and far text: at least 16 * text_paras bytes.
    pub text: *mut u8,
    /// Its length in bytes.
    pub text_len: usize,
    /// Memory for data, bss, heap and stack: at least data_len bytes.
    pub data: *mut u8,
    /// Its length in bytes.
    pub data_len: usize,
    /// The segment of the text on the machine, which relocations store: at most 65535.
    pub text_segment: u32,
    /// The segment of the data on the machine: at most 65535.
    pub data_segment: u32,
}

/// The memory that execve sets up. In bytes, except where paragraphs of 16 bytes are stated.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_elks_layout {
    /// Size of the text segment in paragraphs.
    pub text_paras: u32,
    /// Where the far text begins, in paragraphs from the start of the text.
    pub far_text_para: u32,
    /// Size of the data segment.
    pub data_len: u32,
    /// Size of the reserved stack.
    pub minstack: u32,
    /// One past the end of the bss.
    pub t_enddata: u32,
    /// One past the end of the data segment.
    pub t_endseg: u32,
    /// The initial stack pointer.
    pub begstack: u32,
    /// The initial break.
    pub endbrk: u32,
    /// The initial instruction pointer.
    pub entry: u32,
    /// How much the heap may grow.
    pub heap: u32,
}

impl From<&Layout> for execfmt_elks_layout {
    #[inline(always)]
    fn from(layout: &Layout) -> Self {
        Self {
            text_paras: layout.text_paras.into(),
            far_text_para: layout.far_text_para.into(),
            data_len: layout.data_len.into(),
            minstack: layout.minstack.into(),
            t_enddata: layout.t_enddata.into(),
            t_endseg: layout.t_endseg.into(),
            begstack: layout.begstack.into(),
            endbrk: layout.endbrk.into(),
            entry: layout.entry.into(),
            heap: layout.heap().into(),
        }
    }
}

fn options(caller: Caller<'_>, options: *const execfmt_elks_options) -> Result<Options, execfmt_status> {
    // The same as a struct of zeros, without the work of reading it.
    if options.is_null() {
        return Ok(Options::default());
    }
    let options = caller.options(options)?;
    if options.without > EXECFMT_ELKS_NO_MEDIUM_MODEL | EXECFMT_ELKS_NO_COMPRESSION {
        return Err(EXECFMT_E_ARGUMENT);
    }
    Ok(Options {
        medium_model: options.without & EXECFMT_ELKS_NO_MEDIUM_MODEL == 0,
        compression: options.without & EXECFMT_ELKS_NO_COMPRESSION == 0,
        argument_bytes: argument_bytes(options.argument_bytes)?,
    })
}

/// The verdict of execve of ELKS on a header: `prefix` is the first EXECFMT_AOUT_MAX_HEADER_SIZE bytes of a
/// file, or all of a shorter one. On success `*layout` is filled in. A refusal has a status from
/// EXECFMT_AOUT_E_ELKS on, whose errno is returned by execfmt_aout_elks_errno. `finding` and `options` may be
/// NULL.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_elks_layout(
    prefix: *const u8,
    prefix_len: usize,
    options: *const execfmt_elks_options,
    layout: *mut execfmt_elks_layout,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let options = self::options(caller, options)?;
        let prefix = caller.values(prefix, prefix_len)?;
        check(layout, 1)?;
        // A plain match: the result of a closure would be copied several times.
        match Layout::of(prefix, options) {
            Ok(found) => caller.write(layout, execfmt_elks_layout::from(&found)),
            Err(refusal) => Err(refused(caller, &refusal, finding)),
        }
    })
}

/// Like execfmt_aout_elks_layout, for a whole file: also refuses sections that are not in the file, invalid
/// relocations, and compressed sections that cannot be decompressed.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_elks_exec(
    bytes: *const u8,
    length: usize,
    options: *const execfmt_elks_options,
    layout: *mut execfmt_elks_layout,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let options = self::options(caller, options)?;
        let bytes = caller.values(bytes, length)?;
        check(layout, 1)?;
        let program = execve(bytes, options).map_err(|refusal| refused(caller, &refusal, finding))?;
        caller.write(layout, program.layout().into())
    })
}

/// The errno that execve of ELKS returns for a refusal, such as EXECFMT_ELKS_ENOEXEC; 0 for a status that is
/// not a refusal by ELKS.
#[unsafe(no_mangle)]
pub extern "C" fn execfmt_aout_elks_errno(status: execfmt_status) -> u32 {
    // No errno depends on the section that a rule is about, so the detail of the text serves for all.
    let rule = ElksRule::from_number(status, 0);
    rule.map_or(0, |rule| rule.errno().number().unsigned_abs())
}

/// Writes the sentence that explains why ELKS refuses a whole file, in the manner of snprintf: at most
/// `capacity` bytes, including the terminating NUL. Returns its length, or 0 (and an empty sentence) when
/// ELKS runs the file.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_elks_explain(
    file: *const u8,
    length: usize,
    options: *const execfmt_elks_options,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    let caller = caller!();
    let inputs =
        self::options(caller, options).and_then(|options| Ok((options, caller.values(file, length)?)));
    let refusal = inputs.ok().and_then(|(options, file)| execve(file, options).err());
    caller.sentence(buffer, capacity, refusal)
}

/// Loads a program as ELKS does: reads text, far text and data, zeroes the bss, expands compressed sections
/// in place, and applies relocations; heap and stack are not touched. `prefix` is the first
/// EXECFMT_AOUT_MAX_HEADER_SIZE bytes of the file, or all of a shorter one. `read` is called with file
/// offsets, and with parts of the caller's memory as its destination. EXECFMT_E_BUFFER, with nothing written,
/// for too little memory; EXECFMT_E_ARGUMENT for memory that overlaps; a failure of `read`, or an invalid
/// section, leaves the memory partly written.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_elks_load(
    prefix: *const u8,
    prefix_len: usize,
    options: *const execfmt_elks_options,
    memory: *const execfmt_elks_memory,
    read: execfmt_read_fn,
    context: *mut c_void,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let options = self::options(caller, options)?;
        let memory = caller.read(memory)?;
        let segment = |segment: u32| u16::try_from(segment).map_err(|_| EXECFMT_E_ARGUMENT);
        let segments = Segments { text: segment(memory.text_segment)?, data: segment(memory.data_segment)? };
        let mut read = caller.reader(read, context)?;
        let read =
            |offset: u64, place: &mut [u8]| read(u32::try_from(offset).map_err(|_| EXECFMT_E_RANGE)?, place);
        let prefix_at = (prefix, prefix_len);
        apart(prefix_at, (memory.text.cast_const(), memory.text_len))?;
        apart(prefix_at, (memory.data.cast_const(), memory.data_len))?;
        apart((memory.text.cast_const(), memory.text_len), (memory.data.cast_const(), memory.data_len))?;
        let program = Program::new(caller.values(prefix, prefix_len)?, options)
            .map_err(|refusal| refusal.rule.number())?;
        let text = caller.buffer(memory.text, memory.text_len)?;
        let data = caller.buffer(memory.data, memory.data_len)?;
        program.load_with(Memory { text, data }, segments, read, decode_in_place).map_err(|error| match error
        {
            LoadError::MemoryTooSmall(..) => EXECFMT_E_BUFFER,
            LoadError::Refused(refusal) => refusal.rule.number(),
            LoadError::WildRelocation { .. } => EXECFMT_AOUT_E_RELOCATION_PLACE,
            LoadError::StoredBeyondAllocation { .. } => EXECFMT_AOUT_E_STORED_TOO_LONG,
            LoadError::Read(status) => status,
            LoadError::Expand(..) => EXECFMT_AOUT_E_EXPAND,
            _ => EXECFMT_E_ARGUMENT,
        })
    })
}

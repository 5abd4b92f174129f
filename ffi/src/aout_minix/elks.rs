use core::ffi::{c_char, c_void};

use ::aout_minix::compress::decode_in_place;
use ::aout_minix::elks::{
    ElksRefusal, ElksRule, Layout, LoadError, Memory, Options, Program, Segments, execve,
};

use ::aout_minix::Rule;

use super::check::field_code;
use super::types::{EXECFMT_AOUT_E_EXPAND, EXECFMT_AOUT_E_RELOCATION_PLACE, EXECFMT_AOUT_E_STORED_TOO_LONG};
use crate::base::{
    EXECFMT_E_ARGUMENT, EXECFMT_E_BUFFER, EXECFMT_E_RANGE, execfmt_finding, execfmt_read_fn, execfmt_status,
    finding_for_c, reader, write_sentence,
};
use crate::memory;

/// Kernel option: without medium model (far text, relocations).
pub const EXECFMT_ELKS_NO_MEDIUM_MODEL: u32 = 1;
/// Kernel option: without compression.
pub const EXECFMT_ELKS_NO_COMPRESSION: u32 = 2;

/// How the kernel was configured, and what it is asked to run. All zero: everything configured, no arguments;
/// NULL instead of it: everything configured, the smallest argument block that a real execve passes, 10 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct execfmt_elks_options {
    /// EXECFMT_ELKS_NO_MEDIUM_MODEL and EXECFMT_ELKS_NO_COMPRESSION, or 0.
    pub without: u32,
    /// The size of the argument block in bytes; 65535 at most.
    pub argument_bytes: u32,
}

/// The memory that execve sets up. In bytes, but for paragraphs of 16.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_elks_layout {
    /// Size of the text segment in paragraphs.
    pub text_paras: u32,
    /// Where the far text begins, in paragraphs from the start of the text.
    pub far_text_para: u32,
    /// Size of the data segment.
    pub data_len: u32,
    /// The stack that is reserved.
    pub minstack: u32,
    /// The end of the bss.
    pub t_enddata: u32,
    /// The end of the data segment.
    pub t_endseg: u32,
    /// The initial stack pointer.
    pub begstack: u32,
    /// The initial break.
    pub endbrk: u32,
    /// The initial instruction pointer.
    pub entry: u32,
    /// What the heap may grow by.
    pub heap: u32,
}

impl From<&Layout> for execfmt_elks_layout {
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

/// # Safety
/// `options` must be NULL, for the default, or point to its struct.
unsafe fn options(options: *const execfmt_elks_options) -> Result<Options, execfmt_status> {
    if options.is_null() {
        return Ok(Options::default());
    }
    // SAFETY: the caller's promise.
    let options = unsafe { memory::read(options) }?;
    if options.without > EXECFMT_ELKS_NO_MEDIUM_MODEL | EXECFMT_ELKS_NO_COMPRESSION {
        return Err(EXECFMT_E_ARGUMENT);
    }
    Ok(Options {
        medium_model: options.without & EXECFMT_ELKS_NO_MEDIUM_MODEL == 0,
        compression: options.without & EXECFMT_ELKS_NO_COMPRESSION == 0,
        argument_bytes: u16::try_from(options.argument_bytes).map_err(|_| EXECFMT_E_ARGUMENT)?,
    })
}

/// # Safety
/// `finding` must be NULL or point to its struct.
unsafe fn refused<T>(
    outcome: Result<T, ElksRefusal>,
    finding: *mut execfmt_finding,
) -> Result<T, execfmt_status> {
    outcome.or_else(|refusal| {
        let status = refusal.rule.number();
        if !finding.is_null() {
            let detail = Rule::detail(refusal.rule);
            let c = finding_for_c(&refusal, status, detail, field_code(refusal.field));
            // SAFETY: the caller's promise.
            unsafe { memory::write(finding, c) }?;
        }
        Err(status)
    })
}

/// What execve of ELKS makes of a header: `prefix` is the first EXECFMT_AOUT_MAX_HEADER_SIZE bytes of a file, or all of a
/// shorter one. On success `*layout` is filled in. A refusal has a status from EXECFMT_AOUT_E_ELKS on, of which
/// execfmt_aout_elks_errno gives the errno. `finding` and `options` may be NULL.
///
/// # Safety
/// `prefix` must point to `prefix_len` readable bytes; the other pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_elks_layout(
    prefix: *const u8,
    prefix_len: usize,
    options: *const execfmt_elks_options,
    layout: *mut execfmt_elks_layout,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let inputs = unsafe {
        self::options(options).and_then(|options| Ok((options, memory::slice(prefix, prefix_len)?)))
    };
    let (options, prefix) = match inputs.and_then(|inputs| memory::check(layout, 1).map(|()| inputs)) {
        Ok(inputs) => inputs,
        Err(status) => return status,
    };
    // A plain match: what a closure returns would be copied several times.
    match Layout::of(prefix, options) {
        // SAFETY: the caller's promise.
        Ok(found) => memory::status(unsafe { memory::write(layout, execfmt_elks_layout::from(&found)) }),
        // SAFETY: the caller's promise.
        Err(refusal) => memory::status(unsafe { refused::<()>(Err(refusal), finding) }),
    }
}

/// As execfmt_aout_elks_layout, for a whole file: sections that the file does not hold and bad relocations are refused
/// as well, and compressed sections that cannot be decompressed.
///
/// # Safety
/// `file` must point to `length` readable bytes; the other pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_elks_exec(
    file: *const u8,
    length: usize,
    options: *const execfmt_elks_options,
    layout: *mut execfmt_elks_layout,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::options(options) }.and_then(|options| {
        // SAFETY: the caller's promise.
        let file = unsafe { memory::slice(file, length) }?;
        memory::check(layout, 1)?;
        // SAFETY: the caller's promise.
        let program = unsafe { refused(execve(file, options), finding) }?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(layout, program.layout().into()) }
    });
    memory::status(outcome)
}

/// The errno that execve of ELKS returns for a refusal: EXECFMT_ELKS_ENOEXEC and so on; 0 for a status that is not a
/// refusal by ELKS.
#[unsafe(no_mangle)]
pub extern "C" fn execfmt_aout_elks_errno(status: execfmt_status) -> u32 {
    // No errno depends on the section that a rule is about: every rule has one with the detail of the text.
    let rule = ElksRule::from_number(status, 0);
    rule.map_or(0, |rule| rule.errno().number().unsigned_abs())
}

/// Writes the sentence that says why ELKS refuses a whole file, as snprintf does: at most `capacity` bytes, the closing
/// NUL among them. Returns its length, or 0 (and an empty sentence) when ELKS runs the file.
///
/// # Safety
/// `file` must point to `length` readable bytes, `options` be NULL or point to its struct, `buffer` be NULL or point to
/// `capacity` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_elks_explain(
    file: *const u8,
    length: usize,
    options: *const execfmt_elks_options,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    // SAFETY: the caller's promise.
    let inputs =
        unsafe { self::options(options).and_then(|options| Ok((options, memory::slice(file, length)?))) };
    let refusal = inputs.ok().and_then(|(options, file)| execve(file, options).err());
    // SAFETY: the caller's promise.
    unsafe { write_sentence(buffer, capacity, refusal) }
}

/// Loads a program as ELKS does: text and far text into `text`, data into `data`, the bss zeroed, compressed sections
/// expanded in place, relocations applied for the segments `text_segment` and `data_segment`. `read` is called with
/// places in the file, which begins with `prefix`. The text memory needs 16 * text_paras bytes, the data memory
/// data_len; heap and stack are left as they are.
///
/// # Safety
/// `prefix`, `text` and `data` must point to as many bytes as is said, the last two writable; `options` must be NULL or
/// point to its struct; `read` must be NULL or a function of its type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_elks_load(
    prefix: *const u8,
    prefix_len: usize,
    options: *const execfmt_elks_options,
    read: execfmt_read_fn,
    context: *mut c_void,
    text: *mut u8,
    text_len: usize,
    text_segment: u16,
    data: *mut u8,
    data_len: usize,
    data_segment: u16,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::options(options) }.and_then(|options| {
        // SAFETY: the caller's promise. The header is copied out before anything is written.
        let prefix = unsafe { memory::slice(prefix, prefix_len) }?;
        let program = Program::new(prefix, options).map_err(|refusal| refusal.rule.number())?;
        let mut read = reader(read, context)?;
        let read =
            |offset: u64, place: &mut [u8]| read(u32::try_from(offset).map_err(|_| EXECFMT_E_RANGE)?, place);
        // SAFETY: the caller's promise. That the two do not overlap is looked at first.
        let (_, data) = unsafe { memory::slices((text.cast_const(), text_len), (data, data_len)) }?;
        // SAFETY: the caller's promise; not overlapping, as was just seen.
        let text = unsafe { memory::slice_mut(text, text_len) }?;
        let segments = Segments { text: text_segment, data: data_segment };
        program.load_with(Memory { text, data }, segments, read, decode_in_place).map_err(|error| match error
        {
            LoadError::MemoryTooSmall(..) => EXECFMT_E_BUFFER,
            LoadError::Refused(refusal) => refusal.rule.number(),
            LoadError::WildRelocation { .. } => EXECFMT_AOUT_E_RELOCATION_PLACE,
            LoadError::StoredBeyondAllocation { .. } => EXECFMT_AOUT_E_STORED_TOO_LONG,
            LoadError::Read(status) => status,
            LoadError::Expand(..) => EXECFMT_AOUT_E_EXPAND,
        })
    });
    memory::status(outcome)
}

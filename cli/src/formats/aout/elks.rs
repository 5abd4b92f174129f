//! Programs loaded as ELKS loads them, with compressed sections decompressed.

use std::convert::Infallible;

use aout_minix::compress::{StreamFinding, decode_in_place};
use aout_minix::elks::{LoadError, Memory, Program, Segments};

/// The initial contents of a loaded program's memory: only the sections.
pub(crate) struct Loaded {
    pub(crate) text: Vec<u8>,
    pub(crate) far_text: Vec<u8>,
    pub(crate) data: Vec<u8>,
}

/// Loads a program as the kernel does.
pub(crate) fn load(
    program: &Program,
    bytes: &[u8],
    segments: Segments,
) -> Result<Loaded, LoadError<Infallible, StreamFinding>> {
    let layout = program.layout();
    let mut text = vec![0; usize::try_from(layout.text_bytes()).unwrap_or_default()];
    let mut data = vec![0; layout.data_len.into()];
    let memory = Memory { text: &mut text, data: &mut data };
    program.load_file(bytes, memory, segments, decode_in_place)?;
    let far_text = usize::try_from(layout.far_text_offset()).ok().and_then(|start| text.get(start..));
    let mut far_text = far_text.unwrap_or_default().to_vec();
    far_text.truncate(layout.far_text.into());
    text.truncate(layout.text.into());
    data.truncate(layout.data.into());
    Ok(Loaded { text, far_text, data })
}

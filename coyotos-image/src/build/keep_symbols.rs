//! Symbols from a program, for the pages that an image reserves for them.

use alloc::string::String;

use super::{Builder, LoadError};
use crate::capability::Capability;
use crate::elf::symbols_of_elf;
#[cfg(feature = "side-file")]
use crate::elf::{SideFile, side_file};
use crate::object::ObjectId;
use crate::space::SpaceError;
use crate::symbols::{BUILD_ID_SPACE, SpaceId, SymbolDef, SymbolKind};
use crate::try_vec::{collected, push, text};

/// The root of the space to which symbols belong.
fn root_of(space: Capability) -> Result<ObjectId, SpaceError> {
    let root = ObjectId::of(space).filter(|_| space.cap_type().is_memory());
    root.ok_or(SpaceError::NotMemory(space.cap_type()))
}

/// Bytes in hexadecimal, the form in which `readelf -n` shows a build ID.
fn hexadecimal(bytes: &[u8]) -> Result<String, SpaceError> {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    let digits = digits.map(|digit| if digit < 10 { digit | b'0' } else { digit.wrapping_add(b'a' - 10) });
    Ok(text(&collected(digits)?)?)
}

impl Builder {
    /// Adds a program's symbols, and the build ID of its side file if there is one, to the image.
    ///
    /// `space` is the root of the space into which the program was loaded, as it is in the finished image.
    ///
    /// # Errors
    /// Those of [`symbols_of_elf`]; [`SpaceError::NotMemory`] when `space` is not a capability to an object.
    pub fn keep_symbols(
        &mut self,
        elf: &[u8],
        space: Capability,
        build_id: Option<&[u8]>,
    ) -> Result<(), LoadError> {
        let root = root_of(space)?;
        let mut symbols = symbols_of_elf(elf, root)?;
        if let Some(id) = build_id {
            let name = hexadecimal(id)?;
            let (kind, value) = (SymbolKind::BuildId, SpaceId::of(root).to_u64());
            push(&mut symbols, SymbolDef { object: BUILD_ID_SPACE, value, size: 0, kind, name })?;
        }
        Ok(self.add_symbols(symbols)?)
    }

    /// Keeps a program's debugging information: its symbols and the build ID of the side file go into the
    /// image, and the side file, for a debugger, is returned. Making the side file aborts the program when
    /// memory runs out.
    ///
    /// `space` is the root of the space into which the program was loaded, as it is in the finished image.
    ///
    /// # Errors
    /// Those of [`keep_symbols`](Self::keep_symbols) and [`side_file`].
    #[cfg(feature = "side-file")]
    pub fn keep_debug(&mut self, elf: &[u8], space: Capability) -> Result<SideFile, LoadError> {
        root_of(space)?;
        let side = side_file(elf)?;
        self.keep_symbols(elf, space, Some(&side.build_id))?;
        Ok(side)
    }
}

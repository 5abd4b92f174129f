use ::mips_coff::Image;

use super::types::{execfmt_coff, execfmt_coff_section};
use crate::finding::{execfmt_finding, refused};
use crate::memory::{caller, check, status};
use crate::status::{EXECFMT_END, execfmt_status};

/// Reads the headers of a file of `length` bytes. On success `*coff` is filled in; otherwise the status is
/// the reason, and `*finding`, unless `finding` is NULL, has the field, its offset, the value found and the
/// value expected. `*coff` does not point into the file.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coff_parse(
    bytes: *const u8,
    length: usize,
    coff: *mut execfmt_coff,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let bytes = caller.values(bytes, length)?;
        check(coff, 1)?;
        match Image::parse(bytes) {
            Ok(image) => caller.write(coff, image.header().into()),
            Err(refusal) => Err(refused(caller, &refusal, finding)),
        }
    })
}

/// Stores the section with index `index`, from 0; EXECFMT_END past the last one. A section that is not in the
/// file is refused with the status of that rule, and `*finding`, unless `finding` is NULL, has the details.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coff_section_at(
    bytes: *const u8,
    length: usize,
    index: u32,
    section: *mut execfmt_coff_section,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let bytes = caller.values(bytes, length)?;
        let image = Image::parse(bytes).map_err(|refusal| refusal.rule.number())?;
        let index = u16::try_from(index).map_err(|_| EXECFMT_END)?;
        match image.section_at(index).ok_or(EXECFMT_END)? {
            Ok(found) => caller.write(section, found.into()),
            Err(refusal) => Err(refused(caller, &refusal, finding)),
        }
    })
}

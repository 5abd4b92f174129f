use ::os2_ne::{Image, Names, RELOCATION_SIZE, RelocationRecord};
use zerocopy::FromBytes as _;

use super::types::{
    EXECFMT_NE_NON_RESIDENT_NAMES, EXECFMT_NE_RESIDENT_NAMES, execfmt_ne, execfmt_ne_cursor, execfmt_ne_name,
    execfmt_ne_relocation, execfmt_ne_segment, kind_of,
};
use crate::finding::{execfmt_finding, refused};
use crate::memory::{Caller, caller, check, fill_text, status};
use crate::status::{EXECFMT_E_ARGUMENT, EXECFMT_END, execfmt_status};

fn image<'a>(caller: Caller<'a>, bytes: *const u8, length: usize) -> Result<Image<'a>, execfmt_status> {
    Image::parse(caller.values(bytes, length)?).map_err(|refusal| refusal.rule.number())
}

/// Reads the headers of a file of `length` bytes, whatever its target system, and checks that the file
/// contains the segment table. On success `*ne` is filled in; otherwise the status is the reason, and
/// `*finding`, unless `finding` is NULL, has the field, its offset, the value found and the value expected.
/// `*ne` does not point into the file. Whether ELKS starts the program is determined by execfmt_ne_check and
/// execfmt_ne_elks_layout.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_ne_parse(
    bytes: *const u8,
    length: usize,
    ne: *mut execfmt_ne,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let bytes = caller.values(bytes, length)?;
        check(ne, 1)?;
        match Image::parse(bytes) {
            Ok(image) => caller.write(ne, image.header().into()),
            Err(refusal) => Err(refused(caller, &refusal, finding)),
        }
    })
}

/// Stores the segment with a number, from 1; EXECFMT_END past the last one.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_ne_segment_at(
    bytes: *const u8,
    length: usize,
    number: u32,
    segment: *mut execfmt_ne_segment,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let image = image(caller, bytes, length)?;
        let found = u16::try_from(number).ok().and_then(|number| image.segment(number)).ok_or(EXECFMT_END)?;
        caller.write(segment, execfmt_ne_segment::new(&found, image.header()))
    })
}

/// Stores the relocation with index `index`, from 0, of a segment, numbered from 1. EXECFMT_END past the last
/// one; when the file ends within the relocations, the status of that rule.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_ne_relocation_at(
    bytes: *const u8,
    length: usize,
    segment: u32,
    index: u32,
    relocation: *mut execfmt_ne_relocation,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let image = image(caller, bytes, length)?;
        let segment = u16::try_from(segment).ok().and_then(|number| image.segment(number));
        let mut relocations = segment.ok_or(EXECFMT_E_ARGUMENT)?.relocations();
        let (first, count) = (relocations.offset(), relocations.left());
        if count == 0 || index >= count.into() {
            // A count that the file does not contain is an error; so is everything after it.
            let missing = relocations.next().and_then(Result::err).filter(|_| index == 0);
            return Err(missing.map_or(EXECFMT_END, |refusal| refusal.rule.number()));
        }
        let before = u64::from(index).saturating_mul(RELOCATION_SIZE as u64);
        let offset = first.saturating_add(before);
        let rest = usize::try_from(offset).ok().and_then(|offset| image.bytes().get(offset..));
        let record = rest.and_then(|rest| RelocationRecord::read_from_prefix(rest).ok());
        let (record, _) = record.ok_or(::os2_ne::ne_facts::EXECFMT_NE_E_RELOCATIONS_PAST_EOF)?;
        let target = image.segment(record.target_segment.into());
        let kind = target.map(|target| kind_of(&target, image.header()));
        caller.write(relocation, execfmt_ne_relocation::new(offset, &record, kind))
    })
}

/// Stores the name at `*cursor` and advances the cursor to the next one. Begin with a cursor that is all 0,
/// or in which only the table is set; EXECFMT_END past the last one, and when the file ends within a name.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_ne_next_name(
    bytes: *const u8,
    length: usize,
    cursor: *mut execfmt_ne_cursor,
    name: *mut execfmt_ne_name,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let image = image(caller, bytes, length)?;
        check(name, 1)?;
        let mut at = caller.read(cursor)?;
        let names = match at.table {
            EXECFMT_NE_RESIDENT_NAMES => Names::resident(image.bytes(), image.header()),
            EXECFMT_NE_NON_RESIDENT_NAMES => Names::non_resident(image.bytes(), image.header()),
            _ => return Err(EXECFMT_E_ARGUMENT),
        };
        let found = names.starting_at(at.offset.into()).next().ok_or(EXECFMT_END)?;
        let mut c = execfmt_ne_name { ordinal: found.ordinal.into(), ..Default::default() };
        c.name_length = fill_text(&mut c.name, found.bytes.iter().copied());
        at.offset = u32::try_from(found.end()).map_err(|_| EXECFMT_END)?;
        at.index = at.index.saturating_add(1);
        caller.write(cursor, at)?;
        caller.write(name, c)
    })
}

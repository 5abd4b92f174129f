//! The statuses that the C header promises for the crate's errors.

use ::coyotos_image::space::SpaceError;
use ::coyotos_image::{BuildError, CoyotosRule, LoadError};
use execfmt::*;

pub(super) fn of_rule(rule: CoyotosRule) -> execfmt_status {
    rule.number()
}

pub(super) fn of_space(error: SpaceError) -> execfmt_status {
    match error {
        SpaceError::NotMemory(_) => EXECFMT_COYOTOS_E_NOT_MEMORY,
        SpaceError::NotABank(_) => EXECFMT_COYOTOS_E_NOT_A_BANK,
        SpaceError::WrongType { .. } => EXECFMT_COYOTOS_E_WRONG_TYPE,
        SpaceError::NoSuchObject { .. } => EXECFMT_COYOTOS_E_NO_OBJECT,
        SpaceError::Size { .. } => EXECFMT_COYOTOS_E_SIZE,
        SpaceError::Unaligned { .. } => EXECFMT_COYOTOS_E_UNALIGNED,
        SpaceError::Indivisible(_) => EXECFMT_COYOTOS_E_INDIVISIBLE,
        SpaceError::Inconsistent(_) => EXECFMT_COYOTOS_E_INCONSISTENT,
        SpaceError::TooDeep => EXECFMT_COYOTOS_E_TOO_DEEP,
        SpaceError::TooMany => EXECFMT_COYOTOS_E_TOO_MANY,
        _ => panic!("an error without a status: {error}"),
    }
}

pub(super) fn of_build(error: BuildError) -> execfmt_status {
    match error {
        BuildError::Space(error) => of_space(error),
        BuildError::NoSuchSlot { .. } => EXECFMT_COYOTOS_E_NO_SLOT,
        BuildError::PastEnd { .. } => EXECFMT_COYOTOS_E_PAST_END,
        BuildError::HeaderPage => EXECFMT_COYOTOS_E_HEADER_PAGE,
        BuildError::Refused(finding) => of_rule(finding.rule),
        BuildError::TooLarge(_) => EXECFMT_COYOTOS_E_TOO_LARGE,
        BuildError::BufferTooSmall { .. } => EXECFMT_E_BUFFER,
        BuildError::EntryNotExecutable(_) => EXECFMT_COYOTOS_E_ENTRY,
        BuildError::NotSmall { .. } => EXECFMT_COYOTOS_E_NOT_SMALL,
        BuildError::SmallModel(_) => EXECFMT_COYOTOS_E_SMALL_MODEL,
        BuildError::SymbolName => EXECFMT_COYOTOS_E_NAMES,
        BuildError::NotWritable { .. } => EXECFMT_COYOTOS_E_NOT_WRITABLE,
        BuildError::AddressOverflow(_) => EXECFMT_COYOTOS_E_ADDRESS,
        _ => panic!("an error that C cannot cause: {error}"),
    }
}

pub(super) fn of_load(error: LoadError) -> execfmt_status {
    match error {
        LoadError::Build(error) => of_build(error),
        LoadError::Elf(finding) => finding.rule.number(),
        _ => panic!("an error without a status: {error}"),
    }
}

//! Names that differ only in case.

use std::ffi::OsStr;
use std::path::PathBuf;

/// Whether file names are usually case-insensitive on this system.
pub(crate) const CASELESS: bool = cfg!(any(windows, target_os = "macos"));

/// What two names of one file have in common.
pub(crate) fn caseless(name: &OsStr, caseless: bool) -> PathBuf {
    match name.to_str() {
        Some(name) if caseless => name.to_lowercase().into(),
        _ => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::caseless;

    #[test]
    fn names_have_a_case_where_files_have() {
        assert_eq!(caseless("GREET".as_ref(), true), caseless("greet".as_ref(), true));
        assert_ne!(caseless("GREET".as_ref(), false), caseless("greet".as_ref(), false));
    }
}

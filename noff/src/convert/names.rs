/// True for sections that linkers may mark as loaded although they only describe the code. One family of
/// kernels collects them in `.drop`.
/// family of kernels collects them in `.drop`.
pub(super) fn is_metadata(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        ".drop",
        ".reginfo",
        ".pdr",
        ".comment",
        ".gnu.attributes",
        ".MIPS.abiflags",
        ".MIPS.options",
        ".gptab.sdata",
        ".gptab.sbss",
    ];
    NAMES.contains(&name) || [".debug", ".mdebug", ".note"].iter().any(|prefix| name.starts_with(prefix))
}

/// True for tables of functions that a C++ run-time library calls before or after `main`.
pub(super) fn is_constructors(name: &str) -> bool {
    [".init_array", ".fini_array", ".preinit_array", ".ctors", ".dtors"]
        .iter()
        .any(|prefix| name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

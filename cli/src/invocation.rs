//! Multi-call names: the names under which the command can be called.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::OnceLock;

use crate::case::CASELESS;

/// The program of a run: the command itself, or a tool that it replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applet {
    Execfmt,
    Coff2noff,
    /// The converter as the Makefiles of Nachos 4.0 call it.
    Coff2noffX86Linux,
    Coff2flat,
    Chmem,
    Elf2elks,
    ElksCompress,
    Os2toelks,
    Decomp,
    /// The same, built for the host on which ELKS is built.
    Hostdecomp,
    Nm86,
    Size86,
    Objdump86,
    Mkimage,
}

impl Applet {
    pub(crate) const TOOLS: [Self; 13] = [
        Self::Coff2noff,
        Self::Coff2noffX86Linux,
        Self::Coff2flat,
        Self::Chmem,
        Self::Elf2elks,
        Self::ElksCompress,
        Self::Os2toelks,
        Self::Decomp,
        Self::Hostdecomp,
        Self::Nm86,
        Self::Size86,
        Self::Objdump86,
        Self::Mkimage,
    ];

    /// The applet of this run, from the name under which the program was started. Computed once: the
    /// arguments are copied for it, and every message begins with the name.
    pub(crate) fn current() -> Self {
        static CURRENT: OnceLock<Applet> = OnceLock::new();
        *CURRENT.get_or_init(|| Self::from_argv0(&std::env::args_os().next().unwrap_or_default()))
    }

    /// The tool with a program's name, without folder and `.exe`.
    fn from_argv0(path: &OsStr) -> Self {
        let name = Path::new(path).file_name().and_then(OsStr::to_str).unwrap_or_default();
        let same =
            |one: &str, other: &str| if CASELESS { one.eq_ignore_ascii_case(other) } else { one == other };
        let name = match name.rsplit_once('.') {
            Some((stem, extension)) if same(extension, "exe") => stem,
            _ => name,
        };
        // The names that Nachos 4.0 kernels use for their converter on other systems.
        let name = if ["coff2noff.sparcSolaris", "coff2noff.Windows"].into_iter().any(|old| same(old, name)) {
            Self::Coff2noffX86Linux.name()
        } else {
            name
        };
        Self::TOOLS.into_iter().find(|tool| same(tool.name(), name)).unwrap_or(Self::Execfmt)
    }

    /// The tool with exactly this name.
    pub(crate) fn tool(name: &str) -> Option<Self> {
        Self::TOOLS.into_iter().find(|tool| tool.name() == name)
    }

    /// The name, with which every message begins.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Execfmt => "execfmt",
            Self::Coff2noff => "coff2noff",
            Self::Coff2noffX86Linux => "coff2noff.x86Linux",
            Self::Coff2flat => "coff2flat",
            Self::Chmem => "chmem",
            Self::Elf2elks => "elf2elks",
            Self::ElksCompress => "elks-compress",
            Self::Os2toelks => "os2toelks",
            Self::Decomp => "decomp",
            Self::Hostdecomp => "hostdecomp",
            Self::Nm86 => "nm86",
            Self::Size86 => "size86",
            Self::Objdump86 => "objdump86",
            Self::Mkimage => "mkimage",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Applet, CASELESS};

    #[test]
    fn names_have_a_case_where_files_have() {
        let applet = if CASELESS { Applet::Coff2noff } else { Applet::Execfmt };
        assert_eq!(Applet::from_argv0("COFF2NOFF.EXE".as_ref()), applet);
    }

    #[test]
    fn tools_by_their_names() {
        for (path, applet) in [
            ("execfmt", Applet::Execfmt),
            ("/usr/bin/elks-compress", Applet::ElksCompress),
            ("../bin/chmem.exe", Applet::Chmem),
            ("/usr/bin/coff2noff", Applet::Coff2noff),
            ("../bin/coff2noff.x86Linux", Applet::Coff2noffX86Linux),
            ("elks/tools/bin/hostdecomp", Applet::Hostdecomp),
            ("nm86", Applet::Nm86),
            ("coff2noff.sparcSolaris", Applet::Coff2noffX86Linux),
            ("coff2noff.Windows.exe", Applet::Coff2noffX86Linux),
            ("coff2noff.pdp11", Applet::Execfmt),
            ("chmem-old", Applet::Execfmt),
            ("", Applet::Execfmt),
        ] {
            assert_eq!(Applet::from_argv0(path.as_ref()), applet, "{path}");
        }
    }
}

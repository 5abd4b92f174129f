//! The names in the folder.

use std::path::Path;

/// A tool of the old cross compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tool {
    /// The compiler and its driver.
    Gcc,
    /// The assembler.
    As,
    /// The linker.
    Ld,
    /// The preprocessor.
    Cpp,
    /// The archiver.
    Ar,
    /// The indexer of archives.
    Ranlib,
    /// The tool that removes symbols.
    Strip,
    /// The disassembler.
    Objdump,
    /// The lister of symbols.
    Nm,
}

/// The prefixes of tool names in the Makefiles of courses.
pub const PREFIXES: [&str; 3] = ["mips-", "decstation-ultrix-", "mips-decstation-ultrix-"];

/// The tools by name; the first name of each is its main one.
pub const TOOLS: [(&str, Tool); 12] = [
    ("gcc", Tool::Gcc),
    ("cc", Tool::Gcc),
    ("xgcc", Tool::Gcc),
    ("as", Tool::As),
    ("ld", Tool::Ld),
    ("cpp", Tool::Cpp),
    ("cpp0", Tool::Cpp),
    ("ar", Tool::Ar),
    ("ranlib", Tool::Ranlib),
    ("strip", Tool::Strip),
    ("objdump", Tool::Objdump),
    ("nm", Tool::Nm),
];

/// Converters that the folder contains too.
pub const CONVERTERS: [&str; 5] =
    ["coff2noff", "coff2noff.x86Linux", "coff2noff.sparcSolaris", "coff2noff.Windows", "coff2flat"];

/// Folders with names without a prefix: never for a PATH, where they would hide the host's compiler.
const PLAIN: [&str; 2] = ["decstation-ultrix/bin", "mipsel/bin"];

/// Folders in which the preprocessor used to be installed.
const PREPROCESSOR: [&str; 2] =
    ["lib/gcc-lib/decstation-ultrix/2.95.2", "lib/gcc-lib/decstation-ultrix/2.95.3"];

impl Tool {
    /// The tool of a program's name: without folder and `.exe`, with or without a prefix.
    #[must_use]
    pub fn called(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let name = name.strip_suffix(".exe").unwrap_or(name);
        let name = PREFIXES.iter().rev().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
        TOOLS.iter().find(|(tool, _)| *tool == name).map(|&(_, tool)| tool)
    }

    /// Its main name.
    #[must_use]
    pub fn name(self) -> &'static str {
        TOOLS.iter().find(|(_, tool)| *tool == self).map_or("", |(name, _)| name)
    }
}

/// Every name of the folder, relative to it.
pub fn links() -> impl Iterator<Item = String> {
    let prefixed = ["", "bin/"].into_iter().flat_map(|folder| {
        let tools = PREFIXES.into_iter().flat_map(move |prefix| {
            TOOLS.into_iter().map(move |(tool, _)| format!("{folder}{prefix}{tool}"))
        });
        tools.chain(CONVERTERS.into_iter().map(move |name| format!("{folder}{name}")))
    });
    let plain = PLAIN
        .into_iter()
        .flat_map(|folder| TOOLS.into_iter().map(move |(tool, _)| format!("{folder}/{tool}")));
    let preprocessor = PREPROCESSOR
        .into_iter()
        .flat_map(|folder| ["cpp", "cpp0"].into_iter().map(move |tool| format!("{folder}/{tool}")));
    prefixed.chain(plain).chain(preprocessor)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::{CONVERTERS, Tool, links};

    #[test]
    fn tools_by_their_names() {
        for (path, tool) in [
            ("/opt/x/mips-gcc", Some(Tool::Gcc)),
            ("mips-decstation-ultrix-ld", Some(Tool::Ld)),
            ("decstation-ultrix-as.exe", Some(Tool::As)),
            ("d/mipsel/bin/xgcc", Some(Tool::Gcc)),
            ("cpp0", Some(Tool::Cpp)),
            ("execfmt", None),
            ("mips-", None),
            ("i386-gcc", None),
        ] {
            assert_eq!(Tool::called(Path::new(path)), tool, "{path}");
        }
    }

    #[test]
    fn every_link_is_a_tool_or_a_converter_and_there_once() {
        let mut seen = BTreeSet::new();
        for link in links() {
            let is_converter = CONVERTERS.iter().any(|name| link.ends_with(name));
            assert!(is_converter || Tool::called(Path::new(&link)).is_some(), "{link}");
            assert!(seen.insert(link.clone()), "{link}");
        }
    }
}

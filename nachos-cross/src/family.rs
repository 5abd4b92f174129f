//! The families of courses, as data: what their kernels load, and what to type.

use mips_coff::Loader;
use noff::{Faults, Profile};

/// A family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// A short name, for command-line options.
    pub name: &'static str,
    /// Which courses.
    pub courses: &'static str,
    /// What to type in the folder of the programs; `{dir}` is replaced by the toolchain folder.
    pub line: &'static str,
    /// The kernels whose rules the programs are checked by.
    pub loader: Loader,
    /// Whether the machine is big-endian and has a floating-point unit, and its kernel loads ELF.
    pub big_endian_elf: bool,
    /// Sections are padded to this many bytes.
    pub granularity: u64,
    /// Whether a last whole page of a section may be lost.
    pub avoid_whole_pages: bool,
}

impl Family {
    /// How its machine differs from a MIPS: from the kernels with its name.
    pub fn faults(&self) -> Faults {
        Profile::named(self.name).map(|profile| profile.faults).unwrap_or_default()
    }
}

const USUAL: Family = Family {
    name: "",
    courses: "",
    line: "",
    // The converter checks, and the one in the folder accepts more than those of the trees.
    loader: Loader::Any,
    big_endian_elf: false,
    granularity: 16,
    avoid_whole_pages: false,
};

/// Every known family.
pub const FAMILIES: [Family; 6] = [
    Family {
        name: "nachos5j",
        courses: "Nachos 5.0j (Berkeley, Java): loads COFF",
        line: "make ARCHDIR={dir}",
        loader: Loader::Nachos5j,
        avoid_whole_pages: true,
        ..USUAL
    },
    Family {
        name: "nachos3",
        courses: "Nachos 3.4 and 4.0 with three segments",
        line: "make GCCDIR={dir}/decstation-ultrix/bin/ CPP={dir}/lib/gcc-lib/decstation-ultrix/2.95.2/cpp COFF2NOFF={dir}/coff2noff",
        ..USUAL
    },
    Family {
        name: "nachos4-rdata",
        courses: "Nachos 4.0 built with -DRDATA: four segments",
        line: "make GCCDIR={dir}/decstation-ultrix/bin/ CPP={dir}/lib/gcc-lib/decstation-ultrix/2.95.2/cpp0 COFF2NOFF={dir}/coff2noff.x86Linux",
        loader: Loader::Coff2NoffFour,
        ..USUAL
    },
    Family {
        name: "bordeaux",
        courses: "Bordeaux: programs start at 0x80",
        line: "ln -sf {dir}/coff2noff ../bin && make GCCDIR={dir}/mipsel/bin GCC=gcc",
        // Its kernels read whole pages of 128 bytes.
        granularity: 128,
        ..USUAL
    },
    Family {
        name: "rosario",
        courses: "Rosario",
        line: "ln -sf {dir}/coff2noff ../bin && make GCC_PREFIX={dir}/mips-",
        ..USUAL
    },
    Family {
        name: "rennes",
        courses: "Rennes: big-endian ELF with floating point",
        line: "make GCCDIR={dir}/mipsel/bin/",
        big_endian_elf: true,
        ..USUAL
    },
];

impl Family {
    /// The family with a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FAMILIES.iter().find(|family| family.name == name)
    }
}

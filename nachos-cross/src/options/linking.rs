//! ld, which reports other options and ignores them.

use super::Action::{Drop, Own, Refuse};
use super::Value::{Either, Joined, Next, None as Alone};
use super::{Row, row};
use crate::names::Tool::Ld;

const SMALL_DATA: &str = "-G 0, always: Nachos does not set $gp";
const LIBRARIES: &str = "no library is linked unless named";

pub(super) const ROWS: &[Row] = &[
    row(Ld, "-o", Either, Own, "the output"),
    row(Ld, "-T", Either, Own, "a script; or a number, the address of .text"),
    row(Ld, "--script=", Joined, Own, "a script"),
    row(Ld, "-Ttext", Next, Own, "the address of .text"),
    row(Ld, "-Ttext=", Joined, Own, "the address of .text"),
    row(Ld, "-Tdata", Next, Own, "the address of .data"),
    row(Ld, "-Tdata=", Joined, Own, "the address of .data"),
    row(Ld, "-Tbss", Next, Own, "the address of .bss"),
    row(Ld, "-Tbss=", Joined, Own, "the address of .bss"),
    row(Ld, "-e", Next, Own, "the entry point"),
    row(Ld, "--entry", Next, Own, "the entry point"),
    row(Ld, "-L", Either, Own, "a folder of libraries"),
    row(Ld, "-l", Joined, Own, "a library; gcc's own may be missing, since the folder has its functions"),
    row(Ld, "-u", Next, Own, "a symbol to treat as undefined"),
    row(Ld, "-defsym", Next, Own, "a symbol's value"),
    row(Ld, "--defsym", Next, Own, "a symbol's value"),
    row(Ld, "--defsym=", Joined, Own, "a symbol's value"),
    row(Ld, "-Map", Next, Own, "a file for the link map"),
    row(Ld, "-Map=", Joined, Own, "a file for the link map"),
    row(Ld, "-M", Alone, Own, "prints the link map"),
    row(Ld, "-t", Alone, Own, "prints the names of the files"),
    row(Ld, "-v", Alone, Own, "prints the version"),
    row(Ld, "-V", Alone, Own, "prints the version"),
    row(Ld, "--version", Alone, Own, "prints the version"),
    row(Ld, "-r", Alone, Refuse, "a program is linked in one step; combine objects with ar"),
    row(Ld, "-i", Alone, Refuse, "a program is linked in one step; combine objects with ar"),
    row(Ld, "-N", Alone, Drop, "text and data follow each other, always"),
    row(Ld, "-n", Alone, Drop, "text and data follow each other, always"),
    row(Ld, "-s", Alone, Drop, "COFF programs have no symbols, always"),
    row(Ld, "-S", Alone, Drop, "COFF programs have no symbols, always"),
    row(Ld, "-x", Alone, Drop, "COFF programs have no symbols, always"),
    row(Ld, "-X", Alone, Drop, "COFF programs have no symbols, always"),
    row(Ld, "-G", Either, Drop, SMALL_DATA),
    row(Ld, "-EL", Alone, Drop, "the objects decide"),
    row(Ld, "-EB", Alone, Drop, "the objects decide"),
    row(Ld, "-m", Either, Drop, "the objects decide"),
    row(Ld, "-A", Either, Drop, "the objects decide"),
    row(Ld, "-oformat", Next, Drop, "the profile decides"),
    row(Ld, "--oformat", Next, Drop, "the profile decides"),
    row(Ld, "-static", Alone, Drop, LIBRARIES),
    row(Ld, "-nostdlib", Alone, Drop, LIBRARIES),
    row(Ld, "-d", Alone, Drop, "common symbols get memory, always"),
    row(Ld, "-dc", Alone, Drop, "common symbols get memory, always"),
    row(Ld, "-dp", Alone, Drop, "common symbols get memory, always"),
    row(Ld, "-dn", Alone, Drop, LIBRARIES),
    row(Ld, "-Bstatic", Alone, Drop, LIBRARIES),
    row(Ld, "-b", Either, Drop, "the objects decide"),
    row(Ld, "-z", Either, Drop, "an option for ELF systems"),
    row(Ld, "-warn-common", Alone, Own, "warns about each common symbol that is merged with another"),
    row(Ld, "--warn-common", Alone, Own, "warns about each common symbol that is merged with another"),
    row(Ld, "-warn-", Joined, Drop, "a warning of the old linker"),
    row(Ld, "--warn-", Joined, Drop, "a warning of the old linker"),
];

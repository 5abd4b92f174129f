//! ld, which names other options and ignores them.

use super::Action::{Drop, Own, Refuse};
use super::Value::{Either, Joined, Next, None as Alone};
use super::{Row, row};
use crate::names::Tool::Ld;

const SMALL_DATA: &str = "-G 0, always: Nachos does not set $gp";
const LIBRARIES: &str = "no library is linked that was not named";

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
    row(Ld, "-e", Next, Own, "where the program starts"),
    row(Ld, "--entry", Next, Own, "where the program starts"),
    row(Ld, "-L", Either, Own, "a folder of libraries"),
    row(Ld, "-l", Joined, Own, "a library; gcc's own may be missing, as the folder has what it does"),
    row(Ld, "-u", Next, Own, "a symbol to look for"),
    row(Ld, "-defsym", Next, Own, "a symbol's value"),
    row(Ld, "--defsym", Next, Own, "a symbol's value"),
    row(Ld, "--defsym=", Joined, Own, "a symbol's value"),
    row(Ld, "-Map", Next, Own, "a file for the list of sections and symbols"),
    row(Ld, "-Map=", Joined, Own, "a file for the list of sections and symbols"),
    row(Ld, "-M", Alone, Own, "prints the list of sections and symbols"),
    row(Ld, "-t", Alone, Own, "prints the names of the files"),
    row(Ld, "-v", Alone, Own, "prints the version"),
    row(Ld, "-V", Alone, Own, "prints the version"),
    row(Ld, "--version", Alone, Own, "prints the version"),
    row(Ld, "-r", Alone, Refuse, "a program is linked at once; join objects by ar"),
    row(Ld, "-i", Alone, Refuse, "a program is linked at once; join objects by ar"),
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
    row(Ld, "-z", Either, Drop, "a choice of ELF systems"),
    row(Ld, "-warn-common", Alone, Own, "names each common symbol that meets another of its name"),
    row(Ld, "--warn-common", Alone, Own, "names each common symbol that meets another of its name"),
    row(Ld, "-warn-", Joined, Drop, "a warning of the old linker"),
    row(Ld, "--warn-", Joined, Drop, "a warning of the old linker"),
];

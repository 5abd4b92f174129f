//! The examples that `--help` shows for each command. The tests run every line that begins with `execfmt`
//! (cli/tests/docs/examples.rs), in a folder with the files used.

pub(crate) const INFO: &str = "\
Examples:
  execfmt info demo.noff
      its contents, and which kernels run it
  execfmt info --for nachos4-rdata --json demo4.noff
      the same as JSON, for one family of kernels
  execfmt info --args 200 program
      the memory that ELKS gives it with 200 bytes of arguments and environment";

pub(crate) const CHECK: &str = "\
Examples:
  execfmt check demo.noff program hello.img
  execfmt check --for nachos3 --strict demo.noff
      whether kernels of that family run it, with warnings as errors
  execfmt check -r --quiet submissions
      all files below a folder: only the totals";

pub(crate) const MAP: &str = "\
Examples:
  execfmt map demo.noff
  execfmt map --range 0x280..0x380 demo.noff
      a part of it, row by row
  execfmt map --html demo.html demo.noff
      a page for a browser";

pub(crate) const HEX: &str = "\
Examples:
  execfmt hex demo.noff
  execfmt hex --all program
      every row, long runs included";

pub(crate) const DIFF: &str = "\
Examples:
  execfmt diff demo.noff demo4.noff
      the same program in the other layout";

pub(crate) const CONVERT: &str = "\
Examples:
  execfmt convert halt.elf -o halt.noff --to noff --for nachos3
      from a MIPS compiler to a Nachos kernel
  execfmt convert demo.noff -o demo4.noff --to noff --layout 4
      a NOFF file in the other layout
  execfmt convert far.elf -o far --to elks --symtab --heap 0x2000
      as elf2elks
  execfmt convert hello.elf -o hello.img --to coyotos --debug hello.debug
      a Coyotos image, with symbols and a file for debuggers";

pub(crate) const CHMEM: &str = "\
Examples:
  execfmt chmem program
  execfmt chmem -h 8192 -s 2048 program
      8 KiB of heap, 2 KiB of stack";

pub(crate) const COMPRESS: &str = "\
Examples:
  execfmt compress -o program.z program
  execfmt compress --best --json program
      replaces the file, and takes seconds";

pub(crate) const DECOMPRESS: &str = "\
Examples:
  execfmt decompress -o program.out program.z
      the file as it was before compression, byte for byte";

pub(crate) const SYMBOLS: &str = "\
Examples:
  execfmt symbols program
  execfmt symbols --addr 0x12 program
      the symbol at an address, or the last one below it";

pub(crate) const RELOCS: &str = "\
Examples:
  execfmt relocs program";

pub(crate) const LOAD: &str = "\
Examples:
  execfmt load --elks --cs 0x1000 --ds 0x2000 -o memory program
      memory/text.bin, ftext.bin and data.bin, relocated";

pub(crate) const TOOLCHAIN: &str = "\
Examples:
  execfmt toolchain --check
      which compilers are installed
  execfmt toolchain nachos-cross --for nachos5j
      then, in the folder of the programs: make ARCHDIR=/path/to/nachos-cross";

pub(crate) const BUILD: &str = "\
Examples:
  execfmt coyotos build two.recipe -o two.img";

pub(crate) const MKIMAGE: &str = "\
Examples:
  execfmt coyotos mkimage -t i386 -I . -L . -o script.img hello
      runs hello.mki, which loads hello.elf
  execfmt coyotos mkimage -t i386 -I . -L . -o script.img --trace hello
      also prints the recipe that builds the same bytes";

pub(crate) const LS: &str = "\
Examples:
  execfmt coyotos ls hello.img";

pub(crate) const SPACE: &str = "\
Examples:
  execfmt coyotos space hello.img
  execfmt coyotos space hello.img process:0 --json";

pub(crate) const CAPS: &str = "\
Examples:
  execfmt coyotos caps hello.img process:0
  execfmt coyotos caps --all hello.img gpt:0";

pub(crate) const EXTRACT: &str = "\
Examples:
  execfmt coyotos extract hello.img 0x804a000+16 -o table.bin
      16 bytes of the address space
  execfmt coyotos extract hello.img page:1 -o page.bin";

pub(crate) const UNPACK: &str = "\
Examples:
  execfmt coyotos unpack hello.img -o hello.d";

pub(crate) const PACK: &str = "\
Examples:
  execfmt coyotos pack hello.d -o again.img";

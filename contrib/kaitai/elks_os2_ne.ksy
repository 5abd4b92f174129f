meta:
  id: elks_os2_ne
  title: OS/2 NE executable, as ELKS loads it
  application: ELKS, Open Watcom
  license: MIT OR Apache-2.0
  ks-version: 0.9
  endian: le
doc: |
  The 16-bit executables of OS/2 1.x, which Open Watcom links and ELKS runs: an MZ header, of which only the offset of the NE
  header counts, the NE header, a table of segments, and the segments, each followed by its relocations. The tables
  of names, entries and resources, which ELKS does not read, are left as their offsets.
doc-ref: https://github.com/execfmt/execfmt/blob/main/docs/os2-ne.md
seq:
  - id: mz_header
    type: mz_header
instances:
  ne_header:
    pos: mz_header.e_lfanew
    type: ne_header
  segments:
    pos: mz_header.e_lfanew + ne_header.segment_table
    type: segment
    repeat: expr
    repeat-expr: ne_header.num_segments
types:
  mz_header:
    doc: 64 bytes.
    seq:
      - id: e_magic
        contents: MZ
      - id: dos
        size: 58
        doc: What DOS needs to run the stub.
      - id: e_lfanew
        type: u4
        doc: File offset of the NE header in bytes.
  ne_header:
    doc: 64 bytes.
    seq:
      - id: magic
        contents: NE
      - id: linker_version
        size: 2
        doc: The linker's version, major and minor.
      - id: entry_table
        type: u2
        doc: Offset of the entry table in bytes, from the NE header.
      - id: entry_table_size
        type: u2
        doc: Size of the entry table in bytes.
      - id: checksum
        type: u4
        doc: Checksum of the file; not used.
      - id: program_flags
        type: u1
        doc: |
          Bits 0-1: data segment (0 none, 1 one for all instances, 2 one each); 2: DLL initialisation; 3: protected mode only;
          4-7: instructions of 8086, 286, 386, 8087.
      - id: application_flags
        type: u1
        doc: "Bits 0-1: screen; 5: errors in linking; 7: library."
      - id: auto_data_segment
        type: u2
        doc: Number of the segment that holds data, heap and stack, from 1.
      - id: heap
        type: u2
        doc: Bytes of heap; 0 for 4096, 0xffff for as much as a segment has.
      - id: stack
        type: u2
        doc: Bytes of stack; 0 for 4096.
      - id: ip
        type: u2
        doc: Where the program starts, in bytes from the start of segment cs.
      - id: cs
        type: u2
        doc: Number of the segment in which the program starts, from 1.
      - id: sp
        type: u2
        doc: Initial stack pointer; ELKS ignores it.
      - id: ss
        type: u2
        doc: Number of the stack segment; ELKS ignores it.
      - id: num_segments
        type: u2
        doc: Number of segments.
      - id: num_modules
        type: u2
        doc: Number of modules that the program imports from.
      - id: non_resident_size
        type: u2
        doc: Size of the table of non-resident names in bytes.
      - id: segment_table
        type: u2
        doc: Offset of the segment table in bytes, from the NE header.
      - id: resource_table
        type: u2
        doc: Offset of the resource table in bytes, from the NE header.
      - id: resident_names
        type: u2
        doc: Offset of the table of resident names in bytes, from the NE header.
      - id: module_table
        type: u2
        doc: Offset of the module reference table in bytes, from the NE header.
      - id: imported_names
        type: u2
        doc: Offset of the table of imported names in bytes, from the NE header.
      - id: non_resident_names
        type: u4
        doc: File offset of the table of non-resident names in bytes.
      - id: num_movable
        type: u2
        doc: Number of movable entry points.
      - id: shift
        type: u2
        doc: Power of two in which the segment table counts file offsets.
      - id: num_resources
        type: u2
        doc: Number of resources.
      - id: target_os
        type: u1
        enum: system
      - id: os2_flags
        type: u1
        doc: Flags of OS/2.
      - id: windows
        size: 6
        doc: Tables of Windows.
      - id: windows_version
        size: 2
        doc: Version of Windows expected, minor and major.
  segment:
    doc: 8 bytes.
    seq:
      - id: offset
        type: u2
        doc: File offset in units of 1 << shift bytes; 0 when the file has no bytes of it.
      - id: size
        type: u2
        doc: Bytes in the file.
      - id: flags
        type: u2
        doc: "Bits 0: data; 3: iterated; 4: movable; 6: preload; 8: relocations follow; 10-11: level; 13: 32-bit."
      - id: min_alloc
        type: u2
        doc: Bytes in memory.
    instances:
      start:
        value: offset << _root.ne_header.shift
        if: _root.ne_header.shift < 16
        doc: File offset in bytes.
      body:
        pos: start
        size: size
        if: offset != 0 and _root.ne_header.shift < 16
      relocations:
        pos: start + size
        type: relocations
        if: offset != 0 and _root.ne_header.shift < 16 and (flags & 0x100) != 0
  relocations:
    seq:
      - id: count
        type: u2
      - id: entries
        type: relocation
        repeat: expr
        repeat-expr: count
  relocation:
    doc: 8 bytes.
    seq:
      - id: source_type
        type: u1
        doc: "What is changed: 2 a segment word, 3 a far pointer."
      - id: flags
        type: u1
        doc: "Bits 0-1: kind of the target, 0 for one of the file's segments; 2: additive."
      - id: source_offset
        type: u2
        doc: Where it is changed, in bytes from the start of its segment.
      - id: target_segment
        type: u1
        doc: Number of the target segment, from 1.
      - id: reserved
        type: u1
      - id: target_offset
        type: u2
        doc: Offset in the target segment in bytes.
enums:
  system:
    0: unknown
    1: os2
    2: windows
    3: dos4
    4: windows_386

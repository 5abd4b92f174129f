meta:
  id: nachos_noff
  title: Nachos NOFF executable
  application: Nachos, the instructional operating system
  file-extension: noff
  license: MIT OR Apache-2.0
  ks-version: 0.9
doc: |
  The executables that the kernels of Nachos courses load: a header with three or four segments, then the bytes of the
  segments. The words of the header are in the order of the host that converted the program; the program itself is
  little-endian MIPS code after either. Both layouts have the same magic, and are distinguished by where the bytes of the
  first segment begin: right after the header, at byte 40 or 52. A file where that is at neither is read with three
  segments. A file that begins with another byte than those of the magic has no byte order and is refused.

  There is no entry point: the kernel starts a program at address 0 (that of Bordeaux at 0x80).
doc-ref: https://github.com/execfmt/execfmt/blob/main/docs/fields.md
seq:
  - id: file
    type: file
instances:
  first_byte:
    pos: 0
    type: u1
    doc: The byte that shows the order of the bytes in words.
types:
  file:
    doc: The header and the segments.
    meta:
      endian:
        switch-on: _root.first_byte
        cases:
          0xad: le
          0x00: be
    seq:
      - id: noff_magic
        type: u4
        valid: 0x00badfad
        doc: In the file AD DF BA 00 for little-endian words, 00 BA DF AD for big-endian ones.
      - id: code
        type: segment
        doc: Instructions.
      - id: init_data
        type: segment
        doc: Initialised data.
      - id: readonly_data
        type: segment
        if: has_readonly_data
        doc: Constants; of the layout with four segments only.
      - id: uninit_data
        type: segment
        doc: Zeroed data, of which the file has no bytes.
    instances:
      third:
        pos: 28
        type: segment
        doc: The third segment, whichever it is.
      two_start:
        value: 'code.start < init_data.start ? code.start : init_data.start'
        doc: Where the bytes of code and initialised data begin, whichever is first.
      has_readonly_data:
        value: 'two_start >= 52 and third.start >= 52 and (two_start == 52 or third.start == 52)'
        doc: Whether the header has four segments.
      code_bytes:
        pos: code.in_file_addr
        size: code.size
        if: code.size != 0
      init_data_bytes:
        pos: init_data.in_file_addr
        size: init_data.size
        if: init_data.size != 0
      readonly_data_bytes:
        pos: readonly_data.in_file_addr
        size: readonly_data.size
        if: has_readonly_data and readonly_data.size != 0
    types:
      segment:
        doc: Where a segment is in the file and in memory. The two addresses of an empty segment hold whatever lay in the converter's memory.
        seq:
          - id: virtual_addr
            type: u4
            doc: Where the segment begins in the program's address space, in bytes.
          - id: in_file_addr
            type: u4
            doc: Where its bytes begin in the file; meaningless for zeroed data.
          - id: size
            type: u4
            doc: Its length in bytes.
        instances:
          start:
            value: 'size == 0 ? 0xffffffff : in_file_addr'
            doc: Where its bytes begin in the file; past every file when it has none.

meta:
  id: elks_minix_aout
  title: ELKS and Minix a.out executable
  application: ELKS, Minix 1 and 2
  license: MIT OR Apache-2.0
  ks-version: 0.9
doc: |
  The executables of Minix 1 and 2 and of ELKS, Unix-like systems for 16-bit PCs. A header of 32 bytes; with relocations one of
  48; with far text or compressed sections, which only ELKS knows, one of 64. Then text, far text, data, the relocations of
  each, and symbols, with nothing between them. A compressed section takes as many bytes as the header says it has in the
  file.
doc-ref: https://github.com/execfmt/execfmt/blob/main/docs/elks.md
seq:
  - id: file
    type: file
instances:
  cpu_byte:
    pos: 3
    type: u1
    doc: The byte that shows the order of the bytes in words.
types:
  file:
    doc: The header, the sections and the tables.
    meta:
      endian:
        switch-on: _root.cpu_byte & 1
        cases:
          0: le
          1: be
    seq:
      - id: header
        type: header
      - id: supplement
        type: supplement
        if: header.hlen >= 0x30
      - id: far_supplement
        type: far_supplement
        if: header.hlen >= 0x40
      - id: text
        size: text_size
        doc: Code that a near call reaches; the program starts in it.
      - id: far_text
        size: far_text_size
        doc: Code that a far call reaches (medium model).
      - id: data
        size: data_size
        doc: Initialised data.
      - id: text_relocations
        type: relocations
        size: 'header.hlen >= 0x30 ? supplement.trsize : 0'
      - id: far_text_relocations
        type: relocations
        size: 'header.hlen >= 0x40 ? far_supplement.ftrsize : 0'
      - id: data_relocations
        type: relocations
        size: 'header.hlen >= 0x30 ? supplement.drsize : 0'
      - id: symbols
        size: header.syms
        doc: |
          Records of 16 bytes (Minix, ld86), or those that ELKS programs carry for their own use: which of them only the bytes
          show. See symbols_of_minix and symbols_of_elks.
    instances:
      text_size:
        value: 'header.hlen >= 0x40 and far_supplement.compr_tseg != 0 ? far_supplement.compr_tseg : header.tseg'
        doc: Bytes of the text in the file.
      far_text_size:
        value: 'header.hlen < 0x40 ? 0 : far_supplement.compr_ftseg != 0 ? far_supplement.compr_ftseg : far_supplement.ftseg'
        doc: Bytes of the far text in the file.
      data_size:
        value: 'header.hlen >= 0x40 and far_supplement.compr_dseg != 0 ? far_supplement.compr_dseg : header.dseg'
        doc: Bytes of the data in the file.
      symbols_start:
        value: |
          header.hlen + text_size + far_text_size + data_size
          + (header.hlen >= 0x30 ? supplement.trsize + supplement.drsize : 0)
          + (header.hlen >= 0x40 ? far_supplement.ftrsize : 0)
        doc: File offset of the symbols.
      symbols_of_minix:
        pos: symbols_start
        size: header.syms
        type: minix_symbols
        doc: The symbols, when they are records of 16 bytes.
      symbols_of_elks:
        pos: symbols_start
        size: header.syms
        type: elks_symbols
        if: header.syms != 0
        doc: The symbols, when they are those of ELKS.
    types:
      header:
        doc: 32 bytes.
        seq:
          - id: magic
            contents: [0x01, 0x03]
          - id: flags
            type: u1
            doc: |
              How the file is meant to be loaded. 0x01 page 0 is not mapped, 0x02 page-aligned, 0x04 new symbols, 0x10 executable, 0x20
              separate instructions and data, 0x40 pure text, 0x80 text overlay.
          - id: cpu
            type: u1
            enum: cpu
            doc: The processor. Bit 0 means big-endian words.
          - id: hlen
            type: u1
            valid:
              any-of: [0x20, 0x30, 0x40]
            doc: The size of the whole header in bytes, supplements included.
          - id: reserved1
            type: u1
            doc: 0.
          - id: version
            type: u2
            doc: 0 or 1, what chmem and minstack mean.
          - id: tseg
            type: u4
            doc: Size of the text in bytes, uncompressed.
          - id: dseg
            type: u4
            doc: Size of the data in bytes, uncompressed.
          - id: bseg
            type: u4
            doc: Size of the bss in bytes.
          - id: entry
            type: u4
            doc: Where the program starts, in bytes from the start of the text.
          - id: chmem
            type: u2
            doc: |
              Version 1: bytes of heap, 0 for 4096, 0xfff0 and above for as much as fits. Version 0: bytes of data, bss, heap and
              stack together, 0 for a default.
          - id: minstack
            type: u2
            doc: "Version 1: bytes of stack, 0 for 4096. Minix takes this and the word before for one of 32 bits."
          - id: syms
            type: u4
            doc: Size of the symbol table in bytes.
      supplement:
        doc: 16 bytes, of a header of 48 or 64 bytes.
        seq:
          - id: trsize
            type: u4
            doc: Size of the text's relocations in bytes.
          - id: drsize
            type: u4
            doc: Size of the data's relocations in bytes.
          - id: tbase
            type: u4
            doc: Base of the text; ELKS wants 0.
          - id: dbase
            type: u4
            doc: Base of the data; ELKS wants 0.
      far_supplement:
        doc: 16 bytes, of a header of 64 bytes.
        seq:
          - id: ftseg
            type: u4
            doc: Size of the far text in bytes, uncompressed.
          - id: ftrsize
            type: u4
            doc: Size of the far text's relocations in bytes.
          - id: compr_tseg
            type: u2
            doc: Size of the text as stored, in bytes; 0 when it is not compressed.
          - id: compr_dseg
            type: u2
            doc: Size of the data as stored, in bytes; 0 when it is not compressed.
          - id: compr_ftseg
            type: u2
            doc: Size of the far text as stored, in bytes; 0 when it is not compressed.
          - id: reserved
            type: u2
            doc: 0.
      relocations:
        seq:
          - id: entries
            type: relocation
            repeat: eos
      relocation:
        doc: 8 bytes.
        seq:
          - id: vaddr
            type: u4
            doc: Where the word is, in bytes from the start of its section.
          - id: symndx
            type: u2
            enum: segment
            doc: The segment whose paragraph is put there, or the number of a symbol.
          - id: type
            type: u2
            doc: How the word is changed; 80 is the one type of ELKS.
      minix_symbols:
        seq:
          - id: entries
            type: minix_symbol
            repeat: eos
      minix_symbol:
        doc: |
          16 bytes. A longer name than 8 bytes goes on in the entries that follow, of which all but the names is 0.
        seq:
          - id: name
            size: 8
            doc: The name, filled up with zeros.
          - id: value
            type: u4
            doc: The value.
          - id: sclass
            type: u1
            doc: "The section in bits 0-2 (2 text, 3 data, 4 bss), and who sees the symbol in the others (16: everyone)."
          - id: numaux
            type: u1
            doc: How many auxiliary entries follow.
          - id: type
            type: u2
            doc: The type in the language.
      elks_symbols:
        seq:
          - id: entries
            type: elks_symbol
            repeat: until
            repeat-until: _.letter == 0
      elks_symbol:
        meta:
          endian: le
        seq:
          - id: letter
            type: u1
            doc: The letter that nm prints; F and f for far text. 0 ends the table.
          - id: addr
            type: u2
            if: letter != 0
            doc: The offset in its segment, in bytes.
          - id: len
            type: u1
            if: letter != 0
            doc: How many bytes the name has.
          - id: name
            size: len
            if: letter != 0
enums:
  cpu:
    0x00: none
    0x04: i8086
    0x0b: m68k
    0x0c: ns16k
    0x10: i80386
    0x17: sparc
  segment:
    0xfffb: far_text
    0xfffc: bss
    0xfffd: data
    0xfffe: text
    0xffff: absolute

meta:
  id: nachos_mips_coff
  title: MIPS COFF (ECOFF) executable, as Nachos uses it
  application: Nachos 5.0j, coff2noff
  file-extension: coff
  license: MIT OR Apache-2.0
  ks-version: 0.9
doc: |
  What the cross compilers of Nachos courses link: coff2noff converts it to NOFF, and Nachos 5.0j loads it directly. A file
  header, an optional header, a header for each section, then the bytes of the sections, and for debuggers a symbolic
  header with tables. Nachos reads nothing of the relocations, line numbers and symbols.
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
    doc: The headers and the sections.
    meta:
      endian:
        switch-on: _root.first_byte
        cases:
          0x62: le
          0x01: be
    seq:
      - id: file_header
        type: file_header
      - id: optional_header
        type: optional_header
        if: file_header.f_opthdr >= 56
      - id: rest_of_optional_header
        size: 'file_header.f_opthdr >= 56 ? file_header.f_opthdr - 56 : file_header.f_opthdr'
        doc: What is longer than the usual 56 bytes, or too short to be read as them.
      - id: sections
        type: section
        repeat: expr
        repeat-expr: file_header.f_nscns
    instances:
      symbolic_header:
        pos: file_header.f_symptr
        type: symbolic_header
        if: file_header.f_symptr != 0
    types:
      file_header:
        doc: 20 bytes.
        seq:
          - id: f_magic
            type: u2
            valid:
              any-of: [0x0162, 0x0160]
            doc: 0x0162 for little-endian MIPS I, 0x0160 for big-endian.
          - id: f_nscns
            type: u2
            doc: Number of sections.
          - id: f_timdat
            type: u4
            doc: When the file was made, in seconds since 1970.
          - id: f_symptr
            type: u4
            doc: File offset of the symbolic header; 0 without symbols.
          - id: f_nsyms
            type: u4
            doc: Size of the symbolic header in bytes.
          - id: f_opthdr
            type: u2
            doc: Size of the optional header in bytes.
          - id: f_flags
            type: u2
            doc: "Bit 0: no relocations; bit 1: linked; bit 2: no line numbers; bit 8: 32-bit little-endian."
      optional_header:
        doc: 56 bytes.
        seq:
          - id: magic
            type: u2
            doc: 0407 octal (OMAGIC) for a program linked with -N.
          - id: vstamp
            type: u2
            doc: Version of the tool that wrote the file.
          - id: tsize
            type: u4
            doc: Size of the text in bytes.
          - id: dsize
            type: u4
            doc: Size of the initialised data in bytes, constants included.
          - id: bsize
            type: u4
            doc: Size of the zeroed data in bytes.
          - id: entry
            type: u4
            doc: Address at which the program starts.
          - id: text_start
            type: u4
            doc: Address of the text.
          - id: data_start
            type: u4
            doc: Address of the initialised data, constants included.
          - id: bss_start
            type: u4
            doc: Address of the zeroed data.
          - id: gprmask
            type: u4
            doc: General registers in use.
          - id: cprmask0
            type: u4
            doc: Registers of coprocessor 0 in use.
          - id: cprmask1
            type: u4
            doc: Registers of coprocessor 1 in use.
          - id: cprmask2
            type: u4
            doc: Registers of coprocessor 2 in use.
          - id: cprmask3
            type: u4
            doc: Registers of coprocessor 3 in use.
          - id: gp_value
            type: u4
            doc: The value of $gp.
      section:
        doc: 40 bytes.
        seq:
          - id: s_name
            size: 8
            doc: The name in ASCII, padded with zeros, which a name of eight characters lacks.
          - id: s_paddr
            type: u4
            doc: Physical address, which the converters use.
          - id: s_vaddr
            type: u4
            doc: Virtual address, which Nachos 5.0j uses.
          - id: s_size
            type: u4
            doc: Size in bytes.
          - id: s_scnptr
            type: u4
            doc: File offset of the section's bytes.
          - id: s_relptr
            type: u4
            doc: File offset of its relocations.
          - id: s_lnnoptr
            type: u4
            doc: File offset of its line numbers.
          - id: s_nreloc
            type: u2
            doc: Number of relocations.
          - id: s_nlnno
            type: u2
            doc: Number of line numbers.
          - id: s_flags
            type: u4
            doc: "What the section holds: 0x20 text, 0x40 data, 0x80 zeroed data, 0x100 constants, 0x200 small data, 0x400 small zeroed data."
        instances:
          is_zeroed:
            value: (s_flags & 0x480) != 0
            doc: Whether the file has no bytes of it.
          body:
            pos: s_scnptr
            size: s_size
            if: not is_zeroed and s_size != 0
      symbolic_header:
        doc: 96 bytes, a number of entries and a file offset for each table of the debugger.
        seq:
          - id: magic
            type: u2
            valid: 0x7009
          - id: vstamp
            type: u2
          - id: iline_max
            type: u4
          - id: cb_line
            type: u4
          - id: cb_line_offset
            type: u4
          - id: idn_max
            type: u4
          - id: cb_dn_offset
            type: u4
          - id: ipd_max
            type: u4
          - id: cb_pd_offset
            type: u4
          - id: isym_max
            type: u4
          - id: cb_sym_offset
            type: u4
          - id: iopt_max
            type: u4
          - id: cb_opt_offset
            type: u4
          - id: iaux_max
            type: u4
          - id: cb_aux_offset
            type: u4
          - id: iss_max
            type: u4
          - id: cb_ss_offset
            type: u4
          - id: iss_ext_max
            type: u4
          - id: cb_ss_ext_offset
            type: u4
          - id: ifd_max
            type: u4
          - id: cb_fd_offset
            type: u4
          - id: crfd
            type: u4
          - id: cb_rfd_offset
            type: u4
          - id: iext_max
            type: u4
            doc: Number of external symbols.
          - id: cb_ext_offset
            type: u4
            doc: File offset of the external symbols.
        instances:
          external_symbols:
            pos: cb_ext_offset
            type: external_symbol
            repeat: expr
            repeat-expr: iext_max
      external_symbol:
        doc: 16 bytes.
        seq:
          - id: bits
            size: 2
            doc: Flags, which link editors use.
          - id: ifd
            type: u2
            doc: The source file that it comes from.
          - id: iss
            type: u4
            doc: Where its name begins in the names of external symbols.
          - id: value
            type: u4
            doc: Its value; an address, but for absolute ones.
          - id: type_class_index
            type: u4
            doc: |
              6 bits of type, 5 of storage class, 1 reserved, 20 of an index: from the least significant bit on in
              little-endian files, from the most significant one in big-endian files.
        instances:
          name:
            io: _root._io
            pos: _parent.cb_ss_ext_offset + iss
            terminator: 0
            doc: The name in ASCII.

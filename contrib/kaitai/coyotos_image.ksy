meta:
  id: coyotos_image
  title: Coyotos image
  application: Coyotos, a capability operating system
  file-extension: img
  license: MIT OR Apache-2.0
  ks-version: 0.9
doc: |
  The first objects of a Coyotos system, which its kernel maps as they are: pages, pages of capabilities, guarded page
  tables, endpoints, processes, in this order. Since November 2007 the whole is in a gzip file, which has to be inflated
  first. Page 0 holds the header; the last pages hold tables of banks, symbols, names and allocations.

  Words are in the byte order of the target. Bit-fields within them are from the least significant bit on for every target, as
  the original writer packs them. Images of before September 2007 have endpoints of 48 bytes, which the size of the image
  shows, and other numbers for some types of capabilities.
doc-ref: https://github.com/execfmt/execfmt/blob/main/docs/coyotos-image.md
seq:
  - id: file
    type: file
instances:
  endian_byte:
    pos: 8
    type: u1
    doc: The byte that shows the order of the bytes in words.
types:
  file:
    doc: The header and the objects.
    meta:
      endian:
        switch-on: _root.endian_byte
        cases:
          0xd2: le
          0x00: be
    seq:
      - id: header
        type: header
    instances:
      pages:
        pos: 0
        size: header.pg_size
        repeat: expr
        repeat-expr: header.n_page
        doc: Pages by their OIDs, from 0; the first is the header's, those from bank_vec_oid on are the tables'.
      cap_pages:
        pos: header.n_page * header.pg_size
        type: cap_page
        size: header.pg_size
        repeat: expr
        repeat-expr: header.n_cap_page
      gpts:
        pos: gpts_start
        type: gpt
        repeat: expr
        repeat-expr: header.n_gpt
      endpoints:
        pos: endpoints_start
        type: endpoint
        repeat: expr
        repeat-expr: header.n_endpoint
      processes:
        pos: endpoints_start + header.n_endpoint * endpoint_size
        type: process
        repeat: expr
        repeat-expr: header.n_proc
      gpts_start:
        value: (header.n_page + header.n_cap_page) * header.pg_size
        doc: File offset of the guarded page tables.
      endpoints_start:
        value: gpts_start + header.n_gpt * 264
        doc: File offset of the endpoints.
      endpoint_size:
        value: 'header.n_endpoint != 0 and header.img_bytes == endpoints_start + header.n_endpoint * 48 + header.n_proc * 632 ? 48 : 32'
        doc: Bytes of an endpoint; 48 in images of before September 2007.
      banks:
        pos: header.bank_vec_oid * header.pg_size
        type: bank
        repeat: expr
        repeat-expr: header.n_bank
      symbols:
        pos: header.sym_vec_oid * header.pg_size
        type: symbol
        repeat: expr
        repeat-expr: header.n_symbol
        doc: None in images of the original tools.
      string_table:
        pos: header.string_table_oid * header.pg_size
        size: header.n_string_bytes
        doc: The names of the symbols, each ended by a zero byte.
      allocs:
        pos: header.alloc_vec_oid * header.pg_size
        type: alloc
        repeat: expr
        repeat-expr: header.n_alloc
        doc: A record for every object, in the order of types and OIDs.
    types:
      header:
        doc: 104 bytes.
        seq:
          - id: magic
            contents: coyimage
          - id: endian
            type: u4
            valid:
              any-of: [1234, 4321]
            doc: 1234 for little-endian words, 4321 for big-endian ones.
          - id: version
            type: u4
            doc: 1.
          - id: target
            type: u4
            enum: target
          - id: pg_size
            type: u4
            valid:
              any-of: [0x1000, 0x2000]
            doc: The page size in bytes.
          - id: n_alloc
            type: u4
            doc: Records of the alloc table.
          - id: n_bank
            type: u4
            doc: Records of the bank table.
          - id: n_symbol
            type: u4
            doc: Records of the symbol table.
          - id: n_string_bytes
            type: u4
            doc: The size of the string table in bytes.
          - id: n_page
            type: u4
            doc: Pages, the header's and the tables' included.
          - id: n_cap_page
            type: u4
            doc: Capability pages.
          - id: n_gpt
            type: u4
            doc: Guarded page tables.
          - id: n_endpoint
            type: u4
            doc: Endpoints.
          - id: n_proc
            type: u4
            doc: Processes.
          - id: img_bytes
            type: u4
            doc: The size of the image in bytes.
          - id: bank_vec_oid
            type: u8
            doc: The first page of the bank table.
          - id: sym_vec_oid
            type: u8
            doc: The first page of the symbol table.
          - id: string_table_oid
            type: u8
            doc: The first page of the string table.
          - id: alloc_vec_oid
            type: u8
            doc: The first page of the alloc table.
          - id: end_vec_oid
            type: u8
            doc: The page after the last table, which is the number of pages; one less in images of before September 2007.
      bank:
        doc: 16 bytes.
        seq:
          - id: oid
            type: u8
            doc: The OID of the bank's endpoint.
          - id: parent
            type: u8
            doc: The index of the parent bank; 0 for bank 0.
      symbol:
        doc: 24 bytes.
        seq:
          - id: value
            type: u8
            doc: The address.
          - id: object
            type: u8
            doc: "The space that the address is in: the number of the root's type in the highest 8 bits, its OID in the others."
          - id: string
            type: u4
            doc: Where the name begins in the string table.
          - id: kind_and_size
            type: u4
            doc: "The kind in the lowest 8 bits (0 label, 1 function, 2 data), the size in bytes above."
      alloc:
        doc: 24 bytes.
        seq:
          - id: oid
            type: u8
            doc: The object's OID.
          - id: bank
            type: u8
            doc: The index of the bank that the object is charged to.
          - id: type
            type: u4
            enum: object
          - id: reserved
            type: u4
            doc: 0.
      capability:
        doc: 16 bytes.
        seq:
          - id: word0
            type: u4
            doc: "Bits 0-5: type; 6: swizzled; 7-11: restr; 12-31: allocCount."
          - id: word1
            type: u4
            doc: "Of memory: bits 0-6 l2g, 8-31 match. Else protPayload."
          - id: oid
            type: u8
            doc: The OID of the object, or the offset of a window.
        instances:
          type:
            value: word0 & 0x3f
            enum: capability_type
          swizzled:
            value: (word0 >> 6) & 1
            doc: 0 in files.
          restr:
            value: (word0 >> 7) & 0x1f
            doc: Restrictions, added up. 1 weak, 2 read-only, 4 no execute, 8 opaque (of a page of the machine no cache), 16 no call (of a page of the machine write-through).
          alloc_count:
            value: (word0 >> 12) & 0xfffff
            doc: Of a window, the slot.
          l2g:
            value: word1 & 0x7f
            doc: "Of memory: the binary logarithm of the bytes that it covers."
          match:
            value: (word1 >> 8) & 0xffffff
            doc: "Of memory: what the address bits from l2g on have to be."
      cap_page:
        doc: A page of capabilities.
        seq:
          - id: cap
            type: capability
            repeat: eos
      gpt:
        doc: "A guarded page table: 264 bytes. It picks a slot by the address bits from l2v on."
        seq:
          - id: word0
            type: u4
            doc: "Bits 0-5: l2v; 6: ha; 7: bg."
          - id: reserved
            type: u4
            doc: 0.
          - id: cap
            type: capability
            repeat: expr
            repeat-expr: 16
        instances:
          l2v:
            value: word0 & 0x3f
            doc: The binary logarithm of the bytes that a slot covers.
          ha:
            value: (word0 & 0x40) != 0
            doc: Whether the last slots hold a handler, so that 8 slots map addresses.
          bg:
            value: (word0 & 0x80) != 0
            doc: Whether the last slots hold a background, so that 8 slots map addresses.
      endpoint:
        doc: 32 bytes, or 48.
        seq:
          - id: word0
            type: u4
            doc: "Bit 0: the payload has to match."
          - id: prot_payload
            type: u4
          - id: endpoint_id
            type: u8
          - id: recipient
            type: capability
            doc: The receiving process.
          - id: rcv_queue
            type: capability
            if: _root.file.endpoint_size == 48
        instances:
          pm:
            value: (word0 & 1) != 0
      process:
        doc: 632 bytes.
        seq:
          - id: run_state
            type: u1
            doc: 0 running, 1 receiving, 2 faulted.
          - id: reserved0
            type: u1
          - id: flags
            type: u2
            doc: 0x01 XM, 0x02 SX, 0x04 SN, 0x08 TC, 0x10 TR, 0x20 CS, 0x40 PC.
          - id: notices
            type: u4
            doc: Pending notices.
          - id: fault_code
            type: u4
            doc: Why it is faulted; 25 (Startup) for one that is to start.
          - id: reserved1
            type: u4
          - id: fault_info
            type: u8
            doc: What the fault is about; of a Startup fault the address where the process starts.
          - id: schedule
            type: capability
          - id: addr_space
            type: capability
          - id: brand
            type: capability
          - id: cohort
            type: capability
          - id: io_space
            type: capability
          - id: handler
            type: capability
          - id: cap_reg
            type: capability
            repeat: expr
            repeat-expr: 32
            doc: The capability registers.
enums:
  target:
    1: i386
    2: coldfire
    3: arm
  object:
    0: page
    1: cap_page
    2: gpt
    3: process
    4: endpoint
  capability_type:
    0x00: 'null'
    0x01: window
    0x02: local_window
    0x03: cap_bits
    0x04: discrim
    0x05: range
    0x06: sleep
    0x07: irq_ctl
    0x08: sched_ctl
    0x09: checkpoint
    0x0a: ob_store
    0x0b: pin_ctl
    0x0c: schedule
    0x0d: sys_ctl
    0x0e: kern_log
    0x0f: io_priv
    0x10: irq_wait
    0x20: endpoint
    0x21: page
    0x22: cap_page
    0x23: gpt
    0x24: process
    0x25: app_notice
    0x3f: entry

# See machine_faults.h.

# Sets .Lregister to whether an operand is a register.
        .macro  find_register operand:req
        .set    .Lregister, 0
        .irpc   character, \operand
        .ifc    \character,$
        .set    .Lregister, 1
        .endif
        .endr
        .endm

# A signed shift, and a mask for the bits that came in: not (-2 << (31 - by)), which is all ones but for the `by` upper
# bits.
        .macro  srl rd:req, rt:req, by:req
        .set    noat
        find_register \by
        .if     .Lregister
        nor     $1, $0, \by             # 31 - by, in the five bits that count
        li      $27, -2
        sllv    $1, $27, $1
        srav    \rd, \rt, \by
        .else
        .if     (\by) > 0
        li      $1, -2
        sll     $1, $1, 31 - (\by)
        .else
        move    $1, $0
        .endif
        sra     \rd, \rt, \by
        .endif
        nor     $1, $1, $0
        and     \rd, \rd, $1
        .set    at
        .endm

        .macro  srlv rd:req, rt:req, by:req
        srl     \rd, \rt, \by
        .endm

        .ifdef  nachos3
# not (not (a or b)): nor takes both of its operands.
        .macro  or rd:req, rs:req, rt
        .ifb    \rt
        or      \rd, \rd, \rs
        .else
        find_register \rt
        .if     .Lregister
        .set    noat
        nor     $1, \rs, \rt
        nor     \rd, $1, $0
        .set    at
        .else
        ori     \rd, \rs, \rt
        .endif
        .endif
        .endm
        .endif

        .ifdef  nachos5j
        .macro  lbu rt:req, address:vararg
        .set    push
        .set    reorder                 # the assembler fills the load's delay slot
        lb      \rt, \address
        andi    \rt, \rt, 0xff
        .set    pop
        .endm

        .macro  lhu rt:req, address:vararg
        .set    push
        .set    reorder                 # the assembler fills the load's delay slot
        lh      \rt, \address
        andi    \rt, \rt, 0xffff
        .set    pop
        .endm

# gcc writes sltu for both; the assembler makes sltiu of it where the operand is a number.
        .macro  sltiu rd:req, rs:req, number:req
        .set    noat
        li      $1, \number
        .set    at
        slt_unsigned \rd, \rs
        .endm

        .macro  sltu rd:req, rs:req, operand:req
        find_register \operand
        .if     .Lregister
        .set    noat
        move    $1, \operand
        .set    at
        .else
        .set    noat
        li      $1, \operand
        .set    at
        .endif
        slt_unsigned \rd, \rs
        .endm

# sltu rd, rs, $1 as a word: by its name it would be the macro again.
        .macro  slt_unsigned rd:req, rs:req
        .set    .Lrd, 0
        .set    .Lrs, 0
        .irp    number, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        .ifc    \rd,$\number
        .set    .Lrd, \number
        .endif
        .ifc    \rs,$\number
        .set    .Lrs, \number
        .endif
        .endr
        .insn
        .word   (.Lrs << 21) | (1 << 16) | (.Lrd << 11) | 0x2b
        .endm
        .endif

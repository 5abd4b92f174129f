"""A symbolic executor for machine code that merges paths where they meet.

The bytes of a static ELF file are lifted by pyvex to VEX and interpreted. A value is a Python integer or a z3 term. Where
two paths meet (the same place in the code, the same calls, the same iteration of every loop around it) they become one state,
in which a value that differs is an if-then-else. So n tests in a row cost n states and not 2**n, and a function comes out as
one formula of all its inputs.

    terms      bits: constants and z3 terms, and VEX' operations on them
    flags      what VEX' helper functions make of the condition codes
    program    the ELF file, its blocks, and the order in which the blocks of a function are visited
    file       a file of any contents and any length, whose bytes are read at places that are terms
    byte       any byte of a memory of any length, whose filling by memset and by the caller's read function is followed
    solver     questions to bitwuzla
    products   what stands for products in a question that is asked first, and allows more
    sums       the same for sums
    questions  what the engine asks: is there an input, and which values has a term
    state      registers and memory of one path, and how two become one
    engine     the interpreter

It is sound or it stops: an instruction that it does not know, an address with too many values, an access outside the declared
regions and a trap raise. Memory and registers that nobody has written are free variables."""
from .byte import Byte
from .engine import Engine, Refuted
from .file import BASE
from .terms import Unknown

__all__ = ['BASE', 'Byte', 'Engine', 'Refuted', 'Unknown']

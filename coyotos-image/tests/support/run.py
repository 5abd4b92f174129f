"""Runs an i386 address space under Unicorn until it exits.

Reads lines `map ADDRESS RESTR HEX` (one page each) and `pc ADDRESS`; prints what the program wrote to file 1, in
hexadecimal, and its exit status. System calls are Linux's `write` and `exit`, through `int 0x80`.
"""
import sys

from unicorn import UC_ARCH_X86, UC_HOOK_INTR, UC_MODE_32, UC_PROT_EXEC, UC_PROT_READ, UC_PROT_WRITE, Uc
from unicorn.x86_const import UC_X86_REG_EAX, UC_X86_REG_EBX, UC_X86_REG_ECX, UC_X86_REG_EDX

machine = Uc(UC_ARCH_X86, UC_MODE_32)
written, status, pc = b"", None, 0
for line in sys.stdin:
    word = line.split()
    if word[0] == "pc":
        pc = int(word[1], 16)
        continue
    address, restr = int(word[1], 16), int(word[2])
    rights = UC_PROT_READ | (0 if restr & 2 else UC_PROT_WRITE) | (0 if restr & 4 else UC_PROT_EXEC)
    contents = bytes.fromhex(word[3])
    machine.mem_map(address, len(contents), rights)
    machine.mem_write(address, contents)


def call(machine, number, _):
    global written, status
    eax = machine.reg_read(UC_X86_REG_EAX)
    if number == 0x80 and eax == 4:
        at, size = machine.reg_read(UC_X86_REG_ECX), machine.reg_read(UC_X86_REG_EDX)
        written += machine.mem_read(at, size)
        machine.reg_write(UC_X86_REG_EAX, size)
    else:
        status = machine.reg_read(UC_X86_REG_EBX) if (number, eax) == (0x80, 1) else -1
        machine.emu_stop()


machine.hook_add(UC_HOOK_INTR, call)
machine.emu_start(pc, 0, timeout=10_000_000)
print(written.hex(), status)

"""Runs 16-bit programs under Unicorn with the system calls of ELKS that small programs make.

One a line on stdin: cs ds entry begstack endbrk minstack text data, the last two as hexadecimal memory images with
the program loaded. One a line on stdout: the exit status, and what was written, as hexadecimal.
"""
import struct
import sys

from unicorn import UC_ARCH_X86, UC_HOOK_INTR, UC_MODE_16, Uc, UcError
from unicorn import x86_const as x86

EXIT, WRITE, BRK, IOCTL, SBRK = 1, 4, 17, 54, 69
ENOSYS, ENOTTY = -38, -25


def run(cs, ds, entry, begstack, endbrk, minstack, text, data):
    machine = Uc(UC_ARCH_X86, UC_MODE_16)
    machine.mem_map(0, 1 << 20)
    machine.mem_write(cs << 4, text)
    machine.mem_write(ds << 4, data)
    # The argument block: argc = 1, argv[0], 0, 0, the string. Its pointers count from the stack pointer on.
    machine.mem_write((ds << 4) + begstack, struct.pack("<4H", 1, begstack + 8, 0, 0) + b"prog\0\0")
    registers = {x86.UC_X86_REG_CS: cs, x86.UC_X86_REG_SP: begstack, x86.UC_X86_REG_DX: minstack}
    registers.update({register: ds for register in (x86.UC_X86_REG_DS, x86.UC_X86_REG_ES, x86.UC_X86_REG_SS)})
    for register, value in registers.items():
        machine.reg_write(register, value)
    state = {"status": "no exit", "break": endbrk, "out": b""}

    def interrupt(machine, number, _):
        ax, bx, cx, dx = (
            machine.reg_read(register) & 0xFFFF
            for register in (x86.UC_X86_REG_AX, x86.UC_X86_REG_BX, x86.UC_X86_REG_CX, x86.UC_X86_REG_DX))
        if number != 0x80 or ax == EXIT:
            state["status"] = str(bx) if number == 0x80 else f"int{number}"
            machine.emu_stop()
            return
        answer = ENOSYS
        if ax == WRITE:
            state["out"] += bytes(machine.mem_read((ds << 4) + cx, dx))
            answer = dx
        elif ax == BRK:
            state["break"], answer = bx, 0
        elif ax == SBRK:
            machine.mem_write((ds << 4) + cx, struct.pack("<H", state["break"]))
            state["break"], answer = (state["break"] + bx) & 0xFFFF, 0
        elif ax == IOCTL:
            answer = ENOTTY
        machine.reg_write(x86.UC_X86_REG_AX, answer & 0xFFFF)

    machine.hook_add(UC_HOOK_INTR, interrupt)
    try:
        machine.emu_start((cs << 4) + entry, 0xFFFFF, timeout=20_000_000, count=50_000_000)
    except UcError as error:
        state["status"] = str(error).replace(" ", "_")
    return f"{state['status'].replace(' ', '_')} {state['out'].hex()}"


for line in sys.stdin:
    *numbers, text, data = line.split()
    print(run(*map(int, numbers), bytes.fromhex(text), bytes.fromhex(data)))

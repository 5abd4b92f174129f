"""The processors whose code is followed: x86-64 and, to see that a proof does not hang on one, the 32-bit x86."""
import archinfo


class Machine:
    def __init__(self, architecture, word, arguments, result, stack_pointer, helpers, widths):
        self.architecture, self.word, self.bits = architecture, word, 8 * word
        self.register = lambda name: architecture.registers[name][0]
        self.arguments = arguments      # registers; none where all are on the stack
        self.result, self.stack_pointer = self.register(result), self.register(stack_pointer)
        self.helpers = helpers          # how the names of VEX' helper functions begin
        self.widths = widths            # of the operations that set condition codes, in the order of their numbers


MACHINES = {
    'x64': Machine(archinfo.ArchAMD64(), 8, ('rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9'), 'rax', 'rsp', 'amd64g_calculate_', (8, 16, 32, 64)),
    'x86': Machine(archinfo.ArchX86(), 4, (), 'eax', 'esp', 'x86g_calculate_', (8, 16, 32)),
}

"""The interpreter: takes a function from its entry to its return, all inputs at once."""
import itertools
from types import SimpleNamespace

import pyvex
import z3

from .file import BASE, File
from .flags import by_case, condition, flags
from .program import Program
from .questions import Questions, Unreachable, merges_in
from .state import STACK_SIZE, STACK_TOP, WITNESSES, State
from .terms import Unknown, arithmetic, both, choose, compare, either, extract, negated, operate, shift, term, tidy, tidy_condition

SCRATCH = 'rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9', 'r10', 'r11'
RETURNING = SimpleNamespace(jumpkind='Ijk_Ret')
RETURN = 0x666000      # where the function under proof returns to
FEW = 4                # values of a factor or a divisor, by which the operation is split
EXACT = 2              # rounds of a loop after which questions about a file are exact


class Refuted(Exception):
    """An access or a trap that some input reaches. `model` is that input, where there is one."""

    def __init__(self, text, model=None):
        super().__init__(text)
        self.model = model


class Engine(Questions):
    def __init__(self, path):
        super().__init__()
        self.program = Program(path)
        self.machine = self.program.machine
        # Name, first address, size, whether it may be written, and how many bytes of it may be used, where that is a term.
        self.regions = [('the program', base, len(data), writable, None) for base, data, writable in self.program.segments]
        self.regions.append(('the stack', STACK_TOP - STACK_SIZE, STACK_SIZE + 256, True, None))
        self.unwritten = {}
        self.hooks, self.initial = {}, {}   # functions that are not followed; registers that no processor has

    def free(self, name, bits):
        """A value that nobody has written."""
        if name not in self.unwritten:
            self.unwritten[name] = z3.BitVec('unwritten_' + name, bits)
        return self.unwritten[name]

    def give_file(self, name, length):
        self.file = File(name, length)
        return BASE

    def fork(self, state, test):
        """The state in which a test holds and the one in which it does not; None for one that is impossible."""
        tests = test, negated(test)
        # A loop that goes on may only do so because equal places were taken for different ones.
        exact = self.file is not None and max(state.iterations.values(), default=0) >= EXACT
        if exact:
            state.witnesses = [m for m in state.witnesses if self.file.consistent(m)]
        witnesses = [[m for m in state.witnesses if self.holds(m, t)] for t in tests]
        for found, t in zip(witnesses, tests):
            if not found:
                # Where the solver does not know, the branch is taken: one that no input takes costs time, never truth.
                model = self.model(state.conditions, t, quick=True, exact=exact)
                if model is not None:
                    found.append(model)
        forked = all(witnesses)
        self.statistics['forks'] += forked
        sides = []
        for found, t in zip(witnesses, tests):
            if not found:
                sides.append(None)
                continue
            side = state.copy() if forked else state
            if forked:
                side.conditions.append(t)
            side.witnesses = [m for m in found if m != 'unknown'][:WITNESSES]
            sides.append(side)
        if forked:
            for side in sides:
                self.settle(side, test)
        return sides

    def settle(self, state, test):
        """After a fork by a test that hangs on which of two paths came to a merge: where only one of them leads here, the values
        are that one's."""
        ways = {merge: {self.holds(model, merge) for model in state.witnesses} for merge in merges_in(test)}
        single = [(merge, *way) for merge, way in ways.items() if len(way) == 1]
        while single:
            # One question for all merges: is there an input that came to any of them by the other path? In a hurry, since
            # without an answer the values are only larger.
            other = z3.Or(*(merge != way for merge, way in single))
            model = self.model(state.conditions, other, quick=True, hurried=True)
            if model is None:
                state.decide(single)
            if model is None or model == 'unknown':
                break
            state.witnesses.append(model)
            single = [(merge, way) for merge, way in single if self.holds(model, merge) == way]

    # Memory accesses.
    def permit(self, state, address, count, writing, test):
        self.statistics['accesses'] += 1
        verb = 'write' if writing else 'read'
        for name, base, size, writable, used in self.regions:
            if base <= address and address + count <= base + size:
                if writing and not writable:
                    break
                if used is None:
                    return
                beyond = both(test, z3.ULT(used, address + count - base))
                model = self.breach(state, beyond)
                if model is None:
                    return
                raise Refuted(f'{verb} of {count} bytes at {name}+{address - base}, beyond its length, at {self.program.where(state.pc)}', model)
        self.trap(state, f'{verb} of {count} bytes at {address:#x}, outside everything given, at {self.program.where(state.pc)}', test)

    def breach(self, state, test):
        """An input that comes here and for which `test` holds, or None."""
        model = next((m for m in state.witnesses if self.holds(m, test)), None)
        if model is None or self.file:
            model = self.model(state.conditions, test)
        if model is not None and self.file:
            model = self.model(state.conditions, test, exact=True)
        return model

    def trap(self, state, text, test=True):
        model = self.breach(state, test)
        if model is not None:
            raise Refuted(text, model)

    def resolved(self, state, term):
        """The same value in this state, with if-then-elses that it has decided taken apart."""
        kind = term.decl().kind()
        if kind == z3.Z3_OP_BADD:
            parts = [self.resolved(state, part) for part in term.children()]
            return z3.Sum(*parts) if any(a is not b for a, b in zip(parts, term.children())) else term
        if kind == z3.Z3_OP_ITE:
            test, yes, no = term.children()
            for side, refuted in ((yes, z3.Not(test)), (no, test)):
                if not any(self.holds(m, refuted) for m in state.witnesses) and self.model(state.conditions, refuted, quick=True) is None:
                    return self.resolved(state, side)
        return term

    def in_file(self, state, address):
        """True when an address is one of the file: all or none of its values are."""
        if self.file is None or isinstance(address, int):
            return self.file is not None and address >= BASE
        for value in self.each_value(state, address):
            return value >= BASE
        raise Unreachable

    def single(self, state, term):
        """A term's value where it has only one in this state, however it came from merges; else the term."""
        values = {model.eval(term, model_completion=True).as_long() for model in state.witnesses}
        if len(values) != 1:
            return term
        value = values.pop()
        return value if self.model(state.conditions, term != value, quick=True) is None else term

    def load_file(self, state, address, count):
        """The bytes at a place of the file, which is within its length."""
        self.statistics['accesses'] += 1
        place = address - BASE if isinstance(address, int) else self.single(state, z3.simplify(self.spelt(address) - BASE))
        last = term(place, 64) + count
        beyond = z3.Or(z3.UGT(last, self.file.length), z3.ULT(last, count))
        model = self.breach(state, beyond)
        if model is not None:
            raise Refuted(f'read of {count} bytes of {self.file.name}, beyond its length, at {self.program.where(state.pc)}', model)
        return self.file.read(place, count)

    def load(self, state, address, count):
        if self.file is not None and not isinstance(address, int):
            address = self.resolved(state, address)
        if self.in_file(state, address):
            return self.load_file(state, address, count)
        result = None
        for place, test in self.values(state, address):
            self.permit(state, place, count, False, test)
            value = state.peek(place, count)
            result = value if result is None else choose(test, value, result, 8 * count)
        return result

    def store(self, state, address, value, count):
        places = self.values(state, address)
        for place, test in places:
            self.permit(state, place, count, True, test)
            single = len(places) == 1
            state.poke(place, value if single else choose(test, value, state.peek(place, count), 8 * count), count)

    # One expression, one block.
    def value(self, state, temporaries, expression, types):
        inner = lambda e: self.value(state, temporaries, e, types)
        match expression:
            case pyvex.expr.RdTmp():
                return temporaries[expression.tmp]
            case pyvex.expr.Const():
                constant = expression.con
                return bool(constant.value) if constant.type == 'Ity_I1' else constant.value & (1 << constant.size) - 1
            case pyvex.expr.Get():
                return state.get(expression.offset, pyvex.const.get_type_size(expression.ty))
            case pyvex.expr.Load():
                return self.load(state, inner(expression.addr), pyvex.const.get_type_size(expression.ty) // 8)
            case pyvex.expr.ITE():
                test, yes, no = tidy_condition(inner(expression.cond)), inner(expression.iftrue), inner(expression.iffalse)
                if expression.result_type(types) == 'Ity_I1':
                    return either(both(test, yes), both(negated(test), no))
                return choose(test, yes, no, expression.result_size(types))
            case pyvex.expr.Unop() | pyvex.expr.Binop():
                return self.operate(state, expression.op, [inner(e) for e in expression.args], expression.result_size(types))
            case pyvex.expr.CCall():
                return self.helper(expression.cee.name, [inner(e) for e in expression.args])
        raise Unknown(str(expression))

    def operate(self, state, operation, args, bits):
        """An operation on values. A product of two terms, and a quotient, is split by the values of the second, where they are few:
        of an architecture's page sizes, shifts are left."""
        divides = operation.startswith('Iop_DivModU')
        if divides:
            half, (whole, divisor) = int(operation[-2:]), args
            fits = compare('LT', extract(whole, half, half, 2 * half), divisor, half)
            self.trap(state, f'a division by 0, or with too large a quotient, at {self.program.where(state.pc)}', negated(fits))
        if isinstance(args[-1], int) or not divides and (operation[:7] != 'Iop_Mul' or isinstance(args[0], int)):
            return operate(operation, args)
        values = self.values(state, tidy(args[1]), FEW, quick=True)
        if values is None:
            return operate(operation, args)
        result = None
        # In order, so that the same operation is the same term again.
        for value, test in sorted(values, key=lambda pair: pair[0]):
            one = operate(operation, [args[0], value])
            result = one if result is None else choose(test, one, result, bits)
        return result

    def helper(self, name, args):
        """VEX' helper functions for the condition codes."""
        machine = self.machine
        what = name.removeprefix(machine.helpers)
        if what == 'condition':
            bit = by_case(args[1], lambda op: condition(args[0], flags(machine, op, *args[2:5])))
        elif what in ('rflags_c', 'eflags_c'):
            bit = by_case(args[0], lambda op: flags(machine, op, *args[1:4])[0])
        elif what in ('rflags_all', 'eflags_all'):
            # Parity and adjust, and all of it after an operation that is not modelled: any value.
            free = self.free(f'flags{self.statistics["blocks"]}', machine.bits)
            try:
                bits = [by_case(args[0], lambda op: flags(machine, op, *args[1:4])[k]) for k in range(4)]
            except Unknown:
                return free
            result = free & 0x14
            for at, bit in zip((0, 6, 7, 11), bits):
                result = arithmetic('Or', result, shift('Shl', self.bit(bit), at, machine.bits), machine.bits)
            return result
        else:
            raise Unknown(name)
        return self.bit(bit)

    def bit(self, test):
        return operate(f'Iop_1Uto{self.machine.bits}', [test])

    def step(self, state):
        """The states that leave a block."""
        self.statistics['blocks'] += 1
        left = []
        try:
            if state.pc in self.hooks and self.hooks[state.pc](self, state):
                self.leave_hook(state)
                return [state]
            self.interpret(state, left)
        except Unreachable:
            pass
        return left

    def interpret(self, state, left):
        at = state.pc
        block, temporaries = self.program.block(at), {}
        if block.jumpkind == 'Ijk_NoDecode' or block.size == 0:
            return self.trap(state, 'an undecodable instruction (a trap) at ' + self.program.where(at))
        types = block.tyenv
        for statement in block.statements:
            match statement:
                case pyvex.stmt.WrTmp():
                    temporaries[statement.tmp] = self.value(state, temporaries, statement.data, types)
                case pyvex.stmt.Put():
                    value = self.value(state, temporaries, statement.data, types)
                    state.put(statement.offset, value, statement.data.result_size(types))
                case pyvex.stmt.Store():
                    address = self.value(state, temporaries, statement.addr, types)
                    value = tidy(self.value(state, temporaries, statement.data, types))
                    self.store(state, address, value, statement.data.result_size(types) // 8)
                case pyvex.stmt.Exit():
                    test = tidy_condition(self.value(state, temporaries, statement.guard, types))
                    if test is False:
                        continue
                    leaves, stays = (state, None) if test is True else self.fork(state, test)
                    if leaves is not None:
                        if statement.jumpkind != 'Ijk_Boring':
                            self.trap(leaves, f'trap {statement.jumpkind} at {self.program.where(at)}')
                        else:
                            self.go(leaves, at, statement.dst.value)
                            left.append(leaves)
                    if stays is None:
                        return None
                    state = stays
                case pyvex.stmt.IMark() | pyvex.stmt.AbiHint() | pyvex.stmt.NoOp():
                    pass
                case _:
                    raise Unknown(str(statement))
        targets = self.values(state, tidy(self.value(state, temporaries, block.next, types)))
        for target, test in targets:
            one = state
            if len(targets) > 1:
                one = state.copy()
                one.conditions.append(test)
                one.witnesses = [m for m in state.witnesses if self.holds(m, test)]
            if self.leave(one, block, at, target):
                left.append(one)
        return None

    def argument(self, state, number):
        """An argument of the function that begins here."""
        value = state.word(self.machine.register(self.machine.arguments[number]))
        return value if isinstance(value, int) else self.resolved(state, value)

    def leave_hook(self, state):
        """Returns from a function that was not followed: what it need not keep has any value."""
        for name in SCRATCH:
            state.registers[self.machine.register(name)] = self.free('scratch_' + name, 64)
        pointer = state.word(self.machine.stack_pointer)
        target = self.load(state, pointer, 8)
        state.registers[self.machine.stack_pointer] = pointer + 8
        self.leave(state, RETURNING, state.pc, target)

    def leave(self, state, block, at, target):
        """Follows the end of a block. False when nothing goes on there."""
        if block.jumpkind == 'Ijk_Call':
            state.frames += ((at, tuple(sorted(state.iterations.items())), state.entry, at + block.size),)
            state.entry, state.iterations, state.pc = target, {}, target
            self.program.function(target)
        elif block.jumpkind == 'Ijk_Ret' and not state.frames:
            if target != RETURN:
                raise Refuted(f'a return to {target:#x}, not to the caller')
            state.pc = RETURN
        elif block.jumpkind == 'Ijk_Ret':
            call, iterations, entry, back = state.frames[-1]
            if target != back:
                raise Refuted(f'a return to {target:#x}, not to {back:#x}')
            state.frames, state.entry, state.iterations = state.frames[:-1], entry, dict(iterations)
            self.go(state, call, back)
        elif block.jumpkind == 'Ijk_Boring':
            self.go(state, at, target)
        else:
            self.trap(state, f'trap {block.jumpkind} at {self.program.where(at)}')
            return False
        return True

    def go(self, state, source, target):
        function = self.program.function(state.entry)
        function.learn(source, target)
        around = function.heads(source) if source in function.position else []
        state.iterations = {
            head: state.iterations.get(head, 0) + (head == target) if head in around else 0 for head in function.heads(target)}
        state.pc = target

    def order(self, state):
        if state.pc == RETURN:
            return ((1 << 60, 0),)
        frames = [self.program.function(entry).key(call, dict(iterations)) for call, iterations, entry, _ in state.frames]
        return tuple(itertools.chain(*frames, self.program.function(state.entry).key(state.pc, state.iterations)))

    def run(self, symbol, arguments, memory, assumed=()):
        """The one state at the return of a function. `memory` is (address, value, bytes); `assumed` holds of the inputs."""
        self.begin()
        state = State(self)
        state.pc = state.entry = self.program.symbols[symbol]
        machine = self.machine
        state.registers |= self.initial
        for name, value in zip(machine.arguments, arguments):
            state.registers[machine.register(name)] = value
        state.registers[machine.stack_pointer] = STACK_TOP - machine.word
        for name, value in (('d', 1), ('cc_op', 0), ('cc_dep1', 0), ('cc_dep2', 0), ('cc_ndep', 0)):
            state.registers[machine.register(name)] = value
        state.poke(STACK_TOP - machine.word, RETURN, machine.word)
        for k, value in enumerate(arguments[len(machine.arguments):]):
            state.poke(STACK_TOP + machine.word * k, value, machine.word)
        for address, value, count in memory:
            state.poke(address, value, count)
        self.assumed = list(assumed)
        state.witnesses = [self.model([])]
        self.program.function(state.pc)
        waiting = {state.place(): state}
        while True:
            place = min(waiting, key=lambda place: self.order(waiting[place]))
            state = waiting.pop(place)
            if state.pc == RETURN:
                if waiting:
                    raise RuntimeError('states are left over')
                return state
            for following in self.step(state):
                place = following.place()
                if place in waiting:
                    self.statistics['merges'] += 1
                    waiting[place].absorb(following)
                else:
                    waiting[place] = following
            if not waiting:
                raise Refuted('no input returns')

"""A memory of any length that a function fills by memset and by the caller's read function: of one byte of it, any one, is
followed what it holds.

Calls of the two are not entered. That each stays within the memory is asked at each; what they store in the byte is the state's
`content`: 0 what it was, 1 a zero, 2 and more the byte of the file at the place that is 2 less."""
import itertools

import z3

from .file import BASE
from .solver import LONG, refuted
from .terms import Unknown, choose, term

CONTENT = 1 << 16    # a register that no processor has


class Byte:
    def __init__(self, engine, length, file_length, splits):
        self.cases = list(itertools.product(*((test, z3.Not(test)) for test in splits)))
        self.at, self.length, self.file_length = z3.BitVec('at', 64), length, file_length
        self.start = BASE
        engine.initial[CONTENT] = 0
        engine.hooks |= {engine.program.symbols['memset']: self.clear, engine.program.symbols['proof_read']: self.read}

    def content(self, state):
        return term(state.registers[CONTENT], 64)

    def clear(self, engine, state):
        place, value, count = (engine.argument(state, k) for k in range(3))
        if not self.has(engine, state, place):
            return False     # another memory: followed like any function
        if isinstance(value, int) and value & 0xFF == 0:
            self.store(engine, state, place, count, 1)
            state.registers[0x10] = place
            return True
        raise Unknown('memset with another value than 0')

    def read(self, engine, state):
        """The caller's read function, which gives all that it is asked for."""
        offset, place, count = (engine.argument(state, k) for k in (1, 2, 3))
        offset, count = (z3.ZeroExt(32, z3.Extract(31, 0, term(value, 64))) for value in (offset, count))
        beyond = z3.UGT(offset + count, self.file_length)
        if not self.impossible(engine, state, beyond):
            engine.trap(state, 'a read beyond the end of the file', beyond)
        self.store(engine, state, place, count, offset + 2 + (self.start + self.at - term(place, 64)))
        state.registers[0x10] = count
        return True

    def impossible(self, engine, state, test):
        if not any(engine.holds(model, test) for model in state.witnesses):
            question = [engine.spelt(term) for term in (*engine.assumed, *state.conditions, test)]
            return all(refuted([*question, *case], LONG) for case in self.cases)
        return False

    def has(self, engine, state, place):
        if isinstance(place, int):
            return place >= BASE
        model = next(iter(state.witnesses), None) or engine.model(state.conditions)
        return model is not None and model.eval(engine.spelt(place), model_completion=True).as_long() >= BASE

    def store(self, engine, state, place, count, content):
        place, count = term(place, 64), term(count, 64)
        offset = place - self.start
        # Nothing at all may be stored anywhere.
        outside = z3.And(count != 0, z3.Or(z3.UGT(offset, self.length), z3.UGT(count, self.length - offset)))
        if not self.impossible(engine, state, outside):
            engine.trap(state, f'a store beyond the end of the memory, at {engine.program.where(state.pc)}', outside)
        mine = z3.And(z3.UGE(self.at, offset), z3.ULT(self.at - offset, count))
        state.registers[CONTENT] = choose(mine, term(content, 64), self.content(state), 64)

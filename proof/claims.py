"""What a proof is made of: a function of the library with symbolic arguments, the rule that it has to follow, and claims.

A proof file describes the arguments (`given`, `bytes`, `struct`, `result`), says what the function has to return and store
(`Rule`), and hands both to `prove`. For every function `prove` claims: no trap, no access outside what was given; every input
returns; the status is the rule's; on success all results are the rule's, on refusal nothing is written to them. Bounds are
claims of their own. At the end the formula is compared with the compiled function itself on sampled inputs, so that a formula
that has nothing to do with the code would be seen."""
import ctypes
import random
import time
from collections import namedtuple

import z3

import cubes
from executor import BASE, Byte, Engine, Refuted
from whole import Whole

FILLER = 0xAA
LARGEST_FILE = 1 << 20   # that is given to the processor
EXAMPLE = 60             # seconds to look for an input of a status
OK, E_LENGTH, E_ARGUMENT, E_BUFFER, E_RANGE = 0, 2, 3, 4, 6   # statuses of execfmt/base.h


class NotProved(Exception):
    """A claim is wrong. The text has the smallest input that was found."""


class Buffer:
    """Memory that is given to the function. `cells` are its bytes."""

    def __init__(self, name, address, cells, writable=False, used=None, members=None):
        self.name, self.address, self.cells, self.writable, self.used = name, address, cells, writable, used
        self.members = members or {}
        self.placed = lambda address: {}   # numbers that hang on where the file lies: by its address

    def __getitem__(self, member):
        """A member of a struct as a whole number."""
        offset, size = self.members[member]
        cells = self.cells[offset:offset + size]
        return Whole(z3.Concat(*reversed(cells)) if size > 1 else cells[0])


class FileBytes:
    """A file, for a rule: numbers at places, the lowest byte first."""

    def __init__(self, file):
        self.file, self.length = file, Whole(file.length)

    def number(self, place, count):
        place = place if isinstance(place, int) else Whole(place).term
        return Whole(self.file.read(place, count))


# What came of following the function for one kind of inputs: its status, and the bytes of each buffer.
Run = namedtuple('Run', 'kind status cells content')


class Rule:
    """What the function has to do, in the order in which it is asked: the first condition that holds decides."""

    def __init__(self):
        self.rows, self.results = [], {}

    def refuse(self, status, when):
        self.rows.append((status, when))

    def status(self):
        result = z3.BitVecVal(OK, 32)
        for status, when in reversed(self.rows):
            result = z3.If(when, z3.BitVecVal(status, 32), result)
        return result

    def conditions(self):
        return [when for _, when in self.rows]

    def unbroken(self, status):
        """That no condition of this status holds."""
        return z3.And(True, True, *(z3.Not(when) for number, when in self.rows if number == status))

    def accepts(self):
        return z3.And(True, True, *(z3.Not(when) for when in self.conditions()))


def read_options(proof, rule, options):
    """The rule for a struct of options whose first member is its size: 0, with all else 0, stands for the defaults; anything
    below the struct's size is refused. A larger struct, of a newer header, is left out: the function reads as much of it as it
    says, up to 4096 bytes."""
    size = len(options.cells)
    proof.assumed.append(options['size'] <= size)
    rest = z3.Or(*(cell != 0 for cell in options.cells[4:]))
    rule.refuse(E_ARGUMENT, z3.Or(z3.And(options['size'] != 0, options['size'] < size), z3.And(options['size'] == 0, rest)))


class Proof:
    """One function of the library and its arguments."""

    def __init__(self, library, function, assumed=()):
        self.library, self.function = library, function
        self.engine = Engine(library.program)
        self.bits = self.engine.machine.bits
        self.buffers, self.inputs, self.arguments = [], [], []
        self.assumed, self.bounds, self.report = list(assumed), {}, []
        self.functions, self.filled = {}, None
        self.kind, self.runs = [], []

    # Arguments, in the order of the C declaration.
    def given(self, name, bits):
        """A number, of any value."""
        value = z3.BitVec(name, bits)
        self.inputs.append((name, value))
        self.arguments.append(value)
        return Whole(value)

    def constant(self, value):
        self.arguments.append(value)

    def _buffer(self, name, cells, **more):
        address = 0x10000000 * (len(self.buffers) + 1)
        buffer = Buffer(name, address, cells, **more)
        self.buffers.append(buffer)
        self.arguments.append(address)
        return buffer

    def _symbolic(self, name, count):
        cells = [z3.BitVec(f'{name}{k}', 8) for k in range(count)]
        self.inputs += [(str(cell), cell) for cell in cells]
        return cells

    def bytes(self, name, count, used=None):
        """`count` bytes of any values, of which the function may read the first `used`."""
        return self._buffer(name, self._symbolic(name, count), used=used)

    def file(self, name='file', passed=True):
        """A file of any contents and any length: its address and its length, where they are `passed` as arguments."""
        length = z3.BitVec('length', 64)
        self.inputs.append(('length', length))
        self.file_address = self.engine.give_file(name, length)
        self.arguments += [self.file_address, length] if passed else []
        # A longer one cannot be: the functions refuse it.
        self.assumed.append(z3.ULT(length, 1 << 63))
        return FileBytes(self.engine.file)

    def callback(self, name):
        """A function of the program, as a caller's."""
        self.functions[self.engine.program.symbols[name]] = name
        self.arguments.append(self.engine.program.symbols[name])

    def memory(self, file_length, splits=()):
        """Memory of any length that is filled, of which one byte is followed: its address and its length. `splits` are conditions
        by all of whose combinations a hard question is split."""
        length = z3.BitVec('length', 64)
        self.filled = Byte(self.engine, length, Whole(file_length).term, splits)
        self.inputs += [('length', length), ('at', self.filled.at)]
        self.arguments += [self.filled.start, length]
        return self.filled

    def content(self):
        return self.engine.spelt(self.filled.content(self.state))

    def struct(self, type_, name, writable=False):
        """A struct of any contents."""
        size, members = self.engine.program.structs[type_]
        return self._buffer(name, self._symbolic(name, size), members=members, writable=writable)

    def filled_in(self, type_, name, placed):
        """A struct with given members, by the address of the file; the others have any value."""
        buffer = self.struct(type_, name)
        buffer.placed = placed
        for member, number in placed(self.file_address).items():
            offset, size = buffer.members[member]
            for k in range(size):
                buffer.cells[offset + k] = z3.simplify(z3.Extract(8 * k + 7, 8 * k, Whole(number).term))
        return buffer

    def result(self, type_, name):
        """A struct that the function fills in, or a number where `type_` is a count of bytes."""
        size, members = (type_, {'': (0, type_)}) if isinstance(type_, int) else self.engine.program.structs[type_]
        return self._buffer(name, [z3.BitVecVal(FILLER, 8)] * size, members=members, writable=True)

    # Running it.
    def execute(self, kind):
        """Follows the function for the inputs of one kind."""
        engine, self.kind = self.engine, kind
        memory = [(buffer.address + k, self._constant(cell), 1) for buffer in self.buffers for k, cell in enumerate(buffer.cells)]
        arguments = [a if isinstance(a, int) else self._in_a_word(a) for a in self.arguments]
        try:
            self.state = engine.run(self.function, arguments, memory, [*self.assumed, *kind])
        except Refuted as refuted:
            shown = self.describe(self._of_model(refuted.model)) if refuted.model is not None else ''
            raise NotProved(f'{refuted}; {shown}') from None
        self.status = self.engine.spelt(self._term(self.state.get(self.engine.machine.result, 32), 32))
        cells = {buffer.name: [self.byte(buffer, at) for at in range(len(buffer.cells))] for buffer in self.buffers if buffer.writable}
        self.runs.append(Run(kind, self.status, cells, self.content() if self.filled else None))

    def run_of(self, value):
        """The run that followed an input."""
        return next(run for run in self.runs if all(self.engine.holds(value.model, fact) for fact in run.kind))

    def _in_a_word(self, value):
        """A number as a caller passes it: what is above it in its register is anything."""
        above = self.bits - value.size()
        return z3.Concat(self.engine.free(f'above_{value}', above), value) if above else value

    @staticmethod
    def _constant(cell):
        return cell.as_long() if z3.is_bv_value(cell) else cell

    @staticmethod
    def _term(value, bits):
        return z3.BitVecVal(value, bits) if isinstance(value, int) else value

    def stored(self, buffer, member):
        """A member of a struct after the call."""
        offset, size = buffer.members[member]
        return self.engine.spelt(self._term(self.state.peek(buffer.address + offset, size), 8 * size))

    def byte(self, buffer, at):
        return self.engine.spelt(self._term(self.state.peek(buffer.address + at, 1), 8))

    # Claims.
    def claim(self, text, *wrong, cases=([],), splits=()):
        """That no input makes all of `wrong` true."""
        began = time.time()
        # What is so for every input of a kind is no question any more.
        plain = [(fact.arg(0), z3.BoolVal(False)) if z3.is_not(fact) else (fact, z3.BoolVal(True)) for fact in self.kind]
        simpler = lambda terms: [z3.simplify(z3.substitute(term, *plain)) for term in terms] if plain else terms
        question = [*self.given_facts(), *simpler(wrong)]
        found, queries, longest = cubes.find(question, self.names(), [simpler(case) for case in cases], splits, easier=self.engine.easier)
        if found is not None:
            raise NotProved(f'not true: {text}; {self.describe(self._values(found))}')
        if text not in self.report:
            self.report.append(text)
        print(f'    {time.time() - began:6.1f} s  {text} ({queries} queries, longest {longest:.1f} s)', flush=True)

    def given_facts(self):
        """What holds of the inputs."""
        return [*self.assumed, *self.kind, *(self.engine.file.definitions() if self.engine.file else [])]

    def names(self):
        read = self.engine.file.reads if self.engine.file else []
        return [str(term) for term in [*(term for _, term in self.inputs), *(byte for byte, _ in read), *self.engine.unwritten.values()]]

    def _values(self, found):
        """What terms are for an input {name: value}; what it leaves out is 0. A file is the bytes of `file`, or of names."""
        free = [*(term for _, term in self.inputs), *self.engine.unwritten.values()]
        values = [(term, z3.BitVecVal(found.get(str(term), 0), term.size())) for term in free]
        if self.engine.file and 'file' in found:
            values = self.engine.file.variables(found['file'], values)
        elif self.engine.file:
            current = self.engine.file.current()
            bytes_ = [(byte, z3.BitVecVal(found.get(str(byte), 0), 8)) for byte, _ in current]
            # What former runs have read follows from the file that this makes.
            contents = self._with(values + bytes_, lambda value: self.engine.file.contents(value, LARGEST_FILE, current))
            values = values + bytes_ if contents is None else self.engine.file.variables(contents, values)
        return self._with(values, lambda value: value)

    def _with(self, values, function):
        solver = z3.Solver()
        solver.add(*(variable == value for variable, value in values))
        solver.check()
        return function(self._of_model(solver.model()))

    @staticmethod
    def _of_model(model):
        def value(term):
            return model.eval(term, model_completion=True).as_long()
        value.model = model
        return value

    def prove(self, rule, results, cases=None, splits=(), result_cases=([],), extra=(), kinds=([],)):
        """`results` is {buffer: {member: number}}: what is stored on success. Members left out are not looked at. Where the numbers
        hang on the address of the file, they are a function of it. `kinds` are lists of conditions, one of which every input
        satisfies: for each, the function is followed by itself, with fewer branches, and all is claimed."""
        for buffer, numbers in results.items():
            if callable(numbers):
                buffer.placed = numbers
        results = {buffer: numbers(self.file_address) if callable(numbers) else numbers for buffer, numbers in results.items()}
        for buffer in self.buffers:
            used = None if buffer.used is None else buffer.used.term
            self.engine.regions.append((buffer.name, buffer.address, len(buffer.cells), buffer.writable, used))
        self.expected, self.results = rule.status(), results
        if len(kinds) > 1:
            self.claim('the inputs are followed by kinds, and every one is of a kind', *(z3.Not(z3.And(True, True, *kind)) for kind in kinds))
        for number, kind in enumerate(kinds, start=1):
            if len(kinds) > 1:
                print(f'    kind {number} of {len(kinds)}', flush=True)
            self.execute(kind)
            self._claims(rule, results, cases, splits, result_cases, extra)
        self.kind, self.engine.assumed = [], self.assumed

    def _claims(self, rule, results, cases, splits, result_cases, extra):
        expected = self.expected
        self.claim('every input returns', z3.Not(self.engine.spelt(self.state.path())))
        cases = cubes.first_broken(rule.conditions()) if cases is None else cases
        self.claim('the status is the rule\'s', self.status != expected, cases=cases, splits=splits)
        touched = [self.byte(buffer, at) != self._term(cell, 8)
                   for buffer in results for at, cell in enumerate(buffer.cells)]
        if results:
            self.claim('on refusal nothing is written', self.status != OK, z3.Or(False, False, *touched))
        different = [self.stored(buffer, member) != z3.Extract(8 * buffer.members[member][1] - 1, 0, Whole(number).term)
                     for buffer, members in results.items() for member, number in members.items()]
        if different:
            self.claim('on success the results are the rule\'s', self.status == OK, expected == OK, z3.Or(False, False, *different),
                       cases=result_cases, splits=splits)
        for text, wrong, cases in extra:
            # What was shown of an accepted input is given.
            self.claim(text, *(part() for part in wrong), cases=cases, splits=splits)
        for text, bound in self.bounds.items():
            if isinstance(bound, list):
                # Cases, none of which can be: each says what it takes of what is accepted.
                self.claim(text, cases=bound, splits=splits)
            else:
                self.claim(text, rule.accepts(), z3.Not(bound), cases=result_cases, splits=splits)

    # Inputs, for people and for the processor.
    def inputs_in_words(self):
        parts = ['a file of any length'] if self.engine.file else []
        parts += [f'{len(buffer.cells)} bytes of {buffer.name}' for buffer in self.buffers
                  if any(not z3.is_bv_value(cell) for cell in buffer.cells)]
        parts += [f'{name} ({value.size()} bits)' for name, value in self.inputs
                  if any(value is a for a in self.arguments) and not (self.engine.file and name == 'length')]
        return ', '.join(parts)

    def describe(self, value):
        parts = [f'{buffer.name} {bytes(value(cell) for cell in buffer.cells).hex()}' for buffer in self.buffers
                 if any(not z3.is_bv_value(cell) for cell in buffer.cells)]
        parts += [f'{name} {value(term):#x}' for name, term in self.inputs if any(term is a for a in self.arguments)]
        contents = self.engine.file.contents(value, LARGEST_FILE) if self.engine.file else b''
        if contents:
            parts.append('file ' + contents.rstrip(bytes(1)).hex())
        if self.library.native is None:
            return 'input: ' + ', '.join(parts)
        if self.filled and value(self.filled.length) > LARGEST_FILE:
            contents = None
        native = 'which is too long for the processor here' if contents is None else f'the processor answers {self.native(value)[0]}'
        return 'input: ' + ', '.join(parts) + '; ' + native

    def native(self, value):
        """A call of the compiled function: its status and the bytes of each buffer afterwards."""
        memory = [(ctypes.c_uint8 * len(buffer.cells))(*(value(cell) for cell in buffer.cells)) for buffer in self.buffers]
        places = {buffer.address: place for buffer, place in zip(self.buffers, memory)}
        if self.engine.file:
            contents = self.engine.file.contents(value, LARGEST_FILE)
            places[BASE] = (ctypes.c_uint8 * max(len(contents), 1))(*contents)
            self.native_address = ctypes.addressof(places[BASE])
            for buffer, place in zip(self.buffers, memory):
                if not buffer.writable:
                    place[:] = self.at_home(buffer, bytes(place), value)
        if self.filled:
            length = value(self.filled.length)
            places[BASE] = (ctypes.c_uint8 * max(length, 1))(*[FILLER] * length) if length <= LARGEST_FILE else None
            memory.append(places[BASE])
        arguments = []
        for argument in self.arguments:
            if isinstance(argument, int) and argument in self.functions:
                arguments.append(getattr(self.library.native, self.functions[argument]))
            elif isinstance(argument, int):
                arguments.append(places.get(argument, ctypes.c_uint64(argument)))
            else:
                kind = {16: ctypes.c_uint16, 32: ctypes.c_uint32, 64: ctypes.c_uint64}[argument.size()]
                arguments.append(kind(value(argument)))
        status = getattr(self.library.native, self.function)(*arguments) & 0xFFFFFFFF
        return status, [bytes(place) for place in memory]

    def at_home(self, buffer, cells, value):
        """The bytes of a struct when the file lies where the processor has it."""
        cells = bytearray(cells)
        for member, number in buffer.placed(self.native_address).items() if self.engine.file else ():
            offset, size = buffer.members[member]
            cells[offset:offset + size] = (value(Whole(number).term) % (1 << 8 * size)).to_bytes(size, 'little')
        return bytes(cells)

    def sample_byte(self, rule, inputs, seed=1, samples=300):
        """The same for memory of which one byte is followed."""
        generator, tally = random.Random(seed), {}
        for _ in range(samples):
            value = self._values(inputs(generator))
            status, memory = self.native(value)
            run = self.run_of(value)
            content, byte = value(run.content), memory[-1][value(self.filled.at)]
            meant = FILLER if content == 0 else 0 if content == 1 else (content - 2) * 0x9E3779B1 % (1 << 32) >> 24
            if not value(run.status) == status == value(self.expected) or byte != meant:
                raise NotProved(f'the processor stores {byte:#x}, the formula {meant:#x}; {self.describe(value)}')
            tally[status, min(content, 2)] = tally.get((status, min(content, 2)), 0) + 1
        print(f'             formula and processor agree on {samples} inputs, by status and content: {dict(sorted(tally.items()))}', flush=True)

    def with_status(self, status):
        """An input that the rule gives a status, if there is one; a file not longer than the processor can be given."""
        short = [z3.ULE(self.engine.file.length, LARGEST_FILE)] if self.engine.file else []
        try:
            found, *_ = cubes.find([*self.given_facts(), *short, self.expected == status], self.names(), late=EXAMPLE)
            return None if found is None else self._values(found)
        except cubes.NoAnswer:
            print(f'             no input with status {status} was found in {EXAMPLE} s to compare formula and processor on', flush=True)
            return None

    def sample(self, rule, inputs, seed=1, samples=300):
        """Compares formula and processor: on an input for each status, and on those that `inputs`, a function of a random
        generator that yields {name: value}, describes."""
        generator, tally = random.Random(seed), {}
        if self.library.native is None:
            print('             not compared with the processor: the code is for another one', flush=True)
            return

        def compare(value):
            if not all(self.engine.holds(value.model, fact) for fact in self.assumed):
                raise NotProved(f'an input of the samples is not one of the proof: {self.describe(value)}')
            status, memory = self.native(value)
            run = self.run_of(value)
            claimed = value(run.status)
            for buffer, after in zip(self.buffers, memory):
                if buffer.writable and buffer in self.results:
                    cells = run.cells[buffer.name]
                    formula = value(z3.Concat(*reversed(cells))).to_bytes(len(cells), 'little')
                    if status == OK:
                        formula = self.at_home(buffer, formula, value)
                    if formula != after:
                        raise NotProved(f'the formula stores {formula.hex()}, the processor {after.hex()}; {self.describe(value)}')
            if not claimed == status == value(self.expected):
                raise NotProved(f'the formula says {claimed}, the rule {value(self.expected)}; {self.describe(value)}')
            tally[status] = tally.get(status, 0) + 1

        for status in dict.fromkeys([OK, *(status for status, _ in rule.rows)]):
            value = self.with_status(status)
            if value is not None:
                compare(value)
        for _ in range(samples):
            compare(self._values(inputs(generator)))
        print(f'             formula and processor agree on {sum(tally.values())} inputs, by status: {dict(sorted(tally.items()))}', flush=True)
        return tally

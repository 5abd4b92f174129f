"""Questions to bitwuzla and cvc5, as text."""
import os
import tempfile
import time

import bitwuzla
import z3

from . import integers

FIRST, INTEGERS = 3, 8   # of the processor: for bitwuzla alone; for the same question about integers, before bitwuzla goes on
SECONDS, LONG = 20, 300   # of the processor, where z3 does not know: for the question whether a branch can be taken, and for any other one


def write(question):
    """A file with the question, which is gone once it was asked."""
    solver = z3.Solver()
    solver.add(*question)
    # z3 has names of its own for a division whose divisor it has seen to be other than 0.
    text = solver.to_smt2().replace('(check-sat)', '').replace('bvudiv_i', 'bvudiv').replace('bvurem_i', 'bvurem')
    with tempfile.NamedTemporaryFile('w', suffix='.smt2', delete=False) as file:
        file.write('(set-logic QF_ABV)\n' + text)
    return file.name


class Terminator:
    """Ends a question after some seconds of the processor: how busy the machine is does not decide. After the first few, cvc5 is asked
    too, but of a file, whose bytes are an array."""

    def __init__(self, path, seconds):
        with open(path) as file:
            self.path = None if '(select ' in file.read() else path
        self.refuted = False
        self.first, self.end = time.process_time() + FIRST, time.process_time() + seconds

    def __call__(self):
        now = time.process_time()
        if self.path and now > self.first:
            self.refuted, self.path = integers.refuted(self.path, INTEGERS), None
        return self.refuted or now > self.end


def ask(path, seconds, names):
    """'no', 'unknown' or the values of the named inputs."""
    manager, options = bitwuzla.TermManager(), bitwuzla.Options()
    options.set(bitwuzla.Option.PRODUCE_MODELS, True)
    parser = bitwuzla.Parser(manager, options)
    parser.parse(path, True, True)
    solver = parser.bitwuzla()
    terminator = Terminator(path, seconds)
    solver.configure_terminator(terminator)
    answer = solver.check_sat()
    os.unlink(path)
    if answer == bitwuzla.Result.UNSAT or terminator.refuted:
        return 'no'
    if answer != bitwuzla.Result.SAT:
        return 'unknown'
    value = lambda name: solver.get_value(name).value(10)
    return {str(name): int(value(name)) for name in parser.get_declared_funs() if str(name) in names}


def refuted(question, seconds):
    """True when it is known that no input makes all of it true."""
    return ask(write(question), seconds, ()) == 'no'


def decide(question, seconds):
    """A model for z3, None where there is none, or 'unknown'."""
    known = {str(variable): variable for variable in variables(question)}
    answer = ask(write(question), seconds, known)
    if isinstance(answer, str):
        return None if answer == 'no' else answer
    solver = z3.Solver()
    solver.add(*(known[name] == (bool(value) if z3.is_bool(known[name]) else value) for name, value in answer.items()))
    solver.check()
    return solver.model()


def variables(question):
    """The numbers and truth values that a question is about."""
    found, seen, todo = [], set(), list(question)
    while todo:
        part = todo.pop()
        if part.get_id() not in seen:
            seen.add(part.get_id())
            todo += part.children()
            if z3.is_const(part) and part.decl().kind() == z3.Z3_OP_UNINTERPRETED and (z3.is_bv(part) or z3.is_bool(part)):
                found.append(part)
    return found

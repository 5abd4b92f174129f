"""What the interpreter asks the solvers: is there an input that makes all of this true, and which values has a term."""
import itertools

import z3

from .products import Products
from .solver import LONG, SECONDS, decide, variables
from .sums import Sums
from .terms import Unknown, boolean, constants

VALUES = 300           # that an address or the target of a jump may have
PATIENCE = 3000000     # steps of z3: a second or so, however busy the machine is
HURRY = 300000         # the same for what only makes terms smaller
ANSWER = 1800000       # milliseconds for what neither knows by then


MERGE = 'merge'        # how the names of what stands for the condition of a merge begin


class Unreachable(Exception):
    """A state that no input reaches. It was kept because the solver had not had the time to see that."""


class Questions:
    def __init__(self):
        self.statistics = dict(blocks=0, forks=0, merges=0, queries=0, accesses=0)
        self.assumed, self.file, self.products = [], None, Products()   # what holds of the inputs; the file, where there is one
        self.sums = Sums()
        self.meanings = []     # (what stands for the condition of a merge, that condition)
        self.spellings = {}    # by the identity of a term: the term, so that it stays, and how it is spelt out
        self.answers = {}      # by the identities of a model and a term: both, and whether it holds

    def begin(self):
        """Before a run: the merges of another one are its own."""
        self.meanings, self.spellings = [], {}
        if self.file:
            self.file.begin()

    def name_merge(self, condition):
        """What stands for the condition of a merge in values. So it stays what it is when these are simplified."""
        name = z3.Bool(f'{MERGE}{len(self.meanings)}')
        self.meanings.append((name, z3.simplify(self.spelt(condition))))
        return name

    def spelt(self, term):
        """A term with the conditions of merges, as solvers and models get it."""
        if not z3.is_expr(term):
            return term
        key = term.get_id()
        if key not in self.spellings:
            self.spellings[key] = term, z3.substitute(term, *self.meanings) if self.meanings else term
        return self.spellings[key][1]

    def easier(self, terms):
        """A question that allows more, where one is known."""
        return self.sums.without(terms) or self.products.without(terms)

    def model(self, conditions, *more, quick=False, exact=False, hurried=False):
        """An input, or None where there is none; 'unknown' only where a `quick` answer is asked for. Of a file, two terms
        that are the same place have the same byte only where the question is to be `exact`."""
        asked = [self.spelt(term) for term in (*conditions, *more)]
        for coarse in (True, False):
            # None stays none when what was left out is put back.
            fewer = self.products.without(asked, coarse)
            if fewer is None:
                break
            found = self.ask(sum(fewer, []), quick=True, exact=exact)
            if found is None:
                return None
            if quick:
                return found if found != 'unknown' and self.hold(found, asked) else 'unknown'
        return self.ask(asked, quick=quick, exact=exact, hurried=hurried)

    def ask(self, conditions, quick=False, exact=False, hurried=False):
        """The same with all conditions at once."""
        self.statistics['queries'] += 1
        more = tuple(self.file.definitions()) if exact and self.file else ()
        solver = z3.SolverFor('QF_ABV' if exact and self.file else 'QF_BV')
        solver.set('rlimit', HURRY if hurried else PATIENCE)
        solver.add(*self.assumed, *(boolean(x) for x in conditions), *more)
        result, model = self.checked(solver)
        if result == z3.unknown and hurried:
            return 'unknown'
        if result == z3.unknown:
            decided = decide(solver.assertions(), SECONDS if quick else LONG)
            if quick or decided != 'unknown':
                return decided
            solver.set('rlimit', 0)
            solver.set('timeout', ANSWER)
            result, model = self.checked(solver)
        if result == z3.unknown:
            raise Unknown('the solver gave up: ' + solver.reason_unknown())
        return model

    @staticmethod
    def checked(solver):
        """z3's answer, and a model where it has one. It was seen to leave variables of a long question out of a model, as if any value
        of them would do: such an answer is none."""
        result = solver.check()
        if result != z3.sat:
            return result, None
        model = solver.model()
        true = all(z3.is_true(model.eval(term, model_completion=True)) for term in solver.assertions())
        return (result, model) if true else (z3.unknown, None)

    def holds(self, model, test):
        if isinstance(test, bool):
            return test
        key = id(model), test.get_id()
        if key not in self.answers:
            self.answers[key] = model, test, z3.is_true(model.eval(self.spelt(test), model_completion=True))
        return self.answers[key][-1]

    def hold(self, model, tests):
        return all(self.holds(model, test) for test in tests)

    def each_value(self, state, value, quick=False):
        """The values of a term, one after the other; None where a `quick` answer was asked for and there is none."""
        possible = constants(value, VALUES)
        value, conditions = self.spelt(value), [self.spelt(term) for term in state.conditions]
        found = list(dict.fromkeys(model.eval(value, model_completion=True).as_long() for model in state.witnesses))
        yield from found
        # There may be more values where something is left out, never fewer.
        if possible is not None:
            yield from (k for k in sorted(possible.difference(found)) if self.model(conditions, value == k, quick=True) is not None)
            return
        fewer = self.products.without([value, *conditions], coarse=quick)
        (value, *conditions), facts = fewer or ([value, *conditions], [])
        while True:
            model = self.ask([*conditions, *facts, *(value != k for k in found)], quick=quick)
            if model is None:
                return
            found.append(None if model == 'unknown' else model.eval(value, model_completion=True).as_long())
            yield found[-1]

    def values(self, state, value, most=VALUES, quick=False):
        """All values of a term, each with its condition; None where a `quick` search finds more than so many, or no answer."""
        if isinstance(value, int):
            return [(value, True)]
        found = list(itertools.islice(self.each_value(state, value, quick), most + 1))
        if not found:
            raise Unreachable
        if len(found) > most and not quick:
            raise Unknown(f'more than {most} values of {value.sexpr()[:200]}')
        return None if len(found) > most or None in found else [(k, value == k) for k in found]


def merges_in(term):
    """What stands for conditions of merges in a term."""
    return [variable for variable in variables([term]) if str(variable).startswith(MERGE)]

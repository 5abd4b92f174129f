"""Sums that a rule and the code both add up: solvers find two orders of adding to be the same only by trying.

A question with such a sum is asked with a free number for it first, of which only its bound is kept: the last of its parts is
what is left of that number, which cancels wherever the others are added. A question without an answer then has none with the
sum itself either."""
import z3

NARROWER = 32, 16     # of what widths the lower bits of a part are looked for, besides the whole of it


class Sums:
    def __init__(self):
        self.rows = []      # (what is replaced, what by), and the bound

    def name(self, *parts):
        """Notes a sum of numbers whose bounds their forms show."""
        number = z3.BitVec(f'sum{len(self.rows)}', parts[0].size())
        *others, last = map(z3.simplify, parts)
        rest = number - z3.Sum(*others)
        pairs = [(last, rest)]
        for width in NARROWER:
            lower = z3.simplify(z3.Extract(width - 1, 0, last))
            pairs.append((lower, z3.Extract(width - 1, 0, rest)))
        self.rows.append((pairs, z3.ULE(number, sum(map(_most, parts)))))

    def without(self, terms):
        """The same with free numbers, and what holds of these; None where there are none."""
        if not self.rows:
            return None
        facts = [fact for _, fact in self.rows]
        for pairs, _ in self.rows:
            terms = [z3.simplify(z3.substitute(z3.simplify(term), *pairs)) if z3.is_expr(term) else term for term in terms]
        return terms, facts


def _most(term):
    """The largest number that a term can be, as far as its form shows."""
    if z3.is_bv_value(term):
        return term.as_long()
    if z3.is_app_of(term, z3.Z3_OP_ITE):
        return max(map(_most, term.children()[1:]))
    if z3.is_app_of(term, z3.Z3_OP_ZERO_EXT):
        return _most(term.children()[0])
    return (1 << term.size()) - 1

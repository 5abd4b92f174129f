"""Sums of products, for which solvers find inputs by trying: a question with such is asked with something free in their place
first.

For a claim that is a number for each product: below what the widths of its factors say, and the same for equal factors. For
the question whether a branch can be taken it is a truth value for each comparison of them. So a question without an answer
has none with the products themselves either. Where there is an answer, it is one of a question that allows more: the branch
is then taken for granted, which costs time, never truth, and a claim is asked again with everything."""
import z3

LEAST = 2        # products in a question


CONNECTIVES = (z3.Z3_OP_AND, z3.Z3_OP_OR, z3.Z3_OP_NOT, z3.Z3_OP_XOR, z3.Z3_OP_IMPLIES, z3.Z3_OP_ITE)


class Products:
    def __init__(self):
        self.wanted = False  # where the bounds that products imply are what matters, they would only be in the way
        self.known = {}      # by the identity of a term: the term, so that it stays, and the products in it
        self.free = {}       # by the identity of a product or a comparison: what stands for it
        self.plain = {}      # by the identity of a term and `coarse`: the term with those

    def without(self, terms, coarse=False):
        """The same with free numbers, or as `coarse` as truth values, and what holds of these; None where that is not wanted, or
        there are too few products."""
        if not self.wanted:
            return None
        products = {key: product for term in terms if z3.is_expr(term) for key, product in self._in(term).items()}
        if len(products) < LEAST:
            return None
        facts = [] if coarse else self._facts(list(products.values()))
        return [self.plainly(term, coarse) if z3.is_expr(term) else term for term in terms], facts

    def plainly(self, term, coarse=False):
        """One term with what is free."""
        key = term.get_id(), coarse
        if key not in self.plain:
            pairs = [(part, self._stands_for(part)) for part in self._parts(term, coarse)]
            self.plain[key] = z3.substitute(term, *pairs) if pairs else term
        return self.plain[key]

    def _parts(self, term, coarse):
        """The products of a term; where it is to be coarse, the comparisons with such in their place."""
        found, seen, todo = [], set(), [term]
        while todo:
            part = todo.pop()
            if part.get_id() in seen or not self._in(part):
                continue
            seen.add(part.get_id())
            if _is_product(part) or coarse and _is_comparison(part):
                found.append(part)
            else:
                todo += part.children()
        return found

    def _stands_for(self, part):
        if z3.is_bool(part):
            return self.free.setdefault(part.get_id(), z3.Bool(f'comparison{len(self.free)}'))
        return self._number(part)

    def _number(self, product):
        return self.free.setdefault(product.get_id(), z3.BitVec(f'product{len(self.free)}', product.size()))

    def _facts(self, products):
        facts = []
        for k, product in enumerate(products):
            number, factors = self._number(product), product.children()
            width = sum(_width(factor) for factor in factors)
            if width < product.size():
                facts.append(z3.ULT(number, 1 << width))
            for other in products[:k]:
                pairs = list(zip(factors, other.children()))
                if len(factors) == len(other.children()) and product.size() == other.size():
                    same = z3.And(*(self.plainly(a) == self.plainly(b) for a, b in pairs))
                    if not z3.is_false(z3.simplify(same)):
                        facts.append(z3.Implies(same, number == self._number(other)))
        return facts

    def _in(self, term):
        """The products in a term, by their identity."""
        todo = [term]
        while todo:
            part = todo[-1]
            if part.get_id() not in self.known:
                parts = part.children()
                new = [child for child in parts if child.get_id() not in self.known]
                if new:
                    todo += new
                    continue
                found = {key: product for child in parts for key, product in self.known[child.get_id()][1].items()}
                if _is_product(part):
                    found[part.get_id()] = part
                self.known[part.get_id()] = part, found
            todo.pop()
        return self.known[term.get_id()][1]


def _is_product(term):
    """A product, but not by a power of two, which is a shift."""
    if not z3.is_app_of(term, z3.Z3_OP_BMUL):
        return False
    return not any(z3.is_bv_value(factor) and factor.as_long().bit_count() == 1 for factor in term.children())


def _is_comparison(term):
    return z3.is_bool(term) and term.decl().kind() not in CONNECTIVES and not (z3.is_eq(term) and z3.is_bool(term.children()[0]))


def _width(term):
    """How many bits a number has at most, as far as its form shows."""
    if z3.is_bv_value(term):
        return term.as_long().bit_length()
    if z3.is_app_of(term, z3.Z3_OP_ZERO_EXT):
        return _width(term.children()[0])
    if z3.is_app_of(term, z3.Z3_OP_CONCAT):
        first, *rest = term.children()
        below = sum(part.size() for part in rest)
        top = _width(first)
        return below + top if top else (_width(rest[0]) if len(rest) == 1 else below)
    if z3.is_app_of(term, z3.Z3_OP_ITE):
        return max(_width(side) for side in term.children()[1:])
    return term.size()

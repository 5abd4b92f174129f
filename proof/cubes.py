"""Is there an input at all? By cases: bitwuzla gets a question whole, and where that takes too long, its two halves."""
import itertools
import multiprocessing
import os
import time

import z3

from executor.solver import ask, write

SOON = 60      # seconds of the processor for a case that can still be split
LATE = 900     # seconds for one that cannot
WORKERS = 0    # that ask at once; 0: as many as there are cores for this process
SHOWN = None   # seconds from which on a question's time is printed


class NoAnswer(Exception):
    """A question that no solver answered in its time."""


def first_broken(rules):
    """Cases by which rule is the first to be broken, and none. Together they are everything."""
    return [[*map(z3.Not, rules[:k]), rule] for k, rule in enumerate(rules)] + [[z3.Not(rule) for rule in rules]]


def product(*choices):
    return [sum(cases, []) for cases in itertools.product(*choices)]


def ask_both(paths, limit, names):
    """The answer to a question; one that is easier and allows more, where there is one, is asked first."""
    *easier, path = paths
    for first in easier:
        if ask(first, limit, ()) == 'no':
            os.unlink(path)
            return 'no'
    return ask(path, limit, names)


def find(question, names, cases=([],), splits=(), late=LATE, easier=lambda terms: None):
    """Values of the named inputs that make all of `question` true, or None; and how many queries it took and the longest.

    `cases` are lists of conditions, one of which every input satisfies; `splits` are conditions by which a hard case is
    halved in turn. `easier` makes a question that allows more, where it knows one. Where a case cannot be halved any more and gets
    no answer in `late` seconds, that is an error: nothing is left out."""
    queries, longest = 0, 0.0
    workers = WORKERS or len(os.sched_getaffinity(0))
    names = set(names)
    with multiprocessing.get_context('fork').Pool(workers) as pool:
        waiting, running = [(0, list(case)) for case in reversed(list(cases))], []
        while waiting or running:
            while waiting and len(running) < workers:
                depth, case = waiting.pop()
                limit = SOON if depth < len(splits) else late
                asked = [*question, *case]
                first = easier(asked)
                paths = [write(terms) for terms in ([sum(first, [])] if first else []) + [asked]]
                answer = pool.apply_async(ask_both, (paths, limit, names))
                running.append((depth, case, time.time(), answer))
            time.sleep(0.01)
            for item in [item for item in running if item[3].ready()]:
                running.remove(item)
                depth, case, began, answer = item
                answer, queries, longest = answer.get(), queries + 1, max(longest, time.time() - began)
                if SHOWN is not None and time.time() - began >= SHOWN:
                    shown = answer if isinstance(answer, str) else 'an input'
                    print(f'             question {queries}, halved {depth} times: {shown} in {time.time() - began:.1f} s', flush=True)
                if answer == 'unknown':
                    if depth == len(splits):
                        raise NoAnswer('no answer for a case that cannot be halved any more')
                    waiting += [(depth + 1, case + [z3.Not(splits[depth])]), (depth + 1, case + [splits[depth]])]
                elif answer != 'no':
                    return answer, queries, longest
    return None, queries, longest

"""Asks cvc5 whether a question has no answer, with the numbers of its bit vectors as integers: sums of many parts, of which other
solvers compare the bits, are linear there. A program of its own, so that it can be stopped wherever it is.

    integers.py QUESTION    the exit status is REFUTED where no input makes all of it true"""
import resource
import subprocess
import sys

REFUTED = 20


def refuted(path, seconds):
    """True when it is known that the question in a file has no answer, after so many seconds of the processor at most."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    command = [sys.executable, '-B', __file__, path]
    return subprocess.run(command, preexec_fn=limit, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == REFUTED


def main(path):
    import cvc5

    with open(path) as file:
        text = file.read()
    manager = cvc5.TermManager()
    solver = cvc5.Solver(manager)
    solver.setOption('solve-bv-as-int', 'sum')
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text.replace('QF_ABV', 'QF_AUFBV', 1), path)
    symbols = parser.getSymbolManager()
    while not (command := parser.nextCommand()).isNull():
        command.invoke(solver, symbols)
    return REFUTED if solver.checkSat().isUnsat() else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))

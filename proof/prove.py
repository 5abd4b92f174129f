"""Proves functions of the C library right for every input, from their machine code. `cargo xtask prove` calls this.

    prove.py PROGRAM SHARED [NAME...] [--other PREFIX PROGRAM SHARED]... [--table FILE] [--slow SECONDS]
        [--workers N] [--list]

PROGRAM is the static ELF file with the functions and debugging information, SHARED the same as a shared library for calls by
the processor; those after `--other` are for the proofs whose names begin so, SHARED `none` where this processor is another;
FILE gets a row of a table in Markdown for each proof; `--slow` shows which questions took SECONDS and more; `--workers` is how
many of them are asked at once, by default as many as there are processors; `--list` only names the proofs that would run.
Prints what is claimed; exit status 0: every claim was proved, 1: one is wrong, and an input says why, 2: the solvers gave no
answer to a question, or the executor met what it does not know."""
import argparse
import ctypes
import importlib
import os
import resource
import sys
import time
from collections import namedtuple

import cubes
from claims import NotProved, Proof
from executor import Unknown

Library = namedtuple('Library', 'program native')

# Name, function of the library, module and function of the rule, and what the rule is given.
PROOFS = {
    'elks-layout': ('execfmt_aout_elks_layout', 'elks_layout', 'prove', {}),
    'chmem': ('execfmt_aout_chmem', 'chmem', 'prove', {}),
    'aout-relocation': ('execfmt_aout_relocation_at', 'aout', 'prove_relocation', {'longest': 48}),
    'recogniser': ('execfmt_looks_like', 'looks_like', 'prove', {}),
    'coff-nachos5j': ('execfmt_coff_check', 'coff', 'prove_5j', {'sections': 3}),
    'coff-section': ('execfmt_coff_section_at', 'coff', 'prove_section', {}),
    'coyotos-header': ('execfmt_coyotos_open', 'coyotos', 'prove_open', {}),
    'ne-header': ('execfmt_ne_parse', 'ne', 'prove_parse', {}),
    'ne-segment': ('execfmt_ne_segment_at', 'ne', 'prove_segment', {}),
    'ne-name': ('execfmt_ne_next_name', 'ne', 'prove_name', {'longest': 8}),
    'ne-layout': ('execfmt_ne_elks_layout', 'ne', 'prove_layout', {'most': 2, 'records': 0}),
    # Functions of the format crates, by wrappers of ffi/src/proof.rs.
    'rust-minix2-16': ('execfmt_proof_minix2_exec', 'minix2', 'prove', {'bits': 16, 'click': 256}),
    'rust-minix2-32': ('execfmt_proof_minix2_exec', 'minix2', 'prove', {'bits': 32, 'click': 4096}),
    'rust-in-place-distance': ('execfmt_proof_in_place', 'in_place', 'prove', {}),
    'rust-coyotos-step': ('execfmt_proof_coyotos_leaf', 'coyotos', 'prove_step', {}),
    'rust-ne-relocations': ('execfmt_proof_ne_relocations', 'ne', 'prove_relocations', {}),
    'rust-elks-symbols': ('execfmt_proof_elks_symbol', 'symbols', 'prove_elks', {}),
    'rust-nlist-symbols': ('execfmt_proof_nlist_symbol', 'symbols', 'prove_nlist', {}),
    'rust-coff-symbols': ('execfmt_proof_coff_symbol', 'symbols', 'prove_coff', {'longest': 4}),
    'coyotos-object': ('execfmt_coyotos_object', 'coyotos', 'prove_object', {}),
    'noff-header': ('execfmt_noff_parse_header', 'noff', 'prove_header', {}),
    'noff-header-warnings': ('execfmt_noff_parse_header', 'noff', 'prove_header', {'warnings': True}),
    'noff-pages': ('execfmt_noff_page_count', 'noff', 'prove_count', {}),
    'noff-stack': ('execfmt_noff_stack_pointer', 'noff', 'prove_count', {'stack_pointer': True}),
    'noff-load': ('execfmt_noff_load', 'noff', 'prove_load', {}),
    'noff-load-4': ('execfmt_noff_load', 'noff', 'prove_load', {'constants': True}),
    'noff-page-128': ('execfmt_noff_describe_page', 'noff', 'prove_page', {'page_size': 128}),
    'noff-page-1024': ('execfmt_noff_describe_page', 'noff', 'prove_page', {'page_size': 1024}),
    'noff-page-4096': ('execfmt_noff_describe_page', 'noff', 'prove_page', {'page_size': 4096}),
}

# What the wrappers call.
WRAPPED = {
    'execfmt_proof_minix2_exec': 'aout_minix::minix2::exec',
    'execfmt_proof_in_place': 'InPlace::check_distance',
    'execfmt_proof_coyotos_leaf': 'coyotos_image::space::leaf',
    'execfmt_proof_ne_relocations': 'os2_ne::Relocations::next',
    'execfmt_proof_elks_symbol': 'aout_minix::ElksSymbols::next',
    'execfmt_proof_nlist_symbol': 'aout_minix::NlistSymbols::next',
    'execfmt_proof_coff_symbol': 'mips_coff::Symbols::iter',
}

# The same of a library that was built otherwise: for speed, and for another processor.
BUILDS = 'level3', 'i686'
PROOFS |= {f'{build}-{name}': PROOFS[name] for build in BUILDS for name in ('elks-layout', 'noff-header')}

# Only where they are named: one that was never complete, and one that takes as long as all others together.
NAMED = 'coyotos-object', 'noff-load-4'


def main():
    options = argparse.ArgumentParser()
    options.add_argument('library', nargs=2)
    options.add_argument('names', nargs='*')
    options.add_argument('--other', nargs=3, action='append', default=[])
    options.add_argument('--table')
    options.add_argument('--slow', type=float)
    options.add_argument('--workers', type=int, default=0)
    options.add_argument('--list', action='store_true')
    options = options.parse_intermixed_args()
    table, names = options.table, options.names or [name for name in PROOFS if name not in NAMED]
    cubes.SHOWN, cubes.WORKERS = options.slow, options.workers
    if options.list:
        print('\n'.join(names))
        return
    if table:
        open(table, 'w').close()
    failed = open_ = False
    load = lambda program, shared: Library(program, None if shared == 'none' else ctypes.CDLL(os.path.abspath(shared)))
    library = load(*options.library)
    library.native.execfmt_version.restype = ctypes.c_char_p
    version = library.native.execfmt_version().decode()
    others = {prefix: load(program, shared) for prefix, program, shared in options.other}
    for name in names:
        function, module, rule, options = PROOFS[name]
        print(f'{name}: {function}', flush=True)
        began, used = time.time(), processor_time()
        proof = Proof(others.get(name.split('-')[0], library), function)
        try:
            getattr(importlib.import_module('rules.' + module), rule)(proof, **options)
        except NotProved as wrong:
            print(f'NOT PROVED {name} after {time.time() - began:.1f} s: {wrong}', flush=True)
            failed = True
            continue
        except (cubes.NoAnswer, Unknown) as unknown:
            print(f'NO ANSWER {name} after {time.time() - began:.1f} s: {unknown}', flush=True)
            open_ = True
            continue
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        used = processor_time() - used
        print(f'PROVED {name} {time.time() - began:.1f} s ({used:.1f} s of the processor) {memory} MiB', flush=True)
        claims = '; '.join(['no trap, no access outside what is given', *proof.report])
        if table:
            with open(table, 'a') as file:
                shown = WRAPPED.get(function, function)
                file.write(f'| {name} | `{shown}` | {proof.inputs_in_words()} | {claims} | {used:.0f} s | {version} |\n')
    # The engine's threads are not waited for.
    os._exit(1 if failed else 2 if open_ else 0)


def processor_time():
    """Seconds of this process and of those that it started and that have ended."""
    return sum(resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


main()

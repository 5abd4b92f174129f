"""A static ELF file: its memory, symbols and structs, the blocks of its code, and the order to visit them in."""
import networkx
import pyvex
from elftools.elf.elffile import ELFFile

from .machine import MACHINES

BLOCK = 4000  # bytes that a block may have at most


class Program:
    def __init__(self, path):
        self.segments, self.symbols = [], {}
        with open(path, 'rb') as file:
            elf = ELFFile(file)
            self.machine = MACHINES[elf.get_machine_arch()]
            for segment in elf.iter_segments('PT_LOAD'):
                data = segment.data() + bytes(segment['p_memsz'] - segment['p_filesz'])
                self.segments.append((segment['p_vaddr'], data, bool(segment['p_flags'] & 2)))
            for symbol in elf.get_section_by_name('.symtab').iter_symbols():
                self.symbols[symbol.name] = symbol['st_value']
            self.structs = dict(_structs(elf.get_dwarf_info()))
        self.names = sorted((value, name) for name, value in self.symbols.items() if value)
        self.blocks, self.leaders, self.functions = {}, set(), {}

    def where(self, address):
        below = [name for value, name in self.names if value <= address]
        return f'{address:#x} in {below[-1] if below else "?"}'

    def bytes_at(self, address, count):
        for base, data, _ in self.segments:
            if base <= address < base + len(data):
                return data[address - base:address - base + count]
        return None

    def lead(self, address):
        """Notes that a block begins at `address`. True when that splits a block that is known."""
        if address in self.leaders:
            return False
        self.leaders.add(address)
        split = [start for start, block in self.blocks.items() if start < address < start + block.size]
        for start in split:
            del self.blocks[start]
        return bool(split)

    def block(self, address):
        if address not in self.blocks:
            room = min((leader - address for leader in self.leaders if leader > address), default=BLOCK)
            room = min(room, BLOCK)
            self.blocks[address] = pyvex.lift(
                self.bytes_at(address, room), address, self.machine.architecture, opt_level=1, max_bytes=room, cross_insn_opt=True)
        return self.blocks[address]

    def successors(self, address):
        """Where a block goes within its function: calls are stepped over."""
        block = self.block(address)
        found = {exit.dst.value for exit in block.statements if isinstance(exit, pyvex.stmt.Exit) and exit.jumpkind == 'Ijk_Boring'}
        if block.jumpkind == 'Ijk_Call':
            found.add(address + block.size)
        elif block.jumpkind == 'Ijk_Boring' and isinstance(block.next, pyvex.expr.Const):
            found.add(block.next.con.value)
        return found

    def function(self, entry):
        if entry not in self.functions:
            self.lead(entry)
            self.functions[entry] = Function(self, entry)
        return self.functions[entry]


class Function:
    """The blocks reachable from an entry without following calls, in a weak topological order (Bourdoncle): outside loops
    a block comes after all that lead to it, and a loop is left after all of its iterations. A state that waits at a block
    therefore meets every other one that can still come there."""

    def __init__(self, program, entry):
        self.program, self.entry, self.indirect = program, entry, {}
        self.grow()

    def grow(self):
        todo, seen = [self.entry], set()
        while todo:
            address = todo.pop()
            if address in seen:
                continue
            seen.add(address)
            targets = self.targets(address)
            if any([self.program.lead(target) for target in targets]):
                return self.grow()  # a block was split: begin again
            todo += targets
        self.graph = networkx.DiGraph()
        self.graph.add_nodes_from(seen)
        self.graph.add_edges_from((a, target) for a in seen for target in self.targets(a))
        self.position = {}
        self._order(self.graph, self.entry, ())

    def targets(self, address):
        return self.program.successors(address) | self.indirect.get(address, set())

    def learn(self, source, target):
        """An edge that only the execution shows: the target of a computed jump."""
        if not self.graph.has_edge(source, target):
            self.indirect.setdefault(source, set()).add(target)
            self.program.lead(target)
            self.grow()

    def _order(self, graph, entry, prefix):
        first = {node: k for k, node in enumerate(networkx.dfs_preorder_nodes(graph, entry))}
        last = len(first) + 1
        condensed = networkx.condensation(graph)
        early = lambda component: min(first.get(node, last) for node in condensed.nodes[component]['members'])
        for k, component in enumerate(networkx.lexicographical_topological_sort(condensed, key=early)):
            nodes = condensed.nodes[component]['members']
            single = next(iter(nodes))
            if len(nodes) == 1 and not graph.has_edge(single, single):
                self.position[single] = prefix + ((k, None),)
                continue
            head = min(nodes, key=lambda node: first.get(node, last))
            inner = graph.subgraph(nodes).copy()
            inner.remove_edges_from([(node, head) for node in list(inner.predecessors(head))])
            self._order(inner, head, prefix + ((k, head),))

    def heads(self, address):
        """The loops around a block, outermost first."""
        return [head for _, head in self.position[address] if head is not None]

    def key(self, address, iterations):
        return tuple((k, iterations.get(head, 0)) for k, head in self.position[address])


def _structs(dwarf):
    """The C structs of a program: name, then {member: (offset, bytes)}, with inner structs and arrays spelt out."""
    for unit in dwarf.iter_CUs():
        for entry in unit.iter_DIEs():
            if entry.tag == 'DW_TAG_typedef' and 'DW_AT_type' in entry.attributes:
                struct = entry.get_DIE_from_attribute('DW_AT_type')
                if struct.tag == 'DW_TAG_structure_type' and struct.has_children:
                    members = {name: (offset, size) for name, offset, size in _members(struct, '', 0)}
                    yield entry.attributes['DW_AT_name'].value.decode(), (struct.attributes['DW_AT_byte_size'].value, members)


def _members(entry, name, offset):
    while entry.tag in ('DW_TAG_typedef', 'DW_TAG_const_type'):
        entry = entry.get_DIE_from_attribute('DW_AT_type')
    if entry.tag == 'DW_TAG_structure_type':
        for member in entry.iter_children():
            inner = member.attributes['DW_AT_name'].value.decode()
            place = offset + member.attributes['DW_AT_data_member_location'].value
            yield from _members(member.get_DIE_from_attribute('DW_AT_type'), f'{name}.{inner}' if name else inner, place)
    elif entry.tag == 'DW_TAG_array_type':
        element = entry.get_DIE_from_attribute('DW_AT_type')
        count = next(child for child in entry.iter_children()).attributes['DW_AT_upper_bound'].value + 1
        rows = [list(_members(element, '', 0))] * count
        size = _size(element)
        for k, row in enumerate(rows):
            for inner, place, bytes_ in row:
                yield f'{name}[{k}]' + (f'.{inner}' if inner else ''), offset + k * size + place, bytes_
    else:
        yield name, offset, _size(entry)


def _size(entry):
    while entry.tag in ('DW_TAG_typedef', 'DW_TAG_const_type'):
        entry = entry.get_DIE_from_attribute('DW_AT_type')
    return entry.attributes['DW_AT_byte_size'].value

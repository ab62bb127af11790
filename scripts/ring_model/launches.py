"""Runs all blocks of a launch, and checks what they leave."""

import itertools
import random
import re

from rings import Wrong
from threads import ThreadBlock

WARPGROUP_ROWS = 64


def evaluate(text, sizes):
    """An expression of the recipe. Scalar arguments are 0."""
    functions = {"ceildiv": lambda a, b: -(-a // b), "min": min, "max": max}

    def replace(match):
        name = match[0]
        return name if name in functions else str(sizes.get(name, 0))

    text = re.sub(r"[a-z_]\w*(?:\.\w+)*", replace, text)
    return eval(text.replace("/", "//"), {"__builtins__": {}}, functions)


def get_sizes(queries, keys):
    """Sizes of a small problem with grouped heads, for four multiprocessors."""
    sizes = {"sm_count": 4}
    for name, heads, length in (
        ("query", 4, queries),
        ("key", 2, keys),
        ("value", 2, keys),
        ("output", 4, queries),
    ):
        for dimension, size in enumerate((1, heads, length)):
            sizes[f"{name}.size.{dimension}"] = size
    return sizes


class Model:
    """All blocks of one launch."""

    def __init__(self, kernel, launch, sizes, seed):
        self.random = random.Random(seed)
        self.counters, self.copies, self.stored, self.drawn = {}, [], [], {}
        # Answers of data: now this way, now that, or nearly always yes.
        self.chance = (0.5, 0.8, 0.98)[seed % 3]
        self.cluster = launch.get("cluster", [1])[0]
        self.grid = evaluate(launch["grid"][0], sizes)
        self.blocks = []
        # Nothing is launched, and sizes may be 0 that parameters divide by.
        if self.grid == 0:
            return
        arguments = []
        for parameter in launch["parameters"]:
            known = parameter["kind"] == "value" and parameter["type"] != "f32"
            is_counter = parameter["kind"] == "counter"
            arguments.append(
                evaluate(parameter["value"], sizes) if known else 0 if is_counter else None
            )
        self.blocks = [ThreadBlock(self, kernel, arguments, i) for i in range(self.grid)]
        for first in range(0, self.grid, self.cluster):
            self.share_rings(self.blocks[first : first + self.cluster])

    def share_rings(self, blocks):
        for copies in zip(*(block.rings for block in blocks)):
            for ring in copies:
                if ring.cluster > 1:
                    ring.everywhere = list(copies)

    def take_ticket(self, counter, most):
        ticket = self.counters.get(counter, 0)
        self.counters[counter] = 0 if ticket >= most else ticket + 1
        return ticket

    def draw(self, question):
        """What data would answer, one and the same to all who ask."""
        return self.drawn.setdefault(question, self.random.random() < self.chance)

    def finish_copy(self):
        ring, position = self.copies.pop(self.random.randrange(len(self.copies)))
        ring.finish_copy(position)

    def run(self):
        waiting = {name: (role, next(role, None))
                   for block in self.blocks for name, role in block.roles}
        while True:
            waiting = {name: pair for name, pair in waiting.items() if pair[1] is not None}
            if not waiting:
                return
            able = [name for name, (_, has_come) in waiting.items() if has_come()]
            if self.copies and (not able or self.random.random() < 0.2):
                self.finish_copy()
            elif able:
                name = self.random.choice(able)
                role = waiting[name][0]
                waiting[name] = (role, next(role, None))
            else:
                raise Wrong("wait for ever: " + ", ".join(sorted(waiting)))

    def check(self, sizes, columns):
        """Whether each tile of the output, which has that many columns, was stored
        once. Products have up to 15 more."""
        if any(self.counters.values()):
            raise Wrong(f"counters are left at {self.counters}")
        batch, heads, length = (sizes[f"query.size.{i}"] for i in range(3))
        rows = itertools.product(range(batch), range(heads), range(0, length, WARPGROUP_ROWS))
        stored = {tile: [] for tile in rows}
        for *tile, first, width in self.stored:
            if tile[2] < length:
                if tuple(tile) not in stored:
                    raise Wrong(f"a store to {tile}, where no tile begins")
                stored[tuple(tile)].append((first, width))
        for tile, parts in stored.items():
            end = 0
            for first, width in sorted(parts):
                if first != end:
                    raise Wrong(f"{tile} has column {first} stored behind those up to {end}")
                end += width
            if not columns <= end < columns + 16:
                raise Wrong(f"{tile} has {end} of {columns} columns stored")

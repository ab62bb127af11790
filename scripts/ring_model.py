#!/usr/bin/env python3
"""Runs the roles of sm90 kernels in random order, and reports what goes wrong.

  ring_model.py --opt OPT [--seeds N] [--lengths Q,K ...] [--options TEXT] FILE ...
  ring_model.py --opt OPT --lowered FILE ...

Compiles each file's attention to an sm90 kernel by roles (the kernel phase of the
GPU pipeline) and interprets its control flow: producer and warps of consumers run
step by step, in an order drawn at random, with mbarriers that have one bit of
phase, copies that arrive late, and ticket counters. Data are left out. Reports

- a role that waits for ever,
- a product or store that reads a slot which does not hold what it waited for,
- rows of the output that no tile stores, or two do,
- a ticket counter that is not zero in the end.

A GPU runs warps in a far more regular order than this.
"""

import argparse
import json
import random
import re
import subprocess
import sys
from dataclasses import dataclass, field

WARPS = 4
WARPGROUP_ROWS = 64
RING_OPS = ("sm90.wait", "sm90.release", "sm90.reserve", "nvvm.barrier", "sm90.wgmma")


class Wrong(Exception):
    """What the model reports."""


# --- Reading generic IR ------------------------------------------------------


@dataclass
class Op:
    name: str
    results: list
    operands: list
    text: str
    regions: list = field(default_factory=list)

    def attribute(self, name, default=None):
        found = re.search(rf"\b{name} = (-?\d+)", self.text)
        return int(found[1]) if found else default


@dataclass
class Block:
    arguments: list
    ops: list


OP = re.compile(r'\s*(?:(%\w+)(?::(\d+))? = )?"([\w.]+)"\((.*)$')
NAME = re.compile(r"%\w+(?:#\d+)?")


def read_op(lines, at):
    """The op at a line, and the line behind it."""
    match = OP.match(lines[at])
    if not match:
        raise ValueError(f"no op: {lines[at][:80]}")
    base, count, name, rest = match.groups()
    operands = NAME.findall(rest[: rest.index(")")])
    results = [base] if base and not count else []
    if count:
        results = [f"{base}#{i}" for i in range(int(count))]
    op = Op(name, results, operands, rest)
    if not rest.endswith("({"):
        return op, at + 1
    at += 1
    while True:
        block, at = read_block(lines, at)
        op.regions.append(block)
        end = lines[at].strip()
        at += 1
        if end.startswith("})"):
            op.text += end
            return op, at


def read_block(lines, at):
    arguments = []
    if lines[at].lstrip().startswith("^bb0("):
        arguments = re.findall(r"%\w+(?=:)", lines[at])
        at += 1
    ops = []
    while not lines[at].lstrip().startswith("}"):
        op, at = read_op(lines, at)
        ops.append(op)
    return Block(arguments, ops), at


def walk(block):
    for op in block.ops:
        yield op
        for region in op.regions:
            yield from walk(region)


# --- Barriers and rings ------------------------------------------------------


class Barrier:
    """An mbarrier: arrivals and copies still missing, and the number of its phase."""

    def __init__(self, arrivals):
        self.arrivals = self.missing = arrivals
        self.copies = self.phase = 0

    def turn(self):
        if self.missing == 0 and self.copies == 0:
            self.phase, self.missing = self.phase + 1, self.arrivals

    def arrive(self):
        if self.missing == 0:
            raise Wrong("more arrivals than a barrier counts")
        self.missing -= 1
        self.turn()

    def is_complete(self, parity):
        return self.phase % 2 != parity


class Ring:
    def __init__(self, op):
        kind = re.search(r"!sm90\.ring<(\d+), ", op.text)
        self.stages = int(kind[1])
        self.is_message = "sm90.tile" not in op.text
        if op.attribute("cluster", default=1) != 1:
            raise Wrong("rings of clusters are left out of the model")
        self.is_per_warp = op.attribute("scope") == 0
        readers = op.attribute("readers") * (WARPS if self.is_per_warp else 1)
        self.full = [Barrier(1) for _ in range(self.stages)]
        self.empty = [Barrier(readers) for _ in range(self.stages)]
        self.content = [None] * self.stages

    def slot(self, position):
        return position % self.stages, position // self.stages % 2


@dataclass(frozen=True)
class Tile:
    ring: Ring
    position: int

    def check(self, what):
        if self.ring.content[self.position % self.ring.stages] != self.position:
            raise Wrong(f"{what} reads a slot that holds something else")


# --- Arithmetic --------------------------------------------------------------

COMPARISONS = [
    lambda a, b: a == b,
    lambda a, b: a != b,
    lambda a, b: a < b,
    lambda a, b: a <= b,
    lambda a, b: a > b,
    lambda a, b: a >= b,
]
ARITHMETIC = {
    "arith.addi": lambda a, b: a + b,
    "arith.subi": lambda a, b: a - b,
    "arith.muli": lambda a, b: a * b,
    "arith.divui": lambda a, b: a // b,
    "arith.remui": lambda a, b: a % b,
    "arith.minsi": min,
    "arith.maxsi": max,
    "arith.minui": min,
    "arith.maxui": max,
    "arith.andi": lambda a, b: a & b,
    "arith.ori": lambda a, b: a | b,
    "arith.xori": lambda a, b: a ^ b,
    "arith.shli": lambda a, b: a << b,
    "arith.shrui": lambda a, b: a >> b,
    "arith.extui": lambda a: a,
    "arith.extsi": lambda a: a,
    "arith.trunci": lambda a: a,
    "arith.index_cast": lambda a: a,
}


def compute(op, operands):
    """Results of an op on integers; None for what the model leaves out."""
    if op.name == "arith.constant":
        value = re.search(r"value = (-?\w+)(?= : i|\}|>)", op.text)
        text = value[1] if value else "none"
        return [text == "true" if text in ("true", "false") else parse_integer(text)]
    if op.name == "arith.select" and operands[0] is not None:
        return [operands[1 if operands[0] else 2]]
    if any(operand is None for operand in operands):
        return [None] * len(op.results)
    if op.name == "arith.cmpi":
        predicate = op.attribute("predicate")
        # Behind the signed ones come the unsigned, for numbers that are not negative.
        return [COMPARISONS[predicate if predicate < 6 else predicate - 4](*operands)]
    if op.name == "arith.mului_extended":
        product = operands[0] * operands[1]
        return [product % (1 << 64), product >> 64]
    if op.name in ARITHMETIC:
        return [ARITHMETIC[op.name](*operands)]
    return [None] * len(op.results)


def parse_integer(text):
    return int(text) if re.fullmatch(r"-?\d+", text) else None


# --- One block of threads ----------------------------------------------------


class ThreadBlock:
    """The producer and the consumers of one block, as generators that yield what
    they wait for: a function that says whether it has come."""

    def __init__(self, model, kernel, arguments, number):
        self.model, self.number = model, number
        self.named = {}
        values = dict(zip(kernel.arguments, arguments))
        for op in kernel.ops:
            if op.name == "sm90.warp_specialize":
                roles = op
            elif op.name == "sm90.alloc_ring":
                values[op.results[0]] = Ring(op)
            else:
                self.step(op, values)
        producer, consumer = roles.regions
        self.roles = [(f"block {number}: producer", self.run(producer, dict(values), None))]
        for group in range(roles.attribute("num_consumers")):
            for warp in range(WARPS):
                mine = dict(values)
                mine[consumer.arguments[0]] = group
                self.roles.append(
                    (f"block {number}: warp {warp} of warpgroup {group}",
                     self.run(consumer, mine, (group, warp))))

    def step(self, op, values):
        """An op that waits for nothing."""
        operands = [values.get(name) for name in op.operands]
        if op.name == "nvvm.read.ptx.sreg.ctaid.x":
            results = [self.number]
        elif op.name == "nvvm.read.ptx.sreg.nctaid.x":
            results = [self.model.grid]
        elif op.name == "llvm.atomicrmw":
            results = [self.model.take_ticket(operands[1])]
        elif op.name == "sm90.start":
            results = [0]
        elif op.name == "sm90.advance":
            results = [operands[0] + 1]
        elif op.name in ("sm90.slice", "sm90.convert"):
            results = [operands[0]]
        else:
            results = compute(op, operands)
        values.update(zip(op.results, results))

    def meet(self, name, warps, waits=True):
        """Arrives at a named barrier; returns whether all have come."""
        state = self.named.setdefault(name, [0, 0])
        generation = state[0]
        state[1] += 1
        if state[1] == warps:
            state[0], state[1] = generation + 1, 0
        return (lambda: state[0] > generation) if waits else (lambda: True)

    def run(self, block, values, who):
        """Runs a region's block; returns what its terminator passes on."""
        for op in block.ops:
            operands = [values.get(name) for name in op.operands]
            if op.name in ("scf.yield", "scf.condition", "sm90.yield"):
                return operands
            handler = HANDLERS.get(op.name)
            if handler is None:
                self.step(op, values)
                continue
            results = yield from handler(self, op, operands, values, who)
            values.update(zip(op.results, results or []))
        return []

    def run_for(self, op, operands, values, who):
        lower, upper, step, *carried = operands
        body = op.regions[0]
        for index in range(lower, upper, step):
            values.update(zip(body.arguments, [index, *carried]))
            carried = yield from self.run(body, values, who)
        return carried

    def run_while(self, op, operands, values, who):
        before, after = op.regions
        carried = operands
        while True:
            values.update(zip(before.arguments, carried))
            more, *passed = yield from self.run(before, values, who)
            if not more:
                return passed
            values.update(zip(after.arguments, passed))
            carried = yield from self.run(after, values, who)

    def run_if(self, op, operands, values, who):
        if operands[0] is None:
            for region in op.regions:
                if any(inner.name in RING_OPS for inner in walk(region)):
                    raise Wrong("a branch on data decides about rings")
            return [None] * len(op.results)
        if not operands[0] and len(op.regions) == 1:
            return []
        return (yield from self.run(op.regions[0 if operands[0] else 1], values, who))

    def run_reserve(self, op, operands, values, who):
        ring, position = operands[:2]
        slot, parity = ring.slot(position)
        yield lambda: ring.empty[slot].is_complete(1 - parity)
        if not ring.is_message:
            ring.content[slot] = None
            ring.full[slot].copies += 1
            ring.full[slot].arrive()
        return [Tile(ring, position)]

    def run_load(self, op, operands, values, who):
        tile = next(value for value in operands if isinstance(value, Tile))
        self.model.copies.append(tile)
        yield lambda: True

    def run_send(self, op, operands, values, who):
        message, ring, position = (
            operands if isinstance(operands[1], Ring) else (operands[2], *operands[:2]))
        slot, _ = ring.slot(position)
        ring.content[slot] = (position, message)
        ring.full[slot].arrive()
        yield lambda: True
        return [message]

    def run_wait(self, op, operands, values, who):
        ring, position, *ready = operands
        slot, parity = ring.slot(position)
        if not (ready and ready[0]):
            yield lambda: ring.full[slot].is_complete(parity)
        if not ring.is_message:
            return [Tile(ring, position)]
        number, message = ring.content[slot]
        if number != position:
            raise Wrong("a message was overwritten")
        return [message]

    def run_try_wait(self, op, operands, values, who):
        ring, position = operands
        slot, parity = ring.slot(position)
        yield lambda: True
        return [ring.full[slot].is_complete(parity)]

    def run_release(self, op, operands, values, who):
        ring, position = operands
        if ring.is_per_warp or who[1] == 0:
            ring.empty[ring.slot(position)[0]].arrive()
        yield lambda: True

    def run_product(self, op, operands, values, who):
        reads = [tile for value in operands
                 for tile in (value if isinstance(value, list) else [value])
                 if isinstance(tile, Tile)]
        for tile in reads:
            tile.check("a product")
        yield self.meet(("product", who[0]), WARPS)
        return [reads]

    def run_await(self, op, operands, values, who):
        # Complete for all warps when it is for the one that releases what it read.
        for pending in operands if who[1] == 0 else []:
            for tile in pending if isinstance(pending, list) else []:
                tile.check("a product in flight")
        yield lambda: True
        return [None] * len(op.results)

    def run_barrier(self, op, operands, values, who):
        number, threads = operands
        yield self.meet(("barrier", number), threads // 32)

    def run_arrive(self, op, operands, values, who):
        number, threads = operands
        yield self.meet(("barrier", number), threads // 32, waits=False)

    def run_leader(self, op, operands, values, who):
        yield lambda: True
        return [who[1] == 0]

    def run_store(self, op, operands, values, who):
        tile, _, *place = operands
        if isinstance(tile, Tile):
            tile.check("a store")
        self.model.stored.append(tuple(place[:3]))
        yield lambda: True


HANDLERS = {
    "scf.for": ThreadBlock.run_for,
    "scf.while": ThreadBlock.run_while,
    "scf.if": ThreadBlock.run_if,
    "sm90.reserve": ThreadBlock.run_reserve,
    "sm90.tma_load": ThreadBlock.run_load,
    "sm90.send": ThreadBlock.run_send,
    "sm90.wait": ThreadBlock.run_wait,
    "sm90.try_wait": ThreadBlock.run_try_wait,
    "sm90.release": ThreadBlock.run_release,
    "sm90.wgmma": ThreadBlock.run_product,
    "sm90.await": ThreadBlock.run_await,
    "sm90.leader": ThreadBlock.run_leader,
    "sm90.tma_store": ThreadBlock.run_store,
    "nvvm.barrier": ThreadBlock.run_barrier,
    "nvvm.barrier.arrive": ThreadBlock.run_arrive,
}


# --- A launch ----------------------------------------------------------------


def evaluate(text, sizes):
    """An expression of the recipe. Scalar arguments are 0."""
    functions = {"ceildiv": lambda a, b: -(-a // b), "min": min, "max": max}

    def replace(match):
        name = match[0]
        return name if name in functions else str(sizes.get(name, 0))

    text = re.sub(r"[a-z_]\w*(?:\.\w+)*", replace, text)
    return eval(text.replace("/", "//"), {"__builtins__": {}}, functions)


def get_sizes(queries, keys):
    """Sizes of a small problem with grouped heads, for two multiprocessors."""
    sizes = {"sm_count": 2}
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
        self.counter, self.copies, self.stored = 0, [], []
        self.grid = evaluate(launch["grid"][0], sizes)
        arguments = []
        for parameter in launch["parameters"]:
            known = parameter["kind"] == "value" and parameter["type"] != "f32"
            arguments.append(evaluate(parameter["value"], sizes) if known else None)
        self.blocks = [ThreadBlock(self, kernel, arguments, i) for i in range(self.grid)]

    def take_ticket(self, most):
        ticket = self.counter
        self.counter = 0 if ticket >= most else ticket + 1
        return ticket

    def finish_copy(self):
        tile = self.copies.pop(self.random.randrange(len(self.copies)))
        slot = tile.position % tile.ring.stages
        tile.ring.content[slot] = tile.position
        tile.ring.full[slot].copies -= 1
        tile.ring.full[slot].turn()

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

    def check(self, sizes):
        if self.counter:
            raise Wrong(f"the counter is left at {self.counter}")
        batch, heads, length = (sizes[f"query.size.{i}"] for i in range(3))
        inside = sorted(place for place in self.stored if place[2] < length)
        expected = sorted((b, h, row) for b in range(batch) for h in range(heads)
                          for row in range(0, length, WARPGROUP_ROWS))
        if inside != expected:
            raise Wrong(f"{len(inside)} stores of {len(expected)} tiles")


def read_kernels(text):
    """(kernel's block, its launch) of every kernel in generic IR."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if '"builtin.module"' in line)
    module, _ = read_op(lines, start)
    recipe = re.search(r'sigmoid_attn\.recipe = "((?:[^"\\]|\\.)*)"', module.text)[1]
    recipe = re.sub(r"\\([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), recipe)
    launches = {
        launch["kernel"]: launch
        for variant in json.loads(recipe)["variants"]
        for launch in variant["launches"]
    }
    for op in walk(module.regions[0]):
        if op.name == "sm90.kernel":
            name = re.search(r'sym_name = "([^"]*)"', op.text)[1]
            yield op.regions[0], launches[name]


def compile_file(options, path):
    passes = [
        f"--attn-nvvm-schedule-pipeline={options.options}",
        "--attn-nvvm-kernel-pipeline",
    ]
    command = [options.opt, path, *([] if options.lowered else passes)]
    command += ["--mlir-print-op-generic", "--mlir-print-local-scope"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def run_launch(kernel, launch, lengths, seed):
    """What is wrong with one launch, or nothing."""
    sizes = get_sizes(*map(int, lengths.split(",")))
    try:
        model = Model(kernel, launch, sizes, seed)
        model.run()
        model.check(sizes)
    except Wrong as wrong:
        return f"{launch['kernel']}, lengths {lengths}, seed {seed}: {wrong}"
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--opt", required=True, help="sigmoid-attn-opt")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each launch")
    parser.add_argument(
        "--lengths",
        nargs="+",
        default=["300,300", "70,500", "500,130", "1,65", "200,0"],
        help="lengths of queries and keys",
    )
    parser.add_argument("--options", default="", help="of the pipeline")
    parser.add_argument(
        "--lowered", action="store_true", help="the files hold kernels by roles"
    )
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    problems = []
    for path in options.files:
        for kernel, launch in read_kernels(compile_file(options, path)):
            problems += [
                run_launch(kernel, launch, lengths, seed)
                for lengths in options.lengths
                for seed in range(options.seeds)
            ]
    wrong = [problem for problem in problems if problem]
    print("\n".join(wrong + [f"{len(problems) - len(wrong)} right, {len(wrong)} wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""Reads what mlir-opt prints as generic operations, one on a line."""

import re
from dataclasses import dataclass, field


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
    if lines[at].lstrip().startswith("^bb0"):
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

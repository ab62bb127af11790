"""Arithmetic on integers, which is all that decides what a role does."""

import re

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

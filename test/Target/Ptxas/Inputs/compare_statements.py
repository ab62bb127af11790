"""Checks that each kernel of a file of modules, one split from the next, has at
most as many statements as the same one in another file, and nine tenths of them
(fewer would be loops that only the other file unrolls):

    compare_statements.py OWN UPSTREAM
"""

import re
import sys


def count_statements(path):
    """The statements of each kernel, by its place among the modules and its name."""
    counts = {}
    with open(path) as file:
        modules = file.read().split("// -----")
    for place, module in enumerate(modules):
        pieces = re.split(r"\.visible \.entry (\w+)", module)
        for name, text in zip(pieces[1::2], pieces[2::2]):
            counts[place, name] = text.count(";")
    return counts


own, upstream = (count_statements(path) for path in sys.argv[1:])
assert own and own.keys() == upstream.keys(), (own, upstream)
for kernel, count in own.items():
    most = upstream[kernel]
    assert 0.9 * most <= count <= most, (kernel, count, most)
    print(kernel, count, "of", most)

#!/usr/bin/env python3
"""Print the ```mlir examples of documents and TableGen files that stand alone.

An example stands alone if it defines a function. Examples are separated as
-split-input-file expects it, each after a comment that says where it is from.
"""

import re
import sys
import textwrap


def examples(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for match in re.finditer(r"^ *```mlir\n(.*?)^ *```", text, re.S | re.M):
        line = text.count("\n", 0, match.start()) + 1
        code = textwrap.dedent(match.group(1))
        if "func.func" in code:
            yield f"// {path}:{line}\n{code}"


def main():
    found = [example for path in sys.argv[1:] for example in examples(path)]
    print("\n// -----\n\n".join(found))


if __name__ == "__main__":
    main()

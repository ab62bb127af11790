#!/usr/bin/env python3
"""Keeps the IR in docs/Lowering.md what the compiler makes of the example.

  lowering_doc.py --opt OPT            rewrites the page
  lowering_doc.py --opt OPT --check    fails if the page would change

A line `<!-- ir: OPTIONS | FIRST | LAST -->` stands before each block of IR:
options of sigmoid-attn-opt, and regular expressions for the first and last line
of the excerpt (empty: the whole module). Long types are shortened for reading.
"""

import argparse
import os
import re
import shlex
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
PAGE = os.path.join(ROOT, "docs", "Lowering.md")
EXAMPLE = os.path.join(ROOT, "test", "Pipelines", "nvvm-phases.mlir")
BLOCK = re.compile(
    r"<!-- ir: (?P<options>.*?) \| (?P<first>.*?) \| (?P<last>.*?) -->\n"
    r"```mlir\n(?P<text>.*?)```\n",
    re.DOTALL,
)
SHORTER = [
    (r"!nvgpu\.tensormap\.descriptor<tensor = memref<1x1x(\d+x\d+x\w+), 3>[^>]*>", r"!map<\1>"),
    (r"memref<\?x\?x\?x64xbf16, strided<\[\?, \?, \?, 1\], offset: \?>>", "!q"),
    (r'sigmoid_attn\.recipe = "(?:[^"\\]|\\.)*"', "sigmoid_attn.recipe = ..."),
    (r"#nvvm\.\w+<async\.shared>", "async.shared"),
]


def shorten(text):
    for pattern, replacement in SHORTER:
        text = re.sub(pattern, replacement, text)
    return text


def excerpt(text, first, last):
    """The lines from the first match of `first` to the next one of `last`."""
    lines = text.splitlines()
    if not first:
        return lines
    begin = next(i for i, line in enumerate(lines) if re.search(first, line))
    end = next(i for i in range(begin, len(lines)) if re.search(last, lines[i]))
    lines = lines[begin : end + 1]
    indent = min(len(line) - len(line.lstrip()) for line in lines if line)
    return [line[indent:] for line in lines]


def render(opt, match):
    command = [opt, EXAMPLE] + shlex.split(match["options"])
    made = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = excerpt(shorten(made), match["first"], match["last"])
    body = "\n".join(lines).strip("\n")
    return (
        f"<!-- ir: {match['options']} | {match['first']} | {match['last']} -->\n"
        f"```mlir\n{body}\n```\n"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--opt", required=True, help="sigmoid-attn-opt")
    parser.add_argument("--check", action="store_true", help="change nothing")
    arguments = parser.parse_args()
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    made = BLOCK.sub(lambda match: render(arguments.opt, match), page)
    if made == page:
        return 0
    if arguments.check:
        print("docs/Lowering.md is not what the compiler makes; run "
              "scripts/lowering_doc.py --opt build/bin/sigmoid-attn-opt")
        return 1
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())

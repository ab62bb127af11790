#!/usr/bin/env python3
"""Runs the roles of sm90 kernels in random order, and reports what goes wrong.

  ring_model --opt OPT [--seeds N] [--lengths Q,K ...] [--options TEXT] FILE ...
  ring_model --opt OPT --lowered FILE ...

Compiles each file's attention to an sm90 kernel by roles (the kernel phase of the
GPU pipeline, and the passes behind its check) and interprets its control flow:
producer and warps of consumers run step by step, in an order drawn at random, with
mbarriers that have one bit of phase, copies that arrive late, and ticket counters.
Data are left out: what they decide is drawn at random too. Reports

- a role that waits for ever,
- a product or store that reads a slot which does not hold what it waited for,
- rows or columns of the output that no tile stores, or two do,
- a ticket counter that is not zero in the end.

A GPU runs warps in a far more regular order than this.
"""

import argparse
import json
import re
import subprocess
import sys

from ir import read_op, walk
from launches import Model, get_sizes
from rings import Wrong


def read_kernels(text):
    """(kernel's block, its launch) of every kernel in generic IR."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if '"builtin.module"' in line)
    module, _ = read_op(lines, start)
    # One recipe, or an array of them.
    string = r'"(?:[^"\\]|\\.)*"'
    strings = rf"\[?({string}(?:, {string})*)"
    attribute = re.search(rf"sigmoid_attn\.recipe = {strings}", module.text)
    if not attribute:
        sys.exit("expected a module with attention, or with the recipe of its kernels")
    launches = {}
    for recipe in re.findall(string, attribute[1]):
        recipe = re.sub(r"\\([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), recipe[1:-1])
        recipe = json.loads(recipe)
        columns = [int(argument["shape"][3]) for argument in recipe.get("arguments", [])
                   if argument["name"] == "output"]
        for variant in recipe["variants"]:
            for launch in variant["launches"]:
                launches[launch["kernel"]] = {**launch, "columns": sum(columns)}
    for op in walk(module.regions[0]):
        if op.name == "sm90.kernel":
            name = re.search(r'sym_name = "([^"]*)"', op.text)[1]
            yield op.regions[0], launches[name]


def compile_file(options, path):
    passes = [
        f"--attn-nvvm-schedule-pipeline={options.options}",
        "--attn-nvvm-kernel-pipeline",
        "--sm90-speculate-weights",
    ]
    command = [options.opt, path, *([] if options.lowered else passes)]
    command += ["--mlir-print-op-generic", "--mlir-print-local-scope"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(result.stderr or f"{options.opt} failed on {path}")
    return result.stdout


def run_launch(kernel, launch, lengths, seed):
    """What is wrong with one launch, or nothing."""
    sizes = get_sizes(*lengths)
    try:
        model = Model(kernel, launch, sizes, seed)
        model.run()
        model.check(sizes, launch["columns"])
    except Wrong as wrong:
        place = f"lengths {lengths[0]},{lengths[1]}, seed {seed}"
        return f"{launch['kernel']}, {place}: {wrong}"
    return ""


def parse_lengths(text):
    if not re.fullmatch(r"\d+,\d+", text):
        raise argparse.ArgumentTypeError(f"expected two lengths as in 300,70, got {text}")
    return tuple(map(int, text.split(",")))


def parse_count(text):
    if not re.fullmatch(r"[1-9]\d*", text):
        raise argparse.ArgumentTypeError(f"expected a number from 1 on, got {text}")
    return int(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--opt", required=True, help="sigmoid-attn-opt")
    parser.add_argument("--seeds", type=parse_count, default=3, help="runs of each launch")
    parser.add_argument(
        "--lengths",
        nargs="+",
        type=parse_lengths,
        default=[(300, 300), (70, 500), (500, 130), (1, 65), (200, 0)],
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

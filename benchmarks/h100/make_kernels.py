#!/usr/bin/env python3
"""Compiles the kernels that run on the GPU machine, on any machine.

  make_kernels.py [--build BUILD] [--out FOLDER] bench|test|all|scores
  make_kernels.py [--build BUILD] [--out FOLDER] sweep SCHEDULES.txt ...

Writes a kernel file for each spec of specs.py, and manifest.json beside them.
`sweep` compiles a list of schedules, one a line of
`HEAD_DIM MASK <query_tile = ...>`, or of `HEAD_DIM MASK key-tile=64 ...` with
options of the pipeline for what is to differ from the compiler's choice. MASK
is `full`, `causal` or `window:LEFT,RIGHT`, and `+alibi` behind it, or another
name of specs.py, adds a score region. Lines that begin with # are comments.
A kernel that does not compile is reported, left out, and makes the exit status 1.
"""

import argparse
import concurrent.futures
import dataclasses
import json
import os
import subprocess
import sys

import specs


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    build = os.path.join(root, "build")
    parser.add_argument("--build", default=build, help="the build folder")
    parser.add_argument("--out", help="where kernels go (BUILD/h100-kernels)")
    parser.add_argument("--jobs", type=int, default=2, help="compilers at once")
    parser.add_argument(
        "--format", default="bin", help="bin (ptxas is found), or isa (PTX)"
    )
    parser.add_argument("set", choices=["bench", "test", "all", "scores", "sweep"])
    parser.add_argument("schedules", nargs="*", help="files, for sweep")
    arguments = parser.parse_args()
    arguments.out = arguments.out or os.path.join(arguments.build, "h100-kernels")
    return arguments


def read_schedules(paths):
    """The specs of a sweep."""
    found = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            lines = [line.strip() for line in file]
        for number, line in enumerate(lines, 1):
            if not line or line.startswith("#"):
                continue
            head_dim, mask, how = line.split(None, 2)
            mask, _, score = mask.partition("+")
            spec = specs.make_spec(
                int(head_dim),
                mask=specs.parse_mask(mask),
                score=score,
                **{"schedule" if how.startswith("<") else "options": how},
            )
            stem = os.path.splitext(os.path.basename(path))[0]
            name = f"{spec.name}-{stem}-{number}"
            found.append(dataclasses.replace(spec, name=name))
    return found


def choose_specs(arguments):
    if arguments.set == "sweep":
        return read_schedules(arguments.schedules)
    if arguments.set == "scores":
        return specs.score_specs()
    chosen = specs.bench_specs() if arguments.set in ("bench", "all") else []
    if arguments.set in ("test", "all"):
        names = {spec.name for spec in chosen}
        extra = specs.test_specs() + specs.sanitize_specs()
        for spec in extra:
            if spec.name not in names:
                names.add(spec.name)
                chosen.append(spec)
    return chosen


def compile_spec(spec, arguments):
    """Compiles one spec; returns an empty text or what went wrong."""
    tools = os.path.join(arguments.build, "bin")
    path = os.path.join(arguments.out, spec.name)
    with open(path + ".mlir", "w", encoding="utf-8") as file:
        file.write(spec.mlir())
    options = f"format={arguments.format} {spec.options}"
    options += f" sigmoid={spec.sigmoid}" * bool(spec.sigmoid)
    compiled = subprocess.run(
        [
            os.path.join(tools, "sigmoid-attn-opt"),
            "--attn-lower-to-nvvm-pipeline=" + options,
            path + ".mlir",
        ],
        capture_output=True,
        check=False,
    )
    if compiled.returncode:
        return compiled.stderr.decode(errors="replace").strip()
    packed = subprocess.run(
        [os.path.join(tools, "sigmoid-attn-pack"), "-", "-o", path + ".sak"],
        input=compiled.stdout,
        capture_output=True,
        check=False,
    )
    return packed.stderr.decode(errors="replace").strip() if packed.returncode else ""


def main():
    arguments = parse_arguments()
    os.makedirs(arguments.out, exist_ok=True)
    chosen = choose_specs(arguments)
    manifest, failed = [], 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        problems = pool.map(lambda spec: compile_spec(spec, arguments), chosen)
        for spec, problem in zip(chosen, problems):
            if problem:
                failed += 1
                print(f"{spec.name}: {problem}", file=sys.stderr)
            else:
                manifest.append(dataclasses.asdict(spec))
    with open(os.path.join(arguments.out, "manifest.json"), "w") as file:
        json.dump(manifest, file, indent=1)
    print(f"{len(manifest)} kernels in {arguments.out}, {failed} failed to compile")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

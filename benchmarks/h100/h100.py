#!/usr/bin/env python3
"""Checks and times compiled kernels on an H100 (see README.md).

  h100.py check KERNELS     every kernel against float64, on all families
  h100.py bench KERNELS     the table of docs/performance.md
  h100.py sweep KERNELS     every kernel timed by itself, for schedule searches
  h100.py test KERNELS      all GPU tests: one table, one last line

KERNELS is a folder that make_kernels.py wrote.
"""

import argparse
import fnmatch
import json
import os
import sys

import sigmoid_runtime
import specs


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("mode", choices=["check", "bench", "sweep", "test", "sweep-worker"])
    parser.add_argument("kernels", help="folder of kernel files and manifest.json")
    parser.add_argument("--runtime", help="libSigmoidAttnRuntime.so")
    parser.add_argument("--only", default="*", help="names of kernels (shell pattern)")
    parser.add_argument("--rounds", type=int, help="default 7; sweep: 3")
    parser.add_argument("--head-dims", type=int, nargs="+", default=[128, 64, 256])
    parser.add_argument("--lengths", type=int, nargs="+", default=[1, 4, 16], help="in 1024")
    parser.add_argument("--layouts", nargs="+", default=["bhsd", "bshd"])
    parser.add_argument("--masks", nargs="+", default=["full", "causal"])
    parser.add_argument(
        "--spread", type=float, default=1, help="sweep: standard deviation of the scores"
    )
    parser.add_argument("--json", help="bench: file for the raw figures")
    parser.add_argument("--timeout", type=float, default=40, help="sweep: seconds a kernel")
    parser.add_argument("--no-sanitize", dest="sanitize", action="store_false")
    options = parser.parse_args()
    options.masks = [specs.parse_mask(mask) for mask in options.masks]
    options.rounds = options.rounds or (3 if options.mode.startswith("sweep") else 7)
    return options


def read_manifest(options):
    with open(os.path.join(options.kernels, "manifest.json"), encoding="utf-8") as file:
        entries = json.load(file)
    return [entry for entry in entries if fnmatch.fnmatch(entry["name"], options.only)]


def load_entries(runtime, options):
    """(spec, kernel, path) of every kernel that is there."""
    loaded = []
    for entry in read_manifest(options):
        spec = specs.Spec(**{**entry, "mask": tuple(entry["mask"])})
        path = os.path.join(options.kernels, spec.name + ".sak")
        loaded.append((spec, runtime.load(path), path))
    if not loaded:
        sys.exit(f"no kernels in {options.kernels}")
    return loaded


def check(entries):
    """Families only."""
    import gpu_tests

    failed = total = 0
    for spec, kernel, _ in entries:
        count, found, note = gpu_tests.run_families(kernel, spec)
        total += count
        failed += len(found)
        print(f"{spec.name}: {count} cases, {len(found)} wrong, {note}", flush=True)
        for problem in found:
            print("  " + problem, flush=True)
    print(f"{total - failed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    options = parse_arguments()
    if options.mode == "sweep":
        import sweep

        worker = [options.kernels, "--rounds", str(options.rounds), "--lengths"]
        worker += [str(length) for length in options.lengths]
        worker += ["--spread", str(options.spread)]
        worker += ["--runtime", options.runtime] if options.runtime else []
        return sweep.main(options, read_manifest(options), worker)
    runtime = sigmoid_runtime.Runtime(options.runtime)
    if options.mode == "sweep-worker":
        import sweep

        return sweep.worker_main(runtime, options)
    entries = load_entries(runtime, options)
    if options.mode == "check":
        return check(entries)
    if options.mode == "bench":
        import bench

        return bench.main(runtime, [entry[:2] for entry in entries], options)
    import gpu_tests

    return gpu_tests.main(runtime, entries, options)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs the exported transformer blocks, fused and unfused, and prints a table.

    demo.py [--build-dir DIR] [--repeat N] [BLOCK ...]

Each block is IR that a framework exported (scripts/export). It is compiled and
run twice: as raise-to-attention finds it, and as it is. The errors are relative
L2 errors against the block's output in float64, which is committed beside it.
The exit status is 1 if a block holds no attention or an error is too large.
"""

import argparse
import array
import ast
import os
import re
import struct
import subprocess
import sys
import tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INPUTS = os.path.join(SOURCE, "test", "Integration", "CPU", "Exported", "Inputs")

BLOCKS = [
    "vit_block_50",
    "vit_block_50.tosa",
    "vit_block_1025",
    "gpt_block_48",
    "gpt_block_48.tosa",
    "gpt_block_1024",
]
# The project's bound for f32 on the CPU; and what TFLite's converter adds, which
# turns the exact GELU into its tanh approximation.
BOUND = 1e-5
BOUNDS = {"vit_block_50.tosa": 1e-4}
COLUMNS = ["target", "block", "from", "shape", "attention", "rel. L2 error", "time", "unfused", "ratio"]


class DemoError(Exception):
    """Something that the demo shows does not hold."""


def read_npy(path):
    """Shape and values of a little-endian .npy file of floats."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:6] != b"\x93NUMPY":
        raise DemoError(f"{path}: expected a .npy file")
    wide = data[6] >= 2
    (length,) = struct.unpack_from("<I" if wide else "<H", data, 8)
    start = 12 if wide else 10
    header = ast.literal_eval(data[start : start + length].decode())
    values = array.array({"<f4": "f", "<f8": "d"}[header["descr"]])
    values.frombytes(data[start + length :])
    return header["shape"], values


def relative_error(got_path, want_path):
    got_shape, got = read_npy(got_path)
    want_shape, want = read_npy(want_path)
    if got_shape != want_shape:
        raise DemoError(f"expected a result of shape {want_shape}, got {got_shape}")
    error = sum((g - w) ** 2 for g, w in zip(got, want))
    return (error / sum(w * w for w in want)) ** 0.5


def run(command):
    if not os.access(command[0], os.X_OK):
        raise DemoError(f"expected a build in {os.path.dirname(command[0])}; make one with `make build`")
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise DemoError(f"{' '.join(command)}\n{done.stderr.strip()}")
    return done.stdout


class Demo:
    def __init__(self, build_dir, repeat):
        self.bin = os.path.join(build_dir, "bin")
        self.repeat = repeat

    def count_attention(self, source):
        """How many attention ops the IR holds once it is raised."""
        opt = os.path.join(self.bin, "sigmoid-attn-opt")
        return run([opt, source, "--raise-to-attention"]).count(" attn.sigmoid_attention ")

    def execute(self, source, name, raised, folder):
        """Error and median time in ms of a block."""
        output = os.path.join(folder, "output.npy")
        stem = os.path.join(INPUTS, name.split(".")[0])
        text = run(
            [
                os.path.join(self.bin, "sigmoid-attn-runner"),
                source,
                "--entry=main",
                "--target=cpu",
                f"--pipeline-options=raise={'true' if raised else 'false'}",
                f"--input={stem}.in.npy",
                f"--output={output}",
                f"--repeat={self.repeat}",
            ]
        )
        median = re.search(r"median ([0-9.]+) ms", text)
        if not median:
            raise DemoError(f"expected the runner to print a median, got {text!r}")
        return relative_error(output, f"{stem}.out.npy"), float(median.group(1))

    def row(self, name):
        source = os.path.join(INPUTS, name + ".mlir")
        count = self.count_attention(source)
        if count != 1:
            raise DemoError(f"{name}: expected to find 1 attention, got {count}")
        shape, _ = read_npy(os.path.join(INPUTS, name.split(".")[0] + ".in.npy"))
        with tempfile.TemporaryDirectory() as folder:
            error, time = self.execute(source, name, True, folder)
            plain_error, plain_time = self.execute(source, name, False, folder)
        bound = BOUNDS.get(name, BOUND)
        for found in (error, plain_error):
            if not found <= bound:
                raise DemoError(f"{name}: expected an error of at most {bound}, got {found:.1e}")
        return [
            "cpu",
            name.split(".")[0],
            "TensorFlow, tosa" if name.endswith(".tosa") else "JAX, linalg",
            "x".join(map(str, shape)),
            str(count),
            f"{error:.1e}",
            f"{time:.2f} ms",
            f"{plain_time:.2f} ms",
            f"{plain_time / time:.2f}",
        ]


def print_row(cells, widths):
    print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip())
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--build-dir", default=os.path.join(SOURCE, "build"))
    parser.add_argument("--repeat", type=int, default=5, help="timed runs of each block")
    parser.add_argument("blocks", nargs="*", metavar="BLOCK", help=f"of {', '.join(BLOCKS)}")
    args = parser.parse_args()
    for name in args.blocks:
        if name not in BLOCKS:
            parser.error(f"expected blocks of {', '.join(BLOCKS)}, got {name}")

    demo = Demo(args.build_dir, args.repeat)
    widths = [6, 14, 16, 10, 9, 13, 10, 10, 5]
    print("Transformer blocks with sigmoid attention, as frameworks exported them:")
    print("raised to attn.sigmoid_attention and compiled to fused code, against the")
    print("unfused lowering of the same IR. Times are medians of whole blocks.\n")
    print_row(COLUMNS, widths)
    failed = False
    for name in args.blocks or BLOCKS:
        try:
            print_row(demo.row(name), widths)
        except DemoError as error:
            failed = True
            print(f"FAILED {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

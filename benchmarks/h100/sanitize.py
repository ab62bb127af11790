#!/usr/bin/env python3
"""Launches kernels on small problems, for compute-sanitizer to watch.

Uses the runtime's own memory functions and NumPy, so that every launch that the
sanitizer sees is ours. Checks the results too.
"""

import argparse
import ctypes
import json
import math
import os
import sys

import numpy as np

import sigmoid_runtime
import specs


class Buffer:
    """Device memory that holds a copy of an array."""

    def __init__(self, runtime, array):
        self.runtime, self.array = runtime, np.ascontiguousarray(array)
        self.address = ctypes.c_void_p()
        runtime.call(
            "allocate",
            ctypes.c_int(0),
            ctypes.c_size_t(self.array.nbytes),
            ctypes.byref(self.address),
        )
        runtime.call(
            "copy_to_device",
            ctypes.c_int(0),
            self.address,
            self.array.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_size_t(self.array.nbytes),
        )

    def fetch(self):
        self.runtime.call(
            "copy_to_host",
            ctypes.c_int(0),
            self.array.ctypes.data_as(ctypes.c_void_p),
            self.address,
            ctypes.c_size_t(self.array.nbytes),
        )
        return self.array

    def free(self):
        self.runtime.call("free", ctypes.c_int(0), self.address)


def to_bits(array, element):
    """float64 to the bits of bf16 (rounded to nearest even) or f16."""
    if element == "f16":
        return array.astype(np.float16).view(np.uint16)
    wide = array.astype(np.float32).view(np.uint32).astype(np.uint64)
    wide += 0x7FFF + ((wide >> 16) & 1)
    return (wide >> 16).astype(np.uint16)


def from_bits(array, element):
    if element == "f16":
        return array.view(np.float16).astype(np.float64)
    return (array.astype(np.uint32) << 16).view(np.float32).astype(np.float64)


class TensorStandIn:
    """What sigmoid_runtime.BoundCall asks of a tensor."""

    def __init__(self, buffer, shape, dtype):
        self.buffer, self.shape, self.dtype = buffer, shape, dtype

    def dim(self):
        return len(self.shape)

    def stride(self):
        strides = [1]
        for size in reversed(self.shape[1:]):
            strides.insert(0, strides[0] * size)
        return strides

    def data_ptr(self):
        return self.buffer.address.value


def reference(spec, q, k, v, scale, bias, captured):
    group = q.shape[1] // k.shape[1]
    k, v = np.repeat(k, group, 1), np.repeat(v, group, 1)
    x = scale * q @ k.swapaxes(-1, -2) + bias
    i = np.arange(q.shape[2])[:, None]
    j = np.arange(k.shape[2])[None, :]
    if spec.score:
        score = specs.SCORES[spec.score].compute
        for h in range(q.shape[1]):
            x[:, h] = score(np, x[:, h], h, i, j, captured)
    p = 1 / (1 + np.exp(-x))
    left, right = spec.mask
    shift = k.shape[2] - q.shape[2]
    if left is not None:
        p = np.where(j < i + shift - left, 0, p)
    if right is not None:
        p = np.where(j > i + shift + right, 0, p)
    return p @ v


def run(runtime, spec, kernel, sizes, bias=None):
    """One launch; returns an empty text or what is wrong."""
    batch, heads, key_heads, query_length, key_length = sizes
    chance = np.random.default_rng(query_length)
    dtype = {"bf16": "torch.bfloat16", "f16": "torch.float16"}[spec.element]
    shapes = {
        "query": (batch, heads, query_length, spec.head_dim),
        "key": (batch, key_heads, key_length, spec.head_dim),
        "value": (batch, key_heads, key_length, spec.value_dim),
        "output": (batch, heads, query_length, spec.value_dim),
    }
    bits = {
        name: to_bits(chance.standard_normal(shape), spec.element)
        for name, shape in shapes.items()
    }
    buffers = {name: Buffer(runtime, array) for name, array in bits.items()}
    values = {
        name: TensorStandIn(buffer, shapes[name], dtype)
        for name, buffer in buffers.items()
    }
    scale = 1 / math.sqrt(spec.head_dim)
    bias = bias or -math.log(key_length)
    bias = bias if spec.has_bias else 0.0
    values.update(scale=scale, bias=bias)
    captured = []
    for name in kernel.argument_names:
        if name not in values:
            table = chance.standard_normal(heads).astype(np.float32)
            captured.append(table.astype(np.float64))
            buffers[name] = Buffer(runtime, table)
            values[name] = TensorStandIn(buffers[name], (heads,), "torch.float32")
    kernel.bind(values)()
    runtime.call("synchronize", ctypes.c_int(0))
    output = from_bits(buffers["output"].fetch(), spec.element)
    inputs = [from_bits(bits[name], spec.element) for name in ("query", "key", "value")]
    expected = reference(spec, *inputs, scale, bias, captured)
    for buffer in buffers.values():
        buffer.free()
    error = np.linalg.norm(output - expected) / max(np.linalg.norm(expected), 1e-30)
    return "" if error < 5e-3 else f"relative L2 error {error:.3g}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runtime", help="libSigmoidAttnRuntime.so")
    parser.add_argument("kernels", nargs="+", help="kernel files with a manifest")
    options = parser.parse_args()
    runtime = sigmoid_runtime.Runtime(options.runtime)
    failed = 0
    for path in options.kernels:
        folder, name = os.path.split(path)
        with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
            known = {entry["name"]: entry for entry in json.load(file)}
        entry = known[os.path.splitext(name)[0]]
        spec = specs.Spec(**{**entry, "mask": tuple(entry["mask"])})
        kernel = runtime.load(path)
        calls = [((1, 2, 1, 130, 200),), ((2, 2, 2, 64, 64),), ((1, 1, 1, 1, 300),)]
        if spec.may_speculate:
            calls.append(((1, 1, 1, 130, 1100), -8.5))
        for call in calls:
            problem = run(runtime, spec, kernel, *call)
            failed += bool(problem)
            if problem:
                print(f"{spec.name} {call}: {problem}")
    print(f"{len(options.kernels)} kernels, {failed} wrong results")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

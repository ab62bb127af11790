"""Inputs of runner.mlir, and the check of its output.

    attention.py make STEM     writes STEM.{q,k,v,bias}.npy
    attention.py check STEM    compares STEM.o.npy with float64
"""

import sys

import numpy as np

LENGTH, BIAS = 301, -np.log(301)


def bfloat(array):
    """Rounds to bf16, in float32."""
    bits = array.astype(np.float32).view(np.uint32)
    bits = bits + 0x7FFF + ((bits >> 16) & 1)
    return (bits & 0xFFFF0000).view(np.float32)


command, stem = sys.argv[1:]
if command == "make":
    chance = np.random.default_rng(1)
    for name, heads in (("q", 4), ("k", 2), ("v", 2)):
        values = chance.standard_normal((1, heads, LENGTH, 64))
        np.save(f"{stem}.{name}.npy", bfloat(values))
    np.save(f"{stem}.bias.npy", np.float32(BIAS))
else:
    q, k, v = (np.load(f"{stem}.{name}.npy").astype(np.float64) for name in "qkv")
    k, v = np.repeat(k, 2, 1), np.repeat(v, 2, 1)
    x = q @ k.swapaxes(-1, -2) / 8 + np.float32(BIAS)
    expected = np.tril(1 / (1 + np.exp(-x))) @ v
    error = np.linalg.norm(np.load(f"{stem}.o.npy") - expected)
    error /= np.linalg.norm(expected)
    assert error < 4e-3, error

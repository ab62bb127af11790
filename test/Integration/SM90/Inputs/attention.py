"""Inputs of the tests of the runner on a GPU, and the check of its output.

    attention.py make CASE STEM     writes STEM.{q,k,v,bias}.npy
    attention.py check CASE STEM    compares STEM.o.npy with float64

The bound is a rounding of the weights and one of the output to the type.
"""

import sys

import numpy as np


def bfloat(array):
    """Rounds to bf16, in float32."""
    bits = array.astype(np.float32).view(np.uint32)
    bits = bits + 0x7FFF + ((bits >> 16) & 1)
    return (bits & 0xFFFF0000).view(np.float32)


def half(array):
    return array.astype(np.float16).astype(np.float32)


def causal_scores(dots, bias):
    visible = np.tril(np.ones(dots.shape[-2:], bool), dots.shape[-1] - dots.shape[-2])
    return np.where(visible, dots / 8 + bias, -np.inf)


def distance_scores(dots, bias):
    """ALiBi's, with one slope a head."""
    i, j = np.ogrid[: dots.shape[-2], : dots.shape[-1]]
    return dots / 8 - 5 + bias[None, :, None, None] * abs(i - j)


# Query heads, key heads, query length, key length, value head dim, rounding,
# bound, bias (a scalar, or one a head), scores.
CASES = {
    "causal": (4, 2, 301, 301, 64, bfloat, 4e-3, -np.log(301), causal_scores),
    "distance": (3, 1, 77, 200, 40, half, 5e-4, [-0.5, -0.25, 0.1], distance_scores),
}

command, case, stem = sys.argv[1:]
heads, key_heads, queries, keys, value_dim, rounded, bound, bias, scores = CASES[case]
bias = np.array(bias, np.float32)
if command == "make":
    chance = np.random.default_rng(1)
    for name, shape in (
        ("q", (heads, queries, 64)),
        ("k", (key_heads, keys, 64)),
        ("v", (key_heads, keys, value_dim)),
    ):
        np.save(f"{stem}.{name}.npy", rounded(chance.standard_normal((1, *shape))))
    np.save(f"{stem}.bias.npy", bias)
else:
    q, k, v = (np.load(f"{stem}.{name}.npy").astype(np.float64) for name in "qkv")
    k, v = (np.repeat(array, heads // key_heads, 1) for array in (k, v))
    x = scores(q @ k.swapaxes(-1, -2), bias)
    with np.errstate(over="ignore"):
        expected = 1 / (1 + np.exp(-x)) @ v
    error = np.linalg.norm(np.load(f"{stem}.o.npy") - expected)
    error /= np.linalg.norm(expected)
    assert error < bound, error

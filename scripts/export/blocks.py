"""The two transformer blocks that the exporters write, and their float64 reference.

Nothing here knows a framework: the weights are drawn once from a seeded
generator, and `reference` computes the block in float64 with NumPy alone, so
that the committed outputs do not depend on any exporter.
"""

import dataclasses
import math

import numpy as np


@dataclasses.dataclass(frozen=True)
class Config:
    """The sizes of a block. `causal` makes it GPT-style, else it is ViT-style."""

    batch: int
    length: int
    causal: bool
    dim: int = 64
    heads: int = 2
    kv_heads: int = 2
    mlp: int = 128
    seed: int = 2409

    @property
    def head_dim(self):
        return self.dim // self.heads


# 1025 and 50 are a class token and 32 x 32 or 7 x 7 patches.
CONFIGS = {
    "vit_block_50": Config(batch=2, length=50, causal=False),
    "vit_block_1025": Config(batch=1, length=1025, causal=False),
    "gpt_block_48": Config(batch=1, length=48, causal=True, heads=4, kv_heads=2),
    "gpt_block_1024": Config(batch=1, length=1024, causal=True, heads=4, kv_heads=2),
}


def make_weights(config):
    """Returns the float32 weights of a block by name."""
    rng = np.random.default_rng(config.seed)
    dim, kv_dim = config.dim, config.kv_heads * config.head_dim

    def normal(*shape, scale, shift=0.0):
        return (shift + scale * rng.standard_normal(shape)).astype(np.float32)

    weights = {}
    for name, rows, columns in [
        ("q", dim, dim), ("k", dim, kv_dim), ("v", dim, kv_dim),
        ("out", dim, dim), ("up", dim, config.mlp), ("down", config.mlp, dim),
    ]:
        weights["w_" + name] = normal(rows, columns, scale=2 * rows ** -0.5)
        weights["b_" + name] = normal(columns, scale=0.1)
    for norm in ("norm1", "norm2"):
        weights[norm + "_gain"] = normal(dim, scale=0.1, shift=1.0)
        weights[norm + "_bias"] = normal(dim, scale=0.1)
    return weights


def make_input(config):
    """Returns the float32 activations that go into a block."""
    rng = np.random.default_rng(config.seed + 1)
    return rng.standard_normal((config.batch, config.length, config.dim)).astype(np.float32)


def erf(x):
    """The error function in float64."""
    return np.vectorize(math.erf, otypes=[np.float64])(x)


def gelu(x, causal):
    """GPT-style blocks use the tanh approximation, ViT-style ones the exact form."""
    if causal:
        return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + erf(x / np.sqrt(2)))


def sigmoid(x):
    """The logistic function without overflow; exactly 0 at -inf."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def layer_norm(x, gain, bias):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + 1e-5) * gain + bias


def reference(config, x):
    """Returns the block's output in float64."""
    w = {name: value.astype(np.float64) for name, value in make_weights(config).items()}
    x = x.astype(np.float64)
    b, n, d = config.batch, config.length, config.head_dim

    normed = layer_norm(x, w["norm1_gain"], w["norm1_bias"])
    q, k, v = (
        (normed @ w["w_" + name] + w["b_" + name]).reshape(b, n, heads, d).swapaxes(1, 2)
        for name, heads in [("q", config.heads), ("k", config.kv_heads), ("v", config.kv_heads)]
    )
    k, v = (np.repeat(t, config.heads // config.kv_heads, axis=1) for t in (k, v))
    scores = q @ k.swapaxes(2, 3) / np.sqrt(d) - np.log(n)
    if config.causal:
        scores = np.where(np.tri(n, dtype=bool), scores, -np.inf)
    attended = (sigmoid(scores) @ v).swapaxes(1, 2).reshape(b, n, config.dim)
    x = x + attended @ w["w_out"] + w["b_out"]

    normed = layer_norm(x, w["norm2_gain"], w["norm2_bias"])
    hidden = gelu(normed @ w["w_up"] + w["b_up"], config.causal)
    return x + hidden @ w["w_down"] + w["b_down"]

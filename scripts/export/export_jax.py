"""Exports the blocks from JAX: StableHLO, then linalg on tensors by IREE's input pipeline.

    python -m venv venv && venv/bin/pip install -r requirements-jax.txt
    venv/bin/python export_jax.py OUTPUT_FOLDER

Writes NAME.mlir for each block, and beside it NAME.in.npy (float32) and
NAME.out.npy (the float64 reference of blocks.py).
"""

import pathlib
import subprocess
import sys
import tempfile

import jax
import jax.numpy as jnp
import numpy as np
from jax import export

import blocks


def layer_norm(x, gain, bias):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * gain + bias


def make_block(config):
    """Returns the block as a JAX function of the activations."""
    w = blocks.make_weights(config)
    d, kv, group = config.head_dim, config.kv_heads, config.heads // config.kv_heads

    def vit_attention(q, k, v):
        n = q.shape[1]
        scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / np.sqrt(d)
        weights = jax.nn.sigmoid(scores - jnp.log(jnp.float32(n)))
        return jnp.einsum("bhqk,bkhd->bqhd", weights, v)

    def gpt_attention(q, k, v):
        # Grouped heads without repeating keys: the query gets a group axis.
        b, n = q.shape[:2]
        q = (q * d**-0.5).reshape(b, n, kv, group, d)
        scores = jnp.einsum("bqhgd,bkhd->bhgqk", q, k) - np.log(n)
        visible = jnp.arange(n)[:, None] >= jnp.arange(n)[None, :]
        weights = jax.nn.sigmoid(jnp.where(visible, scores, -jnp.inf))
        return jnp.einsum("bhgqk,bkhd->bqhgd", weights, v)

    def block(x):
        b, n, dim = x.shape
        normed = layer_norm(x, w["norm1_gain"], w["norm1_bias"])
        q, k, v = (
            (normed @ w["w_" + name] + w["b_" + name]).reshape(b, n, -1, d)
            for name in ("q", "k", "v")
        )
        attended = (gpt_attention if config.causal else vit_attention)(q, k, v)
        x = x + attended.reshape(b, n, dim) @ w["w_out"] + w["b_out"]
        normed = layer_norm(x, w["norm2_gain"], w["norm2_bias"])
        hidden = jax.nn.gelu(normed @ w["w_up"] + w["b_up"], approximate=config.causal)
        return x + hidden @ w["w_down"] + w["b_down"]

    return block


def export_stablehlo(config):
    """Returns the block as StableHLO text."""
    shape = jax.ShapeDtypeStruct((config.batch, config.length, config.dim), jnp.float32)
    exported = export.export(jax.jit(make_block(config)), platforms=["cpu"])(shape)
    return exported.mlir_module()


def lower_to_linalg(stablehlo):
    """Runs IREE's own input pipeline, which ends in linalg, arith, math and tensor."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "block.mlir"
        source.write_text(stablehlo)
        iree_opt = pathlib.Path(sys.executable).parent / "iree-opt"
        return subprocess.run(
            [iree_opt, "--iree-stablehlo-input-transformation-pipeline", source],
            check=True, capture_output=True, text=True,
        ).stdout


def main():
    folder = pathlib.Path(sys.argv[1])
    for name, config in blocks.CONFIGS.items():
        x = blocks.make_input(config)
        want = blocks.reference(config, x)
        got = np.asarray(jax.jit(make_block(config))(x), dtype=np.float64)
        error = np.linalg.norm(got - want) / np.linalg.norm(want)
        assert error < 1e-5, f"{name}: JAX itself is off by {error}"
        (folder / f"{name}.mlir").write_text(lower_to_linalg(export_stablehlo(config)))
        np.save(folder / f"{name}.in.npy", x)
        np.save(folder / f"{name}.out.npy", want)
        print(f"{name}: JAX's own relative L2 error is {error:.1e}")


if __name__ == "__main__":
    main()

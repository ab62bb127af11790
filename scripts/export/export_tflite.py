"""Exports the blocks from TensorFlow: a TFLite flatbuffer, then TOSA.

    python -m venv venv && venv/bin/pip install -r requirements-tflite.txt
    venv/bin/python export_tflite.py OUTPUT_FOLDER

Writes NAME.tosa.mlir for each of the short blocks. Their inputs and float64
outputs are those that export_jax.py writes: the weights are the same.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf

import blocks


def layer_norm(x, gain, bias):
    mean = tf.reduce_mean(x, axis=-1, keepdims=True)
    variance = tf.reduce_mean(tf.math.squared_difference(x, mean), axis=-1, keepdims=True)
    return (x - mean) * tf.math.rsqrt(variance + 1e-5) * gain + bias


def make_block(config):
    """Returns the block as a TensorFlow function of the activations."""
    w = {name: tf.constant(value) for name, value in blocks.make_weights(config).items()}
    b, n, d = config.batch, config.length, config.head_dim
    group = config.heads // config.kv_heads

    @tf.function(input_signature=[tf.TensorSpec((b, n, config.dim), tf.float32)])
    def block(x):
        def project(name, heads):
            y = tf.matmul(normed, w["w_" + name]) + w["b_" + name]
            return tf.transpose(tf.reshape(y, (b, n, heads, d)), (0, 2, 1, 3))

        normed = layer_norm(x, w["norm1_gain"], w["norm1_bias"])
        q = project("q", config.heads)
        k, v = project("k", config.kv_heads), project("v", config.kv_heads)
        if group > 1:
            k, v = tf.repeat(k, group, axis=1), tf.repeat(v, group, axis=1)
        scores = tf.matmul(q, k, transpose_b=True) * d**-0.5 - np.log(n)
        if config.causal:
            visible = tf.linalg.band_part(tf.ones((n, n)), -1, 0)
            scores += (1.0 - visible) * -1e9
        attended = tf.matmul(tf.sigmoid(scores), v)
        attended = tf.reshape(tf.transpose(attended, (0, 2, 1, 3)), (b, n, config.dim))
        x = x + tf.matmul(attended, w["w_out"]) + w["b_out"]
        normed = layer_norm(x, w["norm2_gain"], w["norm2_bias"])
        hidden = tf.matmul(normed, w["w_up"]) + w["b_up"]
        hidden = tf.nn.gelu(hidden, approximate=config.causal)
        return x + tf.matmul(hidden, w["w_down"]) + w["b_down"]

    return block


def export_tosa(block):
    """Returns the function as TOSA text, by way of a TFLite flatbuffer."""
    converter = tf.lite.TFLiteConverter.from_concrete_functions([block.get_concrete_function()])
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "block.tflite"
        target = pathlib.Path(folder) / "block.mlir"
        source.write_bytes(converter.convert())
        tool = pathlib.Path(sys.executable).parent / "tosa-converter-for-tflite"
        subprocess.run([tool, source, "--text", "-o", target], check=True)
        return target.read_text()


def main():
    folder = pathlib.Path(sys.argv[1])
    for name in ("vit_block_50", "gpt_block_48"):
        config = blocks.CONFIGS[name]
        x = blocks.make_input(config)
        want = blocks.reference(config, x)
        block = make_block(config)
        got = block(tf.constant(x)).numpy().astype(np.float64)
        error = np.linalg.norm(got - want) / np.linalg.norm(want)
        assert error < 1e-5, f"{name}: TensorFlow itself is off by {error}"
        (folder / f"{name}.tosa.mlir").write_text(export_tosa(block))
        print(f"{name}: TensorFlow's own relative L2 error is {error:.1e}")


if __name__ == "__main__":
    main()

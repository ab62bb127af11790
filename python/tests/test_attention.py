"""Attention on NumPy arrays, against float64."""

import os
import pathlib
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

try:
    import numpy as np
except ImportError:
    raise unittest.SkipTest("needs NumPy") from None

import sigmoid_attn
from sigmoid_attn import sigmoid_attention, sigmoid_attention_backward


def reference(q, k, v, bias=None, scale=None, mask=None):
    """Output and weights in float64; mask is true where a score counts."""
    q, k, v = (np.float64(array) for array in (q, k, v))
    group = q.shape[1] // k.shape[1]
    k, v = np.repeat(k, group, axis=1), np.repeat(v, group, axis=1)
    scale = 1 / np.sqrt(q.shape[3]) if scale is None else scale
    bias = -np.log(k.shape[2]) if bias is None else bias
    weights = 1 / (1 + np.exp(-(scale * (q @ k.swapaxes(2, 3)) + bias)))
    if mask is not None:
        weights = weights * mask
    return weights @ v, weights


def relative_error(found, expected):
    return np.linalg.norm(found - expected) / np.linalg.norm(expected)


class Attention(unittest.TestCase):
    def setUp(self):
        random = np.random.default_rng(0)

        def make(*shape):
            return random.standard_normal(shape, np.float32)

        self.q, self.k, self.v = make(2, 4, 9, 16), make(2, 2, 13, 16), make(2, 2, 13, 8)
        self.make = make

    def check(self, expected, **options):
        found = sigmoid_attention(self.q, self.k, self.v, **options)
        self.assertEqual(found.shape, expected.shape)
        self.assertEqual(found.dtype, np.float32)
        self.assertLess(relative_error(found, expected), 1e-5)

    def test_default_bias_and_scale(self):
        self.check(reference(self.q, self.k, self.v)[0])

    def test_scale_and_scalar_bias(self):
        expected, _ = reference(self.q, self.k, self.v, bias=-1.5, scale=0.3)
        self.check(expected, bias=-1.5, scale=0.3)

    def test_bias_per_head(self):
        bias = self.make(4)
        expected, _ = reference(self.q, self.k, self.v, bias=bias[:, None, None])
        self.check(expected, bias=bias)

    def test_bias_per_score(self):
        bias = self.make(4, 9, 13)
        self.check(reference(self.q, self.k, self.v, bias=bias)[0], bias=bias)

    def test_causal(self):
        mask = np.tri(9, 13, 13 - 9)
        self.check(reference(self.q, self.k, self.v, mask=mask)[0], causal=True)

    def test_window(self):
        offset = np.arange(13) - (np.arange(9)[:, None] + 13 - 9)
        both = (offset >= -3) & (offset <= 2)
        self.check(reference(self.q, self.k, self.v, mask=both)[0], window=(3, 2))
        left = offset >= -3
        self.check(reference(self.q, self.k, self.v, mask=left)[0], window=(3, None))

    def test_strides(self):
        expected, _ = reference(self.q, self.k, self.v)
        # As batch x length x heads x dim stores it.
        self.q = np.ascontiguousarray(self.q.swapaxes(1, 2)).swapaxes(1, 2)
        self.assertFalse(self.q.flags.c_contiguous)
        self.check(expected)

    def test_half(self):
        q, k, v = (np.float16(array) for array in (self.q, self.k, self.v))
        found = sigmoid_attention(q, k, v)
        self.assertEqual(found.dtype, np.float16)
        self.assertLess(relative_error(found, reference(q, k, v)[0]), 1e-3)

    def test_empty(self):
        self.assertEqual(
            sigmoid_attention(self.q[:, :, :0], self.k, self.v).shape, (2, 4, 0, 8)
        )
        no_keys = sigmoid_attention(self.q, self.k[:, :, :0], self.v[:, :, :0])
        np.testing.assert_array_equal(no_keys, np.zeros((2, 4, 9, 8)))

    def test_result_outlives_everything_else(self):
        found = sigmoid_attention(self.q, self.k, self.v)[0, 1:2, 3]
        expected = np.array(found)
        for _ in range(20):
            sigmoid_attention(self.q, self.k, self.v)
        np.testing.assert_array_equal(found, expected)

    def test_backward(self):
        output, weights = reference(self.q, self.k, self.v)
        do = self.make(*output.shape)
        found = sigmoid_attention_backward(self.q, self.k, self.v, do)
        k, v = (np.repeat(array, 2, axis=1) for array in (self.k, self.v))
        d_weights = do @ v.swapaxes(2, 3)
        d_scores = d_weights * weights * (1 - weights) / 4

        def ungroup(array):
            return array.reshape(2, 2, 2, *array.shape[2:]).sum(axis=2)

        expected = (
            d_scores @ k,
            ungroup(d_scores.swapaxes(2, 3) @ self.q),
            ungroup(weights.swapaxes(2, 3) @ do),
        )
        for gradient, wanted in zip(found, expected):
            self.assertEqual(gradient.shape, wanted.shape)
            self.assertLess(relative_error(gradient, wanted), 1e-5)

    def test_threads(self):
        expected = sigmoid_attention(self.q, self.k, self.v)
        failures = []

        def work():
            for _ in range(10):
                found = sigmoid_attention(self.q, self.k, self.v)
                if not np.array_equal(found, expected):
                    failures.append(found)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_version(self):
        self.assertRegex(sigmoid_attn.__version__, r"^\d+\.\d+\.\d+$")


if __name__ == "__main__":
    unittest.main()

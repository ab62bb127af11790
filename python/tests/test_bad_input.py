"""What the functions refuse, and in which words."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

try:
    import numpy as np
except ImportError:
    raise unittest.SkipTest("needs NumPy") from None

from sigmoid_attn import sigmoid_attention, sigmoid_attention_backward


class BadInput(unittest.TestCase):
    def setUp(self):
        self.q = np.ones((1, 4, 3, 8), np.float32)
        self.k = np.ones((1, 2, 5, 8), np.float32)
        self.v = np.ones((1, 2, 5, 8), np.float32)

    def check(self, message, **options):
        with self.assertRaises(ValueError) as caught:
            sigmoid_attention(self.q, self.k, self.v, **options)
        self.assertEqual(str(caught.exception), message)

    def test_types(self):
        self.k = np.float64(self.k)
        self.check("k: expected float16, bfloat16 or float32, got float64")
        self.k = np.float16(self.k)
        self.check("k: expected float32 as q has, got float16")
        self.k = self.q.astype(">f4")
        self.check("k: expected float16, bfloat16 or float32, got >f4")

    def test_ranks(self):
        self.v = self.v[0]
        self.check(
            "v: expected 4 dimensions (batch, heads, length, head dim), got 3"
        )

    def test_shapes(self):
        self.k = self.k[:, :, :, :4]
        self.check("k of 'sigmoid_attention': expected shape ?x?x?x8, got 1x2x5x4")
        self.k = self.v[:, :, :4]
        self.check(
            "v of 'sigmoid_attention': expected dimension 2 to be 4 "
            "(dimension 2 of k), got 5"
        )
        self.k = np.ones((1, 3, 5, 8), np.float32)
        self.v = self.k
        self.check(
            "q of 'sigmoid_attention': expected dimension 1 to be a multiple of 3 "
            "(dimension 1 of k), got 4"
        )

    def test_layouts(self):
        self.q = np.ones((1, 4, 8, 3), np.float32).swapaxes(2, 3)
        self.check(
            "q of 'sigmoid_attention': expected stride 1 in dimension 3, got 3"
        )
        records = np.ones((1, 4, 3, 8), [("a", np.float32), ("b", np.int8)])
        self.q = records["a"]
        self.check(
            "q: expected strides in multiples of 4 bytes, got (480, 120, 40, 5)"
        )

    def test_bias_and_scale(self):
        self.check("scale: expected a number, got 1 dimensions", scale=[1, 2])
        self.check(
            "bias: expected a number, one for each head, or heads x query length x "
            "key length, got 2 dimensions",
            bias=np.ones((2, 2)),
        )
        self.check(
            "bias of 'sigmoid_attention': expected dimension 0 to be 4 "
            "(dimension 1 of q), got 3",
            bias=np.ones(3),
        )

    def test_masks(self):
        self.check(
            "window: expected (left, right), numbers or None, got 3", window=3
        )
        self.check(
            "expected a left window of at least 0, got -1", window=(-1, None)
        )
        self.check(
            "expected a causal mask or a window, got both",
            window=(1, 1),
            causal=True,
        )

    def test_gradient(self):
        with self.assertRaises(ValueError) as caught:
            sigmoid_attention_backward(self.q, self.k, self.v, self.q[:, :, :2])
        self.assertEqual(
            str(caught.exception),
            "do of 'sigmoid_attention_backward': expected dimension 2 to be 3 "
            "(dimension 2 of q), got 2",
        )


class MissingLibrary(unittest.TestCase):
    """The package without a library to load, in a process of its own."""

    PACKAGE = pathlib.Path(__file__).resolve().parents[1] / "sigmoid_attn"

    def check(self, message, folder, **environment):
        names = ("SIGMOID_ATTN_LIBRARY", "SIGMOID_ATTN_BUILD_DIR")
        base = {name: os.environ[name] for name in os.environ if name not in names}
        run = subprocess.run(
            [sys.executable, "-c", "import sigmoid_attn"],
            env={**base, "PYTHONPATH": str(folder), **environment},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn(message, run.stderr)

    def test_named(self):
        self.check(
            "ImportError: cannot load SIGMOID_ATTN_LIBRARY: /missing/lib.so: ",
            self.PACKAGE.parent,
            SIGMOID_ATTN_LIBRARY="/missing/lib.so",
        )

    def test_searched(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder) / "a" / "b" / "sigmoid_attn"
            shutil.copytree(self.PACKAGE, copy)
            self.check(
                "ImportError: libSigmoidAttnC.so was not found; set "
                "SIGMOID_ATTN_LIBRARY to its path",
                copy.parent,
            )


if __name__ == "__main__":
    unittest.main()

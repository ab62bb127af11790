"""Sigmoid attention, O = sigmoid(scale * Q K^T + bias) V, compiled just in time.

    >>> import numpy as np, sigmoid_attn
    >>> q = k = v = np.ones((1, 2, 8, 64), np.float32)
    >>> o = sigmoid_attn.sigmoid_attention(q, k, v, causal=True)

Arrays are those of NumPy, or whatever NumPy can view without a copy: tensors of
PyTorch and JAX on the CPU.
"""

from .attention import sigmoid_attention, sigmoid_attention_backward
from .library import SigmoidAttnError, version as _version

__all__ = ["SigmoidAttnError", "sigmoid_attention", "sigmoid_attention_backward"]
__version__ = _version()

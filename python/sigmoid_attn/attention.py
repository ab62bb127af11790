"""The attention functions: arguments checked and described, results wrapped."""

import functools
import math
import re

import numpy as np

from . import library

# NumPy's name of a type, and the value of sigmoid_attn::ElementType. NumPy has
# bfloat16 from the package ml_dtypes, which also comes with JAX.
_ELEMENT_TYPES = {"float16": 5, "bfloat16": 6, "float32": 7}
_BIAS_NONE, _BIAS_SCALAR, _BIAS_PER_HEAD, _BIAS_PER_SCORE = range(4)


def sigmoid_attention(
    q, k, v, *, bias=None, scale=None, causal=False, window=None
):
    """sigmoid(scale * q k^T + bias) v, for arrays batch x heads x length x dim.

    q, k, v: float32, float16 or bfloat16 (of ml_dtypes), all of one type. The
        last dimension is contiguous, the others have any strides. k and v may
        have fewer heads than q, which then share them in groups. v may have
        another last dimension than k.
    bias: added to the scores. A number, an array of one float32 for each head of
        q, or one of heads x query length x key length. By default
        -log(key length), which keeps the sum of the weights near 1.
    scale: a number, by default 1 / sqrt(dim).
    causal: query i sees key j if j <= i + key length - query length.
    window: (left, right), how many keys before and after its own position a
        query sees; None is all of them.

    Returns an array of NumPy, batch x heads x query length x dim of v. Raises
    ValueError for wrong arguments, before anything is computed.
    """
    arrays = {"q": q, "k": k, "v": v}
    return _run(arrays, bias, scale, causal, window, backward=False)[0]


def sigmoid_attention_backward(
    q, k, v, do, *, bias=None, scale=None, causal=False, window=None
):
    """The gradients (dq, dk, dv) of sigmoid_attention, given the output's."""
    arrays = {"q": q, "k": k, "v": v, "do": do}
    return tuple(_run(arrays, bias, scale, causal, window, backward=True))


def _run(arrays, bias, scale, causal, window, backward):
    arrays = {name: np.asarray(array) for name, array in arrays.items()}
    spec = _describe(arrays, causal, window, backward)
    if scale is not None:
        arrays["scale"] = _number("scale", scale)
    spec["has_scale"] = scale is not None
    if bias is None:
        # The logarithm of no keys; there is nothing to add it to.
        bias = -math.log(max(arrays["k"].shape[2], 1))
    arrays["bias"], spec["bias"] = _bias(bias)

    function = _compile(tuple(sorted(spec.items())))
    views = [_Argument(name, array) for name, array in arrays.items()]
    try:
        results, owner = library.call(function, [view.array for view in views])
    except ValueError as error:
        # The library counts arguments; here they have names.
        names = list(arrays)
        text = re.sub(r"argument (\d+)", lambda m: names[int(m[1])], str(error))
        raise ValueError(text) from None
    return [_wrap(result, arrays["q"].dtype, owner) for result in results]


def _describe(arrays, causal, window, backward):
    """The fields of library.Spec that q, k, v and the mask decide."""
    dtype = arrays["q"].dtype
    for name, array in arrays.items():
        if array.dtype.name not in _ELEMENT_TYPES or not array.dtype.isnative:
            raise ValueError(
                f"{name}: expected float16, bfloat16 or float32, got {array.dtype}"
            )
        if array.dtype != dtype:
            raise ValueError(f"{name}: expected {dtype} as q has, got {array.dtype}")
        if array.ndim != 4:
            raise ValueError(
                f"{name}: expected 4 dimensions (batch, heads, length, head dim), "
                f"got {array.ndim}"
            )
    spec = {
        "element_type": _ELEMENT_TYPES[dtype.name],
        "head_dim": arrays["q"].shape[3],
        "value_head_dim": arrays["v"].shape[3],
        "causal": bool(causal),
        "backward": backward,
    }
    if window is not None:
        try:
            sides = dict(zip(("left", "right"), window, strict=True))
            for side, size in sides.items():
                spec[f"has_window_{side}"] = size is not None
                spec[f"window_{side}"] = 0 if size is None else int(size)
        except (TypeError, ValueError):
            raise ValueError(
                f"window: expected (left, right), numbers or None, got {window!r}"
            ) from None
    return spec


def _number(name, value):
    array = np.asarray(value, np.float32)
    if array.ndim != 0:
        raise ValueError(f"{name}: expected a number, got {array.ndim} dimensions")
    return array


def _bias(bias):
    """The bias as an array, and which of the forms it is."""
    array = np.asarray(bias, np.float32)
    kinds = {0: _BIAS_SCALAR, 1: _BIAS_PER_HEAD, 3: _BIAS_PER_SCORE}
    if array.ndim not in kinds:
        raise ValueError(
            "bias: expected a number, one for each head, or heads x query length "
            f"x key length, got {array.ndim} dimensions"
        )
    return array, kinds[array.ndim]


@functools.lru_cache(maxsize=None)
def _compiler():
    return library.create_compiler()


@functools.lru_cache(maxsize=None)
def _compile(fields):
    return library.compile_spec(_compiler(), library.Spec(**dict(fields)))


class _Argument:
    """A NumPy array as the library takes it; keeps the parts alive."""

    def __init__(self, name, array):
        size = array.itemsize
        if any(stride % size for stride in array.strides):
            raise ValueError(
                f"{name}: expected strides in multiples of {size} bytes, "
                f"got {array.strides}"
            )
        integers = library.ctypes.c_int64 * array.ndim
        self.sizes = integers(*array.shape)
        self.strides = integers(*(stride // size for stride in array.strides))
        self.source = array
        self.array = library.Array(
            element_type=_ELEMENT_TYPES[array.dtype.name],
            rank=array.ndim,
            data=array.ctypes.data,
            sizes=self.sizes,
            strides=self.strides,
        )


class _Memory:
    """The memory of one result, in the form that NumPy views without a copy."""

    def __init__(self, result, shape, item_size, owner):
        self.owner = owner
        self.__array_interface__ = {
            "version": 3,
            "shape": shape,
            "typestr": f"|V{item_size}",
            "data": (result.data, False),
        }


def _wrap(result, dtype, owner):
    shape = tuple(result.sizes[: result.rank])
    if 0 in shape:
        return np.empty(shape, dtype)
    memory = _Memory(result, shape, dtype.itemsize, owner)
    return np.asarray(memory).view(dtype)

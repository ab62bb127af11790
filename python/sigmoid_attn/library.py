"""libSigmoidAttnC through ctypes: loading it, compiling, calling.

The structures repeat include/sigmoid-attn-c/Compiler.h.
"""

import ctypes
import os
import pathlib

_SUCCESS, _INVALID_ARGUMENT = 0, 1


class SigmoidAttnError(RuntimeError):
    """Something failed other than a wrong argument, which is a ValueError."""


class CompilerOptions(ctypes.Structure):
    _fields_ = [
        ("target", ctypes.c_int32),
        ("pipeline_options", ctypes.c_char_p),
        ("cache_directory", ctypes.c_char_p),
        ("dump_directory", ctypes.c_char_p),
    ]


class Spec(ctypes.Structure):
    _fields_ = [
        ("element_type", ctypes.c_int32),
        ("causal", ctypes.c_int32),
        ("backward", ctypes.c_int32),
        ("has_scale", ctypes.c_int32),
        ("bias", ctypes.c_int32),
        ("has_window_left", ctypes.c_int32),
        ("has_window_right", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
        ("head_dim", ctypes.c_int64),
        ("value_head_dim", ctypes.c_int64),
        ("window_left", ctypes.c_int64),
        ("window_right", ctypes.c_int64),
    ]


class Array(ctypes.Structure):
    _fields_ = [
        ("element_type", ctypes.c_int32),
        ("rank", ctypes.c_int32),
        ("data", ctypes.c_void_p),
        ("sizes", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
    ]


def _candidates():
    """Where the library may be: named, in a build or an installed tree."""
    name = "libSigmoidAttnC.so"
    build = os.environ.get("SIGMOID_ATTN_BUILD_DIR")
    if build:
        # A build folder, or the `run` folder of a bundle.
        yield pathlib.Path(build) / "lib" / name
        yield pathlib.Path(build).parent / "lib" / name
    # Beside this package: lib/ of the same prefix, and build/ of a checkout.
    for parent in pathlib.Path(__file__).resolve().parents[1:4]:
        yield parent / name
        yield parent / "lib" / name
        yield parent / "build" / "lib" / name


def _load():
    named = os.environ.get("SIGMOID_ATTN_LIBRARY")
    if named:
        try:
            return ctypes.CDLL(named)
        except OSError as error:
            raise ImportError(f"cannot load SIGMOID_ATTN_LIBRARY: {error}") from None
    for path in _candidates():
        if path.exists():
            return ctypes.CDLL(str(path))
    # The system's own search, for a library in a usual place.
    try:
        return ctypes.CDLL("libSigmoidAttnC.so")
    except OSError as error:
        raise ImportError(
            "libSigmoidAttnC.so was not found; set SIGMOID_ATTN_LIBRARY to its path"
        ) from error


_library = _load()
_library.sigmoid_attn_last_error.restype = ctypes.c_char_p
_library.sigmoid_attn_version.restype = ctypes.c_char_p
_library.sigmoid_attn_results_count.restype = ctypes.c_size_t
for _release in ("compiler", "function", "results"):
    _function = getattr(_library, f"sigmoid_attn_{_release}_release")
    _function.restype, _function.argtypes = None, [ctypes.c_void_p]
_library.sigmoid_attn_compiler_create.argtypes = [
    ctypes.POINTER(CompilerOptions),
    ctypes.POINTER(ctypes.c_void_p),
]
_library.sigmoid_attn_compile_spec.argtypes = [
    ctypes.c_void_p,
    ctypes.POINTER(Spec),
    ctypes.POINTER(ctypes.c_void_p),
]
_library.sigmoid_attn_function_call.argtypes = [
    ctypes.c_void_p,
    ctypes.POINTER(Array),
    ctypes.c_size_t,
    ctypes.POINTER(ctypes.c_void_p),
]
_library.sigmoid_attn_results_count.argtypes = [ctypes.c_void_p]
_library.sigmoid_attn_results_get.argtypes = [
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.POINTER(Array),
]


def version():
    return _library.sigmoid_attn_version().decode()


def _check(code):
    if code != _SUCCESS:
        message = _library.sigmoid_attn_last_error().decode()
        raise (ValueError if code == _INVALID_ARGUMENT else SigmoidAttnError)(message)


class Handle:
    """Owns an object of the C library."""

    def __init__(self, kind):
        self.pointer = ctypes.c_void_p()
        self._release = getattr(_library, f"sigmoid_attn_{kind}_release")

    def __del__(self):
        self._release(self.pointer)


def create_compiler(target=0):
    compiler = Handle("compiler")
    options = CompilerOptions(target=target)
    _check(
        _library.sigmoid_attn_compiler_create(
            ctypes.byref(options), ctypes.byref(compiler.pointer)
        )
    )
    return compiler


def compile_spec(compiler, spec):
    function = Handle("function")
    _check(
        _library.sigmoid_attn_compile_spec(
            compiler.pointer, ctypes.byref(spec), ctypes.byref(function.pointer)
        )
    )
    return function


def call(function, arguments):
    """Calls a function on Arrays; the results, and the handle that owns them."""
    results = Handle("results")
    array_type = Array * len(arguments)
    _check(
        _library.sigmoid_attn_function_call(
            function.pointer,
            array_type(*arguments),
            len(arguments),
            ctypes.byref(results.pointer),
        )
    )
    arrays = []
    for index in range(_library.sigmoid_attn_results_count(results.pointer)):
        array = Array()
        _check(
            _library.sigmoid_attn_results_get(
                results.pointer, index, ctypes.byref(array)
            )
        )
        arrays.append(array)
    return arrays, results

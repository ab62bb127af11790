"""The runtime's C functions for Python programs that hold PyTorch tensors.

Only what the benchmark and the GPU tests need; the interface is documented in
include/sigmoid-attn-c/Runtime.h.
"""

import ctypes
import json
import os

_ELEMENT_CODES = {"i32": 3, "i64": 4, "f16": 5, "bf16": 6, "f32": 7, "f64": 8}
_TENSOR, _REAL, _INTEGER = 0, 1, 2


class Error(Exception):
    """A failure that the runtime reported."""


class Argument(ctypes.Structure):
    """SigmoidAttnArgument."""

    _fields_ = [
        ("kind", ctypes.c_int32),
        ("element_type", ctypes.c_int32),
        ("rank", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
        ("data", ctypes.c_void_p),
        ("sizes", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("real", ctypes.c_double),
        ("integer", ctypes.c_int64),
    ]


class Runtime:
    """libSigmoidAttnRuntime.so."""

    def __init__(self, path=None):
        root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
        path = (
            path
            or os.environ.get("SIGMOID_ATTN_RUNTIME")
            or os.path.join(root, "build", "lib", "libSigmoidAttnRuntime.so")
        )
        self.library = ctypes.CDLL(path)
        self.library.sigmoid_attn_runtime_last_error.restype = ctypes.c_char_p
        self.library.sigmoid_attn_runtime_get_recipe.restype = ctypes.c_char_p
        self.library.sigmoid_attn_runtime_get_recipe.argtypes = [ctypes.c_void_p]
        self.library.sigmoid_attn_runtime_release_kernel.argtypes = [ctypes.c_void_p]
        self.library.sigmoid_attn_runtime_release_kernel.restype = None

    def call(self, name, *arguments):
        """Calls a function that returns a code; raises its text if it fails."""
        if getattr(self.library, "sigmoid_attn_runtime_" + name)(*arguments):
            text = self.library.sigmoid_attn_runtime_last_error()
            raise Error(text.decode())

    def describe_device(self, device=0):
        """Multiprocessors and compute capability of a GPU."""
        count, capability = ctypes.c_int(), ctypes.c_int()
        self.call(
            "describe_device",
            ctypes.c_int(device),
            ctypes.byref(count),
            ctypes.byref(capability),
        )
        return count.value, capability.value

    def load(self, path, function=None):
        """A function of a kernel file: the one of this name, or the only one."""
        handle = ctypes.c_void_p()
        name = function and function.encode()
        self.call("load_function", os.fsencode(path), name, ctypes.byref(handle))
        return Kernel(self, handle)

    def create(self, data):
        """The kernel of a kernel file's bytes."""
        handle = ctypes.c_void_p()
        self.call(
            "create_kernel", data, ctypes.c_size_t(len(data)), ctypes.byref(handle)
        )
        return Kernel(self, handle)


class Kernel:
    """A loaded kernel. Keep it as long as graphs that captured its launches."""

    def __init__(self, runtime, handle):
        self.runtime = runtime
        self.handle = handle
        text = runtime.library.sigmoid_attn_runtime_get_recipe(handle)
        self.recipe = json.loads(text)
        self.info = dict(self.recipe["info"])

    def __del__(self):
        self.runtime.library.sigmoid_attn_runtime_release_kernel(self.handle)

    @property
    def argument_names(self):
        return [argument["name"] for argument in self.recipe["arguments"]]

    def bind(self, values):
        """A call ready to be made: `values` are tensors and numbers by name."""
        return BoundCall(self, [values[name] for name in self.argument_names])


class BoundCall:
    """A kernel and its arguments, converted once."""

    def __init__(self, kernel, values):
        self.kernel = kernel
        self.values = values  # keeps the tensors
        self.keep = []
        self.arguments = (Argument * len(values))()
        for argument, value, spec in zip(
            self.arguments, values, kernel.recipe["arguments"]
        ):
            self._convert(argument, value, spec)
        self.function = kernel.runtime.library.sigmoid_attn_runtime_launch
        self.count = ctypes.c_size_t(len(values))

    def _convert(self, argument, value, spec):
        if not spec["tensor"]:
            integer = spec["type"].startswith("i")
            argument.kind = _INTEGER if integer else _REAL
            if integer:
                argument.integer = int(value)
            else:
                argument.real = float(value)
            return
        rank = value.dim()
        sizes = (ctypes.c_int64 * rank)(*value.shape)
        strides = (ctypes.c_int64 * rank)(*value.stride())
        self.keep += [sizes, strides]
        argument.kind = _TENSOR
        argument.element_type = _ELEMENT_CODES[element_name(value.dtype)]
        argument.rank = rank
        argument.data = value.data_ptr()
        argument.sizes = sizes
        argument.strides = strides

    def __call__(self, stream=0):
        """Queues the launch on a stream handle (0: the default stream)."""
        if self.function(
            self.kernel.handle, self.arguments, self.count, ctypes.c_void_p(stream)
        ):
            raise Error(
                self.kernel.runtime.library.sigmoid_attn_runtime_last_error().decode()
            )

    def variant(self, sm_count=132):
        """The name of the recipe's variant that the call takes."""
        name = ctypes.c_char_p()
        self.kernel.runtime.call(
            "select_variant",
            self.kernel.handle,
            self.arguments,
            self.count,
            ctypes.c_int(sm_count),
            ctypes.byref(name),
        )
        return name.value.decode()


def element_name(dtype):
    """`bf16` for torch.bfloat16."""
    return {
        "torch.bfloat16": "bf16",
        "torch.float16": "f16",
        "torch.float32": "f32",
        "torch.float64": "f64",
        "torch.int32": "i32",
        "torch.int64": "i64",
    }[str(dtype)]


def pack_kernel_file(recipe, ptx):
    """The bytes of a kernel file (docs/KernelFile.md)."""
    body = b""
    for kind, content in ((1, json.dumps(recipe).encode()), (2, ptx.encode())):
        body += kind.to_bytes(4, "little") + len(content).to_bytes(8, "little")
        body += content
    checksum = 0xCBF29CE484222325
    for byte in body:
        checksum = ((checksum ^ byte) * 0x100000001B3) % 2**64
    version = (1).to_bytes(4, "little")
    return b"SIGATTN\x1a" + version + checksum.to_bytes(8, "little") + body

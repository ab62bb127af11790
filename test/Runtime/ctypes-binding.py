# The runtime's shared library as Python's ctypes loads it: no LLVM, a kernel
# made from bytes, arguments by name, errors as text. The driver is the mock.

# REQUIRES: build-tree
# UNSUPPORTED: sanitizers
# RUN: env SIGMOID_ATTN_RUNTIME=%lib_dir/libSigmoidAttnRuntime%shlibext \
# RUN:   SIGMOID_ATTN_LIBCUDA=%build_root/unittests/libSigmoidAttnMockCuda%shlibext \
# RUN:   %python %s %source_root/benchmarks/h100 | FileCheck %s

import ctypes
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import clock_recipe  # noqa: E402
import sigmoid_runtime  # noqa: E402


class Tensor:
    """What the binding asks of a tensor."""

    def __init__(self, address, shape, dtype="torch.int64"):
        self.address, self.shape, self.dtype = address, shape, dtype

    def dim(self):
        return len(self.shape)

    def stride(self):
        return [1] * len(self.shape)

    def data_ptr(self):
        return self.address


runtime = sigmoid_runtime.Runtime()
# CHECK: device: (132, 90)
print("device:", runtime.describe_device())

kernel = runtime.create(clock_recipe.kernel_file())
# CHECK: arguments: ['cycles']
print("arguments:", kernel.argument_names)

memory = ctypes.c_void_p()
runtime.call("allocate", 0, ctypes.c_size_t(8192), ctypes.byref(memory))
call = kernel.bind({"cycles": Tensor(memory.value, (1024,))})
# CHECK: variant: only
print("variant:", call.variant())
call()
# CHECK: launched
print("launched")


def error_of(action):
    try:
        action()
    except sigmoid_runtime.Error as error:
        return error
    return "none"


# CHECK: stamp: cycles: expected rank 1, got 2
print(error_of(kernel.bind({"cycles": Tensor(memory.value, (32, 32))})))
# CHECK: stamp: cycles: expected element type i64, got f32
print(error_of(kernel.bind({"cycles": Tensor(memory.value, (9,), "torch.float32")})))
# CHECK: cannot read '/nowhere.sak'
print(error_of(lambda: runtime.load("/nowhere.sak")))
# CHECK: expected a kernel file, got something else
print(error_of(lambda: runtime.create(b"#!" + os.urandom(100))))

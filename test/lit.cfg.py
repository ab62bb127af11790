"""lit configuration of the project's tests.

Everything a test may ask of the machine is decided here, once: tools are
substitutions, abilities are features. scripts/check.py prints the features that
are missing beside the tests that were skipped for them.
"""

import os
import sys

import lit.formats
import lit.util

from lit.llvm import llvm_config
from lit.llvm.subst import ToolSubst

sys.path.insert(0, os.path.dirname(__file__))
from machine import find_nvdisasm, find_ptxas, machine_features  # noqa: E402

config.name = "sigmoid-attn"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".td", ".test", ".py", ".ll"]
config.excludes = [
    "CMakeLists.txt",
    "Inputs",
    "lib",
    "lit.cfg.py",
    "lit.site.cfg.py",
    "machine.py",
]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.sigmoid_attn_obj_root, "test")

# A test sees the source tree and its own build only: no cache of an earlier
# run, and one thread pool size, so that a result never depends on the caller.
config.environment["SIGMOID_ATTN_CACHE_DIR"] = os.path.join(
    config.test_exec_root, "cache"
)
llvm_config.with_system_environment(
    [
        "ASAN_OPTIONS",
        "CUDA_HOME",
        "CUDA_VISIBLE_DEVICES",
        "LD_LIBRARY_PATH",
        "LSAN_OPTIONS",
        "OMP_NUM_THREADS",
        "SIGMOID_ATTN_PTXAS",
        "UBSAN_OPTIONS",
    ]
)
llvm_config.use_default_substitutions()
llvm_config.with_environment(
    "PATH", [config.sigmoid_attn_tools_dir, config.llvm_tools_dir], append_path=True
)

tools = [
    "sigmoid-attn-opt",
    ToolSubst("sigmoid-attn-pack", unresolved="ignore"),
    ToolSubst("sigmoid-attn-runner", unresolved="ignore"),
    ToolSubst("sigmoid-attn-lsp-server", unresolved="ignore"),
    "mlir-opt",
    "mlir-runner",
    ToolSubst("mlir-translate", unresolved="ignore"),
    "split-file",
]
llvm_config.add_tool_substitutions(
    tools, [config.sigmoid_attn_tools_dir, config.llvm_tools_dir]
)

ptxas = find_ptxas()
nvdisasm = find_nvdisasm()
if ptxas:
    # Also where the compiler would not look for it.
    config.environment["SIGMOID_ATTN_PTXAS"] = ptxas
plugin = os.path.join(
    config.sigmoid_attn_lib_dir, "SigmoidAttnPlugin" + config.llvm_shlib_ext
)
config.substitutions += [
    ("%python", '"%s"' % config.python_executable),
    ("%ptxas", ptxas or "ptxas-not-found"),
    ("%nvdisasm", nvdisasm or "nvdisasm-not-found"),
    ("%source_root", config.sigmoid_attn_src_root),
    ("%build_root", config.sigmoid_attn_obj_root),
    ("%bin_dir", config.sigmoid_attn_tools_dir),
    ("%attn_plugin", plugin),
    ("%lib_dir", config.sigmoid_attn_lib_dir),
    ("%mlir_lib_dir", config.llvm_lib_dir),
    ("%mlir_bin_dir", config.llvm_tools_dir),
    ("%cmake", config.cmake_executable),
    ("%shlibext", config.llvm_shlib_ext),
]

config.available_features |= machine_features(
    config.python_executable, ptxas, nvdisasm
)
if config.sanitizers:
    config.available_features.add("sanitizers")
if config.build_tree:
    config.available_features.add("build-tree")

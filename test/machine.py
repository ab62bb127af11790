"""What this machine can do, as names that tests require.

Used by lit.cfg.py for `REQUIRES:` and by scripts/check.py to say why a test
was skipped. Adding a feature means adding a line to FEATURES.
"""

import ctypes
import glob
import os
import platform
import shutil
import subprocess

FEATURES = {
    "x86": "an x86-64 processor",
    "avx2": "a processor with AVX2",
    "avx512f": "a processor with AVX-512",
    "python-numpy": "Python with NumPy",
    "ptxas": "ptxas (CUDA Toolkit 12.4 or newer, or scripts/install-cuda-tools.sh)",
    "nvdisasm": "nvdisasm (CUDA Toolkit, or scripts/install-cuda-tools.sh)",
    "cuda": "an NVIDIA GPU and its driver",
    "sm_90": "an NVIDIA GPU of compute capability 9.0 (Hopper)",
    "build-tree": "the project's build folder (not a bundle)",
    "sanitizers": "a build with the asan+ubsan preset",
}


# Where scripts/install-cuda-tools.sh installs them.
CUDA_TOOLS = os.path.join(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))), ".cuda-tools"
)


def find_cuda_tool(name, variable):
    """Path of a program: $variable, $CUDA_HOME, PATH, the project's own."""
    named = os.environ.get(variable)
    if named:
        return named if os.access(named, os.X_OK) else None
    toolkit = os.path.join(os.environ.get("CUDA_HOME", "/usr/local/cuda"), "bin")
    own = glob.glob(os.path.join(CUDA_TOOLS, "nvidia", "*", "bin"))
    for path in (toolkit, None, os.pathsep.join(own)):
        # An empty path would be the working directory's.
        if path != "" and (found := shutil.which(name, path=path)):
            return found
    return None


def find_ptxas():
    return find_cuda_tool("ptxas", "SIGMOID_ATTN_PTXAS")


def find_nvdisasm():
    return find_cuda_tool("nvdisasm", "SIGMOID_ATTN_NVDISASM")


def compute_capabilities():
    """(major, minor) of each GPU that the CUDA driver shows; [] without one."""
    try:
        cuda = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return []
    count = ctypes.c_int()
    if cuda.cuInit(0) or cuda.cuDeviceGetCount(ctypes.byref(count)):
        return []
    capability_major, capability_minor = 75, 76  # CUdevice_attribute, cuda.h
    found = []
    for device in range(count.value):
        major, minor = ctypes.c_int(), ctypes.c_int()
        cuda.cuDeviceGetAttribute(ctypes.byref(major), capability_major, device)
        cuda.cuDeviceGetAttribute(ctypes.byref(minor), capability_minor, device)
        found.append((major.value, minor.value))
    return found


def cpu_flags():
    try:
        with open("/proc/cpuinfo") as info:
            for line in info:
                if line.startswith("flags"):
                    return set(line.split(":", 1)[1].split())
    except OSError:
        pass
    return set()


def has_numpy(python):
    return (
        subprocess.run(
            [python, "-c", "import numpy"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ).returncode
        == 0
    )


def machine_features(python, ptxas, nvdisasm):
    features = {"avx2", "avx512f"} & cpu_flags()
    if platform.machine() in ("x86_64", "AMD64"):
        features.add("x86")
    if has_numpy(python):
        features.add("python-numpy")
    if ptxas:
        features.add("ptxas")
    if nvdisasm:
        features.add("nvdisasm")
    capabilities = compute_capabilities()
    if capabilities:
        features.add("cuda")
    if (9, 0) in capabilities:
        features.add("sm_90")
    return features

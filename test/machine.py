"""What this machine can do, as names that tests require.

Used by lit.cfg.py for `REQUIRES:` and by scripts/check.py to say why a test
was skipped. Adding a feature means adding a line to FEATURES.
"""

import ctypes
import os
import platform
import shutil
import subprocess

FEATURES = {
    "x86": "an x86-64 processor",
    "avx2": "a processor with AVX2",
    "avx512f": "a processor with AVX-512",
    "python-numpy": "Python with NumPy",
    "ptxas": "ptxas (CUDA Toolkit 12.4 or newer, or PyPI's nvidia-cuda-nvcc)",
    "cuda": "an NVIDIA GPU and its driver",
    "sm_90": "an NVIDIA GPU of compute capability 9.0 (Hopper)",
    "build-tree": "the project's build folder (not a bundle)",
    "sanitizers": "a build with the asan+ubsan preset",
}


def find_ptxas():
    """Path of ptxas: $SIGMOID_ATTN_PTXAS, $CUDA_HOME, PATH, the usual place."""
    named = os.environ.get("SIGMOID_ATTN_PTXAS")
    if named:
        return named if os.access(named, os.X_OK) else None
    folders = [os.path.join(os.environ.get("CUDA_HOME", "/usr/local/cuda"), "bin")]
    return shutil.which("ptxas", path=os.pathsep.join(folders)) or shutil.which(
        "ptxas"
    )


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


def machine_features(python, ptxas):
    features = {"avx2", "avx512f"} & cpu_flags()
    if platform.machine() in ("x86_64", "AMD64"):
        features.add("x86")
    if has_numpy(python):
        features.add("python-numpy")
    if ptxas:
        features.add("ptxas")
    capabilities = compute_capabilities()
    if capabilities:
        features.add("cuda")
    if (9, 0) in capabilities:
        features.add("sm_90")
    return features

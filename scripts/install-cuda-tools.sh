#!/bin/sh
# Installs ptxas and nvdisasm, for the tests that want them, from PyPI's packages
# of the CUDA Toolkit (under NVIDIA's licence) into .cuda-tools.
#
#   scripts/install-cuda-tools.sh
#
# Building, and every test of the CPU, needs neither. Does nothing (network
# included) where both are found: by SIGMOID_ATTN_PTXAS and
# SIGMOID_ATTN_NVDISASM, in CUDA_HOME, on PATH, or here from an earlier call.
set -eu

source_dir=$(cd "$(dirname "$0")/.." && pwd)
found=$(python3 -c "
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, '$source_dir/test')
import machine
print(bool(machine.find_ptxas() and machine.find_nvdisasm()))")
if [ "$found" = True ]; then
  exit 0
fi
echo "install-cuda-tools: installing ptxas and nvdisasm into .cuda-tools" >&2
if ! python3 -m pip --version >/dev/null 2>&1; then
  echo "install-cuda-tools: pip is missing; install python3-pip" >&2
  exit 1
fi
# Only these packages: what they depend on is for compiling CUDA C++.
python3 -m pip install --quiet --disable-pip-version-check \
  --root-user-action=ignore --no-deps --upgrade \
  --only-binary=:all: --target "$source_dir/.cuda-tools" \
  -r "$source_dir/scripts/requirements-cuda.txt"

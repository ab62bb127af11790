#!/bin/sh
# Packs a build into a tarball that runs where there is no LLVM.
#
#   scripts/make-bundle.sh BUILD-DIR [OUTPUT.tar.xz]
#
# The bundle runs on x86-64 Linux with glibc 2.36 or newer and, for its tests,
# Python 3. It holds the tools, the unit tests, the LLVM and MLIR libraries and
# whatever else these need except glibc, the documentation, and the sources of
# tests, benchmarks, examples and Python package. Unpacked anywhere, `./check`
# runs the tests.
set -eu

source_dir=$(cd "$(dirname "$0")/.." && pwd)
build_dir=$(cd "${1:?usage: make-bundle.sh BUILD-DIR [OUTPUT.tar.xz]}" && pwd)
output=${2:-$build_dir/sigmoid-attn-bundle.tar.xz}
llvm_dir=$(sed -n 's/^MLIR_DIR:PATH=\(.*\)\/lib\/cmake\/mlir$/\1/p' "$build_dir/CMakeCache.txt")
stage=$build_dir/bundle/sigmoid-attn

if ! command -v patchelf >/dev/null; then
  echo "make-bundle: patchelf is missing; scripts/install-deps.sh installs it" >&2
  exit 1
fi

rm -rf "$build_dir/bundle"
mkdir -p "$stage/bin" "$stage/lib" "$stage/run/test" "$stage/run/unittests" "$stage/run/examples" "$stage/utils"

# The project's programs, and those of LLVM that its tests call.
find "$build_dir/bin" -maxdepth 1 -type f -executable -exec cp -t "$stage/bin" {} +
find "$build_dir/unittests" -maxdepth 1 -type f -executable -exec cp -t "$stage/run/unittests" {} +
find "$build_dir/examples" -maxdepth 1 -type f -executable -exec cp -t "$stage/run/examples" {} +
find "$build_dir/lib" -maxdepth 1 -name '*.so*' -exec cp -P -t "$stage/lib" {} +
for tool in FileCheck count not split-file mlir-opt mlir-runner; do
  cp "$llvm_dir/bin/$tool" "$stage/bin"
done
cp -r "$llvm_dir/utils/lit" "$stage/utils/lit"
cat >"$stage/bin/lit" <<'LIT'
#!/usr/bin/env python3
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(here, "..", "utils", "lit"))
import lit.main

if __name__ == "__main__":
    lit.main.main()
LIT
chmod +x "$stage/bin/lit"

# OpenMP and the runtime libraries of mlir-runner are loaded by name.
for library in libomp.so.5 libmlir_c_runner_utils.so libmlir_runner_utils.so libmlir_float16_utils.so; do
  cp -L "$llvm_dir/lib/$library" "$stage/lib/$library"
done
ln -sf libomp.so.5 "$stage/lib/libomp.so"

# Every shared library that these need, but glibc and the GPU driver, which
# belong to the machine.
closure() {
  find "$stage/bin" "$stage/lib" "$stage/run" -type f -exec ldd {} + 2>/dev/null |
    awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u |
    grep -Ev '/(libc|libm|libdl|libpthread|librt|libresolv|libutil|libcuda)\.so' || true
}
closure | while read -r library; do
  name=$(basename "$library")
  [ -e "$stage/lib/$name" ] || cp -L "$library" "$stage/lib/$name"
done

# libLLVM needs libxml2, which needs ICU, whose 30 MB of character tables nobody
# here reads. ICU allows an empty package in their place ("stubdata"): a header
# and a table of contents with no entry.
for data in "$stage"/lib/libicudata.so.*; do
  [ -e "$data" ] || continue
  version=${data##*.}
  cat >"$build_dir/bundle/stubdata.c" <<STUB
const struct {
  unsigned short headerSize; unsigned char magic[2];
  unsigned short infoSize, reserved; unsigned char platform[4];
  unsigned char format[4], formatVersion[4], dataVersion[4], padding[8];
  unsigned count, contents[5];
} icudt${version}_dat = {32, {0xda, 0x27}, 20, 0, {0, 0, 2, 0}, "ToCP", {1}, {0}, {0}, 0, {0}};
STUB
  cc -shared -fPIC -Wl,-soname,"$(basename "$data")" -o "$data" "$build_dir/bundle/stubdata.c"
  rm "$build_dir/bundle/stubdata.c"
done

is_elf() { [ "$(head -c 4 "$1" | tail -c 3)" = ELF ]; }
relocate() { # folder, path from there to lib
  find "$1" -maxdepth 1 -type f | while read -r file; do
    if is_elf "$file"; then
      chmod u+w "$file"
      patchelf --set-rpath "\$ORIGIN$2" "$file"
    fi
  done
}
relocate "$stage/bin" /../lib
relocate "$stage/lib" ""
relocate "$stage/run/unittests" /../../lib
relocate "$stage/run/examples" /../../lib

# Sources that run as they are.
for folder in docs test benchmarks examples python scripts; do
  if [ -d "$source_dir/$folder" ]; then
    (cd "$source_dir" && find "$folder" -name __pycache__ -prune -o -type f -print |
      tar -cf - -T -) | tar -xf - -C "$stage"
  fi
done
cp "$source_dir/LICENSE" "$source_dir/README.md" "$stage"
# A test reads the examples in the operations' documentation.
operations=include/sigmoid-attn/Dialect/Attn/IR/AttnOps.td
(cd "$source_dir" && cp --parents "$operations" "$stage")

unit_tests=$(sed -n 's/.*"unit_tests": "\(.*\)".*/\1/p' "$build_dir/check.json")
cat >"$stage/run/check.json" <<JSON
{
  "llvm_bin": "../bin",
  "python": "python3",
  "unit_tests": "$unit_tests"
}
JSON
cat >"$stage/run/test/lit.site.cfg.py" <<'SITE'
import os

root = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
config.llvm_tools_dir = os.path.join(root, "bin")
config.llvm_lib_dir = os.path.join(root, "lib")
config.llvm_shlib_ext = ".so"
config.lit_tools_dir = ""
config.sigmoid_attn_src_root = root
config.sigmoid_attn_obj_root = os.path.join(root, "run")
config.sigmoid_attn_tools_dir = os.path.join(root, "bin")
config.sigmoid_attn_lib_dir = os.path.join(root, "lib")
config.python_executable = "python3"
config.cmake_executable = "cmake"
config.host_triple = config.target_triple = "x86_64-pc-linux-gnu"
config.sanitizers = False
config.build_tree = False

import lit.llvm
lit.llvm.initialize(lit_config, config)
lit_config.load_config(config, os.path.join(root, "test", "lit.cfg.py"))
SITE
cat >"$stage/check" <<'CHECK'
#!/bin/sh
# Runs every test of the bundle that this machine can run.
here=$(cd "$(dirname "$0")" && pwd)
exec python3 "$here/scripts/check.py" --build-dir "$here/run" "$@"
CHECK
chmod +x "$stage/check"

# SIGMOID_ATTN_BUNDLE_XZ=-1 packs quickly where size does not matter.
tar -C "$build_dir/bundle" -cf - sigmoid-attn |
  xz -T1 ${SIGMOID_ATTN_BUNDLE_XZ:---x86 --lzma2=preset=6,dict=128MiB} >"$output"
rm -rf "$build_dir/bundle"
echo "$output: $(($(stat -c %s "$output") / 1048576)) MiB"

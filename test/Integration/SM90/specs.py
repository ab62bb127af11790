# Every kernel of the H100 benchmark and of the GPU tests parses and verifies.

# RUN: %python %s %source_root/benchmarks/h100 > %t.mlir
# RUN: sigmoid-attn-opt --split-input-file %t.mlir | FileCheck %s
# CHECK-DAG: mask<causal>
# CHECK-DAG: mask<window 128, 0>
# CHECK-DAG: tensor<?x?x?x192xbf16>, tensor<?x?x?x128xbf16>) -> tensor<?x?x?x128xbf16>
# CHECK-DAG: score(

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import specs  # noqa: E402

chosen = {
    spec.name: spec
    for spec in specs.bench_specs() + specs.test_specs() + specs.sanitize_specs()
}
print("// -----\n".join(spec.mlir() for spec in chosen.values()))

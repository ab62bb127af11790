// A packed kernel file begins with its magic and holds recipe and code; what is
// no compiled module is refused, and no file is written.

// RUN: split-file %s %t
// RUN: sigmoid-attn-pack %t/good.mlir -o %t/good.sak
// RUN: FileCheck %s --input-file=%t/good.sak --check-prefix=FILE
// FILE: SIGATTN
// FILE: "kernel": "copy"
// FILE: .visible .entry copy()

// RUN: sigmoid-attn-pack %t/two.mlir -o %t/two.sak
// RUN: FileCheck %s --input-file=%t/two.sak --check-prefix=TWO
// TWO: "name": "copy"
// TWO: "name": "paste"
// TWO: .visible .entry copy()

// RUN: not sigmoid-attn-pack %t/twice.mlir -o %t/bad.sak 2>&1 | FileCheck %s --check-prefix=TWICE
// TWICE: sigmoid-attn-pack: error: expected functions of distinct names in the kernel file, got two called 'copy'

// RUN: not sigmoid-attn-pack %t/numbers.mlir -o %t/bad.sak 2>&1 | FileCheck %s --check-prefix=NO-RECIPE

// RUN: not sigmoid-attn-pack %t/no-recipe.mlir -o %t/bad.sak 2>&1 | FileCheck %s --check-prefix=NO-RECIPE
// NO-RECIPE: sigmoid-attn-pack: error: expected a module with the attribute sigmoid_attn.recipe, as --attn-lower-to-nvvm-pipeline leaves it

// RUN: not sigmoid-attn-pack %t/no-binary.mlir -o %t/bad.sak 2>&1 | FileCheck %s --check-prefix=NO-BINARY
// NO-BINARY: sigmoid-attn-pack: error: expected one gpu.binary in the module, got 0

// RUN: not sigmoid-attn-pack %t/offload.mlir -o %t/bad.sak 2>&1 | FileCheck %s --check-prefix=OFFLOAD
// OFFLOAD: error: expected objects of assembly, binary or fatbin format in the gpu.binary, got offload

// RUN: not sigmoid-attn-pack %t/no-code.mlir -o %t/bad.sak 2>&1 | FileCheck %s --check-prefix=NO-CODE
// NO-CODE: error: expected code in the gpu.binary, got none

// RUN: not sigmoid-attn-pack %t/bad-recipe.mlir -o %t/bad.sak 2>&1 | FileCheck %s --check-prefix=BAD-RECIPE
// BAD-RECIPE: error: recipe: missing field "name"

// RUN: not sigmoid-attn-pack %t/missing.mlir -o %t/bad.sak 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: missing.mlir' does not parse

// RUN: not ls %t/bad.sak

//--- good.mlir
module attributes {sigmoid_attn.recipe = "{\"version\": 1, \"name\": \"copy\", \"chip\": \"sm_90a\", \"arguments\": [{\"name\": \"output\", \"type\": \"f32\", \"tensor\": true, \"access\": \"write\", \"shape\": [\"length\"], \"alignment\": 4}], \"checks\": [], \"variants\": [{\"name\": \"only\", \"when\": [], \"launches\": [{\"kernel\": \"copy\", \"threads\": 32, \"shared_memory\": 0, \"cluster\": [1, 1, 1], \"grid\": [\"1\", \"1\", \"1\"], \"parameters\": [{\"kind\": \"pointer\", \"tensor\": \"output\"}]}]}], \"info\": []}"} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90a">, assembly = ".visible .entry copy()\00">]
}

//--- two.mlir
module attributes {sigmoid_attn.recipe = ["{\"version\": 1, \"name\": \"copy\", \"chip\": \"sm_90a\", \"arguments\": [{\"name\": \"output\", \"type\": \"f32\", \"tensor\": true, \"access\": \"write\", \"shape\": [\"length\"], \"alignment\": 4}], \"checks\": [], \"variants\": [{\"name\": \"only\", \"when\": [], \"launches\": [{\"kernel\": \"copy\", \"threads\": 32, \"shared_memory\": 0, \"cluster\": [1, 1, 1], \"grid\": [\"1\", \"1\", \"1\"], \"parameters\": [{\"kind\": \"pointer\", \"tensor\": \"output\"}]}]}], \"info\": []}", "{\"version\": 1, \"name\": \"paste\", \"chip\": \"sm_90a\", \"arguments\": [{\"name\": \"output\", \"type\": \"f32\", \"tensor\": true, \"access\": \"write\", \"shape\": [\"length\"], \"alignment\": 4}], \"checks\": [], \"variants\": [{\"name\": \"only\", \"when\": [], \"launches\": [{\"kernel\": \"copy\", \"threads\": 32, \"shared_memory\": 0, \"cluster\": [1, 1, 1], \"grid\": [\"1\", \"1\", \"1\"], \"parameters\": [{\"kind\": \"pointer\", \"tensor\": \"output\"}]}]}], \"info\": []}"]} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90a">, assembly = ".visible .entry copy()\00">]
}

//--- twice.mlir
module attributes {sigmoid_attn.recipe = ["{\"version\": 1, \"name\": \"copy\", \"chip\": \"sm_90a\", \"arguments\": [{\"name\": \"output\", \"type\": \"f32\", \"tensor\": true, \"access\": \"write\", \"shape\": [\"length\"], \"alignment\": 4}], \"checks\": [], \"variants\": [{\"name\": \"only\", \"when\": [], \"launches\": [{\"kernel\": \"copy\", \"threads\": 32, \"shared_memory\": 0, \"cluster\": [1, 1, 1], \"grid\": [\"1\", \"1\", \"1\"], \"parameters\": [{\"kind\": \"pointer\", \"tensor\": \"output\"}]}]}], \"info\": []}", "{\"version\": 1, \"name\": \"copy\", \"chip\": \"sm_90a\", \"arguments\": [{\"name\": \"output\", \"type\": \"f32\", \"tensor\": true, \"access\": \"write\", \"shape\": [\"length\"], \"alignment\": 4}], \"checks\": [], \"variants\": [{\"name\": \"only\", \"when\": [], \"launches\": [{\"kernel\": \"copy\", \"threads\": 32, \"shared_memory\": 0, \"cluster\": [1, 1, 1], \"grid\": [\"1\", \"1\", \"1\"], \"parameters\": [{\"kind\": \"pointer\", \"tensor\": \"output\"}]}]}], \"info\": []}"]} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90a">, assembly = ".visible .entry copy()\00">]
}

//--- numbers.mlir
module attributes {sigmoid_attn.recipe = [1, 2]} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90a">, assembly = ".visible .entry copy()\00">]
}

//--- no-recipe.mlir
module {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90a">, assembly = "code">]
}

//--- no-binary.mlir
module attributes {sigmoid_attn.recipe = "{\"version\": 1, \"name\": \"copy\", \"chip\": \"sm_90a\", \"arguments\": [{\"name\": \"output\", \"type\": \"f32\", \"tensor\": true, \"access\": \"write\", \"shape\": [\"length\"], \"alignment\": 4}], \"checks\": [], \"variants\": [{\"name\": \"only\", \"when\": [], \"launches\": [{\"kernel\": \"copy\", \"threads\": 32, \"shared_memory\": 0, \"cluster\": [1, 1, 1], \"grid\": [\"1\", \"1\", \"1\"], \"parameters\": [{\"kind\": \"pointer\", \"tensor\": \"output\"}]}]}], \"info\": []}"} {
}

//--- offload.mlir
module attributes {sigmoid_attn.recipe = "{\"version\": 1, \"name\": \"copy\", \"chip\": \"sm_90a\", \"arguments\": [{\"name\": \"output\", \"type\": \"f32\", \"tensor\": true, \"access\": \"write\", \"shape\": [\"length\"], \"alignment\": 4}], \"checks\": [], \"variants\": [{\"name\": \"only\", \"when\": [], \"launches\": [{\"kernel\": \"copy\", \"threads\": 32, \"shared_memory\": 0, \"cluster\": [1, 1, 1], \"grid\": [\"1\", \"1\", \"1\"], \"parameters\": [{\"kind\": \"pointer\", \"tensor\": \"output\"}]}]}], \"info\": []}"} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90a">, offload = "code">]
}

//--- bad-recipe.mlir
module attributes {sigmoid_attn.recipe = "{\"version\": 1}"} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90a">, assembly = "code">]
}

//--- no-code.mlir
module attributes {sigmoid_attn.recipe = "{\"version\": 1, \"name\": \"copy\", \"chip\": \"sm_90a\", \"arguments\": [{\"name\": \"output\", \"type\": \"f32\", \"tensor\": true, \"access\": \"write\", \"shape\": [\"length\"], \"alignment\": 4}], \"checks\": [], \"variants\": [{\"name\": \"only\", \"when\": [], \"launches\": [{\"kernel\": \"copy\", \"threads\": 32, \"shared_memory\": 0, \"cluster\": [1, 1, 1], \"grid\": [\"1\", \"1\", \"1\"], \"parameters\": [{\"kind\": \"pointer\", \"tensor\": \"output\"}]}]}], \"info\": []}"} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90a">, assembly = "">]
}

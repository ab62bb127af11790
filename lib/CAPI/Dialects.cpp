//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn-c/Dialects.h"

#include "CompilerObjects.h"

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"
#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"
#include "sigmoid-attn/Registration.h"

#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Registration.h"

using namespace mlir;

MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(Attn, attn, mlir::attn::AttnDialect)
MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(SM90, sm90, mlir::sm90::SM90Dialect)

void mlirRegisterSigmoidAttnDialects(MlirDialectRegistry registry) {
  attn::registerSigmoidAttnDialects(*unwrap(registry));
}

void mlirRegisterSigmoidAttnPasses(void) { attn::registerSigmoidAttnPasses(); }

MlirAttribute mlirAttnCausalMaskAttrGet(MlirContext context) {
  return wrap(attn::MaskAttr::getCausal(unwrap(context)));
}

MlirAttribute mlirAttnWindowMaskAttrGet(MlirContext context, int64_t left,
                                        int64_t right) {
  auto convert = [](int64_t side) {
    return side < 0 ? std::nullopt : std::optional<int64_t>(side);
  };
  return wrap(
      attn::MaskAttr::get(unwrap(context), convert(left), convert(right)));
}

bool mlirAttributeIsAAttnMask(MlirAttribute attribute) {
  return isa<attn::MaskAttr>(unwrap(attribute));
}

int sigmoid_attn_compile_module(SigmoidAttnCompiler *compiler,
                                MlirModule module, const char *entry,
                                SigmoidAttnFunction **function) {
  if (!compiler)
    return sigmoid_attn::reportNull("compiler");
  if (mlirModuleIsNull(module))
    return sigmoid_attn::reportNull("module");
  if (!function)
    return sigmoid_attn::reportNull("function");
  return sigmoid_attn::takeFunction(
      compiler->compiler.compileModule(unwrap(module), entry ? entry : ""),
      function);
}

/*===----------------------------------------------------------------------===*\
|*
|* Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
|* Exceptions. See LICENSE for license information.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|*
|* The dialects and passes for programs that use MLIR's own C API; see mlir-c.
|* In libSigmoidAttnC, beside which such a program links with MLIR's C libraries
|* and libMLIR.
|*
\*===----------------------------------------------------------------------===*/

#ifndef SIGMOID_ATTN_C_DIALECTS_H
#define SIGMOID_ATTN_C_DIALECTS_H

#include "sigmoid-attn-c/Compiler.h"

#include "mlir-c/IR.h"

#ifdef __cplusplus
extern "C" {
#endif

MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(Attn, attn);
MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(SM90, sm90);

/* Adds every dialect of the project, and the interfaces that lowering them
   takes, to the registry. */
MLIR_CAPI_EXPORTED void
mlirRegisterSigmoidAttnDialects(MlirDialectRegistry registry);

/* Registers the project's passes and pipelines by their flags. */
MLIR_CAPI_EXPORTED void mlirRegisterSigmoidAttnPasses(void);

/* The mask under which a query sees every key up to its own position. */
MLIR_CAPI_EXPORTED MlirAttribute mlirAttnCausalMaskAttrGet(MlirContext context);

/* The mask of a band; a negative side is unbounded. */
MLIR_CAPI_EXPORTED MlirAttribute mlirAttnWindowMaskAttrGet(MlirContext context,
                                                           int64_t left,
                                                           int64_t right);

MLIR_CAPI_EXPORTED bool mlirAttributeIsAAttnMask(MlirAttribute attribute);

/* Compiles a module, which stays as it is; see sigmoid_attn_compile_source. */
MLIR_CAPI_EXPORTED int
sigmoid_attn_compile_module(SigmoidAttnCompiler *compiler, MlirModule module,
                            const char *entry, SigmoidAttnFunction **function);

#ifdef __cplusplus
}
#endif

#endif /* SIGMOID_ATTN_C_DIALECTS_H */

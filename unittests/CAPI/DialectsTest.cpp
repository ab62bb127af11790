//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect and passes through MLIR's C API, as a program without C++ sees
// them.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn-c/Dialects.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/Pass.h"
#include "mlir-c/RegisterEverything.h"

#include "gtest/gtest.h"

#include <string>

namespace {
/// A context with the project's dialects and upstream's.
class CAPIDialects : public testing::Test {
protected:
  CAPIDialects() {
    MlirDialectRegistry registry = mlirDialectRegistryCreate();
    mlirRegisterAllDialects(registry);
    mlirRegisterSigmoidAttnDialects(registry);
    context = mlirContextCreateWithRegistry(registry, /*threading=*/false);
    mlirDialectRegistryDestroy(registry);
  }
  ~CAPIDialects() override { mlirContextDestroy(context); }

  static std::string print(MlirAttribute attribute) {
    std::string text;
    mlirAttributePrint(
        attribute,
        [](MlirStringRef part, void *text) {
          static_cast<std::string *>(text)->append(part.data, part.length);
        },
        &text);
    return text;
  }

  MlirModule parse(const char *source) {
    return mlirModuleCreateParse(context,
                                 mlirStringRefCreateFromCString(source));
  }

  MlirContext context;
};
} // namespace

TEST_F(CAPIDialects, HandlesLoadTheDialects) {
  MlirContext bare = mlirContextCreate();
  for (auto [handle, expected] :
       {std::pair(mlirGetDialectHandle__attn__(), "attn"),
        std::pair(mlirGetDialectHandle__sm90__(), "sm90")}) {
    MlirStringRef name = mlirDialectHandleGetNamespace(handle);
    EXPECT_EQ(std::string(name.data, name.length), expected);
    EXPECT_FALSE(mlirDialectIsNull(mlirDialectHandleLoadDialect(handle, bare)));
  }
  mlirContextDestroy(bare);
}

TEST_F(CAPIDialects, Masks) {
  mlirDialectHandleLoadDialect(mlirGetDialectHandle__attn__(), context);
  EXPECT_EQ(print(mlirAttnCausalMaskAttrGet(context)), "#attn.mask<causal>");
  MlirAttribute window = mlirAttnWindowMaskAttrGet(context, 128, -1);
  EXPECT_EQ(print(window), "#attn.mask<window 128, *>");
  EXPECT_TRUE(mlirAttributeIsAAttnMask(window));
  EXPECT_FALSE(mlirAttributeIsAAttnMask(mlirUnitAttrGet(context)));
}

TEST_F(CAPIDialects, PassesRunByTheirFlags) {
  mlirRegisterAllPasses();
  mlirRegisterSigmoidAttnPasses();
  MlirModule module = parse("func.func @f(%x: f32) -> f32 { return %x : f32 }");
  ASSERT_FALSE(mlirModuleIsNull(module));
  MlirPassManager passes = mlirPassManagerCreate(context);
  EXPECT_TRUE(mlirLogicalResultIsSuccess(
      mlirParsePassPipeline(mlirPassManagerGetAsOpPassManager(passes),
                            mlirStringRefCreateFromCString(
                                "builtin.module(attn-lower-to-cpu-pipeline)"),
                            nullptr, nullptr)));
  EXPECT_TRUE(mlirLogicalResultIsSuccess(
      mlirPassManagerRunOnOp(passes, mlirModuleGetOperation(module))));
  mlirPassManagerDestroy(passes);
  mlirModuleDestroy(module);
}

// Needs the library and libMLIR to agree on what a terminator is.
TEST_F(CAPIDialects, VerifiesRegions) {
  MlirModule module = parse(R"(
    func.func @f(%q: tensor<1x1x2x4xf32>) -> tensor<1x1x2x4xf32> {
      %o = attn.sigmoid_attention %q, %q, %q
          score(%x, %batch, %head, %i, %j) {
        attn.yield %x : f32
      } : (tensor<1x1x2x4xf32>, tensor<1x1x2x4xf32>, tensor<1x1x2x4xf32>)
          -> tensor<1x1x2x4xf32>
      return %o : tensor<1x1x2x4xf32>
    })");
  EXPECT_FALSE(mlirModuleIsNull(module));
  mlirModuleDestroy(module);
}

TEST_F(CAPIDialects, CompilesModules) {
  SigmoidAttnCompiler *compiler = nullptr;
  SigmoidAttnCompilerOptions options = {};
  options.cache_directory = "";
  ASSERT_EQ(sigmoid_attn_compiler_create(&options, &compiler), 0);
  SigmoidAttnFunction *function = nullptr;
  MlirModule module = parse("func.func @f(%x: f32) -> f32 { return %x : f32 }");
  EXPECT_EQ(sigmoid_attn_compile_module(compiler, module, nullptr, &function),
            SigmoidAttnSuccess)
      << sigmoid_attn_last_error();
  EXPECT_EQ(sigmoid_attn_function_num_results(function), 1u);
  sigmoid_attn_function_release(function);
  mlirModuleDestroy(module);
  EXPECT_EQ(sigmoid_attn_compile_module(compiler, MlirModule{nullptr}, nullptr,
                                        &function),
            SigmoidAttnInvalidArgument);
  sigmoid_attn_compiler_release(compiler);
}

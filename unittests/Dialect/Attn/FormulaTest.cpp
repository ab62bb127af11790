//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The parts of the formula as IR, evaluated by constant folding: derivatives of
// score regions against finite differences, masks against their definition.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/IR/AttnFormula.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace mlir;
using namespace mlir::attn;

namespace {

class FormulaTest : public ::testing::Test {
protected:
  FormulaTest() { context.loadDialect<AttnDialect, func::FuncDialect>(); }

  /// An attention op with the clauses `clauses`, of the given shapes.
  AttentionOpInterface parse(std::string clauses, std::string query = "1x4x8x4",
                             std::string key = "1x2x8x4") {
    std::string q = "tensor<" + query + "xf32>", k = "tensor<" + key + "xf32>";
    std::string code = "func.func @f(%q: " + q + ", %k: " + k +
                       ") {\n %o = attn.sigmoid_attention %q, %k, %k " +
                       clauses + " : (" + q + ", " + k + ", " + k + ") -> " +
                       q + "\n return\n}";
    module = parseSourceString<ModuleOp>(code, &context);
    AttentionOpInterface found;
    if (module)
      module->walk([&](AttentionOpInterface op) { found = op; });
    return found;
  }

  /// Folds the module and returns the constants that `values` have become.
  std::vector<Attribute> fold(AttentionOpInterface op, ValueRange values) {
    OpBuilder builder(op->getBlock()->getTerminator());
    // Uses that folding keeps up to date.
    OperationState state(op.getLoc(), "test.use", values, TypeRange());
    Operation *use = builder.create(state);
    // What has no folder becomes what has one.
    RewritePatternSet patterns(&context);
    math::populateExpansionPatterns(patterns, {"fma", "rsqrt"});
    (void)applyPatternsGreedily(module.get(), std::move(patterns));
    std::vector<Attribute> constants;
    for (Value value : use->getOperands()) {
      Attribute constant;
      matchPattern(value, m_Constant(&constant));
      constants.push_back(constant);
    }
    return constants;
  }

  double toDouble(Attribute attribute) {
    auto constant = dyn_cast_or_null<FloatAttr>(attribute);
    return constant ? constant.getValueAsDouble() : std::nan("not a constant");
  }

  /// Score and derivative of a region at `x`, both folded.
  std::pair<double, double> evaluate(const std::string &body, double x) {
    AttentionOpInterface op =
        parse("score(%x, %b, %h, %i, %j) {\n" + body + "\n}");
    if (!op)
      return {std::nan("does not parse"), std::nan("does not parse")};
    OpBuilder builder(op);
    Location loc = op.getLoc();
    Value score =
        arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(x));
    Value index = arith::ConstantIndexOp::create(builder, loc, 3);
    auto [value, derivative] = inlineScoreAndDerivative(
        builder, loc, op, score, {index, index, index, index});
    std::vector<Attribute> folded = fold(op, {value, derivative});
    return {toDouble(folded[0]), toDouble(folded[1])};
  }

  /// Checks the derivative of a region against central differences.
  void expectDerivative(const std::string &body,
                        std::vector<double> points = {-1.3, 0.4, 2.1}) {
    const double step = 1.0 / 128;
    for (double x : points) {
      double slope =
          (evaluate(body, x + step).first - evaluate(body, x - step).first) /
          (2 * step);
      // f32 rounding of two scores over a step of 2^-7, and step^2 / 6 times
      // the third derivative.
      double tolerance = 2e-3 * std::max(1.0, std::abs(slope));
      EXPECT_NEAR(evaluate(body, x).second, slope, tolerance)
          << "at " << x << " of\n"
          << body;
    }
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

TEST_F(FormulaTest, DerivativeOfArithmetic) {
  expectDerivative("attn.yield %x : f32");
  expectDerivative(R"(%c = arith.constant 2.5 : f32
    %a = arith.mulf %x, %c : f32
    %d = arith.subf %c, %a : f32
    %n = arith.negf %d : f32
    %y = arith.addf %n, %x : f32
    attn.yield %y : f32)");
  expectDerivative(R"(%s = arith.mulf %x, %x : f32
    %c = arith.constant 4.0 : f32
    %t = arith.addf %s, %c : f32
    %y = arith.divf %x, %t : f32
    attn.yield %y : f32)");
  expectDerivative(R"(%y = math.fma %x, %x, %x : f32
    attn.yield %y : f32)");
  expectDerivative(R"(%w = arith.extf %x : f32 to f64
    %s = arith.mulf %w, %w : f64
    %y = arith.truncf %s : f64 to f32
    attn.yield %y : f32)",
                   // Squares that f32 holds: others do not fold.
                   {-1.25, 0.5, 2.0});
}

TEST_F(FormulaTest, DerivativeOfFunctions) {
  for (std::string function :
       {"exp", "exp2", "expm1", "tanh", "sin", "cos", "atan", "absf", "erf"})
    expectDerivative("%y = math." + function +
                     " %x : f32\nattn.yield %y : f32");
  for (std::string function : {"log", "log2", "log1p", "sqrt", "rsqrt"})
    expectDerivative("%y = math." + function + " %x : f32\nattn.yield %y : f32",
                     {0.5, 1.0, 3.0});
}

TEST_F(FormulaTest, DerivativeOfPowers) {
  expectDerivative(R"(%c = arith.constant 2.5 : f32
    %y = math.powf %x, %c : f32
    attn.yield %y : f32)",
                   {0.5, 1.7});
  expectDerivative(R"(%c = arith.constant 1.5 : f32
    %y = math.powf %c, %x : f32
    attn.yield %y : f32)");
}

TEST_F(FormulaTest, DerivativeOfChoices) {
  for (std::string choice : {"maximumf", "minimumf", "maxnumf", "minnumf"})
    expectDerivative("%c = arith.constant 0.5 : f32\n%m = arith.mulf %x, %x : "
                     "f32\n%y = arith." +
                     choice + " %m, %c : f32\nattn.yield %y : f32");
  expectDerivative(R"(%zero = arith.constant 0.0 : f32
    %big = arith.constant 3.0 : f32
    %p = arith.cmpf ogt, %x, %zero : f32
    %m = arith.mulf %x, %big : f32
    %y = arith.select %p, %m, %zero : f32
    attn.yield %y : f32)");
}

TEST_F(FormulaTest, DerivativeOfSteps) {
  auto [value, derivative] = evaluate(R"(%f = math.floor %x : f32
    %y = arith.addf %f, %x : f32
    attn.yield %y : f32)",
                                      1.75);
  EXPECT_EQ(value, 2.75);
  EXPECT_EQ(derivative, 1.0);
}

TEST_F(FormulaTest, DerivativeOfWhatIgnoresTheScore) {
  EXPECT_EQ(evaluate(R"(%c = arith.constant 7.0 : f32
    attn.yield %c : f32)",
                     0.5),
            std::make_pair(7.0, 0.0));
}

TEST_F(FormulaTest, AbsoluteValueHasNoSlopeAtZero) {
  EXPECT_EQ(
      evaluate("%y = math.absf %x : f32\nattn.yield %y : f32", 0.0).second,
      0.0);
}

TEST_F(FormulaTest, DefaultScaleIsTheSameFloatStaticOrNot) {
  for (int64_t headDim : {1, 3, 64, 72, 80, 96, 112, 128, 192, 256}) {
    std::string shape = "1x4x8x" + std::to_string(headDim);
    AttentionOpInterface op = parse("", shape, shape);
    ASSERT_TRUE(op);
    OpBuilder builder(op);
    double scale =
        toDouble(fold(op, materializeScale(builder, op.getLoc(), op))[0]);
    EXPECT_EQ(scale, static_cast<float>(1.0 / std::sqrt(double(headDim))));
  }
}

TEST_F(FormulaTest, GroupSize) {
  EXPECT_EQ(parse("", "1x4x8x4", "1x2x8x4").getStaticGroupSize(), 2);
  EXPECT_EQ(parse("", "1x0x8x4", "1x0x8x4").getStaticGroupSize(), 1);
  EXPECT_EQ(parse("", "1x?x8x4", "1x2x8x4").getStaticGroupSize(), std::nullopt);
}

/// Whether query `i` sees key `j` by the definition of the mask.
bool sees(MaskAttr mask, int64_t i, int64_t j, int64_t diagonal) {
  return (!mask.getLeft() || i + diagonal - *mask.getLeft() <= j) &&
         (!mask.getRight() || j <= i + diagonal + *mask.getRight());
}

TEST_F(FormulaTest, RangesOfVisibleKeys) {
  AttentionOpInterface op = parse("");
  OpBuilder builder(op);
  Location loc = op.getLoc();
  std::vector<std::optional<int64_t>> bounds = {std::nullopt, 0, 1, 5};
  const int64_t keys = 7, tile = 3;
  for (auto left : bounds)
    for (auto right : bounds)
      for (int64_t diagonal : {-4, 0, 2})
        for (int64_t first : {0, 2, 6}) {
          MaskAttr mask = MaskAttr::get(&context, left, right);
          auto index = [&](int64_t value) -> OpFoldResult {
            return builder.getIndexAttr(value);
          };
          KeyRange any = getKeysVisibleToAny(builder, loc, mask, index(first),
                                             index(first + tile),
                                             index(diagonal), index(keys));
          KeyRange all = getKeysVisibleToAll(builder, loc, mask, index(first),
                                             index(first + tile),
                                             index(diagonal), index(keys));
          for (int64_t j = 0; j < keys; ++j) {
            int64_t seenBy = 0;
            for (int64_t i = first; i < first + tile; ++i)
              seenBy += sees(mask, i, j, diagonal);
            auto contains = [&](KeyRange range) {
              return getConstantIntValue(range.begin) <= j &&
                     j < getConstantIntValue(range.end);
            };
            EXPECT_EQ(contains(all), seenBy == tile);
            // The hull of what the queries see: it may hold gaps only if the
            // band is empty.
            if (seenBy)
              EXPECT_TRUE(contains(any));
            else
              EXPECT_FALSE(contains(any));
          }
        }
}

TEST_F(FormulaTest, VisibilityOfOneScore) {
  for (auto [left, right] :
       {std::pair<std::optional<int64_t>, std::optional<int64_t>>{2, 1},
        {std::nullopt, 0},
        {3, std::nullopt}})
    for (int64_t i = 0; i < 6; ++i)
      for (int64_t j = 0; j < 6; ++j) {
        AttentionOpInterface op = parse("");
        OpBuilder builder(op);
        MaskAttr mask = MaskAttr::get(&context, left, right);
        auto index = [&](int64_t value) -> Value {
          return arith::ConstantIndexOp::create(builder, op.getLoc(), value);
        };
        Value visible = materializeVisible(builder, op.getLoc(), mask, index(i),
                                           index(j), index(-1));
        auto folded = dyn_cast_or_null<IntegerAttr>(fold(op, visible)[0]);
        ASSERT_TRUE(folded);
        EXPECT_EQ(folded.getValue().getBoolValue(), sees(mask, i, j, -1));
      }
}

TEST_F(FormulaTest, NoMaskHasNoPredicate) {
  AttentionOpInterface op = parse("");
  OpBuilder builder(op);
  MaskAttr unbounded = MaskAttr::get(&context, std::nullopt, std::nullopt);
  for (MaskAttr mask : {MaskAttr(), unbounded})
    EXPECT_FALSE(materializeVisible(builder, op.getLoc(), mask, {}, {}, {}));
}

} // namespace

//===- AttnAttrs.td - attn dialect attributes --------------*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNATTRS_TD
#define SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNATTRS_TD

include "sigmoid-attn/Dialect/Attn/IR/AttnDialect.td"
include "sigmoid-attn/Dialect/Attn/IR/AttnSchedule.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

class Attn_Attr<string name, string attrMnemonic> : AttrDef<Attn_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def Attn_MaskAttr : Attn_Attr<"Mask", "mask"> {
  let summary = "a diagonal band of visible scores";
  let description = [{
    Query `i` sees key `j` where `i + s - left <= j <= i + s + right`, with
    `s = key length - query length`: the band is aligned to the bottom right
    corner, so that the last query is at the last key. A side that is absent is
    unbounded. Scores outside the band contribute exactly 0.

    `causal` is short for a band with no left bound and `right = 0`;
    `window<l, r>` has both bounds, of which `*` means unbounded.

    ```mlir
    #attn.mask<causal>
    #attn.mask<window 128, 0>
    #attn.mask<window *, 16>
    ```
  }];
  let parameters = (ins
    OptionalParameter<"std::optional<int64_t>", "keys seen to the left">:$left,
    OptionalParameter<"std::optional<int64_t>", "keys seen to the right">:$right);
  let extraClassDeclaration = [{
    /// The mask under which a query sees every key up to its own position.
    static MaskAttr getCausal(::mlir::MLIRContext *context);
    bool isCausal() const { return !getLeft() && getRight() == 0; }
    /// Whether no score is outside the band, whatever the lengths.
    bool isUnbounded() const { return !getLeft() && !getRight(); }
  }];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Attn_GradientInputs : I32Enum<"GradientInputs", "inputs to derive by", [
    I32EnumCase<"Query", 0, "query">,
    I32EnumCase<"KeyAndValue", 1, "key_value">]> {
  let cppNamespace = "::mlir::attn";
}

def Attn_GradientInputsAttr
    : EnumAttr<Attn_Dialect, Attn_GradientInputs, "wrt"> {
  let assemblyFormat = "`<` $value `>`";
}

#endif // SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNATTRS_TD

// RUN: sigmoid-attn-opt %s -split-input-file -verify-diagnostics -attn-verify-table-reads | FileCheck %s

!q = tensor<2x8x16x4xf32>
!k = tensor<2x8x20x4xf32>

// Exactly large enough.
// CHECK-LABEL: @large_enough
func.func @large_enough(%q: !q, %k: !k, %slopes: tensor<8xf32>, %table: tensor<2x35xf32>) -> !q {
  %c15 = arith.constant 15 : index
  %o = attn.sigmoid_attention %q, %k, %k score(%x, %batch, %head, %i, %j) {
    %slope = tensor.extract %slopes[%head] : tensor<8xf32>
    %distance = arith.subi %j, %i : index
    %column = arith.addi %distance, %c15 : index
    %b = tensor.extract %table[%batch, %column] : tensor<2x35xf32>
    %y = arith.mulf %slope, %b : f32
    attn.yield %y : f32
  } : (!q, !k, !k) -> !q
  return %o : !q
}

// -----

!q = tensor<2x8x16x4xf32>

func.func @too_few_heads(%q: !q, %slopes: tensor<7xf32>) -> !q {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %batch, %head, %i, %j) {
    // expected-error @below {{'tensor.extract' op expected a table of at least 8 in dimension 0, got 7}}
    %slope = tensor.extract %slopes[%head] : tensor<7xf32>
    attn.yield %slope : f32
  } : (!q, !q, !q) -> !q
  return %o : !q
}

// -----

!q = memref<2x8x16x4xf32>
!k = memref<2x8x20x4xf32>

func.func @too_few_distances(%q: !q, %k: !k, %table: memref<2x34xf32>, %o: !q) {
  %c15 = arith.constant 15 : index
  attn.sigmoid_attention %q, %k, %k outs(%o : !q) score(%x, %batch, %head, %i, %j) {
    %distance = arith.subi %j, %i : index
    %column = arith.addi %distance, %c15 : index
    // expected-error @below {{'memref.load' op expected a table of at least 35 in dimension 1, got 34}}
    %b = memref.load %table[%batch, %column] : memref<2x34xf32>
    attn.yield %b : f32
  } : (!q, !k, !k)
  return
}

// -----

!q = tensor<2x8x16x4xf32>

// The region is run for scores that a mask hides, too.
func.func @below_0(%q: !q, %table: tensor<?xf32>) -> !q {
  %o = attn.sigmoid_attention %q, %q, %q mask<causal> score(%x, %batch, %head, %i, %j) {
    %distance = arith.subi %i, %j : index
    // expected-error @below {{'tensor.extract' op expected an index of at least 0 in dimension 0 of the table, got -15}}
    %b = tensor.extract %table[%distance] : tensor<?xf32>
    attn.yield %b : f32
  } : (!q, !q, !q) -> !q
  return %o : !q
}

// -----

!q = tensor<2x8x?x4xf32>
!g = tensor<2x8x?x4xf32>

func.func @gradient(%q: !q, %slopes: tensor<7xf32>) -> (!q, !q, !q) {
  %c1 = arith.constant 1 : index
  %o:3 = attn.sigmoid_attention_backward %q, %q, %q, %q score(%x, %batch, %head, %i, %j) {
    %next = arith.addi %head, %c1 : index
    // expected-error @below {{'tensor.extract' op expected a table of at least 9 in dimension 0, got 7}}
    %slope = tensor.extract %slopes[%next] : tensor<7xf32>
    %y = arith.mulf %x, %slope : f32
    attn.yield %y : f32
  } : (!q, !q, !q, !q) -> (!q, !q, !q)
  return %o#0, %o#1, %o#2 : !q, !q, !q
}

// -----

!q = tensor<2x8x?x4xf32>

// Left to the call: sizes that it knows, indices from memory, and what is read
// under a condition.
// CHECK-LABEL: @not_known
func.func @not_known(%q: !q, %table: tensor<4xf32>, %number: tensor<index>) -> !q {
  %c4 = arith.constant 4 : index
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %batch, %head, %i, %j) {
    %a = tensor.extract %table[%j] : tensor<4xf32>
    %n = tensor.extract %number[] : tensor<index>
    %b = tensor.extract %table[%n] : tensor<4xf32>
    %isThere = arith.cmpi ult, %head, %c4 : index
    %c = scf.if %isThere -> f32 {
      %inside = tensor.extract %table[%head] : tensor<4xf32>
      scf.yield %inside : f32
    } else {
      scf.yield %x : f32
    }
    attn.yield %c : f32
  } : (!q, !q, !q) -> !q
  return %o : !q
}

// -----

!q = tensor<2x0x16x4xf32>

// Nothing is computed, and nothing read.
// CHECK-LABEL: @nothing
func.func @nothing(%q: !q, %slopes: tensor<0xf32>) -> !q {
  %c1 = arith.constant 1 : index
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %batch, %head, %i, %j) {
    %next = arith.addi %head, %c1 : index
    %slope = tensor.extract %slopes[%next] : tensor<0xf32>
    attn.yield %slope : f32
  } : (!q, !q, !q) -> !q
  return %o : !q
}

// -----

!q = tensor<2x8x?x4xf32>

// Sizes that only a call knows drop out.
func.func @by_its_own_size(%q: !q, %table: tensor<?xf32>) -> !q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %batch, %head, %i, %j) {
    %size = tensor.dim %table, %c0 : tensor<?xf32>
    %last = arith.subi %size, %c1 : index
    %a = tensor.extract %table[%last] : tensor<?xf32>
    // expected-error @below {{'tensor.extract' op expected an index below the table's size in dimension 0, got up to that size + 0}}
    %b = tensor.extract %table[%size] : tensor<?xf32>
    %next = arith.addi %size, %c1 : index
    // expected-error @below {{'tensor.extract' op expected an index below the table's size in dimension 0, got up to that size + 1}}
    %c = tensor.extract %table[%next] : tensor<?xf32>
    attn.yield %a : f32
  } : (!q, !q, !q) -> !q
  return %o : !q
}

// -----

!q = tensor<2x8x?x4xf32>

// As many queries as there are back from the last one, and one more.
func.func @from_the_end(%q: !q, %table: tensor<?xf32>) -> !q {
  %c2 = arith.constant 2 : index
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %batch, %head, %i, %j) {
    %length = tensor.dim %q, %c2 : !q
    %back = arith.subi %length, %i : index
    %a = tensor.extract %table[%back] : tensor<?xf32>
    %less = arith.subi %back, %c2 : index
    // expected-error @below {{'tensor.extract' op expected an index of at least 0 in dimension 0 of the table, got -1}}
    %b = tensor.extract %table[%less] : tensor<?xf32>
    attn.yield %a : f32
  } : (!q, !q, !q) -> !q
  return %o : !q
}

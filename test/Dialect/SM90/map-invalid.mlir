// RUN: sigmoid-attn-opt %s -split-input-file -verify-diagnostics

func.func @map_columns(%x0: !sm90.fragment<64x8xf32>) {
  // expected-error @+1 {{'sm90.map' op expected fragments of 8 columns, got '!sm90.fragment<64x16xf32>'}}
  %r = sm90.map %x0 : (!sm90.fragment<64x8xf32>) -> !sm90.fragment<64x16xf32> {
  ^bb0(%e: f32):
    sm90.yield %e : f32
  }
  return
}

// -----

func.func @map_arguments(%x0: !sm90.fragment<64x8xf32>) {
  // expected-error @+1 {{'sm90.map' op expected a region of 1 arguments, or 2 or 3 more for row, column and offset, got 2}}
  %r = sm90.map %x0 : (!sm90.fragment<64x8xf32>) -> !sm90.fragment<64x8xf32> {
  ^bb0(%e: f32, %i: i32):
    sm90.yield %e : f32
  }
  return
}

// -----

func.func @map_no_arguments(%x0: !sm90.fragment<64x8xf32>) {
  // expected-error @+1 {{'sm90.map' op expected an argument for each input, got none}}
  %r = sm90.map %x0 : (!sm90.fragment<64x8xf32>) -> !sm90.fragment<64x8xf32> {
    %c = arith.constant 0.0 : f32
    sm90.yield %c : f32
  }
  return
}

// -----

func.func @map_argument_type(%x0: !sm90.fragment<64x8xf32>) {
  // expected-error @+1 {{'sm90.map' op expected the region's argument to be 'f32', got 'f64'}}
  %r = sm90.map %x0 : (!sm90.fragment<64x8xf32>) -> !sm90.fragment<64x8xf32> {
  ^bb0(%e: f64):
    %c = arith.constant 0.0 : f32
    sm90.yield %c : f32
  }
  return
}

// -----

func.func @map_index_type(%x0: !sm90.fragment<64x8xf32>) {
  // expected-error @+1 {{'sm90.map' op expected row, column and offset to be i32, got 'index'}}
  %r = sm90.map %x0 : (!sm90.fragment<64x8xf32>) -> !sm90.fragment<64x8xf32> {
  ^bb0(%e: f32, %i: i32, %j: index):
    sm90.yield %e : f32
  }
  return
}

// -----

func.func @map_pairs_in(%x0: !sm90.fragment<64x8xbf16>) {
  // expected-error @+1 {{'sm90.map' op expected elements of '!sm90.fragment<64x8xbf16>' in pairs}}
  %r = sm90.map %x0 : (!sm90.fragment<64x8xbf16>) -> !sm90.fragment<64x8xf32> {
  ^bb0(%e: bf16):
    %c = arith.constant 0.0 : f32
    sm90.yield %c : f32
  }
  return
}

// -----

func.func @map_pairs_out(%x0: !sm90.fragment<64x8xf32>) {
  // expected-error @+1 {{'sm90.map' op expected elements of '!sm90.fragment<64x8xbf16>' in pairs}}
  %r = sm90.map %x0 : (!sm90.fragment<64x8xf32>) -> !sm90.fragment<64x8xbf16> {
  ^bb0(%e: f32):
    %c = arith.constant 0.0 : bf16
    sm90.yield %c : bf16
  }
  return
}

// -----

func.func @map_yields(%x0: !sm90.fragment<64x8xf32>) {
  // expected-error @+1 {{'sm90.map' op expected its region to yield 1 values, got 2}}
  %r = sm90.map %x0 : (!sm90.fragment<64x8xf32>) -> !sm90.fragment<64x8xf32> {
  ^bb0(%e: f32):
    sm90.yield %e, %e : f32, f32
  }
  return
}

// -----

func.func @map_yield_type(%x0: !sm90.fragment<64x8xf32>) {
  // expected-error @+1 {{'sm90.map' op expected the yielded value to be 'vector<2xf32>', got 'f32'}}
  %r = sm90.map %x0 : (!sm90.fragment<64x8xf32>) -> !sm90.fragment<64x8xf32> {
  ^bb0(%e: vector<2xf32>):
    %c = arith.constant 0.0 : f32
    sm90.yield %c : f32
  }
  return
}

// -----

func.func @map_nothing() {
  // expected-error @+1 {{'sm90.map' op expected at least 1 input and 1 result}}
  "sm90.map"() ({
    "sm90.yield"() : () -> ()
  }) : () -> ()
  return
}

// -----

func.func @map_terminator(%x0: !sm90.fragment<64x8xf32>) {
  // expected-error @+1 {{'sm90.map' op expected its region to end in sm90.yield}}
  %r = sm90.map %x0 : (!sm90.fragment<64x8xf32>) -> !sm90.fragment<64x8xf32> {
  ^bb0(%e: f32):
    llvm.unreachable
  }
  return
}

// -----

func.func @fold_yield(%x: !sm90.fragment<64x8xf32>, %i: f32) {
  // expected-error @+1 {{'sm90.fold' op expected its region to yield one 'f32'}}
  %r = sm90.fold %x init(%i) : !sm90.fragment<64x8xf32>, f32 {
  ^bb0(%s: f32, %e: f32):
    sm90.yield
  }
  return
}

// -----

func.func @fold_arguments(%x: !sm90.fragment<64x8xf32>, %i: f32) {
  // expected-error @+1 {{'sm90.fold' op expected a region of 'f32' and the element}}
  %r = sm90.fold %x init(%i) : !sm90.fragment<64x8xf32>, f32 {
  ^bb0(%s: f32):
    sm90.yield %s : f32
  }
  return
}

// -----

func.func @odds(%e: vector<1x2xf32>) {
  // expected-error @+1 {{'sm90.from_odds' op operand #0 must be 32-bit float or vector<2xf32>, but got 'vector<1x2xf32>'}}
  %p = sm90.from_odds %e : vector<1x2xf32>
  return
}

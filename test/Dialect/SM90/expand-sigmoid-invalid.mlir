// RUN: sigmoid-attn-opt %s -split-input-file -sm90-expand-sigmoid -verify-diagnostics

func.func @no_map(%x: f32) -> f32 {
  // expected-error@+1 {{expected sm90.map as parent}}
  %p = sm90.sigmoid fast %x : f32
  return %p : f32
}

// -----

!acc = !sm90.fragment<64x16xf32>
func.func @more_than_the_sigmoid(%s: !acc) -> !acc {
  %w = sm90.map %s : (!acc) -> !acc {
  ^bb0(%x: f32):
    // expected-error@+1 {{expected a map that gives the sigmoid alone}}
    %p = sm90.sigmoid fast %x : f32
    %y = arith.addf %p, %x : f32
    sm90.yield %y : f32
  }
  return %w : !acc
}

// -----

!acc = !sm90.fragment<64x16xf32>
func.func @weights_leave(%s: !acc) -> !acc {
  %w = sm90.map %s : (!acc) -> !acc {
  ^bb0(%x: f32):
    %p = sm90.sigmoid fast %x : f32
    sm90.yield %p : f32
  }
  // expected-error@+1 {{expected weights to go into products and their sums alone}}
  return %w : !acc
}

// -----

!acc = !sm90.fragment<64x16xf32>

func.func @mixed(%s: !acc, %condition: i1) -> !acc {
  %w = scf.if %condition -> (!acc) {
    %a = sm90.map %s : (!acc) -> !acc {
    ^bb0(%x: f32):
      // expected-error @+1 {{'sm90.sigmoid' op expected each side of a branch to give fast sigmoids alone, or 0}}
      %q = sm90.sigmoid fast %x : f32
      sm90.yield %q : f32
    }
    scf.yield %a : !acc
  } else {
    %b = sm90.map %s : (!acc) -> !acc {
    ^bb0(%x: f32):
      %q = sm90.sigmoid exact %x : f32
      sm90.yield %q : f32
    }
    scf.yield %b : !acc
  }
  return %w : !acc
}

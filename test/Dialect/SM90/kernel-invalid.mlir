// RUN: sigmoid-attn-opt %s -split-input-file -verify-diagnostics

// expected-error @+1 {{'sm90.kernel' op expected a name that PTX can write (letters, digits, _ and $, no digit first), got "a-b"}}
sm90.kernel @"a-b"() {
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

// expected-error @+1 {{'sm90.kernel' op expected a name that PTX can write (letters, digits, _ and $, no digit first), got "ä"}}
sm90.kernel @"ä"() {
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

// expected-error @+1 {{'sm90.kernel' op expected a name that PTX can write (letters, digits, _ and $, no digit first), got "1st"}}
sm90.kernel @"1st"() {
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

// expected-error @+1 {{'sm90.kernel' op expected a name that PTX can write (letters, digits, _ and $, no digit first), got "$"}}
sm90.kernel @"$"() {
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

// expected-error @+1 {{'sm90.kernel' op expected a name that PTX can write (letters, digits, _ and $, no digit first), got ""}}
sm90.kernel @""() {
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

// expected-error @+1 {{'sm90.kernel' op expected a name that PTX can write (letters, digits, _ and $, no digit first), got "WARP_SZ"}}
sm90.kernel @"WARP_SZ"() {
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

// expected-error @+1 {{'sm90.kernel' op expected no results, got 1}}
sm90.kernel @results() -> i32 {
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

// expected-error @+1 {{'sm90.kernel' op expected argument 1 to be a scalar, a pointer or a tensor map, got 'tensor<4xf32>'}}
sm90.kernel @argument_types(%a: f32, %b: tensor<4xf32>) {
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

// expected-error @+1 {{'sm90.kernel' op expected 1 sm90.warp_specialize, got 0}}
sm90.kernel @no_roles() {
  sm90.return
}

// -----

// expected-error @+1 {{'sm90.kernel' op expected sm90.return right after sm90.warp_specialize}}
sm90.kernel @code_after_roles() {
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  %c0 = arith.constant 0 : i32
  sm90.return
}

// -----

sm90.kernel @number_of_consumers() {
  // expected-error @+1 {{'sm90.warp_specialize' op expected 1 to 7 consumers, got 8}}
  sm90.warp_specialize producer registers(24) {
  } consumers(8) registers(24) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @register_step() {
  // expected-error @+1 {{'sm90.warp_specialize' op expected register budgets to be multiples of 8 from 24 to 240, got 100}}
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(100) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @too_many_registers() {
  // expected-error @+1 {{'sm90.warp_specialize' op register budgets do not fit: 24 + 4 * 120 = 504, but a block of 640 threads is given 5 * 96 = 480}}
  sm90.warp_specialize producer registers(24) {
  } consumers(4) registers(120) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @producer_arguments() {
  // expected-error @+1 {{'sm90.warp_specialize' op expected no arguments of the producer region, got 1}}
  sm90.warp_specialize producer registers(24) {
  ^bb0(%x: i32):
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @consumer_arguments() {
  // expected-error @+1 {{'sm90.warp_specialize' op expected the consumer region to have one i32 argument, the warpgroup's number}}
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i64):
  }
  sm90.return
}

// -----

sm90.kernel @roles_yield() {
  // expected-error @+1 {{'sm90.warp_specialize' op expected its regions to yield nothing}}
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    sm90.yield %wg : i32
  }
  sm90.return
}

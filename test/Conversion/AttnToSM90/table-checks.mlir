// RUN: sigmoid-attn-opt %s -attn-select-schedule -convert-attn-to-sm90 | sed -e 's/\\22/\x27/g' -e 's/\\0A/\n/g' | FileCheck %s

// What score regions read becomes checks of the recipe: the table is as large
// as the largest index says, and no index is below 0.

!q = memref<?x?x?x64xbf16>
!k = memref<2x8x?x64xbf16>

// CHECK: 'name': 'positions'
// CHECK: 'checks': [{{.*}}{'value': 'key.size.2', 'max': 1073741824},
// CHECK-SAME: {'value': 'argument_3.size.0 - query.size.1', 'min': 0, 'argument': 'argument_3'},
// CHECK-SAME: {'value': 'argument_4.size.0 - query.size.0', 'min': 0, 'argument': 'argument_4'},
// CHECK-SAME: {'value': 'argument_4.size.1 - query.size.2', 'min': 0, 'argument': 'argument_4'},
// CHECK-SAME: {'value': 'argument_4.size.2 - key.size.2', 'min': 0, 'argument': 'argument_4'}]
func.func @positions(%q: !q, %k: !q, %v: !q, %slopes: memref<?xf32>, %table: memref<?x128x?xf32>, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) score(%x, %batch, %head, %i, %j) {
    %slope = memref.load %slopes[%head] : memref<?xf32>
    %again = memref.load %slopes[%head] : memref<?xf32>
    %b = memref.load %table[%batch, %i, %j] : memref<?x128x?xf32>
    %y = arith.mulf %slope, %again : f32
    %z = arith.addf %y, %b : f32
    attn.yield %z : f32
  } : (!q, !q, !q)
  return
}

// Sizes that types tell are numbers; where they tell all, nothing is left.
// CHECK: 'name': 'known_sizes'
// CHECK: {'value': 'key.size.2', 'max': 1073741824},
// CHECK-SAME: {'value': 'argument_3.size.0', 'min': 8, 'argument': 'argument_3'}]
func.func @known_sizes(%q: !k, %k: !k, %v: !k, %slopes: memref<?xf32>, %table: memref<2x8xf32>, %o: !k) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !k) score(%x, %batch, %head, %i, %j) {
    %slope = memref.load %slopes[%head] : memref<?xf32>
    %b = memref.load %table[%batch, %head] : memref<2x8xf32>
    %z = arith.mulf %slope, %b : f32
    attn.yield %z : f32
  } : (!k, !k, !k)
  return
}

// A constant has a size, too, and no name. What never leaves it needs no check.
// CHECK: 'name': 'constant'
// CHECK: {'value': 'key.size.2', 'max': 1073741824},
// CHECK-SAME: {'value': 'query.size.1', 'max': 4}]
memref.global "private" constant @slopes : memref<4xf32> = dense<[0.5, 0.25, 0.125, 0.0625]>
func.func @constant(%q: !q, %k: !q, %v: !q, %o: !q) {
  %c4 = arith.constant 4 : index
  %slopes = memref.get_global @slopes : memref<4xf32>
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) score(%x, %batch, %head, %i, %j) {
    %slope = memref.load %slopes[%head] : memref<4xf32>
    %rest = arith.remui %j, %c4 : index
    %factor = memref.load %slopes[%rest] : memref<4xf32>
    %y = arith.mulf %factor, %slope : f32
    attn.yield %y : f32
  } : (!q, !q, !q)
  return
}

// With an origin positions are the whole problem's.
// CHECK: 'name': 'origin'
// CHECK: {'value': 'key.size.2', 'max': 536870912},
// CHECK-SAME: {'value': 'argument_5', 'min': 0, 'argument': 'argument_3'},
// CHECK-SAME: {'value': 'argument_3.size.0 - (argument_5 + query.size.1)', 'min': 0, 'argument': 'argument_3'},
// CHECK-SAME: {'value': 'argument_3.size.1 - key.size.2', 'min': 32, 'argument': 'argument_3'}]
func.func @origin(%q: !q, %k: !q, %v: !q, %t: memref<?x?xf32>, %o: !q, %h: index) {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) origin(%c0, %h, %c0, %c32, %c0)
      score(%x, %batch, %head, %query, %key) {
    %b = memref.load %t[%head, %key] : memref<?x?xf32>
    %y = arith.addf %x, %b : f32
    attn.yield %y : f32
  } : (!q, !q, !q)
  return
}

// Sums, differences and products of positions that do not depend on each other.
// CHECK: 'name': 'arithmetic'
// CHECK: {'value': 'key.size.2', 'max': 1073741824},
// CHECK-SAME: {'value': 'argument_3.size.0 - query.size.1', 'min': 3, 'argument': 'argument_3'},
// CHECK-SAME: {'value': 'query.size.2', 'max': 257, 'argument': 'argument_3'},
// CHECK-SAME: {'value': 'argument_3.size.0 - key.size.2', 'min': 256, 'argument': 'argument_3'},
// CHECK-SAME: {'value': 'argument_3.size.0 - ((query.size.0 - 1) * query.size.1 + query.size.1)', 'min': 0, 'argument': 'argument_3'},
// CHECK-SAME: {'value': 'argument_3.size.0 - ceildiv(query.size.1, 4)', 'min': 0, 'argument': 'argument_3'}]
func.func @arithmetic(%q: !q, %k: !q, %v: !q, %t: memref<?xf32>, %o: !q) {
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %c256 = arith.constant 256 : i32
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) score(%x, %batch, %head, %i, %j) {
    %shifted = arith.addi %head, %c3 : index
    %y0 = memref.load %t[%shifted] : memref<?xf32>
    %i32 = arith.index_cast %i : index to i32
    %j32 = arith.index_cast %j : index to i32
    %distance = arith.subi %j32, %i32 : i32
    %centered = arith.addi %distance, %c256 : i32
    %wide = arith.index_castui %centered : i32 to index
    %y1 = memref.load %t[%wide] : memref<?xf32>
    %middle = arith.index_cast %centered : i32 to index
    %y2 = memref.load %t[%middle] : memref<?xf32>
    %heads = memref.dim %q, %c1 : !q
    %row = arith.muli %batch, %heads : index
    %pair = arith.addi %row, %head : index
    %y3 = memref.load %t[%pair] : memref<?xf32>
    %keyHead = arith.divui %head, %c4 : index
    %y4 = memref.load %t[%keyHead] : memref<?xf32>
    attn.yield %y0 : f32
  } : (!q, !q, !q)
  return
}

// What bounds an index is taken to be reached.
// CHECK: 'name': 'bounded'
// CHECK: {'value': 'key.size.2', 'max': 1073741824},
// CHECK-SAME: {'value': 'argument_3.size.0 - min(key.size.2, 32)', 'min': 0, 'argument': 'argument_3'},
// CHECK-SAME: {'value': 'argument_3.size.0', 'min': 16, 'argument': 'argument_3'},
// CHECK-SAME: {'value': 'argument_3.size.0 - min(key.size.2, max(argument_3.size.0, 1))', 'min': 0, 'argument': 'argument_3'},
// CHECK-SAME: {'value': 'argument_3.size.0 - min(max(query.size.2, 1), 9)', 'min': 0, 'argument': 'argument_3'}]
func.func @bounded(%q: !q, %k: !q, %v: !q, %t: memref<?xf32>, %n: memref<i32>, %o: !q) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %c16 = arith.constant 16 : index
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) score(%x, %batch, %head, %i, %j) {
    %rest = arith.remui %j, %c32 : index
    %y0 = memref.load %t[%rest] : memref<?xf32>
    %number = memref.load %n[] : memref<i32>
    %from_memory = arith.index_cast %number : i32 to index
    %some = arith.remui %from_memory, %c16 : index
    %y1 = memref.load %t[%some] : memref<?xf32>
    %size = memref.dim %t, %c0 : memref<?xf32>
    %there = arith.remui %j, %size : index
    %y2 = memref.load %t[%there] : memref<?xf32>
    %distance = arith.subi %i, %j : index
    %above = arith.maxsi %distance, %c0 : index
    %clamped = arith.minsi %above, %c8 : index
    %y3 = memref.load %t[%clamped] : memref<?xf32>
    attn.yield %y0 : f32
  } : (!q, !q, !q)
  return
}

// Nothing is known of numbers from memory, of values that depend on each other,
// and of what is read under a condition.
// CHECK: 'name': 'unknown'
// CHECK: {'value': 'key.size.2', 'max': 1073741824}]
func.func @unknown(%q: !q, %k: !q, %v: !q, %t: memref<?xf32>, %n: memref<i32>, %o: !q) {
  %c0 = arith.constant 0 : index
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) score(%x, %batch, %head, %i, %j) {
    %number = memref.load %n[] : memref<i32>
    %from_memory = arith.index_cast %number : i32 to index
    %y0 = memref.load %t[%from_memory] : memref<?xf32>
    %square = arith.muli %head, %head : index
    %y1 = memref.load %t[%square] : memref<?xf32>
    %distance = arith.subi %i, %j : index
    %isSeen = arith.cmpi sge, %distance, %c0 : index
    %chosen = arith.select %isSeen, %distance, %c0 : index
    %y2 = memref.load %t[%chosen] : memref<?xf32>
    %byte = arith.index_cast %j : index to i8
    %small = arith.index_castui %byte : i8 to index
    %y3 = memref.load %t[%small] : memref<?xf32>
    %y4 = scf.if %isSeen -> f32 {
      %inside = memref.load %t[%distance] : memref<?xf32>
      scf.yield %inside : f32
    } else {
      scf.yield %x : f32
    }
    attn.yield %y4 : f32
  } : (!q, !q, !q)
  return
}

// An index of more levels than an expression can have, or with numbers that no
// condition has, is not checked. Two minus signs cancel.
// CHECK: 'name': 'deep'
// CHECK: {'value': 'key.size.2', 'max': 1073741824},
// CHECK-SAME: {'value': 'argument_3', 'min': -10, 'argument': 'argument_5'},
// CHECK-SAME: {'value': 'argument_5.size.0 - (key.size.2 + argument_3)', 'min': 10, 'argument': 'argument_5'}]
func.func @deep(%q: !q, %k: !q, %v: !q, %n: index, %m: index, %t: memref<?xf32>, %o: !q) {
  %c5 = arith.constant 5 : index
  %c15 = arith.constant 15 : index
  %lowest = arith.constant -9223372036854775808 : index
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) score(%x, %batch, %head, %i, %j) {
    %0 = arith.addi %j, %n : index
    %1 = arith.subi %m, %0 : index
    %2 = arith.subi %n, %1 : index
    %3 = arith.subi %m, %2 : index
    %4 = arith.subi %n, %3 : index
    %5 = arith.subi %m, %4 : index
    %6 = arith.subi %n, %5 : index
    %7 = arith.subi %m, %6 : index
    %8 = arith.subi %n, %7 : index
    %9 = arith.subi %m, %8 : index
    %10 = arith.subi %n, %9 : index
    %11 = arith.subi %m, %10 : index
    %12 = arith.subi %n, %11 : index
    %13 = arith.subi %m, %12 : index
    %14 = arith.subi %n, %13 : index
    %y0 = memref.load %t[%14] : memref<?xf32>
    %back = arith.subi %c5, %0 : index
    %forth = arith.subi %c15, %back : index
    %y1 = memref.load %t[%forth] : memref<?xf32>
    %far = arith.addi %j, %lowest : index
    %y2 = memref.load %t[%far] : memref<?xf32>
    attn.yield %y1 : f32
  } : (!q, !q, !q)
  return
}

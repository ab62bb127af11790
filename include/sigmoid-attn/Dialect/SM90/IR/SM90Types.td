//===- SM90Types.td - sm90 dialect types -------------------*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_SM90_IR_SM90TYPES_TD
#define SIGMOID_ATTN_DIALECT_SM90_IR_SM90TYPES_TD

include "sigmoid-attn/Dialect/SM90/IR/SM90Dialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinTypeInterfaces.td"

class SM90_Type<string name, string typeMnemonic> : TypeDef<SM90_Dialect, name> {
  let mnemonic = typeMnemonic;
  let genVerifyDecl = 1;
}

def SM90_TileType : SM90_Type<"Tile", "tile"> {
  let summary = "a tile in swizzled shared memory";
  let description = [{
    `rows x cols` elements of a 16-bit type. The tile is cut into boxes of 64
    columns (128 bytes), one after the other; a box is `box_rows` rows of 128
    bytes in the 128-byte swizzle, its address a multiple of 1024. With byte
    offset `x = row * 128 + (col % 64) * 2` inside the box, the element is at

    ```
    base + (col / 64) * box_rows * 128 + (x ^ ((x >> 3) & 0x70))
    ```

    which is what a TMA copy with `swizzle_128b` writes and what wgmma reads
    through a descriptor. `box_rows` is `rows` except in a slice of a taller
    tile.

    ```mlir
    !sm90.tile<128x64xbf16>
    !sm90.tile<16x128xbf16, box_rows = 128>
    ```
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$cols, "Type":$elementType,
                        "int64_t":$boxRows);
  let builders = [
    TypeBuilderWithInferredContext<(ins "int64_t":$rows, "int64_t":$cols,
                                        "Type":$elementType), [{
      return $_get(elementType.getContext(), rows, cols, elementType, rows);
    }]>
  ];
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    /// Columns of one swizzled box: 128 bytes of 16-bit elements.
    static constexpr int64_t kBoxCols = 64;
    /// Bytes of one row of a box.
    static constexpr int64_t kBoxRowBytes = 128;
    /// Number of 64-column boxes that hold the columns.
    int64_t getNumBoxes() const { return (getCols() + kBoxCols - 1) / kBoxCols; }
    /// Bytes from one box to the next.
    int64_t getBoxBytes() const { return getBoxRows() * kBoxRowBytes; }
    /// Bytes of a whole tile (not of a slice).
    int64_t getSizeInBytes() const { return getNumBoxes() * getBoxBytes(); }
    /// Whether the tile is part of a taller one.
    bool isSlice() const { return getRows() != getBoxRows(); }
  }];
}

def SM90_RingType : SM90_Type<"Ring", "ring"> {
  let summary = "a queue in shared memory between a writer and its readers";
  let description = [{
    `stages` slots, each with a full barrier (the writer's data has arrived) and
    an empty barrier (every reader is done). A slot holds one or more tiles that
    come and go together, or one `i32`, a message from one thread to the readers
    (the next tile index of a dynamic scheduler).

    ```mlir
    !sm90.ring<2, !sm90.tile<128x128xbf16>>
    !sm90.ring<6, !sm90.tile<64x64xbf16>, !sm90.tile<64x64xbf16>>
    !sm90.ring<2, i32>
    ```
  }];
  let parameters = (ins "int64_t":$stages, ArrayRefParameter<"Type">:$payload);
  let assemblyFormat = "`<` $stages `,` $payload `>`";
  let extraClassDeclaration = [{
    /// Bytes of a message.
    static constexpr int64_t kMessageBytes = 4;
    /// Whether a slot is a message and not tiles.
    bool isMessage() const;
    /// Bytes that the copies into one slot bring.
    int64_t getStageBytes() const;
  }];
}

def SM90_CursorType : SM90_Type<"Cursor", "cursor"> {
  let summary = "a position in a ring: the stage and the parity of its phase";
  let description = [{
    Where a reader or writer stands in rings of `stages` stages. Each thread
    that uses a ring keeps its own cursor, starts it with `sm90.start` and moves
    it by `sm90.advance`; all walk through the stages in the same order. It
    lowers to two `i32`.
  }];
  let parameters = (ins "int64_t":$stages);
  let assemblyFormat = "`<` $stages `>`";
}

class SM90_FragmentLike<string name, string typeMnemonic>
    : SM90_Type<name, typeMnemonic> {
  let parameters = (ins "int64_t":$rows, "int64_t":$cols, "Type":$elementType);
  let hasCustomAssemblyFormat = 1;
  let builders = [
    TypeBuilderWithInferredContext<(ins "int64_t":$rows, "int64_t":$cols,
                                        "Type":$elementType), [{
      return $_get(elementType.getContext(), rows, cols, elementType);
    }]>
  ];
}

def SM90_FragmentType : SM90_FragmentLike<"Fragment", "fragment"> {
  let summary = "a matrix in the registers of one warpgroup";
  let description = [{
    64 rows (one warpgroup's share) of `cols` columns, a multiple of 8, of f32,
    bf16 or f16, in the accumulator layout of wgmma m64nN: thread `t` of the
    warpgroup holds rows `16 * (t / 32) + (t % 32) / 4` and that plus 8, columns
    `2 * (t % 4) + {0, 1} + 8 * j`. With `N = cols`, it lowers to N/2 values f32
    a thread, or N/4 values `i32`, each a pair of neighbouring columns of a
    16-bit type. In that form the fragment is a wgmma's A operand as it stands.

    Register `i` of an f32 fragment is row `+ 8 * ((i >> 1) & 1)`, column
    `8 * (i >> 2) + (i & 1)` from the thread's first; register `i` of a 16-bit
    fragment holds the f32 registers `2 i` (low half) and `2 i + 1`.
  }];
  let extraClassDeclaration = [{
    /// Rows of a fragment: what one warpgroup's wgmma computes.
    static constexpr int64_t kRows = 64;
    /// 32-bit registers that a thread holds.
    int64_t getNumRegisters() const {
      return getElementType().isF32() ? getCols() / 2 : getCols() / 4;
    }
  }];
}

def SM90_PendingType : SM90_FragmentLike<"Pending", "pending"> {
  let summary = "a fragment that wgmma is still writing";
  let description = [{
    The result of an `sm90.wgmma` before it is awaited. It may be accumulated on
    by another `sm90.wgmma`, or awaited; nothing else can read it.
  }];
  let extraClassDeclaration = [{
    /// The fragment that awaiting gives.
    FragmentType getFragment() const {
      return FragmentType::get(getRows(), getCols(), getElementType());
    }
  }];
}

#endif // SIGMOID_ATTN_DIALECT_SM90_IR_SM90TYPES_TD

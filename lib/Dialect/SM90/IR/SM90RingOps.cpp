//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shared memory, rings and copies: verification.
//
//===----------------------------------------------------------------------===//

#include "ColumnRange.h"

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::sm90;

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

/// Checks that an address fits the alignment of swizzled tiles.
static LogicalResult verifyTileOffset(Operation *op,
                                      std::optional<int64_t> offset) {
  if (offset && (*offset < 0 || *offset % 1024 != 0))
    return op->emitOpError("expected the offset to be a multiple of 1024, got ")
           << *offset;
  return success();
}

LogicalResult AllocTileOp::verify() {
  if (getTile().getType().isSlice())
    return emitOpError("expected a whole tile, got the slice ")
           << getTile().getType();
  return verifyTileOffset(*this, getOffset());
}

/// Checks that the rows of a tile can be dealt out to the blocks of a cluster;
/// swizzle atoms are 8 rows high.
static LogicalResult verifyShares(Operation *op, TileType tile,
                                  int64_t blocks) {
  if (tile.getRows() % (8 * blocks) == 0)
    return success();
  return op->emitOpError("expected a multiple of 8 rows for each of ")
         << blocks << " blocks, got " << tile;
}

/// Checks that the cluster that shares a ring is the kernel's, and that its
/// blocks can divide the tiles among themselves.
static LogicalResult verifyShared(AllocRingOp ring) {
  int64_t blocks = ring.getCluster();
  auto kernel = dyn_cast_or_null<KernelOp>(ring->getParentOp());
  if (blocks != 1 && kernel && blocks != kernel.getCluster())
    return ring.emitOpError("expected a cluster of 1 block or of the kernel's ")
           << kernel.getCluster() << ", got " << blocks;
  for (Type type : ring.getRing().getType().getPayload())
    if (auto tile = dyn_cast<TileType>(type);
        tile && failed(verifyShares(ring, tile, blocks)))
      return failure();
  return success();
}

LogicalResult AllocRingOp::verify() {
  if (getReaders() < 1)
    return emitOpError("expected at least 1 reader, got ") << getReaders();
  if (getCluster() < 1)
    return emitOpError("expected a cluster of at least 1 block, got ")
           << getCluster();
  if (failed(verifyShared(*this)))
    return failure();
  // The accessors of I64Attr are unsigned.
  auto barriers = static_cast<int64_t>(getBarriers().value_or(0));
  if (barriers < 0 || barriers % 8 != 0)
    return emitOpError("expected the barriers' offset to be a multiple of 8, "
                       "got ")
           << barriers;
  if (!getRing().getType().isMessage())
    return verifyTileOffset(*this, getOffset());
  if (getScope() != Scope::Warp)
    return emitOpError("expected a message ring to be released per warp");
  auto offset = static_cast<int64_t>(getOffset().value_or(0));
  if (offset < 0 || offset % 4 != 0)
    return emitOpError("expected the offset of messages to be a multiple of 4, "
                       "got ")
           << offset;
  return success();
}

LogicalResult SliceOp::verify() {
  TileType source = getSource().getType(), result = getResult().getType();
  if (source.getElementType() != result.getElementType())
    return emitOpError("expected element type ")
           << source.getElementType() << ", got " << result.getElementType();
  if (source.getBoxRows() != result.getBoxRows())
    return emitOpError("expected box_rows = ")
           << source.getBoxRows() << ", got " << result.getBoxRows();
  int64_t col = getCol();
  if (failed(verifyColumns(*this, col, result.getCols(), source.getCols())))
    return failure();
  if (col % TileType::kBoxCols != 0 &&
      col % TileType::kBoxCols + result.getCols() > TileType::kBoxCols)
    return emitOpError("columns ") << col << " to " << col + result.getCols()
                                   << " straddle boxes of 64 columns";
  APInt row;
  if (!matchPattern(getRow(), m_ConstantInt(&row)))
    return success();
  int64_t first = row.getSExtValue();
  if (first < 0 || first % 8 != 0)
    return emitOpError("expected the row to be a multiple of 8, got ") << first;
  if (first + result.getRows() > source.getRows())
    return emitOpError("rows ")
           << first << " to " << first + result.getRows() << " exceed the "
           << source.getRows() << " of the source";
  return success();
}

//===----------------------------------------------------------------------===//
// Rings
//===----------------------------------------------------------------------===//

/// Checks that the results are what a slot of the ring holds.
static LogicalResult verifyPayload(Operation *op, RingType ring,
                                   ArrayRef<Type> expected) {
  if (op->getNumResults() != expected.size())
    return op->emitOpError("expected ")
           << expected.size() << " results for a slot of " << ring << ", got "
           << op->getNumResults();
  for (auto [index, types] :
       llvm::enumerate(llvm::zip_equal(op->getResultTypes(), expected)))
    if (std::get<0>(types) != std::get<1>(types))
      return op->emitOpError("expected result ")
             << index << " to be " << std::get<1>(types) << ", got "
             << std::get<0>(types);
  return success();
}

LogicalResult ReserveOp::verify() {
  RingType ring = getRing().getType();
  return verifyPayload(*this, ring,
                       ring.isMessage() ? ArrayRef<Type>() : ring.getPayload());
}

LogicalResult SendOp::verify() {
  if (!getRing().getType().isMessage())
    return emitOpError("expected a message ring, got ") << getRing().getType();
  return success();
}

LogicalResult WaitOp::verify() {
  return verifyPayload(*this, getRing().getType(),
                       getRing().getType().getPayload());
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

/// Checks that a tensor map's box can be repeated to make up `wantedRows` rows
/// of the tile.
static LogicalResult verifyBox(Operation *op,
                               nvgpu::TensorMapDescriptorType map,
                               TileType tile, int64_t wantedRows,
                               int64_t numCoordinates) {
  MemRefType box = map.getTensor();
  if (map.getSwizzle() != nvgpu::TensorMapSwizzleKind::SWIZZLE_128B)
    return op->emitOpError("expected a tensor map with swizzle_128b");
  if (box.getElementType() != tile.getElementType())
    return op->emitOpError("expected a tensor map of ")
           << tile.getElementType() << ", got " << box.getElementType();
  if (box.getRank() < 2 || box.getRank() > 5)
    return op->emitOpError("expected a box of rank 2 to 5, got ")
           << box.getRank();
  if (numCoordinates != box.getRank())
    return op->emitOpError("expected ")
           << box.getRank() << " coordinates, got " << numCoordinates;
  ArrayRef<int64_t> shape = box.getShape();
  if (shape.back() != TileType::kBoxCols)
    return op->emitOpError("expected a box of 64 columns, got ")
           << shape.back();
  int64_t rows = shape[shape.size() - 2];
  if (rows != wantedRows)
    return op->emitOpError("expected a box of ")
           << wantedRows << " rows, as "
           << (wantedRows == tile.getRows() ? "the tile's" : "a block's share")
           << ", got " << rows;
  if (rows > 256)
    return op->emitOpError("expected a box of at most 256 rows, got ") << rows;
  for (int64_t size : shape.drop_back(2))
    if (size != 1)
      return op->emitOpError(
                 "expected a box of 1 in the outer dimensions, got ")
             << size;
  return success();
}

LogicalResult TmaLoadOp::verify() {
  TileType tile = getTile().getType();
  int64_t blocks = getRing().getDefiningOp<AllocRingOp>().getCluster();
  if (failed(verifyShares(*this, tile, blocks)))
    return failure();
  return verifyBox(*this, getMap().getType(), tile, tile.getRows() / blocks,
                   getCoordinates().size());
}

LogicalResult TmaStoreOp::verify() {
  TileType tile = getTile().getType();
  return verifyBox(*this, getMap().getType(), tile, tile.getRows(),
                   getCoordinates().size());
}

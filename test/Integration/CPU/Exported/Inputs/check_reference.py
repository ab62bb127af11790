"""Computes the short blocks again and compares with the committed arrays.

    check_reference.py EXPORT_FOLDER ARRAY_FOLDER
"""

import pathlib
import sys

import numpy as np

export, folder = map(pathlib.Path, sys.argv[1:])
sys.dont_write_bytecode = True
sys.path.insert(0, str(export))
import blocks  # noqa: E402

for name in ("vit_block_50", "gpt_block_48"):
    config = blocks.CONFIGS[name]
    x = np.load(folder / f"{name}.in.npy")
    assert np.array_equal(x, blocks.make_input(config)), f"{name}: other inputs"
    want = blocks.reference(config, x)
    got = np.load(folder / f"{name}.out.npy")
    # Sums in another order, of float64.
    error = np.linalg.norm(got - want) / np.linalg.norm(want)
    assert error < 1e-13, f"{name}: the outputs differ by {error}"

"""Flips a bit in the middle of every cache entry of a folder."""

import pathlib
import sys

for entry in pathlib.Path(sys.argv[1]).glob("llvmcache-*"):
    content = bytearray(entry.read_bytes())
    content[len(content) // 2] ^= 1
    entry.write_bytes(content)

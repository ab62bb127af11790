"""Makes and checks .npy files for the runner's tests.

    npy.py make PATH EXPRESSION    saves a NumPy expression
    npy.py truncate PATH SIZE      cuts a file to SIZE bytes, or -SIZE off its end
    npy.py patch PATH OFFSET HEX   overwrites bytes
    npy.py check PATH EXPRESSION   compares with an expression, type and shape too
"""

import sys

import numpy as np

command, path, *rest = sys.argv[1:]
if command == "make":
    np.save(path, eval(rest[0]))
elif command in ("truncate", "patch"):
    with open(path, "rb") as file:
        content = bytearray(file.read())
    if command == "truncate":
        content = content[: int(rest[0])]
    else:
        replacement = bytes.fromhex(rest[1])
        start = int(rest[0])
        content[start : start + len(replacement)] = replacement
    with open(path, "wb") as file:
        file.write(content)
elif command == "check":
    found, expected = np.load(path), np.float32(eval(rest[0]))
    assert found.dtype == np.float32, found.dtype
    assert found.shape == expected.shape, f"{found.shape} != {expected.shape}"
    np.testing.assert_array_equal(found, expected)
else:
    sys.exit(f"unknown command {command}")

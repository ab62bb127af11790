"""Runs the shell commands of README.md that name attention.mlir.

    readme.py README.md BIN-DIR LIB-DIR MLIR-BIN-DIR FOLDER

1. Write the ```mlir block that begins with `// FILE` to that file.
2. Take each ```sh block with an `attention.mlir`, with the build's folders for
   those that the README has.
3. Run them on random arrays, and compare the output with the formula.

The inputs are bf16 to the function: the tolerance is that type's rounding, of
weights and output, relative in L2.
"""

import pathlib
import re
import subprocess
import sys

import numpy as np

TOLERANCE = 2.0**-8


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.S | re.M)


def round_to_bf16(array):
    bits = array.astype(np.float32).view(np.uint32)
    rounded = bits + 0x7FFF + (bits >> 16 & 1) & 0xFFFF0000
    return rounded.view(np.float32)


def causal_attention(q, k, v):
    k, v = (np.repeat(x.astype(np.float64), q.shape[1] // x.shape[1], 1) for x in (k, v))
    score = np.einsum("bhid,bhjd->bhij", q, k) / np.sqrt(q.shape[3])
    weight = np.tril(1 / (1 + np.exp(-score)), k.shape[2] - q.shape[2])
    return np.einsum("bhij,bhjd->bhid", weight, v)


def main():
    readme, bin_dir, lib_dir, mlir_bin_dir, folder = sys.argv[1:]
    folder = pathlib.Path(folder)
    text = pathlib.Path(readme).read_text()
    (example,) = (x for x in blocks(text, "mlir") if x.startswith("// attention.mlir"))
    (folder / "attention.mlir").write_text(example)

    rng = np.random.default_rng(0)
    arrays = [
        round_to_bf16(rng.standard_normal((1, heads, length, 64)))
        for heads, length in ((8, 70), (2, 90), (2, 90))
    ]
    for name, array in zip("qkv", arrays):
        np.save(folder / f"{name}.npy", array)

    commands = [x for x in blocks(text, "sh") if "attention.mlir" in x]
    script = "".join(commands)
    for there, here in (
        ("build/bin", bin_dir),
        ("build/lib", lib_dir),
        ("/usr/lib/llvm-22/bin", mlir_bin_dir),
    ):
        assert f"{there}/" in script, f"no {there} in the commands"
        script = script.replace(f"{there}/", f"{here}/")
    subprocess.run(
        ["sh", "-eu"], input=script, text=True, check=True, cwd=folder, stdout=subprocess.DEVNULL
    )
    joined = re.sub(r"\\\n", " ", script)
    print(len(joined.strip().splitlines()), "commands ran")

    want = causal_attention(*arrays)
    error = np.linalg.norm(np.load(folder / "o.npy") - want) / np.linalg.norm(want)
    print("error", error)
    print("the output is", "right" if error < TOLERANCE else "wrong")


if __name__ == "__main__":
    main()

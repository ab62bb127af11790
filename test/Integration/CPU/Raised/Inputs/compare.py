"""Runs the functions of lit files raised and as they are, and compares.

    compare.py RUNNER FILE.mlir...

Each chunk of a file (between `// -----` lines) holds one function. It is
compiled twice, with `raise=true` and `raise=false`, and called with the same
random arrays. The second way knows nothing of attention: it runs the operations
that the function is written in.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np

# Relative L2. Both ways round differently, and not at all where they may differ:
# f32 sums of a few products; bf16 and f16 weights and results, of 2^-8 and 2^-11
# each, several of which add up when every intermediate is rounded.
BOUNDS = {"f32": 1e-5, "f16": 5e-3, "bf16": 4e-2}


def make_array(rng, name, type_text):
    """A random array for an argument; `?` is 5 for queries and 7 for the rest."""
    *sizes, element = type_text.split("x")
    shape = [5 if s == "?" and name == "q" else 7 if s == "?" else int(s) for s in sizes]
    if element.startswith("i"):
        return rng.integers(0, 2, shape).astype(np.float32)
    array = rng.standard_normal(shape).astype(np.float32)
    return np.abs(array) if name == "temperature" else array


def parse_arguments(signature):
    """(name, `2x3xf32`) of each argument."""
    return re.findall(r"%(\w+): (?:tensor<)?([\w?]+)>?", signature)


def run(runner, source, name, inputs, raised, folder):
    output = folder / "output.npy"
    output.unlink(missing_ok=True)
    command = [runner, source, f"--entry={name}", "--target=cpu"]
    command += [f"--pipeline-options=raise={raised}", f"--output={output}"]
    command += [f"--input={path}" for path in inputs]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"raise={raised}: {done.stderr.strip()}")
    return np.load(output).astype(np.float64)


def compare(runner, chunk, folder):
    """The name of the chunk's function, and what is wrong with it or None."""
    name, signature, result = re.search(
        r"func\.func @(\w+)\((.*)\) -> (.*) \{", chunk
    ).groups()
    rng = np.random.default_rng(0)
    inputs = []
    for position, (argument, type_text) in enumerate(parse_arguments(signature)):
        inputs.append(folder / f"{position}.npy")
        np.save(inputs[-1], make_array(rng, argument, type_text))
    source = folder / "chunk.mlir"
    source.write_text(chunk)
    try:
        raised, plain = (
            run(runner, source, name, inputs, flag, folder) for flag in ("true", "false")
        )
    except RuntimeError as error:
        return name, str(error)
    if raised.shape != plain.shape:
        return name, f"expected shape {plain.shape}, got {raised.shape}"
    types = set(re.findall(r"\b(?:bf16|f16|f32)\b", (signature + result).replace("x", " ")))
    bound = max(BOUNDS[t] for t in types)
    error = np.linalg.norm(raised - plain) / np.linalg.norm(plain)
    if not error <= bound:
        return name, f"expected a relative L2 error of at most {bound}, got {error}"
    return name, None


def main():
    runner, *files = sys.argv[1:]
    failed = passed = 0
    for path in map(pathlib.Path, files):
        for chunk in re.split(r"^// -----$", path.read_text(), flags=re.MULTILINE):
            with tempfile.TemporaryDirectory() as folder:
                name, problem = compare(runner, chunk, pathlib.Path(folder))
            passed += problem is None
            failed += problem is not None
            if problem:
                print(f"{path.name} @{name}: {problem}")
    print(f"{passed} of {passed + failed} functions agree")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())

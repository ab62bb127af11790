"""Runs tiled attention on the CPU and compares with float64.

    compare_tiles.py FOLDER

1. Write a function with one attention op, and a transform script that tiles it.
2. Apply the script with sigmoid-attn-opt, and drop it.
3. Compile and run the function with sigmoid-attn-runner.
4. Compare each result with the formula of docs/Spec.md in NumPy.

The tolerance is that of docs/Spec.md for f32 on CPUs: 1e-5, relative in L2.
"""

import dataclasses
import pathlib
import re
import subprocess
import sys

import numpy as np

TOLERANCE = 1e-5
PARTS = {"": slice(0, 3), "query": slice(0, 1), "key_value": slice(1, 3)}
HANDLE = "!transform.any_op"
SCORE = """ score(%x, %b, %h, %i, %j) {{
    %slope = tensor.extract %slopes[%h] : tensor<{heads}xf32>
    %distance = arith.subi %j, %i : index
    %integer = arith.index_cast %distance : index to i32
    %float = arith.sitofp %integer : i32 to f32
    %penalty = arith.mulf %slope, %float : f32
    %sum = arith.addf %x, %penalty : f32
    %new = math.tanh %sum : f32
    attn.yield %new : f32
  }}"""


@dataclasses.dataclass
class Case:
    """One op and the tile sizes of (batch, head, query, key); 0 does not tile."""

    sizes: tuple  # batch, query heads, key heads, queries, keys, dim, value dim
    parallel: tuple = ()
    reduction: tuple = ()
    mask: tuple = (None, 0)  # left, right
    score: bool = True
    backward: bool = False
    wrt: str = ""  # which gradients: query, key_value, or all

    def name(self):
        return "attn.sigmoid_attention" + ("_backward" if self.backward else "")


CASES = [
    Case((2, 4, 2, 13, 17, 8, 4), (1, 2, 5), (0, 0, 0, 4)),
    Case((1, 6, 2, 9, 14, 8, 8), (1, 1, 3), (0, 0, 0, 6), mask=(3, 2)),
    Case((2, 8, 2, 7, 3, 8, 8), (0, 4, 4), mask=(5, None)),
    Case((2, 2, 1, 7, 12, 8, 8), reduction=(0, 0, 0, 5), score=False),
    Case((2, 4, 2, 13, 17, 8, 4), (1, 1), (0, 0, 4, 0), backward=True),
    Case((2, 4, 2, 13, 17, 8, 4), (1, 1), (0, 0, 0, 5), (3, 2), backward=True),
    Case((1, 4, 2, 13, 17, 8, 4), (), (0, 0, 4, 5), backward=True),
    Case((1, 6, 2, 13, 17, 8, 4), (0, 1), backward=True),
    Case((2, 4, 2, 13, 17, 8, 4), (1, 2, 5), backward=True, wrt="query"),
    Case((2, 4, 2, 13, 17, 8, 4), (1, 1, 0, 4), mask=(3, 2), backward=True, wrt="key_value"),
]


def reference(case, q, k, v, do, slopes):
    """The results of the op in float64: the output, or the three gradients."""
    batch, heads, key_heads, queries, keys, dim, _ = case.sizes
    group = heads // key_heads
    k, v = np.repeat(k, group, 1), np.repeat(v, group, 1)
    i, j = np.arange(queries)[:, None], np.arange(keys)[None, :]
    score = np.einsum("bhid,bhjd->bhij", q, k) / np.sqrt(dim)
    slope = np.ones_like(score)
    if case.score:
        score = np.tanh(score + slopes[None, :, None, None] * (j - i))
        slope = 1 - score * score
    left, right = case.mask
    distance = j - i - (keys - queries)
    visible = np.ones((queries, keys), bool)
    if left is not None:
        visible &= distance >= -left
    if right is not None:
        visible &= distance <= right
    p = np.where(visible, 1 / (1 + np.exp(-score)), 0)
    if not case.backward:
        return [np.einsum("bhij,bhjd->bhid", p, v)]
    dp = np.einsum("bhid,bhjd->bhij", do, v)
    ds = dp * p * (1 - p) * slope / np.sqrt(dim)

    def sum_groups(x):
        return x.reshape(batch, key_heads, group, keys, -1).sum(2)

    gradients = [
        np.einsum("bhij,bhjd->bhid", ds, k),
        sum_groups(np.einsum("bhij,bhid->bhjd", ds, q)),
        sum_groups(np.einsum("bhij,bhid->bhjd", p, do)),
    ]
    return gradients[PARTS[case.wrt]]


def tensor(*sizes):
    """A tensor type whose lengths are dynamic."""
    batch, heads, _, dim = sizes
    return f"tensor<{batch}x{heads}x?x{dim}xf32>"


def write_function(case):
    batch, heads, key_heads, queries, keys, dim, value_dim = case.sizes
    q, k = tensor(batch, heads, queries, dim), tensor(batch, key_heads, keys, dim)
    v = tensor(batch, key_heads, keys, value_dim)
    do = tensor(batch, heads, queries, value_dim)
    left, right = ("*" if bound is None else bound for bound in case.mask)
    clauses = f" wrt<{case.wrt}>" if case.wrt else ""
    clauses += f" mask<window {left}, {right}>"
    clauses += SCORE.format(heads=heads) if case.score else ""
    inputs, input_types = "%q, %k, %v", [q, k, v]
    outputs = [do]
    if case.backward:
        inputs, input_types = inputs + ", %do", [q, k, v, do]
        outputs = [q, k, v][PARTS[case.wrt]]
    types = ", ".join(outputs)
    names = ", ".join(f"%r{n}" for n in range(len(outputs)))
    return f"""func.func @attention(%q: {q}, %k: {k}, %v: {v}, %do: {do},
    %slopes: tensor<{heads}xf32>) -> ({types}) {{
  {names} = {case.name()} {inputs}{clauses} : ({", ".join(input_types)}) -> {f"({types})" if case.backward else types}
  return {names} : {types}
}}
"""


def write_script(case):
    steps, op = "", "%op"
    if case.parallel:
        steps += f"""    %tiled, %forall = transform.structured.tile_using_forall {op}
        tile_sizes {list(case.parallel)} : ({HANDLE}) -> ({HANDLE}, {HANDLE})\n"""
        op = "%tiled"
    if case.reduction:
        dims = [dim for dim in (2, 3) if case.reduction[dim]]
        handles = 6 if case.backward else 4
        steps += f"""    %parts:{handles} = transform.structured.tile_reduction_using_for {op}
        reduction_dims = {dims} by tile_sizes = {list(case.reduction)}
        : ({HANDLE}) -> ({", ".join([HANDLE] * handles)})\n"""
    return f"""module attributes {{transform.with_named_sequence}} {{
  transform.named_sequence @__transform_main(%root: {HANDLE} {{transform.readonly}}) {{
    %op = transform.structured.match ops{{["{case.name()}"]}} in %root : ({HANDLE}) -> {HANDLE}
{steps}    transform.yield
  }}
}}
"""


def run(command, **arguments):
    result = subprocess.run(command, capture_output=True, text=True, **arguments)
    if result.returncode:
        sys.exit(f"{' '.join(command)}\n{result.stderr}")
    return result.stdout


def check(case, folder, rng):
    batch, heads, key_heads, queries, keys, dim, value_dim = case.sizes
    arrays = {
        "q": rng.standard_normal((batch, heads, queries, dim)),
        "k": rng.standard_normal((batch, key_heads, keys, dim)),
        "v": rng.standard_normal((batch, key_heads, keys, value_dim)),
        "do": rng.standard_normal((batch, heads, queries, value_dim)),
        "slopes": rng.standard_normal(heads) / 10,
    }
    arrays = {name: array.astype(np.float32) for name, array in arrays.items()}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)

    source = write_function(case) + write_script(case)
    tiled = run(["sigmoid-attn-opt", "-", "-transform-interpreter"], input=source)
    loops = len(re.findall(r"scf\.for(all)? ", tiled))
    assert loops == bool(case.parallel) + sum(map(bool, case.reduction)), tiled
    code = tiled[: tiled.index("  module attributes {transform")] + "}\n"
    (folder / "tiled.mlir").write_text(code)

    want = reference(case, *(a.astype(np.float64) for a in arrays.values()))
    outputs = [folder / f"output{n}.npy" for n in range(len(want))]
    run(
        ["sigmoid-attn-runner", str(folder / "tiled.mlir"), "--entry=attention"]
        + ["--target=cpu"]
        + [f"--input={folder / name}.npy" for name in arrays]
        + [f"--output={output}" for output in outputs]
    )
    errors = [
        np.linalg.norm(np.load(output) - expected) / np.linalg.norm(expected)
        for output, expected in zip(outputs, want)
    ]
    print(case, "errors", ", ".join(f"{error:.1e}" for error in errors))
    return max(errors) < TOLERANCE


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    good = sum(check(case, folder, rng) for case in CASES)
    print(f"{good} of {len(CASES)} tilings agree")


if __name__ == "__main__":
    main()

"""The GPU tests: families, repeats, streams, threads, graphs, special values."""

import os
import subprocess
import sys
import threading
import time

import torch

import checking
import families
import problems
import specs
from report import Table, Watchdog

REPEATS = 1000
THREADS = 4
LAUNCHES_A_THREAD = 50
SANITIZERS = ("memcheck", "racecheck", "synccheck", "initcheck")


def run_families(kernel, spec):
    """All shapes of one kernel; returns count, problems, worst error / bound."""
    found, worst = [], 0.0
    shapes = families.shapes_for(spec)
    if spec.head_dim in (64, 128, 256) and spec.element == "bf16" and not spec.score:
        shapes = shapes + families.long_shapes(spec)
    for shape in shapes:
        try:
            outcome = checking.run_and_judge(kernel, spec, shape)
        except Exception as error:  # pylint: disable=broad-except
            outcome = checking.Outcome(str(error).splitlines()[0])
        if outcome.problem:
            found.append(f"{spec.name} {shape.text()}: {outcome.problem}")
        elif outcome.bound:
            worst = max(worst, outcome.error / outcome.bound)
    return len(shapes), found, f"worst error {worst:.2f} of the bound"


def bits(tensor):
    return tensor.contiguous().view(problems.BITS[tensor.element_size()])


def busy_shapes(spec, seed=0):
    """Enough work for every multiprocessor, ragged, with grouped heads: a shape
    for each kernel that the recipe chooses between by length."""
    length = 1111
    shapes = [problems.Shape(2, 16, 8, length, length + 100, seed=seed)]
    if spec.may_have_long_kernel:
        shapes.append(problems.Shape(1, 4, 2, 8300, 1111, bias=-5.0, seed=seed))
    if spec.may_speculate:
        often = {"scale": 0.2, "bias": -8.5, "seed": seed}
        shapes.append(problems.Shape(2, 16, 8, length, length + 300, **often))
        shapes.append(problems.Shape(1, 4, 2, 8300, 1500, **often))
    return shapes


def busy_shape(spec, seed=0):
    """One of them, by the seed."""
    shapes = busy_shapes(spec, seed)
    return shapes[seed % len(shapes)]


def run_repeats(kernel, spec):
    found = []
    for shape in busy_shapes(spec):
        found += repeat(kernel, spec, shape)
    return found


def repeat(kernel, spec, shape):
    problem = problems.Problem(spec, shape)
    call = kernel.bind(problem.values(kernel))
    stream = torch.cuda.current_stream().cuda_stream
    call(stream)
    first = bits(problem.output).clone()
    different = torch.zeros((), dtype=torch.int64, device="cuda")
    for _ in range(REPEATS):
        problem.tensors["output"].repoison()
        call(stream)
        different += (bits(problem.output) != first).any()
    count = int(different)
    if count:
        return [f"{spec.name} {shape.text()}: {count} of {REPEATS} runs differ"]
    return []


def run_streams_and_threads(kernel, spec):
    """Four threads, each with two streams and problems of its own, at once."""
    work = []
    for seed in range(2 * THREADS):
        problem = problems.Problem(spec, busy_shape(spec, seed))
        call = kernel.bind(problem.values(kernel))
        call(torch.cuda.current_stream().cuda_stream)
        torch.cuda.synchronize()
        work.append((problem, call, bits(problem.output).clone(), torch.cuda.Stream()))
        problem.tensors["output"].repoison()
    torch.cuda.synchronize()
    found = []

    def run(thread):
        try:
            for _ in range(LAUNCHES_A_THREAD):
                for _, call, _, stream in work[2 * thread : 2 * thread + 2]:
                    call(stream.cuda_stream)
        except Exception as error:  # pylint: disable=broad-except
            found.append(f"{spec.name}: thread {thread}: {error}")

    threads = [threading.Thread(target=run, args=(i,)) for i in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    torch.cuda.synchronize()
    for problem, _, expected, _ in work:
        if not torch.equal(bits(problem.output), expected):
            found.append(f"{spec.name}: a concurrent launch gave another result")
    return found


def run_graph(runtime, path, spec):
    """Captures a kernel's very first launch, and replays it on new inputs."""
    kernel = runtime.load(path)
    problem = problems.Problem(spec, busy_shape(spec))
    call = kernel.bind(problem.values(kernel))
    graph = torch.cuda.CUDAGraph()
    torch.cuda.synchronize()
    with torch.cuda.graph(graph):
        for _ in range(3):
            call(torch.cuda.current_stream().cuda_stream)
    found = []
    eager = problems.Problem(spec, busy_shape(spec, 99))
    eager_call = kernel.bind(eager.values(kernel))
    beside = torch.cuda.Stream()
    for replay in range(20):
        problem.tensors["query"].view.normal_()
        problem.tensors["output"].repoison()
        torch.cuda.synchronize()
        # The graph runs beside an eager launch of the same kernel.
        eager_call(beside.cuda_stream)
        graph.replay()
        torch.cuda.synchronize()
        replayed = bits(problem.output).clone()
        problem.tensors["output"].repoison()
        call(torch.cuda.current_stream().cuda_stream)
        torch.cuda.synchronize()
        if not torch.equal(replayed, bits(problem.output)):
            found.append(f"{spec.name}: replay {replay} differs from a launch")
    del graph
    return found


def run_special_values(kernel, spec):
    """NaN in a query row makes that row NaN and no other."""
    shapes = [problems.Shape(1, 2, 2, 200, 300)]
    if spec.may_speculate:
        shapes.append(problems.Shape(1, 2, 2, 200, 1500, bias=-8.5))
        shapes.append(problems.Shape(1, 2, 2, 8200, 1500, bias=-8.5))
    return [text for shape in shapes for text in put_nan(kernel, spec, shape)]


def put_nan(kernel, spec, shape):
    # Under a mask it sees some keys too.
    row = shape.query_length - 123
    problem = problems.Problem(spec, shape)
    call = kernel.bind(problem.values(kernel))
    stream = torch.cuda.current_stream().cuda_stream
    call(stream)
    torch.cuda.synchronize()
    clean = problem.output.clone()
    problem.tensors["query"].view[0, 1, row, 3] = -float("nan")
    call(stream)
    torch.cuda.synchronize()
    name = f"{spec.name} {shape.text()}"
    if not problem.output[0, 1, row].isnan().all():
        return [f"{name}: NaN in row {row} does not show there"]
    if shape.bias is None:
        different = (bits(problem.output) != bits(clean)).any(-1)
    else:
        # Its warpgroup decides anew how the rows beside it are computed.
        error = (problem.output.double() - clean.double()).norm(dim=-1)
        different = ~(error <= 2**-7 * clean.double().norm(dim=-1))
    changed = different.nonzero().tolist()
    if changed != [[0, 1, row]]:
        return [f"{name}: NaN in row {row} changed rows {changed[:5]}"]
    return []


def run_far_strides(kernel, spec):
    """Two batches more than 2^31 elements apart."""
    shape = problems.Shape(2, 2, 2, 300, 300)
    problem = problems.Problem(spec, shape)
    distance = (1 << 31) + 1024
    far = {}
    for name, guarded in problem.tensors.items():
        size = distance + guarded.view[0].numel()
        buffer = torch.empty(size, dtype=guarded.view.dtype, device="cuda")
        strides = (distance,) + tuple(guarded.view.stride())[1:]
        far[name] = buffer.as_strided(guarded.sizes, strides)
        far[name].copy_(guarded.view)
    kernel.bind({**problem.values(kernel), **far})(
        torch.cuda.current_stream().cuda_stream
    )
    torch.cuda.synchronize()
    problem.output.copy_(far["output"])
    outcome = checking.judge(problem)
    return [f"{spec.name}: {outcome.problem}"] if outcome.problem else []


def run_sanitizers(table, options, entries):
    """compute-sanitizer on a program that uses no other CUDA library."""
    small = {spec.name for spec in specs.sanitize_specs()}
    paths = [p for s, _, p in entries if s.name in small]
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sanitize.py")
    runtime = ["--runtime", options.runtime] if options.runtime else []
    for tool in SANITIZERS:
        start = time.time()
        command = ["compute-sanitizer", "--tool", tool, "--error-exitcode", "9"]
        command += ["--target-processes", "all", sys.executable, script] + runtime
        try:
            result = subprocess.run(
                command + paths, capture_output=True, text=True, check=False
            )
        except FileNotFoundError:
            table.skip("compute-sanitizer", "not on this machine")
            return
        lines = (result.stdout + result.stderr).strip().splitlines()
        found = lines[-12:] if result.returncode else []
        if found:
            found = [" / ".join(found)]
        table.row(
            f"compute-sanitizer {tool}",
            len(paths),
            found,
            time.time() - start,
            lines[-1] if lines else "",
        )


def main(runtime, entries, options):
    """`entries`: (spec, kernel, path). Prints a table and a last line."""
    table = Table()
    watchdog = Watchdog()
    print("| test | cases | result | time | |\n| --- | --- | --- | --- | --- |")
    for spec, kernel, _ in entries:
        start = time.time()
        watchdog.begin(f"families {spec.name}")
        count, found, note = run_families(kernel, spec)
        table.row(f"families {spec.name}", count, found, time.time() - start, note)

    def group(name, chosen, run):
        start, found = time.time(), []
        for entry in chosen:
            watchdog.begin(f"{name}: {entry[0].name}")
            try:
                found += run(*entry)
            except Exception as error:  # pylint: disable=broad-except
                found.append(f"{entry[0].name}: {str(error).splitlines()[0]}")
        watchdog.end()
        table.row(name, len(chosen), found, time.time() - start)

    group(f"{REPEATS} repeats bit-equal", entries, lambda s, k, p: run_repeats(k, s))
    group(
        "two streams, four threads",
        entries,
        lambda s, k, p: run_streams_and_threads(k, s),
    )
    group("graph capture", entries, lambda s, k, p: run_graph(runtime, p, s))
    group("NaN stays in its row", entries, lambda s, k, p: run_special_values(k, s))
    far = [entry for entry in entries if entry[0].name.startswith("bf16-d128-full")][:1]
    group("tensors beyond 2^31", far, lambda s, k, p: run_far_strides(k, s))
    torch.cuda.empty_cache()
    if options.sanitize:
        run_sanitizers(table, options, entries)
    else:
        table.skip("compute-sanitizer", "--no-sanitize")
    print(
        f"{table.passed} passed, {table.failed} failed, {table.skipped} skipped",
        flush=True,
    )
    return 1 if table.failed else 0

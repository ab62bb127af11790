"""Times sigmoid attention on the CPU: this project, NumPy and PyTorch.

Every contender runs in a process of its own, for one problem at a time, so that
its threads and its peak memory are its own. Calls are interleaved, one of each
in turn, and only one computes at any time; the table shows medians. Nothing here
is a test: run it on a machine that is otherwise idle.

    python3 benchmarks/cpu/attention.py --build build
    python3 benchmarks/cpu/attention.py --lengths 2048 --head-dims 64 --gradient
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTENDERS = ("sigmoid-attn", "numpy", "torch")


def make_inputs(problem):
    import numpy as np

    generator = np.random.default_rng(0)
    shape = (1, problem["heads"], problem["length"], problem["head_dim"])
    return [generator.standard_normal(shape, np.float32) for _ in range(4)]


def make_sigmoid_attn(problem):
    sys.path.insert(0, str(ROOT / "python"))
    import sigmoid_attn

    q, k, v, do = make_inputs(problem)
    causal = problem["causal"]
    if problem["gradient"]:
        return lambda: sigmoid_attn.sigmoid_attention_backward(
            q, k, v, do, causal=causal
        )[0]
    return lambda: sigmoid_attn.sigmoid_attention(q, k, v, causal=causal)


def make_numpy(problem):
    """The formula, one operation after the other, in place where it can be."""
    import numpy as np

    q, k, v, do = make_inputs(problem)
    length = problem["length"]
    scale = np.float32(problem["head_dim"] ** -0.5)
    bias = np.float32(-np.log(length))
    hidden = None
    if problem["causal"]:
        hidden = ~np.tri(length, dtype=bool)

    def weights():
        p = q @ k.swapaxes(2, 3)
        p *= -scale
        p -= bias
        np.exp(p, out=p)
        p += np.float32(1)
        np.reciprocal(p, out=p)
        if hidden is not None:
            p[..., hidden] = 0
        return p

    def gradient():
        p = weights()
        ds = do @ v.swapaxes(2, 3)
        ds *= p
        dv = p.swapaxes(2, 3) @ do
        np.subtract(np.float32(1), p, out=p)
        ds *= p
        ds *= scale
        return ds @ k, ds.swapaxes(2, 3) @ q, dv

    return (lambda: gradient()[0]) if problem["gradient"] else (lambda: weights() @ v)


def make_torch(problem):
    """The fastest of eager operations: products that add, and one sigmoid."""
    import numpy as np
    import torch

    q, k, v, do = (torch.from_numpy(array[0]) for array in make_inputs(problem))
    length = problem["length"]
    scale = problem["head_dim"] ** -0.5
    bias = torch.full((1, 1, 1), -float(np.log(length)))
    hidden = None
    if problem["causal"]:
        hidden = torch.ones(length, length, dtype=torch.bool).triu_(1)

    def run(q, k, v):
        p = torch.baddbmm(bias, q, k.transpose(1, 2), alpha=scale)
        p = p.sigmoid() if problem["gradient"] else p.sigmoid_()
        if hidden is not None:
            p = p.masked_fill(hidden, 0)
        return p @ v

    def gradient():
        inputs = [x.detach().requires_grad_() for x in (q, k, v)]
        return torch.autograd.grad(run(*inputs), inputs, do)[0].numpy()[None]

    def forward():
        with torch.no_grad():
            return run(q, k, v).numpy()[None]

    return gradient if problem["gradient"] else forward


MAKERS = {"sigmoid-attn": make_sigmoid_attn, "numpy": make_numpy, "torch": make_torch}


def work(contender, problem):
    """Computes once for each line of input, and writes the time to the output."""
    import resource

    run = MAKERS[contender](problem)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for line in sys.stdin:
        start, cpu_start = time.perf_counter(), time.process_time()
        result = run()
        cpu_seconds = time.process_time() - cpu_start
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if line.strip() == "sample":
            sample = result[0, -1, :: max(problem["length"] // 64, 1)].tolist()
        else:
            sample = []
        print(json.dumps([seconds, cpu_seconds, (peak - before) / 1024, sample]), flush=True)
        del result


class Worker:
    def __init__(self, contender, problem, options):
        environment = dict(os.environ, SIGMOID_ATTN_BUILD_DIR=str(options.build))
        environment["OMP_NUM_THREADS"] = str(options.threads)
        environment["OPENBLAS_NUM_THREADS"] = str(options.threads)
        # Idle threads must not take time from the contender whose turn it is.
        environment["OMP_WAIT_POLICY"] = "passive"
        # Both make OpenBLAS choose for another machine than this one.
        environment.pop("OPENBLAS_CORETYPE", None)
        environment.pop("OPENBLAS_L2_SIZE", None)
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--worker", contender, json.dumps(problem)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def run(self, command="run"):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args} ended")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def reference_distance(sample, other):
    import numpy as np

    sample, other = np.array(sample), np.array(other)
    return float(np.linalg.norm(sample - other) / np.linalg.norm(other))


def measure(problem, options):
    """For each contender, the median time, the median time of all its threads
    together, the peak of memory it added, and how far its result is from the first
    contender's."""
    workers = {name: Worker(name, problem, options) for name in options.contenders}
    try:
        # The first call compiles and touches memory; it also shows the results.
        samples = {name: worker.run("sample")[3] for name, worker in workers.items()}
        times = {name: [] for name in workers}
        cpu_times = {name: [] for name in workers}
        peaks = {}
        for _ in range(options.repetitions):
            for name, worker in workers.items():
                seconds, cpu_seconds, peaks[name], _ = worker.run()
                times[name].append(seconds)
                cpu_times[name].append(cpu_seconds)
    finally:
        for worker in workers.values():
            worker.close()
    first = samples[options.contenders[0]]
    return {
        name: (
            statistics.median(times[name]),
            statistics.median(cpu_times[name]),
            peaks[name],
            reference_distance(samples[name], first),
        )
        for name in workers
    }


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument(
        "--lengths", type=int, nargs="+", default=[512, 1024, 2048, 4096, 8192]
    )
    parser.add_argument("--head-dims", type=int, nargs="+", default=[64, 128])
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--causal", action="store_true")
    parser.add_argument("--gradient", action="store_true")
    parser.add_argument(
        "--contenders", nargs="+", choices=CONTENDERS, default=list(CONTENDERS)
    )
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    options = parse_arguments()
    if options.worker:
        work(options.worker[0], json.loads(options.worker[1]))
        return
    print(
        "| head dim | length | contender | ms | ratio | CPU ms | ratio | MiB "
        "| distance |"
    )
    print("| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for head_dim in options.head_dims:
        for length in options.lengths:
            problem = {
                "heads": options.heads,
                "length": length,
                "head_dim": head_dim,
                "causal": options.causal,
                "gradient": options.gradient,
            }
            results = measure(problem, options)
            first, first_cpu, _, _ = results[options.contenders[0]]
            for name, (seconds, cpu_seconds, peak, distance) in results.items():
                print(
                    f"| {head_dim} | {length} | {name} | {seconds * 1e3:.1f} "
                    f"| {seconds / first:.2f} | {cpu_seconds * 1e3:.1f} "
                    f"| {cpu_seconds / first_cpu:.2f} | {peak:.0f} "
                    f"| {distance:.1e} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()

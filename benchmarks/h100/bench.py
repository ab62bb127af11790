"""The benchmark's table: ours beside cuDNN, FlashAttention-2 and a GEMM.

All in one process; each round runs every contestant of a case in a new order,
so that a round's ratios see one power state. Reported are medians over rounds
with the lowest and the highest.
"""

import dataclasses
import itertools
import json
import math
import random
import statistics

import torch

import checking
import clock
import problems
import specs

TOKENS, HIDDEN = 16384, 2048
GEMM_SIZE = 8192
BURST_SECONDS = 0.06
MAX_LAUNCHES = 2000


@dataclasses.dataclass
class Case:
    head_dim: int
    length: int
    mask: tuple
    layout: str
    # The standard deviation of the scores, without the bias.
    spread: float = 1

    @property
    def name(self):
        return (
            f"d{self.head_dim} s{self.length // 1024}k"
            + f" {specs.mask_name(self.mask)}" * (self.mask != specs.FULL)
            + f" {self.layout}"
            + f" spread {self.spread:g}" * (self.spread != 1)
        )

    @property
    def batch(self):
        return TOKENS // self.length

    @property
    def heads(self):
        return HIDDEN // self.head_dim

    @property
    def flops(self):
        pairs = specs.count_pairs(self.mask, self.length)
        return 4 * self.batch * self.heads * pairs * self.head_dim

    def shape(self):
        return problems.Shape(
            self.batch,
            self.heads,
            self.heads,
            self.length,
            self.length,
            layouts=(self.layout,) * 4,
            scale=self.spread / self.head_dim**0.5,
        )


def all_cases(head_dims, lengths, masks, layouts):
    return [
        Case(d, s, mask, layout)
        for layout, d, mask, s in itertools.product(
            layouts, head_dims, masks, lengths
        )
    ]


class Contestant:
    """Something that is timed: `run(stream)` queues it once."""

    def __init__(self, name, run, flops):
        self.name, self.run, self.flops = name, run, flops
        self.launches = 1
        self.rates, self.utilisations = [], []

    def calibrate(self):
        """Warms up, and finds how many launches a burst takes."""
        for _ in range(3):
            self.run()
        seconds = time_burst(self.run, 5)
        count = round(BURST_SECONDS / max(seconds / 5, 1e-6))
        self.launches = min(MAX_LAUNCHES, max(1, count))

    def measure(self, counter):
        """One burst: TFLOP/s by events, utilisation by cycles."""
        stream = torch.cuda.current_stream().cuda_stream
        first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        counter.start(stream)
        first.record()
        for _ in range(self.launches):
            self.run()
        last.record()
        counter.stop(stream)
        cycles = counter.cycles()
        work = self.flops * self.launches
        self.rates.append(work / first.elapsed_time(last) / 1e9)
        self.utilisations.append(counter.utilisation(work, cycles))


def time_burst(run, launches):
    first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    first.record()
    for _ in range(launches):
        run()
    last.record()
    torch.cuda.synchronize()
    return first.elapsed_time(last) / 1e3


def sdpa(backend_name, problem, causal):
    """A peer through torch's scaled_dot_product_attention."""
    from torch.nn.attention import SDPBackend, sdpa_kernel

    backend = getattr(SDPBackend, backend_name)
    q, k, v = (problem.tensors[name].view for name in ("query", "key", "value"))

    def run():
        with sdpa_kernel(backend):
            torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal)

    return run


def gemm():
    a, b = (
        torch.randn(GEMM_SIZE, GEMM_SIZE, device="cuda", dtype=torch.bfloat16)
        for _ in range(2)
    )
    out = torch.empty_like(a)
    return Contestant("gemm", lambda: torch.mm(a, b, out=out), 2 * GEMM_SIZE**3)


def find_kernels(entries, case):
    """Our kernels for a case, by contestant name."""
    return {
        "ours" + f" {spec.sigmoid}" * bool(spec.sigmoid): (spec, kernel)
        for spec, kernel in entries
        if spec.element == "bf16"
        and spec.head_dim == spec.value_dim == case.head_dim
        and spec.mask == case.mask
        and not spec.score
        and spec.has_bias
        and not spec.has_tensor_scalars
        and not spec.has_origin
        and not spec.options
    }


def make_contestants(case, entries, shared):
    shape = case.shape()
    contestants = []
    problem = None
    for name, (spec, kernel) in find_kernels(entries, case).items():
        problem = problems.Problem(spec, shape)
        call = kernel.bind(problem.values(kernel))
        stream = torch.cuda.current_stream().cuda_stream
        call(stream)
        torch.cuda.synchronize()
        contestants.append(
            Contestant(name, lambda call=call: call(stream), case.flops)
        )
    if problem is None:
        return []
    # Peers know no windows.
    peers = (("cudnn", "CUDNN_ATTENTION"), ("fa2", "FLASH_ATTENTION"))
    for name, backend in peers if case.mask in (specs.FULL, specs.CAUSAL) else ():
        run = sdpa(backend, problem, case.mask == specs.CAUSAL)
        try:
            run()
            contestants.append(Contestant(name, run, case.flops))
        except RuntimeError as error:
            print(f"{case.name}: {name} left out: {str(error).splitlines()[0]}")
    return contestants + [dataclass_copy(shared)]


def dataclass_copy(contestant):
    return Contestant(contestant.name, contestant.run, contestant.flops)


def run_case(case, entries, shared, counter, rounds, chance):
    """Rounds of one case; returns its row, or nothing if we have no kernel."""
    contestants = make_contestants(case, entries, shared)
    if not contestants:
        return None
    for contestant in contestants:
        contestant.calibrate()
    for _ in range(rounds):
        chance.shuffle(contestants)
        for contestant in contestants:
            contestant.measure(counter)
    return {c.name: c for c in contestants}


def spread(values, form):
    low, high = min(values), max(values)
    return f"{statistics.median(values):{form}} [{low:{form}}-{high:{form}}]"


def ratios(row, name, base):
    """Ratios of the same rounds."""
    return [a / b for a, b in zip(row[name].rates, row[base].rates)]


def print_header():
    print(
        "| case | which | TFLOP/s | / cudnn | / gemm | utilisation |\n"
        "| --- | --- | --- | --- | --- | --- |"
    )


def print_row(case, row):
    order = sorted(row, key=lambda name: (not name.startswith("ours"), name))
    for name in order:
        contestant = row[name]
        against = {
            base: spread(ratios(row, name, base), ".2f") if base in row else "-"
            for base in ("cudnn", "gemm")
        }
        usage = [100 * u for u in contestant.utilisations]
        print(
            f"| {case.name} | {name} | {spread(contestant.rates, '.0f')} "
            f"| {against['cudnn']} | {against['gemm']} | {spread(usage, '.1f')}% |",
            flush=True,
        )


def main(runtime, entries, options):
    """Checks the kernels once, then prints the table."""
    for spec, kernel in entries:
        for length in (512, 1000):
            shape = problems.Shape(1, 2, 2, length, length)
            outcome = checking.run_and_judge(kernel, spec, shape)
            if outcome.problem:
                print(f"{spec.name} {shape.text()}: WRONG: {outcome.problem}")
                return 1
    counter = clock.CycleCounter(runtime)
    name = torch.cuda.get_device_name()
    print(
        f"{name}, torch {torch.__version__}, CUDA {torch.version.cuda}, "
        f"cuDNN {torch.backends.cudnn.version()}; bf16, {TOKENS} tokens, hidden "
        f"{HIDDEN}, bias -log s; {options.rounds} rounds of {BURST_SECONDS} s a "
        "contestant, shuffled; median [lowest-highest]"
    )
    print_header()
    chance = random.Random(0)
    shared = gemm()
    raw = []
    cases = all_cases(
        options.head_dims,
        [1024 * k for k in options.lengths],
        options.masks,
        options.layouts,
    )
    for case in cases:
        row = run_case(case, entries, shared, counter, options.rounds, chance)
        if row is None:
            print(f"| {case.name} | no kernel | | | | |")
            continue
        print_row(case, row)
        raw.append(
            {
                "case": dataclasses.asdict(case),
                "rates": {name: c.rates for name, c in row.items()},
                "utilisations": {name: c.utilisations for name, c in row.items()},
            }
        )
        torch.cuda.empty_cache()
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(raw, file)
    return 0 if not any(math.isnan(r) for e in raw for r in e["rates"]["gemm"]) else 1

"""Counts SM cycles between two places of a stream, whatever runs between.

A kernel of one block on each multiprocessor writes down the multiprocessor's
cycle counter, before and after a burst of launches. Cycles do not depend on the
clock that the power limit leaves, so FLOPs per cycle show what a kernel does
with the tensor cores; the gaps between launches count in.
"""

import torch

import clock_recipe

# Dense bf16 FLOPs that one multiprocessor can do in a cycle.
FLOPS_PER_CYCLE = 4096


class CycleCounter:
    """Stamps before and after bursts."""

    SLOTS = 1024  # more than a GPU has multiprocessors

    def __init__(self, runtime):
        self.kernel = runtime.create(clock_recipe.kernel_file())
        self.sm_count, _ = runtime.describe_device()
        self.stamps = [
            torch.zeros(self.SLOTS, dtype=torch.int64, device="cuda") for _ in range(2)
        ]
        self.calls = [self.kernel.bind({"cycles": stamp}) for stamp in self.stamps]

    def start(self, stream):
        self.calls[0](stream)

    def stop(self, stream):
        self.calls[1](stream)

    def cycles(self):
        """Cycles of a multiprocessor between start and stop; waits for both."""
        torch.cuda.synchronize()
        first, last = self.stamps
        seen = (first > 0) & (last > first)
        elapsed = (last - first)[seen]
        for stamp in self.stamps:
            stamp.zero_()
        return elapsed.median().item() if elapsed.numel() else float("nan")

    def utilisation(self, flops, cycles):
        """The share of the tensor cores' peak that `flops` in `cycles` are."""
        return flops / (cycles * self.sm_count * FLOPS_PER_CYCLE)

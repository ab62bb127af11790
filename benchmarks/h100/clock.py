"""Counts SM cycles between two places of a stream, whatever runs between.

A kernel of one block on each multiprocessor writes down the multiprocessor's
cycle counter, before and after a burst of launches. Cycles do not depend on the
clock that the power limit leaves, so FLOPs per cycle show what a kernel does
with the tensor cores; the gaps between launches count in.
"""

import torch

import sigmoid_runtime

# Dense bf16 FLOPs that one multiprocessor can do in a cycle.
FLOPS_PER_CYCLE = 4096

_PTX = """.version 8.0
.target sm_90
.address_size 64
.visible .entry stamp(.param .u64 cycles)
{
  .reg .b32 %r<2>;
  .reg .b64 %rd<5>;
  ld.param.u64 %rd1, [cycles];
  cvta.to.global.u64 %rd2, %rd1;
  mov.u32 %r1, %smid;
  mul.wide.u32 %rd3, %r1, 8;
  add.s64 %rd4, %rd2, %rd3;
  mov.u64 %rd1, %clock64;
  st.global.u64 [%rd4], %rd1;
  ret;
}
"""

# So much shared memory that no multiprocessor takes two blocks.
_SHARED_MEMORY = 200 * 1024


def _recipe():
    return {
        "version": 1,
        "name": "stamp",
        "chip": "sm_90",
        "arguments": [
            {
                "name": "cycles",
                "type": "i64",
                "tensor": True,
                "access": "write",
                "shape": ["slots"],
                "alignment": 8,
            }
        ],
        "checks": [],
        "variants": [
            {
                "name": "only",
                "when": [],
                "launches": [
                    {
                        "kernel": "stamp",
                        "threads": 1,
                        "shared_memory": _SHARED_MEMORY,
                        "cluster": [1, 1, 1],
                        "grid": ["sm_count", "1", "1"],
                        "parameters": [{"kind": "pointer", "tensor": "cycles"}],
                    }
                ],
            }
        ],
        "info": [],
    }


class CycleCounter:
    """Stamps before and after bursts."""

    SLOTS = 1024  # more than a GPU has multiprocessors

    def __init__(self, runtime):
        self.kernel = runtime.create(sigmoid_runtime.pack_kernel_file(_recipe(), _PTX))
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

"""Is what a kernel wrote right?"""

import torch

import problems

# docs/Spec.md: relative L2 of O against that of the rounded formula.
ERROR_FACTOR = 1.25
# With few elements the rounded formula may by luck round to almost nothing.
# Two roundings of up to half a unit in the last place are always allowed.
FEW_ELEMENTS = 1 << 14
FEW_ERROR = {"bf16": 2.0**-8, "f16": 2.0**-11}
# With V = 1: mean signed relative error of O.
BIAS_LIMIT = 3e-4


class Outcome:
    """What a check found; `problem` is empty if all is right."""

    def __init__(self, problem="", error=0.0, bound=0.0):
        self.problem, self.error, self.bound = problem, error, bound


def relative(difference, reference):
    """Relative L2; 0 where both are 0."""
    norm = reference.norm().item()
    found = difference.norm().item()
    return found / norm if norm else (0.0 if found == 0 else float("inf"))


def judge(problem):
    """Compares the output with the reference."""
    spec, shape = problem.spec, problem.shape
    output = problem.output.double()
    if not torch.isfinite(output).all():
        return Outcome(f"{int((~torch.isfinite(output)).sum())} elements not finite")
    exact, rounded = problem.reference()
    error = relative(output - exact, exact)
    bound = relative(rounded - exact, exact)
    if output.numel() < FEW_ELEMENTS:
        bound = max(bound, FEW_ERROR[spec.element])
    bound *= ERROR_FACTOR
    if not error <= bound:
        worst = (output - exact).abs()
        place = []
        for size in reversed(worst.shape):
            index = worst.argmax().item() if not place else rest
            place.insert(0, index % size)
            rest = index // size
        return Outcome(
            f"relative L2 error {error:.3g} above {bound:.3g}, "
            f"worst at {tuple(place)}",
            error,
            bound,
        )
    empty = exact.abs().sum(-1) == 0
    if (output[empty] != 0).any():
        return Outcome("rows without keys are not 0", error, bound)
    if shape.ones and output.numel() >= FEW_ELEMENTS:
        live = exact.abs() > 0
        mean = ((output - exact)[live] / exact[live]).mean().abs().item()
        if mean > BIAS_LIMIT:
            return Outcome(f"mean signed error {mean:.2g}", error, bound)
    return Outcome("", error, bound)


def run_and_judge(kernel, spec, shape, device="cuda"):
    """Launches once on fresh inputs, and looks at everything around too."""
    problem = problems.Problem(spec, shape, device)
    before = problem.inputs()
    call = kernel.bind(problem.values(kernel))
    call(current_stream(device))
    synchronize(device)
    damage = problem.damage(before)
    if damage:
        return Outcome(f"{damage} elements outside of the output were written")
    unwritten = problem.tensors["output"].unwritten()
    if unwritten:
        return Outcome(f"{unwritten} elements of the output were not written")
    return judge(problem)


def current_stream(device):
    return torch.cuda.current_stream().cuda_stream if device == "cuda" else 0


def synchronize(device):
    if device == "cuda":
        torch.cuda.synchronize()

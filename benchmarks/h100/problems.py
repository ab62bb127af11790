"""Inputs with guard bands, poisoned outputs, and the float64 reference."""

import dataclasses
import math

import torch

import specs

DTYPES = {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32}
# Bytes around every tensor that nobody may write, and nobody's read may show.
GUARD_BYTES = 4096
# A NaN that no computation makes: what is left of it was not written.
POISON = {torch.bfloat16: 0x7FE5, torch.float16: 0x7FA5, torch.float32: 0x7FE5A5A5}
BITS = {2: torch.int16, 4: torch.int32}


@dataclasses.dataclass(frozen=True)
class Shape:
    """One call of a kernel: everything that is not fixed at compile time."""

    batch: int = 1
    heads: int = 1
    key_heads: int = 1
    query_length: int = 128
    key_length: int = 128
    scale: float = None
    bias: float = None  # None: -log(key length)
    # How query, key, value and output lie in memory; see make_strides.
    layouts: tuple = ("bhsd", "bhsd", "bhsd", "bhsd")
    # The global batch, head, query and key of the first element, and the whole
    # problem's key length - query length, where the kernel has an origin.
    origin: tuple = None
    ones: bool = False  # the value is 1 everywhere
    seed: int = 0

    def text(self):
        heads = f"{self.heads}"
        if self.key_heads != self.heads:
            heads += f"/{self.key_heads}"
        layouts = "bhsd" if set(self.layouts) == {"bhsd"} else ",".join(self.layouts)
        parts = [
            f"b{self.batch} h{heads} q{self.query_length} k{self.key_length}",
            layouts,
        ]
        if self.bias is not None:
            parts.append(f"bias {self.bias:g}")
        if self.scale is not None:
            parts.append(f"scale {self.scale:g}")
        if self.origin is not None:
            parts.append(f"origin {','.join(map(str, self.origin))}")
        return " ".join(parts + ["v=1"] * self.ones)

    def position(self):
        """The origin, or what is meant without one."""
        return self.origin or (0, 0, 0, 0, self.key_length - self.query_length)

    def scale_value(self, spec):
        if self.scale is None or not spec.has_scale:
            return 1 / math.sqrt(spec.head_dim)
        return self.scale

    def bias_value(self, spec):
        if not spec.has_bias:
            return 0.0
        if self.bias is None:
            return -math.log(max(1, self.key_length))
        return self.bias


def make_strides(sizes, layout):
    """Strides of (b, h, s, d) sizes in a layout; the last is always 1."""
    _, heads, length, dim = sizes
    if layout == "bhsd":
        return (heads * length * dim, length * dim, dim, 1)
    if layout == "bshd":
        return (heads * length * dim, dim, heads * dim, 1)
    if layout == "packed":  # one of three in (b, s, 3, h, d)
        return (3 * heads * length * dim, dim, 3 * heads * dim, 1)
    if layout == "padded":  # rows with a gap
        row = dim + 8
        head = length * row + 16
        return (heads * head + 64, head, row, 1)
    if layout == "broadcast":  # one batch for all
        return (0, length * dim, dim, 1)
    raise ValueError(layout)


class Guarded:
    """A strided tensor in poison: before, after, and in its gaps."""

    def __init__(self, sizes, layout, dtype, device):
        self.strides = make_strides(sizes, layout)
        span = 0
        if all(sizes):
            span = 1 + sum((n - 1) * s for n, s in zip(sizes, self.strides))
        element = torch.tensor([], dtype=dtype).element_size()
        self.guard = GUARD_BYTES // element
        self.bits = BITS[element]
        self.poison = POISON[dtype]
        self.buffer = torch.empty(span + 2 * self.guard, dtype=dtype, device=device)
        self.buffer.view(self.bits).fill_(self.poison)
        self.sizes = tuple(sizes)
        self.view = self._strided(self.buffer)

    def _strided(self, buffer):
        return buffer.as_strided(self.sizes, self.strides, self.guard)

    def repoison(self):
        self.buffer.view(self.bits).fill_(self.poison)

    def damage(self):
        """How many elements outside of the tensor are no longer poison."""
        bits = self.buffer.view(self.bits)
        changed = bits != self.poison
        self._strided(changed).fill_(False)
        return int(changed.sum())

    def unwritten(self):
        """How many elements of the tensor are still poison."""
        return int((self._strided(self.buffer.view(self.bits)) == self.poison).sum())


class Problem:
    """A kernel's arguments for one shape, on a device."""

    def __init__(self, spec, shape, device="cuda"):
        self.spec, self.shape = spec, shape
        dtype = DTYPES[spec.element]
        generator = torch.Generator(device=device)
        generator.manual_seed(shape.seed)
        sizes = {
            "query": (shape.batch, shape.heads, shape.query_length, spec.head_dim),
            "key": (shape.batch, shape.key_heads, shape.key_length, spec.head_dim),
            "value": (shape.batch, shape.key_heads, shape.key_length, spec.value_dim),
            "output": (shape.batch, shape.heads, shape.query_length, spec.value_dim),
        }
        self.tensors = {
            name: Guarded(size, layout, dtype, device)
            for (name, size), layout in zip(sizes.items(), shape.layouts)
        }
        for name in ("query", "key", "value"):
            view = self.tensors[name].view
            # A broadcast tensor has one batch, whatever its size says.
            target = view[:1] if view.stride(0) == 0 and view.shape[0] else view
            target.copy_(
                torch.randn(target.shape, generator=generator, device=device)
                if not (shape.ones and name == "value")
                else torch.ones(target.shape, device=device)
            )
        self.captured = []
        if spec.score:
            score, position = specs.SCORES[spec.score], shape.position()
            count = shape.heads + position[1]
            if score.is_by_key:
                count = shape.key_length + position[3]
            self.captured = [
                torch.randn(count, generator=generator, device=device) * 0.1
                for _ in score.arguments
            ]

    @property
    def output(self):
        return self.tensors["output"].view

    def values(self, kernel):
        """The arguments by the names of the kernel's recipe."""
        known = {name: guarded.view for name, guarded in self.tensors.items()}
        known["scale"] = self.shape.scale_value(self.spec)
        known["bias"] = self.shape.bias_value(self.spec)
        if self.spec.has_tensor_scalars:
            for name in ("scale", "bias"):
                known[name] = torch.tensor(
                    known[name], dtype=torch.float32, device=self.output.device
                )
        others = [name for name in kernel.argument_names if name not in known]
        origin = self.shape.position() if self.spec.has_origin else ()
        return {**known, **dict(zip(others, [*self.captured, *origin]))}

    def inputs(self):
        """The bits of all inputs, to see whether anyone wrote to them."""
        return [
            self.tensors[name].buffer.view(self.tensors[name].bits).clone()
            for name in ("query", "key", "value")
        ]

    def damage(self, before):
        """Writes outside of the output: guard bands, gaps and inputs."""
        found = self.tensors["output"].damage()
        for name, bits in zip(("query", "key", "value"), before):
            guarded = self.tensors[name]
            found += int((guarded.buffer.view(guarded.bits) != bits).sum())
        return found

    def reference(self, rows=2048):
        """O in float64: exact, and with P and O rounded to the element type."""
        spec, shape = self.spec, self.shape
        dtype = DTYPES[spec.element]
        q, k, v = (
            self.tensors[name].view.double() for name in ("query", "key", "value")
        )
        exact = torch.zeros(self.output.shape, dtype=torch.float64, device=q.device)
        rounded = torch.zeros_like(exact)
        group = shape.heads // max(1, shape.key_heads)
        for b in range(shape.batch):
            for h in range(shape.heads):
                for start in range(0, shape.query_length, rows):
                    part = slice(start, start + rows)
                    p = self._weights(q[b, h, part], k[b, h // group], h, start)
                    exact[b, h, part] = p @ v[b, h // group]
                    p = p.to(dtype).double()
                    rounded[b, h, part] = p @ v[b, h // group]
        return exact, rounded.to(dtype).double()

    def _weights(self, q, k, head, first):
        """sigmoid(score(scale q k^T + bias)), 0 where masked, of some rows."""
        spec, shape = self.spec, self.shape
        # Scale and bias are f32 values.
        scale = torch.tensor(shape.scale_value(spec), dtype=torch.float32).item()
        bias = torch.tensor(shape.bias_value(spec), dtype=torch.float32).item()
        x = scale * (q @ k.T) + bias
        _, head0, query0, key0, shift = shape.position()
        i = torch.arange(first, first + q.shape[0], device=q.device)[:, None] + query0
        j = torch.arange(k.shape[0], device=q.device)[None, :] + key0
        if spec.score:
            captured = [tensor.double() for tensor in self.captured]
            x = specs.SCORES[spec.score].compute(torch, x, head0 + head, i, j, captured)
        p = torch.sigmoid(x)
        left, right = spec.mask
        if left is not None:
            p = torch.where(j < i + shift - left, 0.0, p)
        if right is not None:
            p = torch.where(j > i + shift + right, 0.0, p)
        return p

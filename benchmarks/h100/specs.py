"""What the kernels of the benchmark and of the GPU tests compute.

Used on both machines: where kernels are compiled (no GPU, no PyTorch) and where
they run. A spec is plain data; the manifest beside the kernel files holds one
for each.
"""

import dataclasses
import itertools


@dataclasses.dataclass(frozen=True)
class Spec:
    """One kernel: what is fixed when it is compiled."""

    name: str
    element: str = "bf16"
    head_dim: int = 128
    value_dim: int = 128
    # (left, right) of the band, None for an unbounded side.
    mask: tuple = (None, None)
    # Which score region: "", or a key of SCORES.
    score: str = ""
    # fast, exact or auto; empty leaves it to the compiler.
    sigmoid: str = ""
    # A whole schedule, `<query_tile = ...>`, or empty for the compiler's choice.
    schedule: str = ""
    # Options of the pipeline, such as `key-tile=64`, for what is to differ from
    # the compiler's choice.
    options: str = ""
    # Whether scale and bias are arguments, or the compiler's defaults.
    has_scale: bool = True
    has_bias: bool = True
    # Whether scale and bias are tensors of one element, in device memory.
    has_tensor_scalars: bool = False
    # Whether the call says which tile of a larger problem it is.
    has_origin: bool = False

    @property
    def is_causal(self):
        return self.mask == (None, 0)

    @property
    def may_have_long_kernel(self):
        """Whether there may be a kernel of its own for many queries."""
        return max(self.head_dim, self.value_dim) <= 64 and not self.score

    @property
    def may_speculate(self):
        """Whether the exact form may take back weights that it has added."""
        return self.may_have_long_kernel and self.sigmoid != "fast" and self.has_bias

    def mlir(self):
        """The function that is compiled."""
        score = SCORES[self.score] if self.score else None
        query = f"tensor<?x?x?x{self.head_dim}x{self.element}>"
        value = f"tensor<?x?x?x{self.value_dim}x{self.element}>"
        arguments = [f"%query: {query}", f"%key: {query}", f"%value: {value}"]
        scalars = ["scale"] * self.has_scale + ["bias"] * self.has_bias
        loads = ""
        for name in scalars:
            if self.has_tensor_scalars:
                arguments.append(f"%{name}_tensor: tensor<f32>")
                loads += f"  %{name} = tensor.extract %{name}_tensor[] : tensor<f32>\n"
            else:
                arguments.append(f"%{name}: f32")
        arguments += score.arguments if score else []
        arguments += [f"{name}: index" for name in _ORIGIN] * self.has_origin
        clauses = " scale(%scale)" * self.has_scale + " bias(%bias)" * self.has_bias
        return (
            f"func.func @sigmoid_attention({', '.join(arguments)}) -> {value} {{\n{loads}"
            f"  %o = attn.sigmoid_attention %query, %key, %value{clauses}"
            f"{self._mask()}{self._origin()}{score.region if score else ''}{self._schedule()}"
            f" : ({query}, {query}, {value}) -> {value}\n"
            f"  return %o : {value}\n"
            "}\n"
        )

    def _mask(self):
        if self.mask == (None, None):
            return ""
        if self.is_causal:
            return " mask<causal>"
        left, right = ("*" if side is None else side for side in self.mask)
        return f" mask<window {left}, {right}>"

    def _origin(self):
        return f" origin({', '.join(_ORIGIN)})" if self.has_origin else ""

    def _schedule(self):
        return f" schedule{self.schedule}" if self.schedule else ""


@dataclasses.dataclass(frozen=True)
class Score:
    """A score region: its captured arguments, its text, and the same in Python.

    `compute(torch, x, h, i, j, captured)` takes the head's number, the query
    and key indices as column and row, and the captured tensors of the call.
    """

    arguments: list
    region: str
    compute: object
    # Whether captured tensors have an element for each key, not each head.
    is_by_key: bool = False


# The arguments of the clause `origin`.
_ORIGIN = ["%batch0", "%head0", "%query0", "%key0", "%diagonal"]
_SLOPES = [0.25, 0.0625, 0.015625, 0.00390625]
# %x: score, %b, %h, %i, %j: batch, head, query, key index.
_INDICES = "(%x, %b, %h, %i, %j)"


def _region(*lines, end="arith.addf"):
    """A score region: the score and %offset, which `lines` compute."""
    lines += (f"%y = {end} %x, %offset : f32", "attn.yield %y : f32")
    body = "".join(f"    {line}\n" for line in lines)
    return f" score{_INDICES} {{\n{body}  }}"


def _sloped(*lines, end="arith.addf"):
    """The score and %slope times the i32 %integer, which `lines` compute."""
    lines += (
        "%float = arith.sitofp %integer : i32 to f32",
        "%offset = arith.mulf %slope, %float : f32",
    )
    return _region(*lines, end=end)


_HEADS_SLOPE = "%slope = tensor.extract %slopes[%h] : tensor<?xf32>"
_DISTANCE = "%distance = arith.subi %j, %i : index"
_DISTANCE_AS_INTEGER = "%integer = arith.index_cast %distance : index to i32"
SCORES = {
    "alibi": Score(
        ["%slopes: tensor<?xf32>"],
        _sloped(_HEADS_SLOPE, _DISTANCE, _DISTANCE_AS_INTEGER),
        lambda torch, x, h, i, j, captured: x + captured[0][h] * (j - i),
    ),
    # ALiBi of encoders: by the distance, on both sides.
    "distance": Score(
        ["%slopes: tensor<?xf32>"],
        _sloped(
            _HEADS_SLOPE,
            _DISTANCE,
            "%signed = arith.index_cast %distance : index to i32",
            "%integer = math.absi %signed : i32",
            end="arith.subf",
        ),
        lambda torch, x, h, i, j, captured: x - captured[0][h] * (j - i).abs(),
    ),
    "head_bias": Score(
        ["%table: tensor<?xf32>"],
        _region("%offset = tensor.extract %table[%h] : tensor<?xf32>"),
        lambda torch, x, h, i, j, captured: x + captured[0][h],
    ),
    # What depends on the key's position alone.
    "key_slope": Score(
        ["%slopes: tensor<?xf32>"],
        _sloped(_HEADS_SLOPE, "%integer = arith.index_cast %j : index to i32"),
        lambda torch, x, h, i, j, captured: x + captured[0][h] * j,
    ),
    "key_table": Score(
        ["%table: tensor<?xf32>"],
        _region("%offset = tensor.extract %table[%j] : tensor<?xf32>"),
        lambda torch, x, h, i, j, captured: x + captured[0][j],
        is_by_key=True,
    ),
    # Constants of the compiler, as exporters write ALiBi's slopes.
    "slopes": Score(
        [],
        _sloped(
            f"%slopes = arith.constant dense<{_SLOPES}> : tensor<4xf32>",
            "%c4 = arith.constant 4 : index",
            "%turn = arith.remui %h, %c4 : index",
            "%slope = tensor.extract %slopes[%turn] : tensor<4xf32>",
            _DISTANCE,
            _DISTANCE_AS_INTEGER,
        ),
        lambda torch, x, h, i, j, captured: x + _SLOPES[h % 4] * (j - i),
    ),
}

CAUSAL = (None, 0)
FULL = (None, None)


def mask_name(mask):
    if mask == FULL:
        return "full"
    if mask == CAUSAL:
        return "causal"
    return "window" + "_".join("any" if side is None else str(side) for side in mask)


def parse_mask(text):
    """The mask of `full`, `causal` or `window:LEFT,RIGHT`, where * is unbounded."""
    sides = text.removeprefix("window:").split(",")
    if text.startswith("window:") and len(sides) == 2:
        return tuple(None if side == "*" else int(side) for side in sides)
    if text not in ("full", "causal"):
        raise SystemExit(
            f"expected a mask full, causal or window:LEFT,RIGHT, got {text!r}"
        )
    return FULL if text == "full" else CAUSAL


def count_pairs(mask, length):
    """How many pairs of a query and a key are seen; half of all if causal."""
    if mask == FULL:
        return length**2
    if mask == CAUSAL:
        return length**2 // 2
    left, right = (length if side is None else side for side in mask)
    return sum(
        min(query + right, length - 1) - max(query - left, 0) + 1
        for query in range(length)
    )


def make_spec(head_dim=128, value_dim=None, mask=FULL, **others):
    """A spec named after what it is."""
    value_dim = head_dim if value_dim is None else value_dim
    spec = Spec("", head_dim=head_dim, value_dim=value_dim, mask=mask, **others)
    parts = [spec.element, f"d{head_dim}"]
    parts += [f"v{value_dim}"] * (value_dim != head_dim)
    parts += [mask_name(mask)]
    parts += [part for part in (spec.score, spec.sigmoid) if part]
    parts += [spec.options.replace("=", "").replace(" ", "-")] * bool(spec.options)
    parts += ["default"] * (not spec.has_scale)
    parts += ["tensors"] * spec.has_tensor_scalars
    parts += ["tile"] * spec.has_origin
    return dataclasses.replace(spec, name="-".join(parts))


def bench_specs():
    """The kernels of the table in docs/performance.md."""
    return [
        make_spec(head_dim, mask=mask, sigmoid=sigmoid)
        for head_dim, mask, sigmoid in itertools.product(
            (128, 64, 256), (FULL, CAUSAL), ("fast", "auto")
        )
    ]


def test_specs():
    """The kernels of the GPU tests: every type, mask, head dim and score."""
    specs = [
        make_spec(head_dim, mask=mask, element=element)
        for element, head_dim, mask in itertools.product(
            ("bf16", "f16"), (64, 128, 256), (FULL, CAUSAL)
        )
    ]
    specs += [make_spec(d, mask=CAUSAL) for d in (8, 40, 72, 96, 136, 192, 248)]
    specs += [make_spec(d) for d in (16, 80, 200)]
    specs += [make_spec(64, 128), make_spec(128, 64, mask=CAUSAL), make_spec(192, 128)]
    specs += [make_spec(128, 40), make_spec(72, 256, mask=CAUSAL)]
    specs += [make_spec(128, mask=mask) for mask in ((128, 0), (100, 50), (0, 0))]
    specs += [make_spec(64, mask=mask) for mask in ((None, 16), (300, None))]
    specs += [make_spec(d, score="alibi", mask=m) for d, m in ((128, CAUSAL), (64, FULL))]
    specs += [make_spec(128, score="alibi"), make_spec(256, score="alibi", element="f16")]
    specs += [make_spec(128, score="alibi", mask=(300, 0))]
    specs += [make_spec(64, score="distance", element="f16")]
    specs += [make_spec(d, score="distance", mask=CAUSAL) for d in (128, 256)]
    specs += [make_spec(128, score="head_bias", element="f16")]
    specs += [make_spec(64, mask=CAUSAL, score="slopes")]
    specs += [make_spec(128, mask=CAUSAL, score="key_slope")]
    specs += [make_spec(256, score="key_table"), make_spec(192, score="key_table", mask=CAUSAL)]
    specs += [make_spec(128, mask=CAUSAL, has_scale=False, has_bias=False)]
    specs += [make_spec(d, mask=m, sigmoid="fast") for d, m in ((128, FULL), (64, CAUSAL))]
    specs += [make_spec(d, mask=m, sigmoid="exact") for d, m in ((128, CAUSAL), (64, FULL))]
    specs += [
        make_spec(d, mask=m, sigmoid=sigmoid, has_tensor_scalars=True)
        for d, m, sigmoid in ((128, FULL, "auto"), (64, CAUSAL, "fast"))
    ]
    specs += [
        make_spec(d, mask=m, score=score, has_origin=True)
        for d, m, score in (
            (128, CAUSAL, ""),
            (64, (100, 50), ""),
            (64, (300, None), ""),
            (128, CAUSAL, "alibi"),
        )
    ]
    cluster = {"options": "cluster=2"}
    specs += [make_spec(d, mask=m, **cluster) for d in (128, 256) for m in (FULL, CAUSAL)]
    specs += [make_spec(64, 128, element="f16", **cluster)]
    specs += [make_spec(72, mask=m, **cluster) for m in ((100, 50), (None, 16), (300, None))]
    specs += [make_spec(64, **cluster), make_spec(64, mask=CAUSAL, score="alibi", **cluster)]
    specs += [make_spec(128, options="cluster=2 grid=static")]
    return specs


def score_specs():
    """Every score with every mask, at head dims that have schedules of their own."""
    return [
        make_spec(head_dim, mask=mask, score=score)
        for head_dim, mask, score in itertools.product(
            (64, 96, 128, 192, 256), (FULL, CAUSAL, (512, 0), (None, 16)), SCORES
        )
    ]


def sanitize_specs():
    """A few kernels that are small enough for compute-sanitizer."""
    return [spec for spec in test_specs() if spec.element == "bf16"][:6] + [
        make_spec(72, 256, mask=CAUSAL),
        make_spec(128, mask=(100, 50)),
        make_spec(64, score="alibi"),
    ]

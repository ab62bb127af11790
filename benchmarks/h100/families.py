"""Generated families of shapes: the same for every kernel, but for chance."""

import dataclasses
import random

from problems import Shape

# Around tile sizes, and primes.
LENGTHS = (1, 2, 7, 63, 64, 65, 127, 128, 129, 191, 193, 255, 256, 257, 509, 640, 1021)
# (heads, key heads)
GROUPS = ((1, 1), (2, 2), (4, 2), (6, 2), (5, 1), (8, 1), (3, 3))
LAYOUTS = ("bhsd", "bshd", "packed", "padded")
# None is -log(key length).
BIASES = (None, 0.0, -2.5, -8.5, 1.5)
# Beyond what the tanh form can do.
FAR_BIASES = (-11.0, -12.0)

# For kernels that are taken from 8192 queries on, tiles of 192.
_MANY_QUERIES = [
    Shape(1, 2, 1, 8192, 0, bias=0.0),
    Shape(1, 1, 1, 8193, 1, bias=0.0, seed=5),
    Shape(2, 2, 2, 8256, 300, bias=-2.5, layouts=("bshd",) * 4, seed=6),
    Shape(1, 4, 2, 8300, 129, bias=-3.0, seed=7),
    Shape(1, 1, 1, 8257, 8321, bias=-5.5, seed=8),
    Shape(1, 2, 1, 9000, 1021, bias=-5.0, layouts=("packed",) * 4, seed=9),
]

# Biases so low that the exact form tries a series without a decision, with scores that
# let it, hardly ever do, or do often.
_SPECULATED = [
    Shape(1, 2, 1, 300, 1500, bias=-8.5),
    Shape(2, 2, 2, 129, 1021, scale=0.2, bias=-8.6, layouts=("bshd",) * 4, seed=10),
    Shape(1, 4, 2, 200, 2100, scale=0.3, bias=-9.0, seed=11),
    Shape(1, 1, 1, 1000, 4096, ones=True, seed=12),
    Shape(1, 2, 1, 64, 3000, scale=-0.15, bias=-12.0, seed=13),
    Shape(1, 1, 1, 8200, 1500, bias=-8.5, seed=14),
    Shape(1, 2, 2, 8300, 2000, scale=0.2, bias=-9.5, seed=15),
]


def _random_shapes(spec, chance, count):
    shapes = []
    biases = BIASES if spec.sigmoid == "fast" else BIASES + FAR_BIASES
    for _ in range(count):
        heads, key_heads = chance.choice(GROUPS)
        shapes.append(
            Shape(
                batch=chance.choice((1, 2, 3)),
                heads=heads,
                key_heads=key_heads,
                query_length=chance.choice(LENGTHS),
                key_length=chance.choice(LENGTHS),
                scale=chance.choice((None, None, 0.25, -0.1)),
                bias=chance.choice(biases),
                layouts=tuple(chance.choice(LAYOUTS) for _ in range(4)),
                seed=chance.randrange(1 << 30),
            )
        )
    return shapes


def shapes_for(spec):
    """The shapes that a kernel of the GPU tests is checked with."""
    chance = random.Random("shapes of " + spec.name)
    edges = [
        Shape(2, 4, 4, 256, 256),
        Shape(1, 2, 1, 1, 1),
        Shape(1, 2, 2, 0, 64),  # nothing to write
        Shape(0, 2, 2, 64, 64),
        Shape(2, 2, 1, 65, 0),  # no keys: zeros
        Shape(1, 2, 1, 300, 129),  # with causal masks, rows without keys
        Shape(2, 6, 2, 129, 511, layouts=("bshd",) * 4),
        Shape(3, 2, 2, 100, 200, layouts=("packed", "broadcast", "broadcast", "padded")),
        Shape(1, 2, 1, 1000, 1000, bias=0.0, ones=True),
        Shape(1, 4, 2, 2048, 2048, ones=True, seed=1),
        Shape(1, 1, 1, 77, 200, bias=float("inf"), seed=2),
        Shape(1, 1, 1, 77, 200, bias=float("-inf"), seed=3),
        Shape(1, 1, 1, 64, 128, scale=0.0, bias=-1.0, seed=4),
    ]
    if spec.may_have_long_kernel:
        edges += _MANY_QUERIES
    if spec.may_speculate:
        edges += _SPECULATED
    shapes = edges + _random_shapes(spec, chance, 5)
    if spec.has_origin:
        shapes = [dataclasses.replace(s, origin=_origin(s, chance)) for s in shapes]
        # Bands beside all keys, as far as numbers go.
        shapes += [
            Shape(1, 2, 2, 200, 300, origin=(0, 0, 0, 0, diagonal))
            for diagonal in (1 << 40, -(1 << 40), (1 << 31) - 7, 1 << 29)
        ]
        shapes.append(Shape(1, 2, 1, 200, 300, origin=(7, 3, 1 << 40, 1 << 40, 100)))
    return shapes


def _origin(shape, chance):
    """Where a tile may lie in a larger problem."""
    queries, keys = shape.query_length, shape.key_length
    query, key = (chance.choice((0, 0, 1, 64, 100, 1000)) for _ in range(2))
    # The band before, inside, or behind the tile's keys.
    shift = chance.choice((keys - queries, -queries // 2, keys // 2, keys, -queries))
    return (chance.randrange(3), chance.randrange(3), query, key, shift + key - query)


def long_shapes(spec):
    """Shapes that take a while, for the benchmark's kernels."""
    if spec.sigmoid == "fast":
        return [Shape(1, 2, 2, 4096, 4096), Shape(1, 1, 1, 8000, 8000)]
    return [
        Shape(1, 2, 2, 4096, 4096),
        Shape(1, 1, 1, 16384, 16384, ones=True),
        Shape(1, 1, 1, 131, 131072),
    ]

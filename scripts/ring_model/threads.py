"""Interprets the roles of one block of threads."""

import re

from arithmetic import compute
from ir import walk
from rings import WARPS, Ring, Tile, Wrong

RING_OPS = ("sm90.wait", "sm90.release", "sm90.reserve", "nvvm.barrier", "sm90.wgmma")


class ThreadBlock:
    """The producer and the consumers of one block, as generators that yield what
    they wait for: a function that says whether it has come."""

    def __init__(self, model, kernel, arguments, number):
        self.model, self.number = model, number
        self.named, self.rings = {}, []
        values = dict(zip(kernel.arguments, arguments))
        for op in kernel.ops:
            if op.name == "sm90.warp_specialize":
                roles = op
            elif op.name == "sm90.alloc_ring":
                self.rings.append(Ring(op))
                values[op.results[0]] = self.rings[-1]
            else:
                self.step(op, values)
        producer, consumer = roles.regions
        self.roles = [(f"block {number}: producer", self.run(producer, dict(values), None))]
        for group in range(roles.attribute("num_consumers")):
            for warp in range(WARPS):
                mine = dict(values)
                mine[consumer.arguments[0]] = group
                self.roles.append(
                    (f"block {number}: warp {warp} of warpgroup {group}",
                     self.run(consumer, mine, (group, warp))))

    def step(self, op, values):
        """An op that waits for nothing."""
        operands = [values.get(name) for name in op.operands]
        if op.name == "nvvm.read.ptx.sreg.ctaid.x":
            results = [self.number]
        elif op.name == "nvvm.read.ptx.sreg.nctaid.x":
            results = [self.model.grid]
        elif op.name == "nvvm.read.ptx.sreg.cluster.ctarank":
            results = [self.number % self.model.cluster]
        elif op.name == "nvvm.read.ptx.sreg.clusterid.x":
            results = [self.number // self.model.cluster]
        elif op.name == "nvvm.read.ptx.sreg.nclusterid.x":
            results = [self.model.grid // self.model.cluster]
        elif op.name == "llvm.getelementptr":
            results = [operands[-1]]
        elif op.name == "llvm.atomicrmw":
            results = [self.model.take_ticket(*operands)]
        elif op.name == "sm90.start":
            results = [0]
        elif op.name == "sm90.advance":
            results = [operands[0] + 1]
        elif op.name in ("sm90.slice", "sm90.convert"):
            results = [operands[0]]
        elif op.name == "nvvm.vote.sync":
            results = [operands[1]]
        elif op.name == "arith.cmpf":
            # Scalars are data, but the same for all.
            results = [self.model.draw(id(op))]
        else:
            results = compute(op, operands)
        values.update(zip(op.results, results))

    def meet(self, name, warps, waits=True):
        """Arrives at a named barrier; returns whether all have come."""
        state = self.named.setdefault(name, [0, 0])
        generation = state[0]
        state[1] += 1
        if state[1] == warps:
            state[0], state[1] = generation + 1, 0
        return (lambda: state[0] > generation) if waits else (lambda: True)

    def run(self, block, values, who):
        """Runs a region's block; returns what its terminator passes on."""
        for op in block.ops:
            operands = [values.get(name) for name in op.operands]
            if op.name in ("scf.yield", "scf.condition", "sm90.yield"):
                return operands
            handler = HANDLERS.get(op.name)
            if handler is None:
                self.step(op, values)
                continue
            results = yield from handler(self, op, operands, values, who)
            values.update(zip(op.results, results or []))
        return []

    def run_for(self, op, operands, values, who):
        lower, upper, step, *carried = operands
        body = op.regions[0]
        for index in range(lower, upper, step):
            values.update(zip(body.arguments, [index, *carried]))
            carried = yield from self.run(body, values, who)
        return carried

    def run_while(self, op, operands, values, who):
        before, after = op.regions
        carried = operands
        while True:
            values.update(zip(before.arguments, carried))
            more, *passed = yield from self.run(before, values, who)
            if not more:
                return passed
            values.update(zip(after.arguments, passed))
            carried = yield from self.run(after, values, who)

    def run_if(self, op, operands, values, who):
        if operands[0] is None:
            for region in op.regions:
                if any(inner.name in RING_OPS for inner in walk(region)):
                    raise Wrong("a branch on data decides about rings")
            return [None] * len(op.results)
        if not operands[0] and len(op.regions) == 1:
            return []
        return (yield from self.run(op.regions[0 if operands[0] else 1], values, who))

    def run_reserve(self, op, operands, values, who):
        ring, position = operands[:2]
        slot, parity = ring.slot(position)
        if ring.is_first() or not ring.is_message:
            yield lambda: ring.empty[slot].is_complete(1 - parity)
        if not ring.is_message:
            ring.full[slot].copies += ring.cluster
            ring.full[slot].arrive()
        return [Tile(ring, position)]

    def run_load(self, op, operands, values, who):
        tile = next(value for value in operands if isinstance(value, Tile))
        for ring in tile.ring.everywhere:
            ring.content[tile.position % ring.stages] = None
            self.model.copies.append((ring, tile.position))
        yield lambda: True

    def run_send(self, op, operands, values, who):
        message, ring, position = (
            operands if isinstance(operands[1], Ring) else (operands[2], *operands[:2]))
        slot, parity = ring.slot(position)
        if not ring.is_first():
            yield lambda: ring.full[slot].is_complete(parity)
            message = ring.receive(position)
            ring.everywhere[0].empty[slot].arrive()
            return [message]
        for copy in ring.everywhere:
            copy.content[slot] = (position, message)
            copy.full[slot].arrive()
        yield lambda: True
        return [message]

    def run_wait(self, op, operands, values, who):
        ring, position, *ready = operands
        slot, parity = ring.slot(position)
        if not (ready and ready[0]):
            yield lambda: ring.full[slot].is_complete(parity)
        if not ring.is_message:
            return [Tile(ring, position)]
        return [ring.receive(position)]

    def run_try_wait(self, op, operands, values, who):
        ring, position = operands
        slot, parity = ring.slot(position)
        yield lambda: True
        return [ring.full[slot].is_complete(parity)]

    def run_release(self, op, operands, values, who):
        ring, position = operands
        if ring.is_per_warp or who[1] == 0:
            for copy in ring.everywhere[: 1 if ring.is_message else None]:
                copy.empty[position % ring.stages].arrive()
        yield lambda: True

    def run_product(self, op, operands, values, who):
        reads = [tile for value in operands
                 for tile in (value if isinstance(value, list) else [value])
                 if isinstance(tile, Tile)]
        for tile in reads:
            tile.check("a product")
        yield self.meet(("product", who[0]), WARPS)
        return [reads]

    def run_await(self, op, operands, values, who):
        # Complete for all warps when it is for the one that releases what it read.
        for pending in operands if who[1] == 0 else []:
            for tile in pending if isinstance(pending, list) else []:
                tile.check("a product in flight")
        yield lambda: True
        return [None] * len(op.results)

    def run_barrier(self, op, operands, values, who):
        number, threads = operands
        yield self.meet(("barrier", number), threads // 32)

    def run_arrive(self, op, operands, values, who):
        number, threads = operands
        yield self.meet(("barrier", number), threads // 32, waits=False)

    def run_intrinsic(self, op, operands, values, who):
        if "llvm.nvvm.barrier.cta.red" not in op.text:
            return [None] * len(op.results)
        # What the threads vote about is data: any answer, the same for all.
        number, threads, _ = operands
        name = ("barrier", number)
        meeting = (self.number, number, self.named.get(name, [0])[0])
        yield self.meet(name, threads // 32)
        return [self.model.draw(meeting)]

    def run_leader(self, op, operands, values, who):
        yield lambda: True
        return [who[1] == 0]

    def run_store(self, op, operands, values, who):
        tile, _, *place = operands
        if isinstance(tile, Tile):
            tile.check("a store")
        columns = int(re.search(r"!sm90\.tile<\d+x(\d+)x", op.text)[1])
        self.model.stored.append((*place, columns))
        yield lambda: True


HANDLERS = {
    "scf.for": ThreadBlock.run_for,
    "scf.while": ThreadBlock.run_while,
    "scf.if": ThreadBlock.run_if,
    "sm90.reserve": ThreadBlock.run_reserve,
    "sm90.tma_load": ThreadBlock.run_load,
    "sm90.send": ThreadBlock.run_send,
    "sm90.wait": ThreadBlock.run_wait,
    "sm90.try_wait": ThreadBlock.run_try_wait,
    "sm90.release": ThreadBlock.run_release,
    "sm90.wgmma": ThreadBlock.run_product,
    "sm90.await": ThreadBlock.run_await,
    "sm90.leader": ThreadBlock.run_leader,
    "sm90.tma_store": ThreadBlock.run_store,
    "nvvm.barrier": ThreadBlock.run_barrier,
    "nvvm.barrier.arrive": ThreadBlock.run_arrive,
    "llvm.call_intrinsic": ThreadBlock.run_intrinsic,
}

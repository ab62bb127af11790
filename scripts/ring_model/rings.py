"""Rings of slots and their mbarriers, as the roles of a kernel see them."""

import re
from dataclasses import dataclass

WARPS = 4


class Wrong(Exception):
    """What the model reports."""


class Barrier:
    """An mbarrier: arrivals and copies still missing, and the number of its phase."""

    def __init__(self, arrivals):
        self.arrivals = self.missing = arrivals
        self.copies = self.phase = 0

    def turn(self):
        if self.missing == 0 and self.copies == 0:
            self.phase, self.missing = self.phase + 1, self.arrivals

    def arrive(self):
        if self.missing == 0:
            raise Wrong("more arrivals than a barrier counts")
        self.missing -= 1
        self.turn()

    def is_complete(self, parity):
        return self.phase % 2 != parity


class Ring:
    """One block's part of a ring, which the blocks of a cluster may share."""

    def __init__(self, op):
        kind = re.search(r"!sm90\.ring<(\d+), ", op.text)
        self.stages = int(kind[1])
        self.is_message = "sm90.tile" not in op.text
        self.cluster = op.attribute("cluster", default=1)
        self.is_per_warp = op.attribute("scope") == 0
        readers = op.attribute("readers") * (WARPS if self.is_per_warp else 1)
        readers *= self.cluster
        if self.is_message:
            # The writers of the other blocks read the first one's messages.
            readers += self.cluster - 1
        self.full = [Barrier(1) for _ in range(self.stages)]
        self.empty = [Barrier(readers) for _ in range(self.stages)]
        self.content = [None] * self.stages
        self.shares = [0] * self.stages
        # Where the blocks that share the ring have it, the first block's first.
        self.everywhere = [self]

    def slot(self, position):
        return position % self.stages, position // self.stages % 2

    def is_first(self):
        return self is self.everywhere[0]

    def receive(self, position):
        """The message that a full slot holds."""
        number, message = self.content[position % self.stages]
        if number != position:
            raise Wrong("a message was overwritten")
        return message

    def finish_copy(self, position):
        slot = position % self.stages
        self.shares[slot] += 1
        if self.shares[slot] == self.cluster:
            self.shares[slot], self.content[slot] = 0, position
        self.full[slot].copies -= 1
        self.full[slot].turn()


@dataclass(frozen=True)
class Tile:
    ring: Ring
    position: int

    def check(self, what):
        if self.ring.content[self.position % self.ring.stages] != self.position:
            raise Wrong(f"{what} reads a slot that holds something else")

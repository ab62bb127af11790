#!/usr/bin/env python3
"""Looks for registers of wgmma that are touched while it is in flight.

    nvdisasm -c kernel.cubin | check_sass.py
    check_sass.py [--nvdisasm PROGRAM] FILE ...

A FILE is a disassembly, or a kernel file (docs/KernelFile.md), whose code
nvdisasm takes apart.

Releases 12.8 to 13.2 of ptxas can reuse the registers that feed an asynchronous
wgmma before it has read them. This reads the machine code in the order of the
text, keeps the groups of HGMMA that no WARPGROUP.DEPBAR has waited for, and
prints every instruction that writes one of their operands, or reads or writes
one of their accumulators. Exits with 1 if there is one.
"""

import argparse
import re
import struct
import subprocess
import sys
import tempfile

INSTRUCTION = re.compile(r"/\*([0-9a-f]{4,})\*/\s+(?:@!?U?P\w+\s+)?(.*?);")
REGISTER = re.compile(r"\bR(\d+)\b")
# The first operand of these is no destination.
NO_DESTINATION = ("ST", "RED", "SYNCS", "UTMA", "BAR", "R2UR", "R2P", "BRA")


class Product:
    """One HGMMA: the registers that it writes, and reads as its A operand."""

    def __init__(self, address, opcode, operands):
        self.address = address
        columns = int(re.search(r"64x(\d+)x", opcode).group(1))
        first = int(REGISTER.search(operands[0]).group(1))
        self.accumulators = set(range(first, first + columns // 2))
        self.a_registers = set()
        if "gdesc" not in operands[1]:
            first = int(REGISTER.search(operands[1]).group(1))
            self.a_registers = set(range(first, first + 4))


def written_registers(opcode, operands):
    """The general registers that an instruction writes, as far as it says."""
    match = re.match(r"\s*R(\d+)(\.64)?\s*$", operands[0]) if operands else None
    if not match or opcode.startswith(NO_DESTINATION):
        return set()
    first = int(match.group(1))
    for width, count in ((".128", 4), (".64", 2), (".WIDE", 2)):
        if width in opcode or (width == ".64" and match.group(2)):
            return set(range(first, first + count))
    return {first, first + 1} if opcode.startswith("CS2R") else {first}


def find_hazards(text):
    """Yields a line for each hazard in a disassembly."""
    groups, open_group = [], []
    for match in INSTRUCTION.finditer(text):
        address, instruction = match.groups()
        opcode, _, rest = instruction.strip().partition(" ")
        operands = rest.split(",")
        if opcode.startswith("HGMMA"):
            open_group.append(Product(address, opcode, operands))
            if "gsb0" in rest:
                groups.append(open_group)
                open_group = []
            continue
        if opcode.startswith("WARPGROUP.DEPBAR"):
            in_flight = int(operands[-1], 16)
            groups = groups[len(groups) - in_flight :] if in_flight else []
            continue
        written = written_registers(opcode, operands)
        sources = operands[1:] if written else operands
        read = {int(r) for operand in sources for r in REGISTER.findall(operand)}
        for product in [p for group in groups + [open_group] for p in group]:
            if written & product.a_registers:
                what = "writes an operand"
            elif (written | read) & product.accumulators:
                what = "touches an accumulator"
            else:
                continue
            yield f"{address}: {instruction} {what} of the HGMMA at {product.address}"


MAGIC = b"SIGATTN\x1a"
CUBIN_SECTION = 3


def extract_cubin(kernel_file):
    """The machine code in the bytes of a kernel file."""
    place = len(MAGIC) + struct.calcsize("<IQ")
    while place < len(kernel_file):
        kind, size = struct.unpack_from("<IQ", kernel_file, place)
        place += struct.calcsize("<IQ")
        if kind == CUBIN_SECTION:
            return kernel_file[place : place + size]
        place += size
    raise ValueError("expected a cubin in the kernel file, found none")


def disassemble(cubin, nvdisasm):
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        command = [nvdisasm, "-c", file.name]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def read_text(path, nvdisasm):
    with open(path, "rb") as file:
        content = file.read()
    if content.startswith(MAGIC):
        content = disassemble(extract_cubin(content), nvdisasm)
    return content.decode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--nvdisasm", default="nvdisasm", help="its path")
    arguments = parser.parse_args()
    found = 0
    for path in arguments.files or [None]:
        text = read_text(path, arguments.nvdisasm) if path else sys.stdin.read()
        hazards = list(find_hazards(text))
        found += len(hazards)
        print(*hazards, sep="\n", end="\n" if hazards else "")
        where = f"{path}: " if len(arguments.files) > 1 else ""
        print(f"{where}{text.count('HGMMA')} HGMMA, {len(hazards)} hazards")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

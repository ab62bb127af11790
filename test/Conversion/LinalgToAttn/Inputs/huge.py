"""Prints attention whose scores go through a huge expression.

    huge.py chain|doubling
"""

import sys

STEPS = {
    "chain": (5000, "linalg.add ins(%x{i}, %b : {t}, {t}) outs(%e : {t}) -> {t}"),
    "doubling": (64, "linalg.add ins(%x{i}, %x{i} : {t}, {t}) outs(%e : {t}) -> {t}"),
}


def main():
    count, step = STEPS[sys.argv[1]]
    t = "tensor<4x4xf32>"
    print(f"func.func @huge(%q: {t}, %k: {t}, %v: {t}, %b: {t}) -> {t} {{")
    print("  %zero = arith.constant 0.0 : f32")
    print("  %one = arith.constant 1.0 : f32")
    print(f"  %e = tensor.empty() : {t}")
    print(f"  %z = linalg.fill ins(%zero : f32) outs(%e : {t}) -> {t}")
    print(f"  %o = linalg.fill ins(%one : f32) outs(%e : {t}) -> {t}")
    print(f"  %x0 = linalg.matmul ins(%q, %k : {t}, {t}) outs(%z : {t}) -> {t}")
    for i in range(count):
        print(f"  %x{i + 1} = " + step.format(i=i, t=t))
    print(f"  %n = linalg.negf ins(%x{count} : {t}) outs(%e : {t}) -> {t}")
    print(f"  %x = linalg.exp ins(%n : {t}) outs(%e : {t}) -> {t}")
    print(f"  %d = linalg.add ins(%x, %o : {t}, {t}) outs(%e : {t}) -> {t}")
    print(f"  %p = linalg.div ins(%o, %d : {t}, {t}) outs(%e : {t}) -> {t}")
    print(f"  %r = linalg.matmul ins(%p, %v : {t}, {t}) outs(%z : {t}) -> {t}")
    print(f"  return %r : {t}\n}}")


if __name__ == "__main__":
    main()

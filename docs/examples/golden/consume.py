"""Check an initialiser against golden.json, without pathmoments: python consume.py golden.json NAME GAIN; exit status 1 if it does not conform."""

import json
import math
import random
import sys

path, name, gain = sys.argv[1], sys.argv[2], float(sys.argv[3])
with open(path, encoding="utf-8") as file:
    network = next(one for one in json.load(file)["networks"] if one["name"] == name)
frobenius = next(one for one in network["quantities"] if one["name"] == "frobenius")
draw = random.Random(1)


def squared_norm():  # ||J||_F^2 of a fresh network, weights of variance gain / fan_in; the last column of `rows` are the activations at (1, ..., 1)
    inputs = network["layers"][0]["fan_in"]
    rows = [[float(p == q) for p in range(inputs)] + [1.0] for q in range(inputs)]
    for layer in network["layers"]:
        columns, deviation = list(zip(*rows)), math.sqrt(gain / layer["fan_in"])
        weights = [[draw.gauss(0, deviation) for _ in rows] for _ in range(layer["fan_out"])]
        rows = [[sum(w * v for w, v in zip(row, column)) for column in columns] for row in weights]
        if layer["activated"]:
            rows = [[v * (row[-1] > 0) for v in row] for row in rows]
    return sum(v * v for row in rows for v in row[:-1])


def psi(x):
    return math.copysign(math.log1p(abs(x) + x * x / 2), x)


def evidence(values, side, theta):
    sums = [sum(psi(one["slope"] * (v - theta)) for v in values) - len(values) * one["growth"] for one in side]
    return max(sums) + math.log(sum(one["weight"] * math.exp(s - max(sums)) for one, s in zip(side, sums)))


values, test = [squared_norm() for _ in range(frobenius["samples"])], frobenius["test"]
found = max(evidence(values, test[side], test["theta"]) for side in ("above", "below"))
print(f"mean {sum(values) / len(values):.4f}, evidence {found:.2f} of {test['threshold']:.2f}")
sys.exit(not found < test["threshold"])  # so that "not a number" fails

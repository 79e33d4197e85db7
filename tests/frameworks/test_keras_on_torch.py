"""Keras 3 on its PyTorch backend, in a process of its own: a process has one backend."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

SCRIPT = """
import json
import keras, numpy as np, torch
from pathmoments import moment
from pathmoments.frameworks import keras_jacobians, keras_weights, network_from_keras

torch.set_num_threads(1)

def factory():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "relu", kernel_initializer="he_normal"), keras.layers.Dense(2)])

def score(blocks, net):
    z = np.concatenate(list(blocks))[:, 0, 0].astype(float)
    exact, square = float(moment(net, {(0, 0): 2})), float(moment(net, {(0, 0): 4}))
    return (np.mean(z**2) - exact) / ((square - exact**2) / len(z)) ** 0.5

model = factory()
net = network_from_keras(model)
made = []

def recorded():
    made.append(factory())
    return made[-1]

(block,) = keras_jacobians(recorded, 5, seed=1)
kernels = [[np.asarray(w.detach() if hasattr(w, "detach") else w) for w in m.get_weights()] for m in made[1:]]
by_hand = [b.T @ ((np.ones(3) @ a > 0)[:, None] * a.T) for a, _, b, _ in kernels]
law = keras_weights("he_normal", 700, 300)
values = keras.ops.convert_to_numpy(keras.initializers.HeNormal(seed=3)((700, 300))).astype(float)
print(json.dumps({
    "backend": keras.config.backend(),
    "error": float(np.abs(block - by_hand).max()),
    "fresh": score(keras_jacobians(factory, 60, seed=2), net),
    "again": score(keras_jacobians(model, 600, seed=3), net),
    "variance": float(np.mean(values**2) / float(law.variance) - 1) / ((float(law.law.moment(4)) - 1) / values.size) ** 0.5,
}))
"""


def test_keras_on_torch(torch: Any, keras: Any) -> None:
    """Fresh models have the Jacobians by hand, and models and initialisers the exact moments, as on the JAX backend."""
    environment = os.environ | {"KERAS_BACKEND": "torch"}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["backend"] == "torch"
    assert report["error"] < 1e-6
    assert max(abs(report[name]) for name in ("fresh", "again", "variance")) < 6, report

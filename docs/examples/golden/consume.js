// Check an initialiser against golden.json, without pathmoments: node consume.js golden.json NAME GAIN; exit status 1 if it does not conform.
const [path, name, gain] = process.argv.slice(2);
const network = JSON.parse(require("fs").readFileSync(path, "utf8")).networks.find((one) => one.name === name);
const frobenius = network.quantities.find((one) => one.name === "frobenius");

let state = 1;
function uniform() { // mulberry32
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()); // Box and Muller
const total = (array, term) => array.reduce((sum, v, i) => sum + term(v, i), 0);

function squaredNorm() { // ||J||_F^2 of a fresh network, weights of variance gain / fan_in; the last column of `rows` are the activations at (1, ..., 1)
  const identity = [...Array(network.layers[0].fan_in).keys()];
  let rows = identity.map((q) => [...identity.map((p) => Number(p === q)), 1]);
  for (const layer of network.layers) {
    const fresh = () => rows.map(() => Math.sqrt(gain / layer.fan_in) * normal());
    const product = (weights) => rows[0].map((_, p) => total(weights, (w, i) => w * rows[i][p]));
    rows = Array.from({ length: layer.fan_out }, () => product(fresh()));
    if (layer.activated) rows = rows.map((row) => row.map((v) => v * (row.at(-1) > 0)));
  }
  return total(rows, (row) => total(row.slice(0, -1), (v) => v * v));
}

const psi = (x) => Math.sign(x) * Math.log1p(Math.abs(x) + (x * x) / 2);
function evidence(values, side, theta) {
  const sums = side.map((one) => total(values, (v) => psi(one.slope * (v - theta))) - values.length * one.growth);
  return Math.max(...sums) + Math.log(total(side, (one, i) => one.weight * Math.exp(sums[i] - Math.max(...sums))));
}

const values = Array.from({ length: frobenius.samples }, squaredNorm);
const { above, below, theta, threshold } = frobenius.test;
const found = Math.max(evidence(values, above, theta), evidence(values, below, theta));
console.log(`mean ${(total(values, (v) => v) / values.length).toFixed(4)}, evidence ${found.toFixed(2)} of ${threshold.toFixed(2)}`);
process.exitCode = Number(!(found < threshold)); // so that "not a number" fails

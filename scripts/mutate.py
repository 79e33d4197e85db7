"""Alter one coefficient at a time, in a copy of the package, and require that a named test fails (run it with `scripts/mutate`).

A check that cannot fail is no check. Each alteration below changes one number or sign of a route's mathematics; the test named beside it must
fail, and must pass on the unaltered copy. Exit status 1 if an altered package passes.
"""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Alteration(NamedTuple):
    """One change to one file, and the test that must notice."""

    route: str
    what: str
    file: str
    old: str
    new: str
    test: str


PLUGIN = "../_pathmoments_pytestplugin.py"
REFERENCE = "tests/routes/test_reference.py::test_reference_value_comes_out"

ALTERATIONS = [
    Alteration("enumeration", "an open neuron counts 1/3, not 1/2", "paths/factors.py", "((1 + net.slope**load) / 2", "((1 + net.slope**load) / 3", REFERENCE),
    Alteration("enumeration", "an edge has the moment below its multiplicity", "paths/factors.py", "_even_moment(multiplicity // 2)", "_even_moment(max(multiplicity // 2 - 1, 0))", REFERENCE),
    Alteration("enumeration", "orders of a collection are miscounted", "paths/types.py", "orders * comb(left, copies)", "orders * left", "tests/paths/test_enumerator.py::test_the_walk_meets_every_collection"),
    Alteration("enumeration", "branches are pruned one path too early", "paths/types.py", "max(self.odd) <= rest + later:", "max(self.odd) < rest + later:", REFERENCE),
    Alteration("transfer", "a cumulant recursion drops a binomial", "laws/base.py", "comb(2 * n - 1, 2 * j - 1)", "comb(2 * n - 1, 2 * j - 2)", REFERENCE),
    Alteration("transfer", "equal blocks are not permuted", "routes/transfer.py", "falling[n] // r for n, r", "falling[n] // 1 for n, r", REFERENCE),
    Alteration("transfer", "a block's activation lacks its half", "routes/transfer.py", "factor << (self.max_blocks - len(tau))", "factor << self.max_blocks", REFERENCE),
    Alteration("transfer", "the diagonal forgets mult!", "routes/transfer.py", "** times * factorial(times))", "** times)", "tests/routes/test_transfer.py::test_depth_one_is_the_weight"),
    Alteration("transfer", "R counts a block once, not as often as it stands", "partitions.py", "coefficient * merged.count(grown)", "coefficient", REFERENCE),
    Alteration("gaussian", "a double factorial is a factorial", "routes/gaussian.py", "prod(range(1, order, 2)) for order", "prod(range(1, order)) for order", REFERENCE),
    Alteration("gaussian", "a coefficient of phi has 2k for 2k - 1", "routes/gaussian.py", "fmpq(2 * k - 1, k)", "fmpq(2 * k, k)", REFERENCE),
    Alteration("gaussian", "the output's half is a third", "routes/gaussian.py", "(1 + net.slope**order) / 2", "(1 + net.slope**order) / 3", REFERENCE),
    Alteration("exhaustion", "a closed neuron passes its gradient", "routes/exhaustion.py", "return 0, (0,) * len(gradient)", "return 0, gradient", REFERENCE),
    Alteration("exhaustion", "neurons' orders are not counted", "routes/exhaustion.py", "yield tuple(n for n, _ in chosen), weight * orders *", "yield tuple(n for n, _ in chosen), weight *", REFERENCE),
    Alteration("exhaustion", "biases are twice too large", "routes/exhaustion.py", "(int(b * pre_unit)", "(2 * int(b * pre_unit)", "tests/routes/test_exhaustion.py::test_odd_at_an_output_depends_on_input_and_biases"),
    Alteration("sampling", "the deviation is 2 % too large", "routes/sampling.py", "scale = sqrt(", "scale = 1.02 * sqrt(", "tests/routes/test_sampling.py::test_jacobian_is_that_of_the_network"),
    Alteration("sampling", "a closed neuron passes 2 % of its gradient", "routes/sampling.py", "    if slope:\n", "    derivative += 0.02 * scale * (pre_activations <= 0)\n    if slope:\n", "tests/routes/test_sampling.py::test_prefix_and_suffix_of_real_networks"),
    Alteration("sampling", "the standard error forgets the square of the mean", "quantities/moments.py", "second - exact * exact", "second", "tests/routes/test_sampling.py::test_standard_error_is_the_exact_one"),
    Alteration("all routes", "the alive factor counts a layer's neurons once too few", "families.py", "Fraction(1, 2**width)", "Fraction(1, 2 ** (width - 1))", "tests/routes/test_exhaustion.py::test_alive_factor_on_a_chain_without_biases"),
    Alteration("all routes", "Laplace moments have 3 for 2", "laws/classical.py", "Fraction(factorial(2 * k), 2**k)", "Fraction(factorial(2 * k), 3**k)", REFERENCE),
    Alteration("statement (2)", "the number of layers is not squared", "theorems/power_means.py", "Fraction(len(hidden) ** 2, sum(hidden))", "Fraction(len(hidden), sum(hidden))", "tests/theorems/test_statements.py::test_bounds_are_those_of_the_paper"),
    Alteration("statement (11)", "2 / n_0 for 1 / n_0", "theorems/second_moment.py", "Bound.of(Fraction(1, net", "Bound.of(Fraction(2, net", "tests/theorems/test_statements.py::test_no_statement_is_violated_on_a_grid"),
    Alteration("statement (12)", "exp(beta / 3) for exp(beta / 2)", "theorems/fourth_moment.py", "beta(net) / 2)", "beta(net) / 3)", "tests/theorems/test_statements.py::test_bounds_are_those_of_the_paper"),
    Alteration("statement (12)", "5 mt4max for 6 mt4max in front", "theorems/fourth_moment.py", "6 * square", "5 * square", "tests/theorems/test_statements.py::test_bounds_are_those_of_the_paper"),
    Alteration("statement (13)", "a constant for beta y, not for y", "theorems/even_moments.py", "(b * y).lambertw() / b", "(b * y).lambertw()", "tests/theorems/test_statements.py::test_constant_of_the_even_moments"),
    Alteration("statement (14)", "5 mt4max for 6 mt4max in the exponent", "theorems/variance_bounds.py", "scaled(mt4, 6 * beta(net))", "scaled(mt4, 5 * beta(net))", "tests/theorems/test_statements.py::test_bounds_are_those_of_the_paper"),
    Alteration("statement (15)", "3 eta for 4 eta", "theorems/variance_bounds.py", "front * 4 * eta / first", "front * 3 * eta / first", "tests/theorems/test_statements.py::test_bounds_are_those_of_the_paper"),
    Alteration("statement (7)", "exp(5 mt4max beta) for exp(6 mt4max beta)", "theorems/criteria.py", "scaled(mt4, 6 * b)", "scaled(mt4, 5 * b)", "tests/theorems/test_criteria.py::test_verdicts_are_those_of_the_paper"),
    Alteration("statement (8)", "Bertrand's exponent is compared with 2, not 1", "theorems/convergence.py", "if (exponent - 1).is_extended_positive:", "if (exponent - 2).is_extended_positive:", "tests/theorems/test_criteria.py::test_convergence_is_decided_and_condensation_agrees"),
    Alteration("statement (7)", "3 exp(beta/2) for 2 exp(beta/2)", "theorems/criteria.py", "Bound.of(Fraction(2), b / 2)", "Bound.of(Fraction(3), b / 2)", "tests/theorems/test_criteria.py::test_verdicts_are_those_of_the_paper"),
    Alteration("statement (8)", "a for a - 1 in a tail", "theorems/tail_sums.py", "(c * (a - 1) * n.log() ** b)", "(c * a * n.log() ** b)", "tests/theorems/test_criteria.py::test_bounds_of_the_sum"),
    Alteration("advice", "the output has no price", "theorems/allocation.py", "prices[-1] += outputs", "prices[-1] += 0", "tests/theorems/test_advice.py::test_parameters_are_spent_best"),
    Alteration("statement (9)", "the bound of all depths forgets 1/M", "theorems/criteria.py", "Fraction(entries - 1, entries * family.inputs**2)", "Fraction(1, family.inputs**2)", "tests/theorems/test_criteria.py::test_convergent_families_have_one_bound_for_all_depths"),
    Alteration("advice", "what is left over is not spent", "theorems/allocation.py", "(least + (k < more)) * multiple", "least * multiple", "tests/theorems/test_advice.py::test_neurons_are_spent_best"),
    Alteration("sweeps", "two processes take one order", "sweeps/run.py", "random.Random().shuffle(missing)", "pass", "tests/sweeps/test_kills.py::test_two_processes_share_a_ledger"),
    Alteration("sweeps", "a row's checksum is not looked at", "sweeps/ledger.py", "if stored != checksum(task, result):", "if False:", "tests/sweeps/test_ledger.py::test_a_row_that_changes_while_the_ledger_is_open_is_not_believed"),
    Alteration("sampling", "all blocks have one seed", "routes/sampling.py", "child_seed(self.seed, index)", "child_seed(self.seed, 0)", "tests/routes/test_sampling.py::test_result_does_not_depend_on_chunking"),
    Alteration("statement (16)", "a closed neuron counts: 1 for 1/2", "paths/factors.py", "((1 + net.slope**load) / 2", "((2 + net.slope**load) / 2", "tests/theorems/test_path_sums.py::test_theorem_3_on_a_network"),
    Alteration("statement (16)", "C = 1/4 standard error for C = 4", "quantities/median_of_means.py", "limit = TOLERANCE *", "limit = Fraction(1, 16) * TOLERANCE *", "tests/quantities/test_median_of_means.py::test_groups_are_means_of_their_own_samples"),
    Alteration("statement (17)", "positions are arranged, not fixed: a multinomial too many", "paths/types.py", "self._extend(index + 1, 0, self.classes[index + 1][1], count)", "self._extend(index + 1, 0, self.classes[index + 1][1], count * comb(later + self.classes[index][1], later))", "tests/theorems/test_path_sums.py::test_remark_3_covers_odd_pairs"),
    Alteration("frameworks", "torch's default has a gain of sqrt(2)", "frameworks/torch_laws.py", "_squared_gain(\"leaky_relu\", 5)", "_squared_gain(\"leaky_relu\", 2)", "tests/frameworks/test_torch_laws.py::test_default_of_linear"),
    Alteration("frameworks", "a uniform bound's variance is half its square", "frameworks/weights.py", "nominal_square(high, \"the bound\") / 3", "nominal_square(high, \"the bound\") / 2", "tests/frameworks/test_torch_laws.py::test_initialisers_draw_the_law_that_is_read"),
    Alteration("expansion", "a binomial series with e for e + 1", "quantities/graded.py", "((exponent + 1) * i - k)", "(exponent * i - k)", "tests/quantities/test_expansion.py"),
    Alteration("Theorem 2", "M for M - 1 in front of E Z^4", "quantities/variance.py", "\"single\": entries - 1", "\"single\": entries", "tests/quantities/test_variance.py::test_values_of_the_theory"),
    Alteration("plugin", "every test has the whole rate", PLUGIN, "(self.rate - taken) / len(self.tests)", "self.rate - taken", "tests/plugin/test_budget.py::test_tests_have_equal_parts_and_calls_half_of_what_is_left"),
    Alteration("plugin", "a call takes all that is left", PLUGIN, "self._left / 2 if wanted", "self._left if wanted", "tests/plugin/test_budget.py::test_tests_have_equal_parts_and_calls_half_of_what_is_left"),
    Alteration("plugin", "what markers take is not taken from the others", PLUGIN, "yield test, (self.rate - taken)", "yield test, self.rate", "tests/plugin/test_budget.py::test_parts_add_up_to_at_most_the_rate"),
    Alteration("plugin", "all calls of a test have one seed", PLUGIN, "::{name}/{call}", "::{name}", "tests/plugin/test_seeds.py::test_a_seed_repeats_everything"),
    Alteration("traces", "a hidden layer's orbits are not divided by their size", "routes/trace_transfer.py", "fmpq(1, size) for size", "fmpq(1) for size", "tests/spectrum/test_trace_moments.py::test_values_of_the_theory"),
    Alteration("traces", "a content has column - row for 2 column - row", "routes/zonal.py", "2 * column - row for", "column - row for", "tests/spectrum/test_trace_moments.py::test_wishart"),
    Alteration("traces", "a closed neuron's loop has 2 for slope^|c|", "routes/trace_pairings.py", "to_fmpq(net.slope**size)", "to_fmpq(2 * net.slope**size)", "tests/spectrum/test_trace_moments.py::test_routes_agree"),
    Alteration("limit", "a layer lets two thirds of its neurons through", "quantities/spectral_limit.py", "(1 + square ** (i + 1)) / 2", "(1 + square ** (i + 1)) * 2 / 3", "tests/spectrum/test_limit.py::test_values_of_the_theory"),
    Alteration("sampled spectrum", "the standard error forgets the square of the mean", "quantities/sampled_spectrum.py", "second - mean * mean", "second", "tests/spectrum/test_spectrum.py::test_constant_traces_have_no_error"),
    Alteration("graphs", "a node with an activation counts 1/3, not 1/2", "routes/dags/base.py", "(1 + slope**load) / 2", "(1 + slope**load) / 3", "tests/dag/test_values.py::test_residual_values_of_the_theory"),
    Alteration("graphs", "the ways to share a node's paths are not counted", "routes/dags/transfer.py", "orders = prod(map(comb, left, part))", "orders = 1", "tests/dag/test_values.py::test_residual_values_of_the_theory"),
    Alteration("graphs", "ends of paths are left out of the parities", "dag/determined.py", "self._sum(self.support.dag.outgoing(place)) ^ (self.ends[place] & 1)", "self._sum(self.support.dag.outgoing(place))", "tests/dag/test_refusals.py::test_odd_at_an_activated_output_is_refused"),
    Alteration("graphs", "nodes are decoupled whatever their parity", "dag/determined.py", "self._reduced(self._leaving(place)) == 0", "True", "tests/dag/test_values.py::test_real_networks_have_the_moments"),
    Alteration("graphs", "a drawn node passes 10 % too much", "routes/dags/sampling.py", "> 0, 1.0, float(slope))", "> 0, 1.1, float(slope))", "tests/dag/test_simulation.py::test_residual_networks_are_simulated"),
    Alteration("log-norm", "the recurrence of the trigamma function has 2 for 4", "quantities/chi_squares.py", "arb(4) / (b * b)", "arb(2) / (b * b)", "tests/typical/test_log_norm.py::test_digamma_sums_are_mpmath_s"),
    Alteration("log-norm", "the window of counts is a tenth of what Hoeffding asks for", "quantities/chi_squares.py", "* 7 // 20)", "* 7 // 2000)", "tests/typical/test_log_norm.py::test_digamma_sums_are_mpmath_s"),
    Alteration("dead layers", "a layer lives with one pattern fewer", "quantities/dead.py", "(fmpz(1) << width) - 1", "(fmpz(1) << width) - 2", "tests/typical/test_dead.py::test_all_sign_patterns_at_zero_bias"),
    Alteration("chains", "a Gaussian weight has twice its variance", "quantities/chains.py", "(arb.const_log2() * s / 2).exp()", "(arb.const_log2() * s).exp()", "tests/typical/test_chains.py::test_two_weights"),
    Alteration("typical depth", "the mean is not given alive", "quantities/typical.py", "width / 2 / (1 - arb(2) ** -width)", "width / 2", "tests/typical/test_typical_depth.py::test_least_depth"),
    Alteration("profile", "a pair of rows is counted once", "quantities/profile.py", "sums.b + 2 * sums.c", "sums.b + sums.c", "tests/typical/test_profile.py::test_every_cut_is_the_path_sum"),
    Alteration("marked transfer", "which of the open bundles are marked is not counted", "routes/marked_transfer.py", "times = comb(waiting, weights) * comb(waiting - weights, biases)", "times = comb(waiting - weights, biases)", "tests/gradients/test_two_routes.py::test_tangent_kernel_of_reference"),
    Alteration("marked transfer", "a marked bundle's factorial is forgotten", "routes/marked_transfer.py", "fmpq(step.times, prod(factorial(self.counts[i]) for i in gone))", "fmpq(step.times, 1)", "tests/gradients/test_two_routes.py::test_tangent_kernel_of_reference"),
    Alteration("marked transfer", "the layer below a marked bias is always alive", "routes/marked_neurons.py", "return self._alive_below[layer - 1]", "return 1", "tests/gradients/test_two_routes.py::test_dead_layers_below_a_bias"),
    Alteration("marked transfer", "paths that end at biases have an order", "routes/marked_kernels.py", "moments[sum(c) // 2] * fmpq(1, prod(map(factorial, c)))", "moments[sum(c) // 2]", "tests/gradients/test_two_routes.py::test_sweep_and_enumeration_agree"),
    Alteration("gradients", "the square of the mean is divided by M once", "quantities/gradient_variance.py", "inverse * inverse", "inverse", "tests/gradients/test_real_networks.py::test_empirical_variance_of_squared_gradients"),
    Alteration("haar", "the Gram matrix counts placements in N + 1 neurons", "routes/haar.py", "perm(size, len(sigma))", "perm(size + 1, len(sigma))", "tests/orthogonal/test_joint_moments.py::test_known_values"),
    Alteration("haar", "a singular Gram matrix keeps its first rows, not independent ones", "routes/haar.py", "next(j for j in range(size) if reduced[i, j] != fmpz(0))", "i", "tests/orthogonal/test_joint_moments.py::test_the_circle"),
    Alteration("haar", "an orthogonal layer has the variance 1 / min(fan_in, fan_out)", "laws/orthogonal.py", "self.gain_squared / max(fan_in, fan_out)", "self.gain_squared / min(fan_in, fan_out)", "tests/orthogonal/test_networks.py::test_literal_collections"),
    Alteration("gaussian", "the norm of an orthogonal layer has N (N+1) for N (N+2)", "routes/gaussian.py", "range(size, size + 2 * half, 2)", "range(size, size + half)", "tests/orthogonal/test_networks.py::test_the_closed_form_is_another_route"),
    Alteration("sampling", "Q without the signs of R", "laws/orthogonal.py", "np.copysign(sqrt(tall), np.diagonal(r, axis1=-2, axis2=-1))", "np.full(r.shape[:-2] + (r.shape[-1],), sqrt(tall))", "tests/orthogonal/test_law.py::test_what_is_drawn_is_haar_distributed"),
    Alteration("golden", "nothing is spent on doubles", "golden/fixed.py", "CHECKED, PLANNED = Fraction(98, 100)", "CHECKED, PLANNED = Fraction(1)", "tests/conformance/test_golden.py::test_the_threshold_leaves_room_for_doubles"),
    Alteration("golden", "a slope is exported without its growth", "golden/document.py", "growth=one.growth", "growth=0.0", "tests/conformance/test_golden.py::test_a_reader_computes_the_evidence_of_the_library"),
    Alteration("golden", "the standard error is that of one network", "golden/document.py", "divided(spread, test.samples)", "divided(spread, 1)", "tests/conformance/test_golden.py::test_standard_error_is_that_of_the_mean"),
    Alteration("golden", "a root has one digit too few to be rounded", "golden/numbers.py", "places = digits + 1 - size // 2", "places = digits - 1 - size // 2", "tests/conformance/test_golden.py::test_roots_are_correctly_rounded"),
    Alteration("spectrum", "the participation forgets that tr J J^T fluctuates", "quantities/spectrum.py", "_over(self.square_second, self.traces[2])", "_over(_times(self.traces[1], self.traces[1]), self.traces[2])", "tests/docs/test_shifted_matrix.py::test_without_mean_it_is_a_linear_layer"),
    Alteration("spectrum", "the ratio per input takes the outputs", "quantities/spectrum.py", "return self._ratio(self.layers[0])", "return self._ratio(self.layers[1])", "tests/docs/test_shifted_matrix.py::test_without_mean_it_is_a_linear_layer"),
    Alteration("conformance", "psi without its quadratic term", "conformance/influence.py", "np.log1p(size + size * size / 2)", "np.log1p(size)", "tests/conformance/test_influence.py::test_influence_is_below_the_quadratic"),
    Alteration("conformance", "half of the quadratic term of the drift", "conformance/influence.py", "-signed * self.difference + signed * signed * self.square / 2", "-signed * self.difference + signed * signed * self.square / 4", "tests/conformance/test_influence.py::test_growth_and_drift_bound_exact_expectations"),
    Alteration("conformance", "two directions cost no factor of two", "conformance/planning.py", "2 * math.exp(-evidence)", "math.exp(-evidence)", "tests/conformance/test_measures.py::test_two_directions_share_a_level"),
    Alteration("conformance", "pairs without their factor 1/2", "conformance/measures.py", "= difference * difference / 2", "= difference * difference", "tests/conformance/test_measures.py::test_moments_of_pairs"),
    Alteration("conformance", "mu_4 + 3 v^2 with 3 v^2 once too few", "conformance/measures.py", "(fourth + 6 * second * second) / 2", "(fourth + 3 * second * second) / 2", "tests/conformance/test_measures.py::test_moments_of_pairs"),
    Alteration("conformance", "roundings of the columns of J u do not add up", "quantities/statistics.py", "return float(sum(map(abs, self.u))), ", "return length, ", "tests/conformance/test_rounding.py::test_roundings_of_columns_may_add_up"),
    Alteration("conformance", "the gain of tanh is 5/2 sqrt(2)", "conformance/mistakes.py", "_scaled(Fraction(25, 18))", "_scaled(Fraction(25, 8))", "tests/conformance/test_mistakes.py::test_gains_are_those_of_the_frameworks"),
    Alteration("conformance", "a quarter of the bits for equal Jacobians", "conformance/report.py", "7 * repeated - (networks - 1)", "28 * repeated - (networks - 1)", "tests/conformance/test_check.py::test_a_few_equal_jacobians_are_chance"),
    Alteration("trace transfer", "an orthogonal layer at unit variance keeps one N too few", "routes/trace_haar.py", "fmpq(size) ** sum(cycles)", "fmpq(size) ** (sum(cycles) - 1)", "tests/orthogonal/test_traces.py::test_the_transfer_over_orbits"),
    Alteration("trace transfer", "pairings of an orbit refine all partitions alike", "routes/trace_haar.py", "members * entry // merging.coarse_sizes[j]", "entry", "tests/orthogonal/test_traces.py::test_orthogonal_layers_beside_others"),
    Alteration("spectral limit", "the limit of orthogonal layers is the universal one", "quantities/spectral_limit.py", "comb(k * times + i - 1, i)", "0**i", "tests/orthogonal/test_traces.py::test_limit_of_orthogonal_networks"),
    Alteration("log-norm", "an orthogonal layer spreads as a Gaussian one", "quantities/log_norm.py", "part.variance - whole.variance", "part.variance", "tests/typical/test_log_norm.py::test_orthogonal_layers"),
]  # fmt: skip


def run(base: Path, alteration: Alteration | None, tests: Sequence[str]) -> tuple[bool, str]:
    """Return whether the tests pass on a copy of `base` with the alteration, and the test that failed first."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "house"
        shutil.copytree(base, copy)  # compiled files included: only what is altered is compiled again
        if alteration is not None:
            file = copy / "pathmoments" / alteration.file
            text = file.read_text(encoding="utf-8")
            if text.count(alteration.old) != 1:
                sys.exit(
                    f"{alteration.file}: {alteration.old!r} stands there {text.count(alteration.old)} times, not once"
                )
            file.write_text(text.replace(alteration.old, alteration.new), encoding="utf-8")
        environment = os.environ | {"PYTHONPATH": str(copy), "PATHMOMENTS_TEST_HOME": str(copy)}
        pytest = str(Path(sys.executable).with_name("pytest"))  # `python -m pytest` would put the tree before the copy
        command = [pytest, "-q", "-x", "-p", "no:cacheprovider", "--tb=no", *tests]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        where = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        if done.returncode not in (0, 1):
            sys.exit(f"pytest could not run {tests}:\n{done.stdout}{done.stderr}")
        if alteration is not None and done.returncode == 1 and not (where and where[0].startswith("FAILED")):
            sys.exit(f"{alteration.what}: an error, not a failed test:\n{done.stdout}")
        return done.returncode == 0, where[0].partition(" - ")[0].removeprefix("FAILED ") if where else ""


def prepared(folder: Path) -> Path:
    """Return a compiled copy of the package and its plugin."""
    base = folder / "base"
    shutil.copytree(ROOT / "pathmoments", base / "pathmoments", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "pathmoments" / PLUGIN, base)
    compileall.compile_dir(str(base), quiet=1)
    return base


def main() -> int:
    """Run all alterations and return the exit status."""
    tests = sorted({alteration.test for alteration in ALTERATIONS})
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(max_workers=2) as pool:
        base = prepared(Path(folder))
        for passes, failed in pool.map(lambda part: run(base, None, part), (tests[::2], tests[1::2])):
            if not passes:
                sys.exit(f"{failed} fails on the unaltered package")
        survivors = 0
        for alteration, (passes, failed) in zip(
            ALTERATIONS, pool.map(lambda a: run(base, a, [a.test]), ALTERATIONS), strict=True
        ):
            survivors += passes
            print(
                f"{'SURVIVED' if passes else 'noticed '}  {alteration.route}: {alteration.what}"
                + (f"  ({failed})" if failed else "")
            )
    print(f"{len(ALTERATIONS) - survivors} of {len(ALTERATIONS)} altered coefficients make a test fail")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())

"""The check as users call it: arrays of every kind, functions that draw, early stops, reports, refusals."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from pathmoments import Finite, Moments, Network, assert_conforms, check, iter_jacobians, minimum_effect, plan
from pathmoments.conformance.catalogue import FIRST_BATCH, prefix
from pathmoments.conformance.report import unlikely_repeats
from pathmoments.conformance.runs import batch_size
from pathmoments.conformance.samples import takes_seed
from pathmoments.errors import (
    ArgumentError,
    AtomsError,
    BudgetError,
    ConformanceError,
    InexactNumberError,
    UnknownNameError,
)

NET = Network([3, 8, 8, 2], output="linear", bias="zero")
WRONG = Network([3, 8, 8, 2], output="linear", bias="zero", variance="glorot")


def sampler(net: Network) -> Any:
    """Return a function that draws Jacobians of a network."""
    return lambda samples, seed: iter_jacobians(net, samples, seed=seed)


def drawn(net: Network, samples: int, seed: int = 1) -> Any:
    """Return Jacobians of a network."""
    return np.concatenate(list(iter_jacobians(net, samples, seed=seed)))


def test_reference_point_of_the_theory() -> None:
    """THEORY 9: E Z^2 to 5 % at false alarm 1e-8 with E Z^4 = 5.02 (E Z^2)^2 takes 489,600 draws by the variance alone, under 100,000 here.

    That figure, like 52,500 for a normal mean, is half-width: a shift of 5 % is noticed every other time. At a miss rate of 1e-3 a normal mean would need 125,000.
    """
    net = Network([10, 17, 17, 3], output="linear")
    half = plan(net, "Z[0,0]^2", effect="1/20", false_alarm=1e-8, miss="1/2")
    assert 5 < half.quantities[0].ratio < 5.03
    assert half.samples < 100_000
    assert plan(net, "Z[0,0]^2", effect="1/20", false_alarm=1e-8).samples < 180_000


def test_plan_and_minimum_effect_are_inverse() -> None:
    """The planned networks notice the effect, to within three parts in a hundred; several quantities share the false-alarm rate."""
    names = ["frobenius", "mean:4", "alike"]
    planned = plan(NET, names, effect="1/4")
    assert [one.level for one in planned.quantities] == [Fraction(1, 3 * 10**6)] * 3
    assert planned.samples == max(one.samples for one in planned.quantities)
    effects = minimum_effect(NET, planned.samples, quantities=names)
    assert list(effects) == names
    assert max(effect for effect in effects.values() if effect is not None) <= Fraction(26, 100)
    assert minimum_effect(NET, 2, quantities="alike") == {"alike": None}


def test_a_correct_network_conforms_and_stops_early() -> None:
    """A sampler is called until every shift by the effect is excluded, with a seed that repeats."""
    report = check(sampler(NET), NET, seed=5)
    assert report.passed
    assert report.planned is not None
    assert FIRST_BATCH <= report.samples < report.planned
    again = check(sampler(NET), NET, seed=5)
    assert again == report
    assert check(sampler(NET), NET, seed=6).findings != report.findings
    assert "stopped early" in str(report)


def test_a_wrong_network_fails_with_a_report() -> None:
    """The error is an AssertionError whose message names the network, p, what these samples notice, and the mistake."""
    with pytest.raises(AssertionError) as caught:
        assert_conforms(sampler(WRONG), NET, seed=5)
    error: Any = caught.value
    assert isinstance(error, ConformanceError)
    assert error.report.suspects[0].mistake == "glorot"
    assert error.report.p_value < 1e-6
    for part in ("DOES NOT CONFORM", "Glorot for He", "frobenius", "seed 5"):
        assert part in str(error)


@pytest.mark.parametrize("kind", ["numpy", "list", "torch", "jax", "blocks", "float32"])
def test_arrays_of_all_kinds(kind: str) -> None:
    """Numpy, lists, torch, jax and iterables of blocks are taken as they are, right and wrong ones."""
    for net, passes in ((NET, True), (WRONG, False)):
        array: Any = drawn(net, 3000)
        if kind == "list":
            array = array.tolist()
        elif kind == "torch":
            array = pytest.importorskip("torch").tensor(array)
        elif kind == "jax":
            array = pytest.importorskip("jax").numpy.array(array)
        elif kind == "blocks":
            array = iter(np.array_split(array, 7))
        elif kind == "float32":
            array = array.astype(np.float32)
        report = check(array, NET)
        assert report.passed is passes
        assert report.samples == 3000
        assert report.planned is report.seed is None


def test_blocks_and_batches_do_not_change_the_statistics() -> None:
    """Neighbours are paired across blocks, so one array and its blocks, of even size, odd size or size one, give the same findings."""
    array = drawn(NET, 2000)
    for blocks in (np.split(array, 4), np.array_split(array, 7), list(array[:, None])):
        assert check(array, NET).findings == check(iter(blocks), NET).findings


def test_a_sampler_may_give_one_network_at_a_time() -> None:
    """In blocks of one there are pairs too: a wrong network is noticed by them alone, with the same findings as from one array."""
    whole, ones = (
        check(draw, NET, quantities="alike", effect=1, seed=1)
        for draw in (
            lambda n, seed: drawn(WRONG, n, seed),
            lambda n, seed: iter(list(drawn(WRONG, n, seed)[:, None])),
        )
    )
    assert not whole.passed
    assert whole.findings == ones.findings


def test_batches_fit_into_memory() -> None:
    """A plan is drawn in sixteen batches, or in more of at most 2^24 entries; blocks without end are refused."""
    assert batch_size(NET, 16 * 777) == 777
    assert batch_size(Network([1024, 4, 64]), 10**9) == 2**24 // (64 * 1024)
    assert batch_size(Network([2**20, 4, 64]), 10**9) == FIRST_BATCH
    with pytest.raises(ArgumentError, match="or more: it must give as many"):
        check(lambda n: itertools.repeat(drawn(NET, n)), NET)


@pytest.mark.parametrize("quantities", ["trace", ["Z[0,1]^4", "norm:1,1/2,-1"], "mean:6"])
def test_other_quantities(quantities: Any) -> None:
    """Every quantity finds the wrong network and passes the right one."""
    assert check(sampler(NET), NET, quantities=quantities, effect="1/2", seed=1).passed
    assert not check(sampler(WRONG), NET, quantities=quantities, effect="1/2", seed=1).passed


def test_laws_with_balls_and_laws_with_atoms() -> None:
    """Truncated normal weights (balls) and Rademacher weights with atomless biases conform to themselves."""
    for net in (Network([4, 8, 3], law="truncated", bias="zero"), Network([3, 4, 4, 2], law="rademacher")):
        assert check(sampler(net), net, seed=2).passed


def test_the_layer_is_named_from_prefixes() -> None:
    """With samples of the prefixes, the report says at which layer the deviation begins; without a deviation it says nothing."""
    broken = Network([3, 8, 8, 2], output="linear", bias="zero", variance=["2/3", "1/24", "1/4"])
    prefixes = {j: sampler(prefix(broken, j)) for j in (1, 2)}
    report = check(sampler(broken), NET, seed=4, prefixes=prefixes)
    assert not report.passed
    assert report.layer == 2
    assert "the first layer that deviates: 2" in str(report)
    assert check(sampler(NET), NET, seed=4, prefixes={1: sampler(prefix(NET, 1))}).layer is None


def test_one_seed_is_found_at_once() -> None:
    """A sampler that forgets the seed within a batch repeats one network: the check fails in its first batch, or at the smallest size for which a diagnosis is drawn."""
    report = check(lambda n, seed: np.repeat(drawn(NET, 1, seed), n, axis=0), NET, seed=1)
    assert not report.passed
    assert report.p_value == 0
    assert report.suspects[0].mistake == "one-seed"


def test_infinite_and_missing_numbers_fail() -> None:
    """A single Jacobian that is not finite fails the check, whatever the rest says; the rest is still shown."""
    array = drawn(NET, 2000)
    array[17, 0, 0] = np.nan
    report = check(array, NET)
    assert not report.passed
    assert report.not_finite == 1
    assert all(finding.passed for finding in report.findings)
    assert "not finite" in str(report)


def test_vanished_and_exploded_samples_do_not_break_it() -> None:
    """All zeros, and numbers near the largest float, are reported as not conforming without a warning."""
    for array in (np.zeros((100, 2, 3)), np.full((100, 2, 3), 1e200)):
        array[::2] *= 0.5
        assert not check(array, NET).passed


def test_draws_are_as_many_as_asked() -> None:
    """With `draws` a right network is not stopped early, and a sampler that gives too few is refused."""
    assert check(sampler(NET), NET, draws=3001, seed=1).samples == 3001
    assert check(sampler(NET), NET, draws=10, seed=1).samples == 10
    with pytest.raises(ArgumentError, match="as many as it is asked for"):
        check(lambda n, seed: drawn(NET, n - 1, seed), NET)


def test_a_sampler_without_a_seed() -> None:
    """A function of the number alone is taken; then there is no seed to report, and none to give."""
    assert takes_seed(sampler(NET))
    assert not takes_seed(lambda n, net=NET: drawn(net, n))
    assert takes_seed(lambda n, seed=0: drawn(NET, n, seed))
    assert takes_seed(lambda *given: drawn(NET, *given))
    assert check(lambda n: drawn(NET, n, 3), NET, draws=500).seed is None
    for wrong in (lambda: drawn(NET, 9), lambda n, *, seed: drawn(NET, n, seed), lambda n, seed, more: drawn(NET, n)):
        with pytest.raises(ArgumentError, match=r"a sampler must be a function of \(samples, seed\)"):
            check(wrong, NET)
    with pytest.raises(ArgumentError, match="takes no seed"):
        check(lambda n: drawn(NET, n), NET, seed=1)


@pytest.mark.parametrize(
    ("samples", "options", "error", "message"),
    [
        (np.zeros((5, 3, 2)), {}, ArgumentError, "swapaxes"),
        (np.zeros((5, 2, 4)), {}, ArgumentError, "shape"),
        (np.zeros((0, 2, 3)), {}, ArgumentError, "at least one"),
        ("J", {}, ArgumentError, "an array J"),
        (np.zeros((5, 2, 3)), {"seed": 1}, ArgumentError, "leave them out"),
        (np.zeros((5, 2, 3)), {"false_alarm": 0}, ArgumentError, "between 0 and 1"),
        (np.zeros((5, 2, 3)), {"effect": -1}, ArgumentError, "above 0"),
        (np.zeros((5, 2, 3)), {"miss": "often"}, ArgumentError, "miss must be a number"),
        (np.zeros((5, 2, 3)), {"quantities": "loss"}, UnknownNameError, "frobenius"),
        (np.zeros((5, 2, 3)), {"quantities": []}, ArgumentError, "at least one"),
        (np.zeros((5, 2, 3)), {"quantities": ["trace", "trace"]}, ArgumentError, "different"),
        (np.zeros((5, 2, 3)), {"quantities": "norm:0.5,1,1"}, InexactNumberError, "1/2"),
        (np.zeros((5, 2, 3)), {"quantities": 3}, ArgumentError, "a name such as"),
        (np.zeros((5, 2, 3)), {"quantities": "norm:0,0,0"}, ArgumentError, "is 0"),
        (np.zeros((5, 2, 3)), {"quantities": "Z[0,0]^200"}, ArgumentError, "1e75"),
        (np.zeros((5, 2, 3)), {"false_alarm": "1e-400"}, ArgumentError, "1e-300"),
        (np.zeros((5, 2, 3)), {"prefixes": [1]}, ArgumentError, "mapping"),
        (np.zeros((5, 2, 3)), {"prefixes": {4: np.zeros((5, 2, 3))}}, ArgumentError, "1 to 3"),
        (np.zeros((5, 2, 3)), {"prefixes": {"a": 0, 1: 0}}, ArgumentError, "1 to 3"),
        (np.zeros((5, 2, 3)), {"arithmetic": "float8"}, UnknownNameError, "bfloat16"),
    ],
)
def test_refusals(samples: Any, options: Any, error: type[Exception], message: str) -> None:
    """Each names what it must be and the way out."""
    with pytest.raises(error, match=message):
        check(samples, NET, **options)


def test_networks_that_cannot_be_checked_are_refused() -> None:
    """Atoms at zero bias, symbols, a law with too few moments, a plan beyond reach, a statistic that is constantly 0."""
    import sympy

    with pytest.raises(AtomsError):
        check(np.ones((5, 1, 2)), Network([2, 1], law=Finite({-1: "1/2", 1: "1/2"}), bias="zero"))
    with pytest.raises(ArgumentError, match="numbers"):
        check(np.ones((5, 1, 2)), Network([2, sympy.Symbol("n"), 1]))
    with pytest.raises(BudgetError, match="larger effect"):
        plan(Network([1] * 60), "frobenius")
    with pytest.raises(ArgumentError, match="is 0"):
        plan(Network([4, 4], law="rademacher", output="linear"), "alike")
    for net in (Network([1] * 401), Network([8] * 201, variance="pytorch"), Network([2, 2], variance=10**400)):
        for refused in (
            lambda net=net: check(np.ones((5, net.widths[-1], net.widths[0])), net),
            lambda net=net: plan(net, "frobenius"),
            lambda net=net: minimum_effect(net, 9),
        ):
            with pytest.raises(ArgumentError, match="another gain"):
                refused()
    few = Network([2, 3, 2], law=Moments({2: 1, 4: 2}, atoms=False), output="linear")
    assert plan(few, "frobenius", effect=1).samples > 0
    report = check(np.full((2000, 2, 2), 3.0), few)
    assert not report.passed
    assert report.suspects == ()  # their likelihoods hang on moments that were not given


def test_a_plan_that_nobody_asked_for_is_refused() -> None:
    """A deep narrow network takes a billion networks: none but the first batch is drawn, and the message says how to go on."""
    net, asked = Network([2] * 12, output="linear"), []

    def draw(samples: int, seed: int) -> Any:
        asked.append(samples)
        return iter_jacobians(net, samples, seed=seed)

    with pytest.raises(BudgetError, match="draws="):
        check(draw, net)
    assert asked == [FIRST_BATCH]
    assert check(draw, net, draws=500, seed=1).samples == 500


def test_report_as_json() -> None:
    """The JSON form has a version, exact numbers as text, and is plain JSON."""
    form = json.loads(json.dumps(check(sampler(WRONG), NET, seed=5).to_json()))
    assert form["schema"] == "pathmoments/check/1"
    assert form["passed"] is False
    assert form["findings"][0]["exact"] == "4"
    assert form["suspects"][0]["mistake"] == "glorot"
    assert Network.from_json(form["network"]) == NET


def test_import_stays_quick() -> None:
    """Naming the check loads no framework and no sympy."""
    code = "import sys; from pathmoments import check; assert not {'torch', 'jax', 'sympy', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_few_equal_jacobians_are_chance() -> None:
    """Two bfloat16 numbers of a width-1 network are equal in some hundredth of the draws: that fails no check, a dozen equal ones do, whatever the number of the others."""
    net = Network([1, 1], output="linear")
    assert check(np.full((2, 1, 1), 0.75), net).passed
    assert not check(np.full((30, 1, 1), 0.75), net).passed
    for repeated, networks, unlikely in (
        (1, 2, False),
        (9, 10, False),
        (11, 12, True),
        (100, 600, True),
        (80, 600, False),
    ):
        assert unlikely_repeats(repeated, networks, Fraction(1, 10**6)) is unlikely


def test_equal_networks_of_weights_with_atoms_do_not_stop_a_check() -> None:
    """Two Rademacher chains are equal half of the time: the check goes on until the shift is excluded, and no seed is suspected."""
    net = Network([1, 1, 1], law="rademacher", output="linear")
    assert check(sampler(net), net, seed=3, effect="1/20").samples > 5_000
    doubled = check(lambda n, seed: 2 * drawn(net, n, seed), net, seed=3)
    assert not doubled.passed
    assert doubled.repeated == 0
    assert all(one.mistake != "one-seed" for one in doubled.suspects)
    same = check(lambda n, seed: np.full((n, 1, 1), 2.0), net, effect="1/2", quantities="alike")
    assert same.suspects[0].mistake == "one-seed"


def test_one_p_value_for_the_whole_check() -> None:
    """It is at most the false-alarm rate exactly where some statistic fails, also where one had no samples: of one network there is no pair."""
    array = drawn(NET, 1)
    for scale in (1.0, 8.0, 16.0, 32.0, 64.0):
        report = check(array * scale, NET, false_alarm="1/5", diagnose=False)
        assert len(report.findings) == 2
        assert report.passed is (report.p_value > 0.2)
    with pytest.raises(ArgumentError, match="at least two"):
        check(array, NET, quantities="alike")
    with pytest.raises(ArgumentError, match="at least two"):
        check(sampler(NET), NET, quantities="alike", draws=1)

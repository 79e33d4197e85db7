"""The closed form of docs/explanation/spread_and_collapse.rst for a matrix whose entries have a mean: the text of the page is what is tested."""

from __future__ import annotations

import doctest
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from math import prod, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pathmoments import Network, moment, spectrum

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "spread_and_collapse.rst"
Law = dict[Fraction, Fraction]
Four = tuple[Fraction, Fraction, Fraction, Fraction]

SIGNS: Law = {Fraction(-1): Fraction(1, 2), Fraction(1): Fraction(1, 2)}
SPARSE: Law = {Fraction(-2): Fraction(1, 8), Fraction(0): Fraction(3, 4), Fraction(2): Fraction(1, 8)}
"""Laws of variance 1; mt_4 is 1 and 4."""


def _from_page(name: str, old: str = "", new: str = "") -> Callable[..., Any]:
    """Return a function that the page defines, with one piece of its text replaced if that is asked for."""
    examples = doctest.DocTestParser().get_examples(PAGE.read_text(encoding="utf-8"))
    source = next(example.source for example in examples if example.source.startswith(f"def {name}("))
    assert not old or source.count(old) == 1
    names: dict[str, Any] = {"Fraction": Fraction, "prod": prod}
    exec(source.replace(old, new) if old else source, names)
    function: Callable[..., Any] = names[name]
    return function


shifted = _from_page("shifted")


def _exhausted(rows: int, columns: int, m: Fraction, s: Fraction, law: Law) -> Four:
    """Return the four moments as sums over all matrices, from matrix products, without any pattern of indices."""
    trace = square = squared = spread = Fraction(0)
    for entries in product(law, repeat=rows * columns):
        weight = prod((law[a] for a in entries), start=Fraction(1))
        matrix = np.array([m + s * a for a in entries], dtype=object).reshape(rows, columns)
        gram = matrix @ matrix.T
        first, second = np.trace(gram), np.trace(gram @ gram)
        trace += weight * first
        square += weight * second
        squared += weight * first**2
        spread += weight * (np.sum(matrix**4) / Fraction(rows * columns) - (first / (rows * columns)) ** 2)
    return trace, square, squared, spread


CASES = [
    (2, 2, Fraction(1), Fraction(1), SPARSE, 4),
    (2, 3, Fraction(1, 3), Fraction(2), SIGNS, 1),
    (3, 2, Fraction(2), Fraction(1, 2), SIGNS, 1),
    (1, 3, Fraction(-1, 2), Fraction(1), SPARSE, 4),
    (3, 1, Fraction(1), Fraction(3), SPARSE, 4),
    (2, 2, Fraction(0), Fraction(1), SPARSE, 4),
]


@pytest.mark.parametrize(("rows", "columns", "m", "s", "law", "mt_4"), CASES)
def test_closed_form_is_the_sum_over_all_matrices(
    rows: int, columns: int, m: Fraction, s: Fraction, law: Law, mt_4: int
) -> None:
    """On small matrices of finite laws the closed form is the literal expectation."""
    assert shifted(rows, columns, m, s, mt_4) == _exhausted(rows, columns, m, s, law)


@pytest.mark.parametrize(
    ("old", "new"),
    [("6 * m**2", "5 * m**2"), ("(N + M - 2)", "(N + M - 1)"), ("(M - 1) * m**4", "M * m**4"), ("mt_4 * s**4", "s**4")],
)
def test_an_altered_coefficient_is_noticed(old: str, new: str) -> None:
    """Each coefficient of the closed form matters: the page with another one is not the sum over all matrices."""
    rows, columns, m, s, law, mt_4 = CASES[0]
    assert _from_page("shifted", old, new)(rows, columns, m, s, mt_4) != _exhausted(rows, columns, m, s, law)


@pytest.mark.parametrize("law", ["gaussian", "uniform", "rademacher", "laplace"])
@pytest.mark.parametrize(("rows", "columns"), [(2, 3), (400, 800), (800, 400)])
def test_without_mean_it_is_a_linear_layer(law: str, rows: int, columns: int) -> None:
    """At mean 0 the closed form is the package's spectrum of a linear layer from `columns` to `rows` neurons, participation and m_2/m_1^2 included."""
    net = Network([columns, rows], law=law, variance="1/400", output="linear")
    found, fourth = spectrum(net, orders=2), moment(net, {(0, 0): 4}) * 400**2
    # Variance 1/400 is the standard deviation 1/20.
    trace, square, squared, spread = shifted(rows, columns, 0, "1/20", fourth)
    assert (found.traces[1], found.traces[2], found.square_second, found.spread) == (trace, square, squared, spread)
    assert (found.participation, found.ratio_per_input) == (squared / square, columns * square / trace**2)


def test_numpy_draws_have_these_moments() -> None:
    """Gaussian matrices of 20 x 40 with mean and standard deviation 1/20: each sampled mean is within 5 of its standard errors."""
    rows, columns, samples = 20, 40, 4_000
    matrix = np.random.default_rng(2018).normal(1 / 20, 1 / 20, (samples, rows, columns))
    gram = matrix @ matrix.transpose(0, 2, 1)
    first, square = np.trace(gram, axis1=1, axis2=2), np.sum(gram**2, axis=(1, 2))
    drawn = first, square, first**2, (matrix**2).var(axis=(1, 2))
    for values, exact in zip(drawn, shifted(rows, columns, "1/20", "1/20"), strict=True):
        assert abs(values.mean() - float(exact)) < 5 * values.std() / sqrt(samples)


def test_one_draw_of_the_reviewers_size() -> None:
    """A 400 x 800 Gaussian matrix of mean and deviation 1/400: its trace, and the outlier and the edges that the page states."""
    matrix = np.random.default_rng(7).normal(1 / 400, 1 / 400, (400, 800))
    singular = np.linalg.svd(matrix, compute_uv=False)
    trace, square, squared, _ = shifted(400, 800, "1/400", "1/400")
    # The trace has a deviation of 0.2 %. The largest singular value's is about 1/400, 0.2 % of it and 0.7 % of its fourth power.
    assert squared - trace**2 == Fraction(3, 40_000)
    assert np.sum(singular**2) == pytest.approx(float(trace), rel=0.01)
    assert np.sum(singular**4) == pytest.approx(float(square), rel=0.04)
    assert singular[0] == pytest.approx(1.417, rel=0.01)
    assert singular[1] == pytest.approx(0.121, rel=0.05)
    assert singular[-1] == pytest.approx(0.021, rel=0.1)


@pytest.mark.parametrize("widths", [(2, 3, 2), (1, 4, 1), (3, 1, 4), (5, 7, 2, 3), (2, 2, 2, 2, 3)])
def test_two_products_give_the_participation(widths: tuple[int, ...]) -> None:
    """P and Q of the hidden layers alone give the participation of a Gaussian ReLU network, which the transfer has otherwise."""
    net = Network(widths)
    assert _from_page("by_products")(list(widths)) == spectrum(net, orders=2, route="transfer").participation

"""The numbers in a table: those of the theory, those of the library, and refusals that name their row."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy
from flint import arb

from pathmoments import Network, bounds, empirical_variance, fourth_moments, moment
from pathmoments.errors import (
    ArgumentError,
    AtomsError,
    BudgetError,
    OutOfRangeError,
    PathMomentsError,
    SpecError,
    UndecidedError,
    UndeterminedMomentError,
    UnknownMomentError,
    UnknownNameError,
)
from pathmoments.tables import MAX_ROWS, Table, check_size, spec_of, table
from pathmoments.tables.cells import Formula, Word
from pathmoments.tables.quantities import QUANTITIES, quantity_from_text
from pathmoments.theorems import Bound
from pathmoments.theorems.even_moments import smallest_constant

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "moments.json").read_text(encoding="utf-8"))["values"]
LAWS = ["gaussian", "uniform", "rademacher", "laplace"]


def made(*widths: str, **rest: Any) -> Table:
    """Return the table of these widths."""
    return table({"widths": list(widths), **rest})


# -- known values -------------------------------------------------------------------------------------------------------


def test_fourth_moments_and_variances_of_the_theory() -> None:
    """E Z^4 and E dVar of the widths 2,3,2 for four laws, as written in THEORY 5."""
    found = made("2,3,2", laws=LAWS, orders=[4], quantities=["variance"])
    assert found.column("law") == LAWS
    assert found.column("E Z[0,0]^4") == [4, Fraction(52, 25), Fraction(4, 3), 13]
    assert found.column("E dVar") == [Fraction(29, 12), Fraction(169, 150), Fraction(2, 3), Fraction(211, 24)]


@pytest.mark.parametrize(
    "row",
    [row for row in REFERENCE if "layers" not in row],
    ids=lambda row: f"{row['widths']} {row['law']} {row['power']}",
)
def test_reference_values_come_out(row: dict[str, Any]) -> None:
    """Each value of tests/reference/moments.json is the cell of its table."""
    power = ";".join(f"{entry}={order}" for entry, order in row["power"].items())
    axes = {
        f"{key}s" if key != "bias" else "biases": [row[key]]
        for key in ("variance", "output", "bias", "slope")
        if key in row
    }
    law = row["law"]
    found = table({"widths": [row["widths"]], "laws": [law], "quantities": [f"moment {power}"], **axes})
    assert found.rows[0][-1] == Fraction(row["value"])


def test_closed_form_of_a_family() -> None:
    """E Z^4 = 6 P / n_0^2 with P the product of 1 + 5/n over the hidden layers, for Gaussian weights: a family of depths too."""
    found = made("n,m x d,1 for n in 1..3, m in {2|7}, d in 0..3", orders=[4])
    expected = [6 * (1 + Fraction(5, m)) ** d / n**2 for n in (1, 2, 3) for m in (2, 7) for d in range(4)]
    assert found.column("E Z[0,0]^4") == expected
    assert found.column("d") == [0, 1, 2, 3] * 6


def test_beta_and_normalisation() -> None:
    """Beta is the sum of 1/n over the hidden layers; a normalised moment of order 2K is n_0^K times the moment."""
    found = made(
        "3,4,5,2", "7,2", orders=[4], quantities=["beta", "moment 0,0=4 normalised", "moment 0,0=2 normalised"]
    )
    assert found.column("beta") == [Fraction(9, 20), 0]
    assert found.column("n_0 E Z[0,0]^2") == [1, 1]
    assert found.column("n_0^2 E Z[0,0]^4") == [
        value * square for value, square in zip(found.column("E Z[0,0]^4"), (9, 49), strict=True)
    ]


# -- against the library ------------------------------------------------------------------------------------------------

NETS: list[dict[str, Any]] = [
    {},
    {"law": "uniform"},
    {"law": ["laplace", "rademacher"]},
    {"variance": "pytorch", "output": "linear"},
    {"variance": ["1/3", "glorot"], "slope": "1/4"},
    {"law": "sparse:1/2:gaussian", "slope": "-1"},
    {"bias": "zero", "law": "laplace"},
    {"bias": "uniform", "law": "rademacher"},
]


@pytest.mark.parametrize("keywords", NETS, ids=str)
def test_every_quantity_is_that_of_the_library(keywords: dict[str, Any]) -> None:
    """Each column equals what the function of the library gives for the network of the row."""
    plural = {"bias": "biases"}
    axes = {plural.get(key, f"{key}s"): [value] for key, value in keywords.items()}
    texts = ["moment 0,0=6", "moment 0,0=2;1,1=2", "variance", "fourth", "variance normalised"]
    found = table({"widths": ["3,4,2"], "quantities": texts, **axes})
    net = Network([3, 4, 2], **keywords)
    fourth = fourth_moments(net)
    assert found.column("E Z[0,0]^6") == [moment(net, {(0, 0): 6})]
    assert found.column("E Z[0,0]^2 Z[1,1]^2") == [moment(net, {(0, 0): 2, (1, 1): 2})] == [fourth.different]
    assert found.column("E Z[0,0]^4") == [fourth.single]
    assert found.column("E Z[0,0]^2 Z[1,0]^2") == [fourth.same_output]
    assert found.column("E Z[0,0]^2 Z[0,1]^2") == [fourth.same_input]
    assert found.column("E dVar") == [empirical_variance(net)]
    assert found.column("n_0^2 E dVar") == [9 * empirical_variance(net)]


@pytest.mark.parametrize("equation", ["2", "11", "12", "14", "15"])
@pytest.mark.parametrize("law", LAWS)
def test_bounds_are_those_of_the_verdicts(equation: str, law: str) -> None:
    """Lower bound, value, upper bound and status are those of `bounds`, exponentials kept exact."""
    (verdict,) = bounds(Network([3, 4, 2], law=law), statements=[equation])
    found = made("3,4,2", laws=[law], quantities=[f"bounds {equation}"])
    cells = dict(zip((heading.name for heading in found.columns), found.rows[0], strict=True))
    quantity = next(name for name in cells if name.startswith(f"({equation}) ") and name.split()[1] in ("E", "beta"))
    assert cells[quantity] == verdict.exact
    assert cells[f"({equation}) status"] == Word(verdict.status)
    for side, bound in (("lower", verdict.lower), ("upper", verdict.upper)):
        if bound is not None:
            cell = cells[f"({equation}) {side}"]
            assert cell == bound or cell == bound.rational()


def test_normalised_bounds() -> None:
    """The bounds of (12) times n_0^2 are those of the paper without their 1/n_0^2."""
    found = made("3,4,4,2", quantities=["bounds 12 normalised"])
    assert found.column("(12) n_0^2 lower") == [Bound.of(Fraction(2), Fraction(1, 4))]
    assert found.column("(12) n_0^2 upper") == [Bound.of(Fraction(18), Fraction(9))]
    assert found.column("(12) n_0^2 E Z^4") == [9 * moment(Network([3, 4, 4, 2]), {(0, 0): 4})]


def test_the_constant_of_13() -> None:
    """(13) has the smallest constant that the value needs, per order; where K is too large, a status and blanks."""
    found = made("5,6,7", "2,3,2", quantities=["bounds 13", "bounds 13 order=8"])
    net = Network([5, 6, 7])
    six, eight = (moment(net, {(0, 0): order}) for order in (6, 8))
    assert found.column("(13, order 6) E Z^6") == [six, None]
    assert found.column("(13, order 8) E Z^8") == [eight, None]
    assert found.column("(13, order 6) status") == [Word("holds"), Word("not applicable")]
    constant, blank = found.column("(13, order 8) C")
    assert constant.overlaps(smallest_constant(net, eight, 8))
    assert blank is None


def test_a_paper_without_hidden_layers() -> None:
    """Depth 1 has no hidden layer: (2) does not apply, and beta is 0."""
    found = made("3,2", quantities=["bounds 2", "beta"])
    assert found.column("(2) status") == [Word("not applicable")]
    assert found.column("beta") == [0]


# -- symbols and balls --------------------------------------------------------------------------------------------------


def test_symbolic_rows_are_formulas() -> None:
    """A name that no `for` binds gives the library's expression, as text and in LaTeX; other rows stay fractions."""
    n, m = sympy.symbols("n m")
    found = made("n,2*m,1", "3,2,1", orders=[4], quantities=["variance", "beta", "moment 0,0=4 normalised"], digits=5)
    expected = moment(Network([n, 2 * m, 1]), {(0, 0): 4})
    assert found.column("E Z[0,0]^4") == [
        Formula(str(expected), sympy.latex(expected)),
        moment(Network([3, 2, 1]), {(0, 0): 4}),
    ]
    assert found.column("E Z[0,0]^4 (5 digits)")[0] is None
    assert found.column("beta") == [Formula("1/(2*m)", r"\frac{1}{2 m}"), Fraction(1, 2)]
    assert found.column("n_0^2 E Z[0,0]^4")[0].text == str(sympy.factor(expected * n**2))
    assert found.column("widths") == [("n", "2*m", 1), (3, 2, 1)]


def test_a_symbolic_law_gives_formulas_in_its_moments() -> None:
    """The moments of a symbolic law stand in the formula; substituting the Gaussian's gives the Gaussian value."""
    found = made("2,3,2", laws=["symbolic:m", "gaussian"], orders=[4])
    formula, value = found.column("E Z[0,0]^4")
    assert formula.text == "m_4**2/3 + 1"
    assert value == 4


def test_a_law_that_is_not_rational_gives_balls() -> None:
    """The truncated normal law gives rigorous balls of 100 bits, and the ball of the library overlaps them."""
    found = made(
        "2,3,2",
        laws=["truncated:2"],
        orders=[4],
        quantities=["variance", "bounds 12", "variance normalised"],
        digits=20,
    )
    net = Network([2, 3, 2], law="truncated:2")
    (ball,), (variance,) = found.column("E Z[0,0]^4"), found.column("E dVar")
    assert isinstance(ball, arb)
    assert ball.rel_accuracy_bits() >= 100
    assert ball.overlaps(moment(net, {(0, 0): 4}))  # type: ignore[arg-type]  # a ball here
    assert variance.overlaps(empirical_variance(net))
    assert found.column("n_0^2 E dVar")[0].rel_accuracy_bits() >= 95
    assert found.column("E Z[0,0]^4 (20 digits)") == ["2.8652546533628398164"]
    assert found.column("(12) upper (20 digits)")[0].startswith("402")


def test_an_undecided_decimal_names_its_row() -> None:
    """A constant known to 200 bits has no 100 digits: undecided, with the row."""
    with pytest.raises(
        UndecidedError, match=r"the row with widths 5,6,7; law gaussian: bounds 13 order=6: .* to 100 digits"
    ):
        made("5,6,7", quantities=["bounds 13"], digits=100)


# -- columns ------------------------------------------------------------------------------------------------------------


def test_a_column_stands_once() -> None:
    """Quantities that share a column give it once; the same quantity twice is one."""
    found = made("2,3,2", orders=[4, 4], quantities=["fourth", "moment 0,0=4", "moment 1,1=1;0,0=2;1,1=1"], digits=3)
    names = [heading.name for heading in found.columns]
    assert len(names) == len(set(names))
    assert names.count("E Z[0,0]^4") == names.count("E Z[0,0]^4 (3 digits)") == 1


def test_a_kind_of_moment_that_a_network_has_not_is_blank() -> None:
    """One input or one output: the moments of two inputs or outputs are blank, and the decimals beside them."""
    found = made("1,3,2", "2,3,1", "1,3,1", quantities=["fourth"], digits=3)
    assert [value is None for value in found.column("E Z[0,0]^2 Z[1,0]^2")] == [True, False, True]
    assert [value is None for value in found.column("E Z[0,0]^2 Z[0,1]^2")] == [False, True, True]
    assert found.column("E Z[0,0]^2 Z[1,1]^2 (3 digits)") == [None, None, None]


def test_decimals_alone() -> None:
    """Without the exact columns the decimals stand alone, and what has no decimal stands itself."""
    found = made("2,3,2", "n,3,2", orders=[4], digits=3, exact=False)
    assert [heading.kind for heading in found.columns if heading.kind != "parameter"] == ["decimal"]
    number, formula = found.column("E Z[0,0]^4 (3 digits)")
    assert number == "4.00"
    assert str(formula) == "16/n**2"


def test_every_quantity_has_a_canonical_text() -> None:
    """The text of a quantity is read back to an equal quantity with the same columns, normalised or not."""
    texts = [
        "moment 0,0=4",
        "moment 0,0=2;2,1=2",
        "moment 0,0=0",
        "variance",
        "fourth",
        "beta",
        "bounds 12",
        "bounds 13 order=8",
    ]
    assert {text.split()[0] for text in texts} == set(QUANTITIES)
    for text in [*texts, "moment 0,0=4 normalised", "bounds 12 normalised"]:
        quantity = quantity_from_text(text)
        again = quantity_from_text(quantity.text)
        assert (again, again.columns, hash(again)) == (quantity, quantity.columns, hash(quantity))
        assert quantity.text == text
        assert text in repr(quantity)
    assert quantity_from_text("variance") != "variance"


def test_a_column_that_is_not_there() -> None:
    """Asking for a column by a wrong name lists those that there are."""
    with pytest.raises(UnknownNameError, match=r"a column must be one of widths, law, .*E Z\[0,0\]\^4, was 'x'"):
        made("2,3", orders=[4]).column("x")


# -- refusals -----------------------------------------------------------------------------------------------------------

REFUSALS: dict[str, tuple[dict[str, Any], type[PathMomentsError], str]] = {
    "entry outside": (
        {"widths": ["2,3,2", "n,3,n for n in 1..3"], "quantities": ["moment 1,1=2"]},
        OutOfRangeError, "the row with widths 1,3,1; law gaussian: moment 1,1=2: p must be an index of the input, 0 to 0, was 1",
    ),
    "undetermined": (
        {"widths": ["2,3,2"], "outputs": ["linear", "relu"], "orders": [3]},
        UndeterminedMomentError, "the row with widths 2,3,2; law gaussian: moment 0,0=3: E[Z[0,0]^3] is not determined",
    ),
    "atoms": (
        {"widths": ["2,3,2"], "laws": ["gaussian", "rademacher"], "biases": ["zero"], "quantities": ["variance"]},
        AtomsError, "the row with widths 2,3,2; law rademacher; bias zero: variance: the weights of layer 1 have atoms",
    ),
    "laws of another depth": (
        {"widths": ["2,3,2", "2,3,3,2"], "laws": [["uniform", "laplace"]], "orders": [4]},
        ArgumentError, "the row with widths 2,3,3,2; law uniform / laplace: moment 0,0=4: law must be one value or one for each of the 3",
    ),
    "too large": (
        {"widths": ["9,9,9"], "laws": ["laplace"], "orders": [4, 400]},
        BudgetError, "the row with widths 9,9,9; law laplace: moment 0,0=400: no exact route is within its budget",
    ),
    "symbolic bounds": (
        {"widths": ["2,3,2", "2,n,2"], "quantities": ["bounds 12"]},
        ArgumentError, "the row with widths 2,n,2; law gaussian: bounds 12: a verdict needs widths that are numbers",
    ),
    "symbols and balls": (
        {"widths": ["2,n,2"], "laws": ["truncated"], "orders": [4]},
        ArgumentError, "the row with widths 2,n,2; law truncated:2: moment 0,0=4: a symbolic network needs",
    ),
    "moment not given": (
        {"widths": ["2,3,2"], "laws": ["moments:2=1,4=3"], "orders": [6]},
        UnknownMomentError, "the row with widths 2,3,2; law moments:2=1,4=3: moment 0,0=6: the moment of order 6 is needed",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spec", "error", "said"), REFUSALS.values(), ids=REFUSALS)
def test_a_row_that_is_refused_is_named(spec: dict[str, Any], error: type[PathMomentsError], said: str) -> None:
    """The error has the type that the library gives it, and opens with the network and the quantity."""
    with pytest.raises(error) as caught:
        table(spec)
    assert str(caught.value).startswith(said)


def test_refusals_come_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A last row that is not determined is refused before the first is computed."""
    import pathmoments.tables.build as module

    monkeypatch.setattr(module, "sweep", lambda *_, **__: pytest.fail("work began"))
    with pytest.raises(UndeterminedMomentError):
        made("1..10,3,2", orders=[4], quantities=["moment 0,1=2;0,0=1"])


def test_a_table_too_large_is_refused_with_its_count() -> None:
    """The limit is 20,000 rows unless another is given; beyond memory there is none."""
    with pytest.raises(BudgetError, match=r"^the table has 20,001 rows, over 20,000: .* limit=None$"):
        made("n,2 for n in 1..20001", orders=[4])
    with pytest.raises(
        BudgetError, match=r"^the table has 1,000,000,000,000 rows, and one of more than 2,000,000 is not made"
    ):
        table({"widths": ["1..1000000,1..1000000"], "orders": [4]}, limit=None)
    with pytest.raises(BudgetError, match="the table has 3 rows, over 2"):
        table({"widths": ["1..3,2"], "orders": [2]}, limit=2)
    assert len(table({"widths": ["1..3,2"], "orders": [2]}, limit=3)) == 3
    check_size(spec_of({"widths": [f"n,2 for n in 1..{MAX_ROWS}"], "orders": [4]}), MAX_ROWS)


def test_a_dictionary_that_does_not_fit_is_a_spec_error() -> None:
    """What `table` is given is checked as a file is."""
    with pytest.raises(SpecError, match=r"^widths\[0\]: "):
        table({"widths": ["2,0"], "orders": [4]})


def test_progress_counts_tasks() -> None:
    """Progress is called with (done, total), the total being networks times quantities, up to its end."""
    calls: list[tuple[int, int]] = []
    table({"widths": ["n,2 for n in 1..3"], "orders": [2, 4]}, progress=lambda done, total: calls.append((done, total)))
    assert calls[-1] == (6, 6)
    assert calls == sorted(calls)

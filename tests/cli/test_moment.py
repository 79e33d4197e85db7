"""`pathmoments moment`: every option against the library, and the three formats."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sympy
from flint import arb, ctx

import pathmoments
from pathmoments import Network, moment
from pathmoments.exact import fraction_text
from pathmoments.routes import Estimate

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def document(run: Run, *arguments: str) -> dict[str, Any]:
    """Return the JSON that `moment` prints, after checking that it succeeded quietly."""
    done = run("moment", *arguments, "--format", "json")
    assert (done.status, done.stderr) == (0, "")
    content: dict[str, Any] = json.loads(done.stdout)
    return content


# -- the formats --------------------------------------------------------------------------------------------------------

EXAMPLE = ("2,3,4,2", "--law", "uniform", "--power", "0,0=4")


def test_text_has_value_network_and_route(run: Run) -> None:
    """The text form is three lines: the fraction with its decimal, the network, the route with its cost."""
    done = run("moment", *EXAMPLE)
    assert (done.status, done.stderr) == (0, "")
    value, network, route = done.stdout.splitlines()
    assert value == "E Z[0,0]^4 = 993/250 = 3.972"
    assert network.startswith("network: widths 2,3,4,2; law uniform; variance he")
    assert route.startswith("route: transfer: 2 states")


def test_json_has_value_and_provenance(run: Run) -> None:
    """The JSON form has the value as text, the network, power and layers it is of, and what made it."""
    content = document(run, *EXAMPLE)
    assert content["schema"] == "pathmoments/moment/1"
    assert content["version"] == pathmoments.__version__
    assert content["value"] == "993/250"
    assert content["decimal"] == "3.972"
    assert content["power"] == {"0,0": 4}
    assert content["layers"] == [0, 3]
    assert content["route"] == {"name": "transfer", "count": 2, "unit": "states"}
    assert "simulation" not in content


def test_json_value_is_recomputed_from_its_own_network(run: Run) -> None:
    """The network and power in the JSON form give its value again, by another route."""
    content = document(run, *EXAMPLE)
    net = Network.from_json(content["network"])
    power = {(int(p), int(q)): order for (p, _, q), order in content["power"].items()}
    assert moment(net, power, route="enumeration") == Fraction(content["value"]) == Fraction(993, 250)


def test_latex(run: Run) -> None:
    """The LaTeX form is one equation."""
    done = run("moment", *EXAMPLE, "--format", "latex")
    assert (done.status, done.stdout) == (0, "\\mathbb{E}\\left[Z_{0,0}^{4}\\right] = \\frac{993}{250}\n")


def test_latex_of_a_whole_number_has_no_fraction(run: Run) -> None:
    """A whole number is written as one."""
    assert run("moment", "2,3,2", "--power", "0,0=4", "--format", "latex").stdout.endswith("= 4\n")


def test_long_fraction_is_whole_in_json_alone(run: Run) -> None:
    """The text form shows the sizes of a fraction that would fill the screen; JSON has every digit."""
    text = run("moment", "2,3,2", "--power", "0,0=1000").stdout
    assert max(map(len, text.splitlines())) < 400
    assert "digits" in text.splitlines()[0]
    assert "--format json" in text.splitlines()[0]
    numerator, denominator = document(run, "2,3,2", "--power", "0,0=1000")["value"].split("/")
    exact = moment(Network([2, 3, 2]), {(0, 0): 1000}, route="gaussian")
    assert fraction_text(exact) == f"{numerator}/{denominator}"  # type: ignore[arg-type]  # a fraction here


# -- the options, each against the library ------------------------------------------------------------------------------

OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "defaults": ("", {}),
    "uniform": ("--law uniform", {"law": "uniform"}),
    "rademacher": ("--law rademacher", {"law": "rademacher"}),
    "laplace": ("--law laplace", {"law": "laplace"}),
    "finite": ("--law finite:-1=1/4,0=1/2,1=1/4", {"law": "finite:-1=1/4,0=1/2,1=1/4"}),
    "sparse": ("--law sparse:1/2:gaussian", {"law": "sparse:1/2:gaussian"}),
    "moments": ("--law moments:2=1/3,4=1/5", {"law": "moments:2=1/3,4=1/5"}),
    "law per layer": (
        "--law gaussian --law uniform --law laplace",
        {"law": ["gaussian", "uniform", "laplace"]},
    ),
    "lecun": ("--variance lecun", {"variance": "lecun"}),
    "glorot": ("--variance glorot", {"variance": "glorot"}),
    "pytorch": ("--variance pytorch", {"variance": "pytorch"}),
    "variance as fraction": ("--variance 2/7", {"variance": "2/7"}),
    "variance per layer": (
        "--variance he --variance 1/3 --variance lecun",
        {"variance": ["he", "1/3", "lecun"]},
    ),
    "linear output": ("--output linear", {"output": "linear"}),
    "slope": ("--slope 1/4", {"slope": Fraction(1, 4)}),
    "negative slope": ("--slope -1", {"slope": -1}),
    "zero bias": ("--bias zero", {"bias": "zero"}),
    "bias law": ("--bias laplace", {"bias": "laplace"}),
    "several": (
        "--law uniform --variance glorot --output linear --slope 1/10 --bias zero",
        {"law": "uniform", "variance": "glorot", "output": "linear", "slope": "1/10", "bias": "zero"},
    ),
}


@pytest.mark.parametrize(("options", "keywords"), OPTIONS.values(), ids=OPTIONS)
def test_option_means_what_the_keyword_means(run: Run, options: str, keywords: dict[str, Any]) -> None:
    """Each option describes the network of the library's keyword, and the value is that network's, by enumeration."""
    content = document(run, "2,3,2,2", "--power", "1,0=4", *options.split())
    net = Network([2, 3, 2, 2], **keywords)
    assert Network.from_json(content["network"]) == net
    assert Fraction(content["value"]) == moment(net, {(1, 0): 4}, route="enumeration")


def test_option_values_differ(run: Run) -> None:
    """The options above are not idle: those that change the weights or the activation change the value."""
    changing = [
        "uniform",
        "rademacher",
        "laplace",
        "lecun",
        "glorot",
        "linear output",
        "slope",
        "negative slope",
    ]
    values = {document(run, "2,3,2,2", "--power", "1,0=4", *OPTIONS[name][0].split())["value"] for name in changing}
    assert len(values) == len(changing)


def test_layers_at_zero_bias_has_the_alive_factor(run: Run) -> None:
    """A suffix at zero bias carries the probability that the layers below are alive: 3/4 of 1/2."""
    content = document(run, "2,2,3,2", "--bias", "zero", "--layers", "1:3", "--power", "0,0=2")
    assert (content["value"], content["layers"]) == ("3/8", [1, 3])
    assert document(run, "2,2,3,2", "--layers", "1:3", "--power", "0,0=2")["value"] == "1/2"


def test_text_names_the_layers(run: Run) -> None:
    """The text form of a section says which layers it is of."""
    assert "layers 2..3 = 3/8" in run("moment", "2,2,3,2", "--bias", "zero", "--layers", "1:3", "-p", "0,0=2").stdout


ROUTES = {
    "gaussian": ("gaussian", "0,0=6"),
    "transfer": ("laplace", "0,0=6"),
    "enumeration": ("uniform", "0,0=6"),
    "exhaustion": ("rademacher", "0,0=6"),
}


@pytest.mark.parametrize("route", ROUTES)
def test_route_is_taken_and_agrees(run: Run, route: str) -> None:
    """A named route is the one reported, and gives what the transfer gives."""
    law, power = ROUTES[route]
    content = document(run, "2,2,2", "--law", law, "--power", power, "--route", route)
    assert content["route"]["name"] == route
    assert content["route"]["count"] > 0
    assert Fraction(content["value"]) == moment(Network([2, 2, 2], law=law), {(0, 0): 6}, route="transfer")


def test_auto_takes_the_closed_form_for_gaussian_weights(run: Run) -> None:
    """Without --route the cheapest that applies is taken, and said."""
    assert document(run, "2,3,2", "--power", "0,0=4")["route"]["name"] == "gaussian"


def test_exhaustion_at_zero_bias(run: Run) -> None:
    """Exhaustion takes a law with atoms at zero bias, as the refusal of the other routes says: 1/2 for signs on (1, 2)."""
    arguments = ("2,2", "--law", "rademacher", "--bias", "zero", "--power", "0,0=4", "--route", "exhaustion")
    content = document(run, *arguments)
    assert (content["value"], content["route"]["name"]) == ("1/2", "exhaustion")


def test_budget_is_the_limit_itself(run: Run) -> None:
    """A budget of exactly the count suffices, and one less is refused with the count."""
    arguments = ("moment", "2,3,2", "--power", "0,0=4", "--route", "enumeration", "--budget")
    assert run(*arguments, "15").status == 0
    refused = run(*arguments, "14")
    assert (refused.status, refused.stdout) == (2, "")
    assert "15 collections" in refused.message


def test_network_file(run: Run, tmp_path: Path) -> None:
    """--network reads the JSON form that the library writes, with all that it says."""
    net = Network([2, 3, 2], law=["uniform", "laplace"], variance="lecun", output="linear", slope="1/4", bias="zero")
    file = tmp_path / "net.json"
    file.write_text(json.dumps(net.to_json()), encoding="utf-8")
    content = document(run, "--network", str(file), "--power", "0,1=4")
    assert Network.from_json(content["network"]) == net
    assert Fraction(content["value"]) == moment(net, {(0, 1): 4}, route="enumeration")


def test_network_of_one_result_is_the_input_of_the_next(run: Run, tmp_path: Path) -> None:
    """The network in a result is itself a network file, and gives the same result."""
    first = document(run, *EXAMPLE)
    file = tmp_path / "net.json"
    file.write_text(json.dumps(first["network"]), encoding="utf-8")
    assert document(run, "--network", str(file), "--power", "0,0=4") == first


# -- monomials ----------------------------------------------------------------------------------------------------------


def test_repeated_power_of_one_entry_multiplies(run: Run) -> None:
    """Z^2 Z^2 is Z^4."""
    once = document(run, "2,3,2", "--power", "0,0=4")
    assert document(run, "2,3,2", "--power", "0,0=2", "--power", "0,0=2") == once
    assert document(run, "2,3,2", "--power", "0,0=1", "--power", "0,0=3") == once


def test_mixed_powers(run: Run) -> None:
    """Several entries make one monomial, odd pairs with even outputs included: E Z00 Z10 Z01 Z11 = 1/4 on 2,2,2."""
    pairs = ("--power", "0,0=1", "--power", "1,0=1", "--power", "0,1=1", "--power", "1,1=1")
    content = document(run, "2,2,2", *pairs)
    assert content["value"] == "1/4"
    assert content["power"] == {"0,0": 1, "0,1": 1, "1,0": 1, "1,1": 1}
    mixed = document(run, "2,3,2", "--law", "laplace", "--power", "0,0=2", "-p", "1,1=4")
    net = Network([2, 3, 2], law="laplace")
    assert Fraction(mixed["value"]) == moment(net, {(0, 0): 2, (1, 1): 4}, route="enumeration")


def test_text_and_latex_name_every_factor(run: Run) -> None:
    """A mixed monomial is written with all of its factors."""
    arguments = ("moment", "2,3,2", "--power", "1,1=2", "--power", "0,0=2")
    assert run(*arguments).stdout.startswith("E Z[0,0]^2 Z[1,1]^2 = ")
    assert r"\left[Z_{0,0}^{2} Z_{1,1}^{2}\right]" in run(*arguments, "--format", "latex").stdout


def test_zero_by_parity(run: Run) -> None:
    """An odd power of an input is exactly 0, and nothing is summed for it."""
    content = document(run, "2,3,2", "--power", "0,0=1", "--power", "1,0=1")
    assert (content["value"], content["route"]["count"]) == ("0", 0)


def test_order_zero_is_one(run: Run) -> None:
    """The empty monomial has expectation 1."""
    assert document(run, "2,3,2", "--power", "0,0=0")["value"] == "1"


# -- symbols and balls --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1, 2, 7])
def test_symbolic_width(run: Run, width: int) -> None:
    """A width that is a name gives an expression that is right for every number put in its place."""
    content = document(run, "2,n,n,2", "--power", "0,0=4")
    assert content["decimal"] is None
    assert content["network"]["widths"] == [2, "n", "n", 2]
    value = sympy.sympify(content["value"], locals={"n": sympy.Integer(width)})
    assert Fraction(int(value.p), int(value.q)) == moment(Network([2, width, width, 2]), {(0, 0): 4})


def test_symbolic_width_in_latex(run: Run) -> None:
    """An expression is typeset."""
    done = run("moment", "2,n,n,2", "--power", "0,0=4", "--format", "latex")
    assert r"\frac{" in done.stdout
    assert "n^{2}" in done.stdout


def test_symbolic_law(run: Run) -> None:
    """The law `symbolic` leaves the normalised moments as symbols; with mt_4 = 9/5 they are the uniform law's."""
    content = document(run, "2,3,4,2", "--law", "symbolic", "--power", "0,0=4")
    assert "mt_4" in content["value"]
    value = sympy.sympify(content["value"], locals={"mt_4": sympy.Rational(9, 5)})
    assert value == sympy.Rational(993, 250)


def test_symbolic_law_with_a_name(run: Run) -> None:
    """The symbol can be chosen."""
    assert "kappa_4" in document(run, "2,3,2", "--law", "symbolic:kappa", "--power", "0,0=4")["value"]


def test_truncated_law_prints_a_ball(run: Run) -> None:
    """A law whose moments are not rational gives a ball, written as one, that holds the library's."""
    text = run("moment", "2,3,2", "--law", "truncated", "--power", "0,0=4").stdout.splitlines()[0]
    assert "+/-" in text
    assert "ball" in text
    content = document(run, "2,3,2", "--law", "truncated", "--power", "0,0=4")
    exact = moment(Network([2, 3, 2], law="truncated"), {(0, 0): 4}, route="enumeration")
    assert isinstance(exact, arb)
    with ctx.workprec(200):  # to read the text without loss
        printed = arb(content["value"])
        assert printed.overlaps(exact)
        assert printed.rel_accuracy_bits() > 60
    assert content["decimal"].startswith("2.86525465336283")


def test_truncated_law_in_latex(run: Run) -> None:
    """A ball in LaTeX is its middle and its radius."""
    done = run("moment", "2,3,2", "--law", "truncated:2", "--power", "0,0=4", "--format", "latex")
    assert r"2.86525465336283" in done.stdout
    assert r"\pm" in done.stdout


# -- the expansion beside it --------------------------------------------------------------------------------------------


def test_expansion_in_text(run: Run) -> None:
    """The second line is the expansion: with an O, or exact, or the power at which it begins."""
    arguments = ("moment", "n,n,n,n", "--power", "0,0=4", "--expand")
    lines = run(*arguments, "3").stdout.splitlines()
    assert lines[0] == "E Z[0,0]^4 = 6*(n + 5)**2/n**4"
    assert lines[1] == "expansion: 6/n^2 + 60/n^3 + O(1/n^4)"
    assert len(lines) == 4
    assert run(*arguments, "4").stdout.splitlines()[1] == "expansion: 6/n^2 + 60/n^3 + 150/n^4 (exact)"
    assert run(*arguments, "0").stdout.splitlines()[1] == "expansion: O(1/n^2); it begins with the power 2"


def test_expansion_in_json(run: Run) -> None:
    """The JSON has the coefficients by power as exact numbers, and null for the remainder of what is exact."""
    block = document(run, "2,n,n,2", "--law", "uniform", "--power", "0,0=4", "--expand", "1")["expansion"]
    assert block == {
        "symbols": ["n"],
        "order": 1,
        "coefficients": {"0": "3/2", "1": "39/5"},
        "remainder_power": 2,
    }
    exact = document(run, "2,n,n,2", "--law", "uniform", "--power", "0,0=4", "--expand", "9")
    assert exact["expansion"]["remainder_power"] is None
    for width in (2, 5):
        total = sum(Fraction(c) / width ** int(k) for k, c in exact["expansion"]["coefficients"].items())
        assert total == moment(Network([2, width, width, 2], law="uniform"), {(0, 0): 4})
    assert "expansion" not in document(run, "2,n,n,2", "--power", "0,0=4")


def test_expansion_of_several_widths(run: Run) -> None:
    """All symbolic widths grow together, in their order; those that are not in the value are left out."""
    content = document(run, "3,n_2,n_1,4", "--power", "0,0=4", "--expand", "1")["expansion"]
    assert content["symbols"] == ["n_2", "n_1"]
    text = run("moment", "3,n_2,n_1,4", "--power", "0,0=4", "--expand", "1").stdout
    assert "expansion: 2/3 + 10/(3*n_2) + 10/(3*n_1) + O(degree 2)\n" in text
    assert document(run, "3,n_1,2,n_2", "--power", "0,0=4", "--expand", "1")["expansion"]["symbols"] == ["n_1"]


def test_expansion_of_a_value_without_symbols(run: Run) -> None:
    """Where the width drops out of the value there is nothing to expand, and that is no error."""
    assert "expansion: 1/2 (exact)" in run("moment", "2,n,2", "--power", "0,0=2", "--expand", "2").stdout


def test_expansion_refused(run: Run) -> None:
    """Without a symbolic width, and for a factor 1 - 2^-n, the refusal says what to do."""
    for law in ("gaussian", "symbolic"):
        done = run("moment", "2,3,2", "--law", law, "--power", "0,0=4", "--expand", "2")
        assert (done.status, done.stdout) == (2, "")
        assert "--expand needs a symbolic width" in done.message
    suffix = ("moment", "2,n,2", "--layers", "1:2", "--power", "0,0=2", "--expand", "2")
    done = run(*suffix, "--bias", "zero")
    assert (done.status, done.stdout) == (2, "")
    assert "--bias atomless" in done.message
    assert run(*suffix, "--bias", "atomless").status == 0


LATEX = {
    "width": "2,n,n,2 --power 0,0=4 --expand 3",
    "widths and law": "n_0,n_1,width,hidden_width,2 --law symbolic --power 0,0=6 --expand 4",
    "mixed": "n,n,n --law symbolic:alpha --power 0,0=2 --power 1,1=4 --expand 5",
    "laws": "2,3,2 --law symbolic:a --law symbolic:_b --power 0,0=4",
    "glorot": "n,m,_,1 --variance glorot --power 0,0=4 --expand 6",
    "alive factor": "2,n,2 --bias zero --layers 1:2 --power 0,0=2",
    "ball": "2,3,2 --law truncated --power 0,0=4",
    "fraction": "2,3,2 --law uniform --power 0,0=4",
}


@pytest.mark.parametrize("arguments", LATEX.values(), ids=LATEX)
def test_latex_can_be_typeset(run: Run, arguments: str) -> None:
    """Braces pair up, delimiters too, and no name of several letters is left as a product of letters."""
    written = run("moment", *arguments.split(), "--format", "latex").stdout.strip()
    depth = 0
    for character in written:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert written.count(r"\left") == written.count(r"\right")
    letters = re.sub(r"\\mathrm\{[^}]*\}|\\[a-zA-Z]+", " x", written)
    assert re.findall(r"[a-zA-Z]{2,}|\*|(?<![a-zA-Z}])_", letters) == []


def test_latex_of_a_symbolic_law(run: Run) -> None:
    """The normalised moments have a tilde, and the expansion stands behind the value."""
    done = run("moment", "n,n,n", "--law", "symbolic", "--power", "0,0=4", "--expand", "2", "--format", "latex")
    assert done.stdout.strip() == (
        r"\mathbb{E}\left[Z_{0,0}^{4}\right] = \frac{2 \left(2 \widetilde{\mu}_{4}^{2} + 3 n - 3\right)}{n^{3}}"
        r" = \frac{6}{n^{2}} + O\left(\frac{1}{n^{3}}\right)"
    )


# -- the simulation beside it -------------------------------------------------------------------------------------------

CHECKED = ("2,3,2", "--law", "uniform", "--power", "0,0=4", "--check", "20000")


def test_check_repeats_with_its_seed(run: Run) -> None:
    """The same samples and seed give the same output twice, and another seed another mean."""
    first = document(run, *CHECKED, "--seed", "1")
    assert document(run, *CHECKED, "--seed", "1") == first
    assert document(run, *CHECKED, "--seed", "2")["simulation"]["mean"] != first["simulation"]["mean"]


def test_check_in_json(run: Run) -> None:
    """The simulation block has what a reader needs to judge it, and to repeat it."""
    content = document(run, *CHECKED, "--seed", "1")
    block = content["simulation"]
    assert set(block) == {"mean", "standard_error", "z", "samples", "seed"}
    assert (block["samples"], block["seed"]) == (20000, 1)
    value = float(Fraction(content["value"]))
    assert block["z"] == pytest.approx((block["mean"] - value) / block["standard_error"])
    net = Network([2, 3, 2], law="uniform")
    eighth = moment(net, {(0, 0): 8})
    assert isinstance(eighth, Fraction)
    deviation = float(eighth - Fraction(content["value"]) ** 2) ** 0.5
    assert block["standard_error"] == pytest.approx(deviation / 20000**0.5)


def test_check_in_text(run: Run) -> None:
    """The text form gets one more line, with the standard error, z, the samples and the seed."""
    lines = run("moment", *CHECKED, "--seed", "1").stdout.splitlines()
    assert len(lines) == 4
    assert lines[3].startswith("simulation: ")
    for fragment in ("+-", "z = ", "20,000 samples", "seed 1"):
        assert fragment in lines[3]
    assert "DISAGREES" not in lines[3]


def test_check_reports_a_fresh_seed_that_repeats_it(run: Run) -> None:
    """Without --seed a fresh one is drawn and reported, and gives the same mean again."""
    first = document(run, *CHECKED)
    assert document(run, *CHECKED, "--seed", str(first["simulation"]["seed"])) == first


def test_check_of_a_section_and_of_a_linear_leaky_network(run: Run) -> None:
    """The simulation follows --layers, --bias, --slope and --output: within six standard errors of the value."""
    section = document(
        run, "2,2,3,2", "--bias", "zero", "--layers", "1:3", "-p", "0,0=2", "--check", "20000", "--seed", "3"
    )
    leaky = document(
        run, "2,3,2", "--output", "linear", "--slope", "1/4", "-p", "0,0=2", "--check", "20000", "--seed", "3"
    )
    for content in (section, leaky):
        assert abs(content["simulation"]["z"]) < 6
        assert content["simulation"]["mean"] == pytest.approx(float(Fraction(content["value"])), rel=0.2)


def test_disagreement_is_status_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulation more than six standard errors away is printed all the same, marked, and ends with status 1."""

    def wrong(*_: object, samples: int, **__: object) -> Estimate:
        return Estimate(mean=5.0, exact=Fraction(4), standard_error=0.1, samples=samples, seed=1)

    monkeypatch.setattr("pathmoments.cli.moment.estimate", wrong)
    done = run("moment", *CHECKED)
    assert done.status == 1
    assert "DISAGREES" in done.stdout.splitlines()[3]
    done = run("moment", *CHECKED, "--format", "json")
    assert done.status == 1
    assert json.loads(done.stdout)["simulation"]["z"] == pytest.approx(10)


def test_undefined_z_is_not_agreement(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulation whose mean is not a number does not pass for one that agrees."""

    def broken(*_: object, samples: int, **__: object) -> Estimate:
        return Estimate(mean=float("nan"), exact=Fraction(4), standard_error=0.1, samples=samples, seed=1)

    monkeypatch.setattr("pathmoments.cli.moment.estimate", broken)
    assert run("moment", *CHECKED).status == 1


def test_check_of_an_order_beyond_floats_is_refused(run: Run) -> None:
    """A standard error that no float holds is refused with a message, not met with an overflow."""
    done = run("moment", "2,3,2", "--power", "0,0=400", "--check", "10", "--seed", "1")
    assert (done.status, done.stdout) == (2, "")
    assert "order" in done.message


# -- sizes --------------------------------------------------------------------------------------------------------------


def test_wide_and_deep_network(run: Run) -> None:
    """Wide and deep networks have collections without number, which keeps no other route from its value."""
    widths = ",".join(str(10**9 + j) for j in range(101))
    content = document(run, widths, "--law", "laplace", "--power", "0,0=10")
    assert content["route"]["name"] == "transfer"
    assert 0 < Fraction(content["value"]) < Fraction(1, 10**40)


def test_high_order(run: Run) -> None:
    """An order in the thousands is within the closed form, however long the counts of the other routes are."""
    assert document(run, "2,3,2", "--power", "0,0=4000")["route"]["name"] == "gaussian"


# -- the command itself -------------------------------------------------------------------------------------------------


def test_installed_command_prints_the_same(command: Run, run: Run) -> None:
    """The installed command prints what the application prints, and nothing on stderr."""
    done = command("moment", *EXAMPLE)
    assert (done.status, done.stderr) == (0, "")
    assert done.stdout == run("moment", *EXAMPLE).stdout


def test_python_m(environment: dict[str, str], tmp_path: Path) -> None:
    """`python -m pathmoments` is the command."""
    done = subprocess.run(
        [sys.executable, "-m", "pathmoments", "moment", *EXAMPLE],
        capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("E Z[0,0]^4 = 993/250")


def test_empty_folder_stays_empty(command: Run, tmp_path: Path) -> None:
    """The command needs nothing in the folder it runs in, and leaves nothing there."""
    assert command("moment", *EXAMPLE, "--check", "1000", "--seed", "1").status == 0
    assert command("paths", "2,3,2", "--power", "0,0=4").status == 0
    assert list(tmp_path.iterdir()) == []


def test_version(command: Run, run: Run) -> None:
    """--version prints the version: alone by the quick path, and through the application."""
    expected = f"pathmoments {pathmoments.__version__}\n"
    quick = command("--version")
    assert (quick.status, quick.stdout, quick.stderr) == (0, expected, "")
    full = run("--version")
    assert (full.status, full.stdout, full.stderr) == (0, expected, "")


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_names_every_option(run: Run, flag: str) -> None:
    """The help of a command lists its options and an example."""
    done = run("moment", flag)
    assert done.status == 0
    names = (
        "power",
        "law",
        "variance",
        "output",
        "slope",
        "bias",
        "network",
        "layers",
        "route",
        "budget",
        "check",
        "seed",
    )
    assert [name for name in (*names, "format") if f"--{name}" not in done.stdout] == []
    assert "pathmoments moment 2,3,4,2 --law uniform --power 0,0=4" in done.stdout


def test_root_help_lists_the_commands(run: Run) -> None:
    """The help of the application lists the commands."""
    done = run("--help")
    assert done.status == 0
    assert "moment" in done.stdout
    assert "paths" in done.stdout

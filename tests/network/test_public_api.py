"""The public surface: its names, its docstrings, its signatures, and its errors."""

from __future__ import annotations

import ast
import inspect
import pickle
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import pathmoments
from pathmoments import errors

PUBLIC = [
    "Cost",
    "DagNetwork",
    "Estimate",
    "Finite",
    "Gaussian",
    "Grid",
    "Laplace",
    "Law",
    "Moments",
    "Network",
    "Plan",
    "Orthogonal",
    "Rademacher",
    "Report",
    "Sparse",
    "SymbolicLaw",
    "Table",
    "TruncatedGaussian",
    "Uniform",
    "WidthFamily",
    "Z",
    "__version__",
    "activation_moment",
    "advise",
    "assert_conforms",
    "bounds",
    "check",
    "chain_median",
    "cost",
    "count_collections",
    "count_paths",
    "criteria",
    "dead_probability",
    "draw_collection",
    "empirical_variance",
    "errors",
    "estimate",
    "expansion",
    "expect",
    "fourth_moments",
    "gradient_moment",
    "gradient_variance",
    "hessian_moment",
    "iter_collections",
    "iter_jacobians",
    "iter_paths",
    "layer_factors",
    "minimum_effect",
    "mistakes",
    "moment",
    "multiplicities",
    "neurons",
    "plan",
    "log_norm",
    "profile",
    "ntk_moment",
    "read_network",
    "spectrum",
    "summarize",
    "table",
    "trace_moment",
    "typical_depth",
    "verify",
]

NATURAL: dict[str, type[Exception]] = {
    "ArgumentError": ValueError,
    "AtomsError": ValueError,
    "BudgetError": RuntimeError,
    "ClusterError": ConnectionError,
    "ConformanceError": AssertionError,
    "InexactNumberError": TypeError,
    "LedgerError": OSError,
    "MissingExtraError": ImportError,
    "OutOfRangeError": IndexError,
    "PathMomentsError": Exception,
    "RouteError": ValueError,
    "SpecError": ValueError,
    "UndecidedError": ArithmeticError,
    "UndeterminedMomentError": ValueError,
    "UnknownMomentError": LookupError,
    "UnknownNameError": LookupError,
}
"""The builtin that a caller would expect for each error."""

POSITIONAL = {
    ("TruncatedGaussian", "bound"),
    ("Orthogonal", "gain"),
    ("SymbolicLaw", "symbol"),
    ("SymbolicLaw", "atoms_assumed"),
    ("Cost", "note"),
    ("advise", "depth"),
}
"""Optional arguments that may be given by position: where a class has a natural one."""


def public_callables() -> Iterator[tuple[str, Any]]:
    """Yield (name, object) for the public functions and classes, and for the public methods of these classes."""
    for name in PUBLIC:
        thing = getattr(pathmoments, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            yield name, thing
        if inspect.isclass(thing):
            for method, _ in inspect.getmembers(thing, callable):
                if not method.startswith("_") and method in dir(thing):
                    yield f"{name}.{method}", inspect.getattr_static(thing, method)


CALLABLES = {name: thing.__func__ if isinstance(thing, classmethod) else thing for name, thing in public_callables()}


def test_the_public_names_are_pinned() -> None:
    """dir(pathmoments) is this list: a name comes or goes with a change of this test and of the changelog."""
    assert dir(pathmoments) == sorted(PUBLIC)
    assert sorted(pathmoments.__all__) == sorted(PUBLIC)


def test_a_star_import_gives_the_public_names() -> None:
    """All names exist, and nothing else comes."""
    names: dict[str, Any] = {}
    exec("from pathmoments import *", names)  # the statement under test
    assert sorted(names.keys() - {"__builtins__"}) == sorted(PUBLIC)


def test_type_checkers_see_the_public_names() -> None:
    """The names that load lazily are those that the imports for type checkers declare."""
    tree = ast.parse(Path(pathmoments.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    names = {alias.name for node in ast.walk(block) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert names | {"Z", "__version__"} == set(PUBLIC)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A name that the package does not have is missing in the way of Python's modules."""
    with pytest.raises(AttributeError, match="module 'pathmoments' has no attribute 'moments'"):
        pathmoments.moments  # noqa: B018  # the access under test


def test_names_are_the_same_object_each_time() -> None:
    """Loading a name twice gives one object."""
    for name in PUBLIC:
        assert getattr(pathmoments, name) is getattr(pathmoments, name)
    assert isinstance(pathmoments.errors, ModuleType)


def test_z_is_an_indexed_symbol() -> None:
    """Z[p, q] is the symbol of an entry in the polynomials of `expect`."""
    import sympy

    assert isinstance(pathmoments.Z, sympy.IndexedBase)
    assert str(pathmoments.Z[0, 1]) == "Z[0, 1]"


@pytest.mark.parametrize("name", CALLABLES)
def test_public_functions_and_classes_have_docstrings(name: str) -> None:
    """Each has a docstring of its own (a method may inherit it) that begins with a sentence."""
    text = inspect.getdoc(CALLABLES[name])
    assert text is not None
    assert "(" + name not in text.splitlines()[0], "the signature that a dataclass writes is no docstring"
    assert len(text.split()) >= 3


@pytest.mark.parametrize("name", CALLABLES)
def test_optional_arguments_are_given_by_name(name: str) -> None:
    """An argument with a default is keyword-only, but for the natural positional of a class."""
    for parameter in inspect.signature(CALLABLES[name]).parameters.values():
        if parameter.default is not inspect.Parameter.empty and (name, parameter.name) not in POSITIONAL:
            assert parameter.kind is inspect.Parameter.KEYWORD_ONLY, f"{name}({parameter.name})"


@pytest.mark.parametrize("name", CALLABLES)
def test_public_signatures_are_annotated(name: str) -> None:
    """Every argument and every result of a public function has a type."""
    signature = inspect.signature(CALLABLES[name])
    for parameter in signature.parameters.values():
        assert parameter.name in ("self", "cls") or parameter.annotation is not inspect.Parameter.empty, parameter.name
    assert inspect.isclass(CALLABLES[name]) or signature.return_annotation is not inspect.Signature.empty


def test_the_errors_are_pinned() -> None:
    """The module of errors offers these classes, and no other exception is defined there."""
    defined = {name for name, thing in vars(errors).items() if inspect.isclass(thing) and issubclass(thing, Exception)}
    assert sorted(errors.__all__) == sorted(NATURAL) == sorted(defined)


@pytest.mark.parametrize("name", NATURAL)
def test_every_error_has_the_root_and_its_natural_builtin(name: str) -> None:
    """One `except PathMomentsError` catches all of them, and so does the builtin that a caller expects."""
    error = getattr(errors, name)
    assert issubclass(error, errors.PathMomentsError)
    assert issubclass(error, NATURAL[name])
    assert len((error.__doc__ or "").split()) >= 3


@pytest.mark.parametrize("name", NATURAL)
def test_every_error_travels_between_processes(name: str) -> None:
    """An error pickled by a worker arrives as itself, message and all."""
    error = getattr(errors, name)("slope must be exact, was 0.5")
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        back = pickle.loads(pickle.dumps(error, protocol))
        assert type(back) is type(error)
        assert str(back) == str(error) == "slope must be exact, was 0.5"
        assert back.args == error.args


def test_the_version_is_a_version() -> None:
    """The version has three numbers, and is that of the installed distribution."""
    from importlib.metadata import version

    assert pathmoments.__version__ == version("pathmoments")
    assert all(part.isdigit() for part in pathmoments.__version__.split(".")[:2])

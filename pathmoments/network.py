"""The random network: widths, weight laws, exact variances, activation, output and biases (the paper's Definition 1).

For widths (n_0, ..., n_d) and j = 1..d: act^(j) = W^(j) Act^(j-1) + b^(j) and Act^(j) = relu(act^(j)), the output layer j = d
included unless it is linear. The weights of a layer are i.i.d. from a symmetric law of the given variance; the biases are
i.i.d. and symmetric. The input-output Jacobian is Z[p, q] = d f_q / d x_p, J[q, p] in the arrays of numpy.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from .domains import Balls, Domain, Polynomials, Rationals
from .errors import ArgumentError, UnknownNameError, must_be
from .exact import Value, expression, fraction_text, integer, is_symbolic, rational
from .laws import Gaussian, Law, law_from_text

if TYPE_CHECKING:
    import networkx
    import sympy

Width: TypeAlias = "int | sympy.Expr"

MAX_LAYERS = 1_000_000
MAX_WIDTH = 10**100

VARIANCES: dict[str, Callable[[Any, Any, Fraction], Any]] = {
    "he": lambda fan_in, fan_out, slope: 2 / ((1 + slope**2) * _exact(fan_in)),
    "lecun": lambda fan_in, fan_out, slope: 1 / _exact(fan_in),
    "glorot": lambda fan_in, fan_out, slope: 2 / _exact(fan_in + fan_out),
    "pytorch": lambda fan_in, fan_out, slope: 1 / (3 * _exact(fan_in)),
}
"""Weight variances by name, from fan_in = n_(j-1), fan_out = n_j and the slope of the activation."""

OUTPUTS = ("relu", "linear")


def _exact(width: Any) -> Any:
    return Fraction(width) if isinstance(width, int) else width


class Network:
    """A random fully connected ReLU network.

    Parameters
    ----------
    widths
        (n_0, ..., n_d): the input, the hidden layers, the output. At least two; whole numbers, or sympy expressions (positive
        integer symbols), with which results are sympy expressions.
    law
        The law of the weights, one for all layers or one a layer; an instance, or its short text such as "uniform".
    variance
        The variance of the weights, one for all layers or one a layer: "he" 2 / ((1 + slope^2) fan_in), which is
        Definition 1 for ReLU; "lecun" 1 / fan_in; "glorot" 2 / (fan_in + fan_out); "pytorch" 1 / (3 fan_in), the default of
        nn.Linear; or an exact number. A layer whose law is :class:`pathmoments.Orthogonal` has the variance gain^2 / max(fan_in, fan_out) of
        that law: a name is not used there, and another number is refused.
    output
        "relu": the output layer has the activation, as in the paper; "linear": it has none.
    slope
        The slope of the activation for negative pre-activations, an exact number: 0 is ReLU, 1 a linear network, -1 the
        absolute value.
    bias
        "atomless": any symmetric biases without atoms (no exact value depends on which); "zero": none; or a symmetric law.
    bias_variance
        With a law for the biases: their variance, one for all layers or one a layer, by name or exact number; by default
        that of the weights of the layer, as in nn.Linear.

    Raises
    ------
    ArgumentError, InexactNumberError, UnknownNameError
        Naming the argument, what it must be and what it was.

    >>> Network([2, 3, 4, 2], law="uniform")
    Network([2, 3, 4, 2], law=Uniform())
    >>> Network([2, 3, 4, 2]).variances
    (Fraction(1, 1), Fraction(2, 3), Fraction(1, 2))
    """

    __slots__ = (
        "_bias_variances",
        "_variances",
        "bias",
        "bias_variance",
        "laws",
        "output",
        "slope",
        "variance",
        "widths",
    )

    widths: tuple[Width, ...]
    laws: tuple[Law, ...]
    variance: str | Fraction | tuple[str | Fraction, ...]
    output: str
    slope: Fraction
    bias: str | Law
    bias_variance: str | Fraction | tuple[str | Fraction, ...] | None
    _variances: tuple[Value, ...]
    _bias_variances: tuple[Value, ...] | None

    def __init__(
        self,
        widths: Iterable[Width],
        *,
        law: Law | str | Sequence[Law | str] = Gaussian(),  # noqa: B008  # laws are immutable
        variance: object = "he",
        output: str = "relu",
        slope: object = 0,
        bias: str | Law = "atomless",
        bias_variance: object = None,
    ) -> None:
        set_ = super().__setattr__
        set_("widths", _checked_widths(widths))
        set_("laws", self._one_a_layer(law, "law", _checked_law))
        set_("slope", rational(slope, "slope"))
        if output not in OUTPUTS:
            raise UnknownNameError(must_be("output", "'relu' or 'linear'", output))
        set_("output", output)
        set_("variance", self._given(variance, "variance"))
        set_("_variances", self._own_variances(self._resolved(self.variance)))
        set_("bias", _checked_bias(bias))
        set_("bias_variance", None if bias_variance is None else self._given(bias_variance, "bias_variance"))
        if self.bias_variance is not None and not isinstance(self.bias, Law):
            raise ArgumentError(
                f"bias_variance goes with a law for the biases, and bias was {self.bias!r}: give bias=Gaussian(), or no bias_variance"
            )
        resolved = self._variances if self.bias_variance is None else self._resolved(self.bias_variance)
        set_("_bias_variances", resolved if isinstance(self.bias, Law) else None)
        self._check_symbols()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Network does not change: make another with the {name} you want")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a Network does not change: make another without its {name}")

    # -- what it is made of ------------------------------------------------------------------------------------------

    @property
    def depth(self) -> int:
        """The number d of layers of weights."""
        return len(self.widths) - 1

    @property
    def variances(self) -> tuple[Value, ...]:
        """The variance of the weights of each layer 1..d."""
        return self._variances

    @property
    def bias_variances(self) -> tuple[Value, ...] | None:
        """The variance of the biases of each layer 1..d, or None where the biases have no law."""
        return self._bias_variances

    def activated(self, layer: int) -> bool:
        """Whether the neurons of the layer have the activation: all hidden layers, and the output unless it is linear."""
        return 0 < layer < self.depth or (layer == self.depth and self.output == "relu")

    @property
    def symbols(self) -> frozenset[Any]:
        """The sympy symbols in the widths and variances (a symbolic law's moments come on top)."""
        expressions = [*self.widths, *self.variances, *(self.bias_variances or ())]
        return frozenset().union(*(e.free_symbols for e in expressions if is_symbolic(e)))  # type: ignore[union-attr]  # symbolic

    def to_networkx(self) -> networkx.DiGraph:
        """Return the network as a directed graph with nodes (layer, index).

        Nodes carry `layer`, `index` and `activation` ("relu", "leaky relu", "linear" or None at the input); edges carry
        the `law` and the exact `variance` of their weight.

        >>> graph = Network([2, 3, 2]).to_networkx()
        >>> graph.number_of_nodes(), graph.number_of_edges(), graph.edges[(0, 0), (1, 2)]["variance"]
        (7, 12, Fraction(1, 1))
        """
        import networkx

        widths = self.numeric_widths("to_networkx()")
        graph = networkx.DiGraph()
        for layer, width in enumerate(widths):
            name = ("relu" if self.slope == 0 else "leaky relu") if self.activated(layer) else "linear"
            for index in range(width):
                graph.add_node((layer, index), layer=layer, index=index, activation=name if layer else None)
        for layer, (law, variance) in enumerate(zip(self.laws, self.variances, strict=True)):
            for start, end in itertools.product(range(widths[layer]), range(widths[layer + 1])):
                graph.add_edge((layer, start), (layer + 1, end), law=law, variance=variance)
        return graph

    def numeric_widths(self, what: str) -> tuple[int, ...]:
        """Return the widths as ints; refuse symbolic ones, naming `what` needs numbers."""
        for width in self.widths:
            if is_symbolic(width):
                raise ArgumentError(
                    f"{what} needs widths that are numbers, and one is {width}: substitute a number for it"
                )
        return self.widths

    def domain(self, first: int, last: int, order: int, *, biases: bool = False) -> Domain:
        """Return the domain in which sums over the layers first+1..last, with `order` paths, are exact; `biases` if these bring in their law."""
        laws = set(self.laws[first:last])
        below = self.widths[1:first] if self.bias == "zero" else ()  # the alive factor knows them
        expressions = [
            e for e in (*below, *self.widths[first : last + 1], *self.variances[first:last]) if is_symbolic(e)
        ]
        if biases and isinstance(self.bias, Law):
            laws.add(self.bias)
            expressions += [e for e in (self.bias_variances or ())[first:last] if is_symbolic(e)]
        if expressions or any(law.symbolic for law in laws):
            if not all(law.rational for law in laws):
                raise ArgumentError(
                    "a symbolic network needs laws with rational or symbolic moments, and one is a ball: give numbers for the symbols"
                )
            moments = [law.moment(k) for law in laws if law.independent for k in range(4, order + 1, 2)]
            expressions += [moment for moment in moments if is_symbolic(moment)]
            return Polynomials(set().union(*(e.free_symbols for e in expressions)))  # type: ignore[union-attr]  # symbolic
        return Rationals() if all(law.rational for law in laws) else Balls()

    # -- JSON --------------------------------------------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        """Return the versioned JSON form (exact numbers as text); :meth:`from_json` reads it back.

        >>> form = Network([2, 3, 2], law="uniform", slope="1/4").to_json()
        >>> Network.from_json(form) == Network([2, 3, 2], law="uniform", slope="1/4")
        True
        """
        from .spec import network_to_json

        return network_to_json(self)

    @classmethod
    def from_json(cls, form: object) -> Network:
        """Return the network of a JSON form: the object, JSON text, or an open file's content.

        Raises
        ------
        SpecError
            Naming the place in the form and what must stand there.
        """
        from .spec import network_from_json

        return network_from_json(form)

    # -- identity ----------------------------------------------------------------------------------------------------

    def _key(self) -> tuple[object, ...]:
        return (
            self.widths,
            self.laws,
            self.variances,
            self.output,
            self.slope,
            self.bias,
            self.bias_variances,
        )

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Network) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        keywords = {
            "law": self.laws,
            "variance": self.variance,
            "output": self.output,
            "slope": self.slope,
            "bias": self.bias,
            "bias_variance": self.bias_variance,
        }
        return (_rebuilt, (self.widths, keywords))

    def __repr__(self) -> str:
        parts = [shortened(self.widths, "[]")]
        if set(self.laws) != {Gaussian()}:
            parts.append(f"law={self.laws[0]!r}" if len(set(self.laws)) == 1 else f"law={shortened(self.laws, '[]')}")
        if self.variance != "he":
            parts.append(f"variance={_variance_text(self.variance)}")
        if self.output != "relu":
            parts.append(f"output={self.output!r}")
        if self.slope:
            parts.append(f"slope='{fraction_text(self.slope)}'")
        if self.bias != "atomless":
            parts.append(f"bias={self.bias!r}")
        if self.bias_variance is not None:
            parts.append(f"bias_variance={_variance_text(self.bias_variance)}")
        return f"Network({', '.join(parts)})"

    # -- checks ------------------------------------------------------------------------------------------------------

    def _one_a_layer(self, given: Any, argument: str, check: Callable[[Any, str], Any]) -> tuple[Any, ...]:
        """Return one checked value a layer from one value, or from a sequence of one a layer."""
        if isinstance(given, (list, tuple)):
            if len(given) != self.depth:
                raise ArgumentError(
                    must_be(
                        argument,
                        f"one value or one for each of the {self.depth} layers",
                        f"the sequence of {len(given)}",
                    )
                )
            return tuple(check(value, f"{argument}[{layer}]") for layer, value in enumerate(given))
        return (check(given, argument),) * self.depth

    def _given(self, given: object, argument: str) -> str | Fraction | tuple[str | Fraction, ...]:
        checked = self._one_a_layer(given, argument, _checked_variance)
        return checked if isinstance(given, (list, tuple)) else checked[0]

    def _check_symbols(self) -> None:
        """Refuse two symbols of one name, and a width named like a moment of a symbolic law: results could not be read."""
        symbols = self.symbols
        names = {str(symbol) for symbol in symbols}
        if len(names) < len(symbols):
            raise ArgumentError(
                f"two different symbols have one name among {', '.join(sorted(map(str, symbols)))}: use one for both, or rename one"
            )
        for law in {law for law in self.laws if law.symbolic}:
            inner = law
            while hasattr(inner, "law"):
                inner = inner.law
            taken = [name for name in names if re.fullmatch(rf"{getattr(inner, 'symbol', 'mt')}_\d+", name)]
            if taken:
                raise ArgumentError(
                    f"the symbol {taken[0]} is a width or variance and also a moment of {law}: name one of them otherwise"
                )

    def _resolved(self, given: str | Fraction | tuple[str | Fraction, ...]) -> tuple[Value, ...]:
        each = given if isinstance(given, tuple) else (given,) * self.depth
        return tuple(
            VARIANCES[value](self.widths[layer], self.widths[layer + 1], self.slope)
            if isinstance(value, str)
            else value
            for layer, value in enumerate(each)
        )

    def _own_variances(self, variances: tuple[Value, ...]) -> tuple[Value, ...]:
        """Return the variances with those that the laws themselves give, as an orthogonal matrix does; refuse another number for such a layer."""
        given = self.variance if isinstance(self.variance, tuple) else (self.variance,) * self.depth
        return tuple(
            variance if law.independent else self._own_variance(layer, given[layer - 1])
            for layer, (law, variance) in enumerate(zip(self.laws, variances, strict=True), start=1)
        )

    def _own_variance(self, layer: int, given: str | Fraction) -> Value:
        law, (fan_in, fan_out) = self.laws[layer - 1], self.widths[layer - 1 : layer + 1]
        if not (isinstance(fan_in, int) and isinstance(fan_out, int)):
            raise ArgumentError(
                f"the law {law} of layer {layer} needs widths that are numbers, and they are {fan_in} and {fan_out}: its variance depends on the larger"
            )
        own = law.entry_variance(fan_in, fan_out)
        assert own is not None
        if not isinstance(given, str) and given != own:
            raise ArgumentError(
                f"the variance of layer {layer} is that of its law {law}, {fraction_text(own)}, and {given} was given: give the law a gain, and "
                "the layer a name such as 'he'"
            )
        return own


def _rebuilt(widths: tuple[Width, ...], keywords: dict[str, Any]) -> Network:
    """Make a network again from what pickle kept (for workers of a sweep)."""
    return Network(widths, **keywords)


def _checked_widths(widths: Iterable[Width]) -> tuple[Width, ...]:
    if isinstance(widths, (str, bytes, set, frozenset, dict)) or not isinstance(widths, Iterable):
        raise ArgumentError(must_be("widths", "a sequence of whole numbers such as [2, 3, 2]", widths))
    given = tuple(itertools.islice(widths, MAX_LAYERS + 2))
    if len(given) < 2:
        raise ArgumentError(
            must_be(
                "widths",
                "at least two, the input and the output",
                "the sequence of " + str(len(given)),
                "such as [2, 3, 2]",
            )
        )
    if len(given) > MAX_LAYERS + 1:
        raise ArgumentError(
            must_be("widths", f"those of a network of at most {MAX_LAYERS:,} layers", "the sequence of more")
        )
    return tuple(_checked_width(width, layer) for layer, width in enumerate(given))


def _checked_width(width: object, layer: int) -> Width:
    what = f"widths[{layer}]"
    if type(width) is int and 1 <= width <= MAX_WIDTH:  # the common case, kept quick for networks of 100,000 layers
        return width
    if is_symbolic(width):
        return expression(width, what)
    number = integer(width, what, minimum=1, what="a whole number of neurons, 1 or more")
    if number > MAX_WIDTH:
        raise ArgumentError(must_be(what, "at most 10^100 neurons", f"the number of {len(str(number))} digits"))
    return number


def _checked_law(law: object, argument: str) -> Law:
    if isinstance(law, str):
        return law_from_text(law)
    if isinstance(law, Law):
        return law
    raise ArgumentError(
        must_be(argument, "a Law such as Gaussian() or a name such as 'gaussian', or a list of one a layer", law)
    )


def _checked_variance(value: object, argument: str) -> str | Fraction:
    if isinstance(value, str) and value in VARIANCES:
        return value
    if isinstance(value, str) and value.replace("_", "").isalpha():
        raise UnknownNameError(must_be(argument, "an exact number or one of " + ", ".join(VARIANCES), value))
    if is_symbolic(value):
        return expression(value, argument)  # type: ignore[return-value]  # kept as it is
    number = rational(value, argument)
    if number <= 0:
        raise ArgumentError(must_be(argument, "positive", fraction_text(number)))
    return number


def _checked_bias(bias: object) -> str | Law:
    if isinstance(bias, str) and bias not in ("atomless", "zero"):
        try:
            bias = law_from_text(bias)
        except UnknownNameError:
            raise UnknownNameError(must_be("bias", "'atomless', 'zero' or a law", bias)) from None
    if not isinstance(bias, (str, Law)):
        raise ArgumentError(must_be("bias", "'atomless', 'zero' or a law", bias))
    if isinstance(bias, Law) and not bias.independent:
        raise ArgumentError(must_be("bias", "'atomless', 'zero' or a law of independent numbers", bias))
    if isinstance(bias, Law) and bias.symbolic:
        raise ArgumentError(
            "bias must be a law with numbers, was a symbolic one: no exact value depends on it, write 'atomless'"
        )
    return bias


def shortened(values: Sequence[object], brackets: str) -> str:
    """Return a list of values in brackets, the middle of a long one left out."""
    shown = [str(v) if is_symbolic(v) else repr(v) for v in (values if len(values) <= 12 else values[:6])]
    if len(values) > 12:
        shown += ["...", repr(values[-1])]
    return brackets[0] + ", ".join(shown) + brackets[1]


def _variance_text(variance: str | Fraction | tuple[str | Fraction, ...]) -> str:
    if isinstance(variance, tuple):
        return "[" + ", ".join(_variance_text(v) for v in variance[:12]) + (", ...]" if len(variance) > 12 else "]")
    return (
        repr(variance)
        if isinstance(variance, str)
        else f"'{fraction_text(variance)}'"
        if isinstance(variance, Fraction)
        else str(variance)
    )

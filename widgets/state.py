"""What the learner looks at: every setting of the lab as a scalar trait with its bounds."""

from __future__ import annotations

from typing import Any, ClassVar

from traitlets import Bool, Enum, Float, HasTraits, Int, Unicode, observe, validate

from core.averaging import NORMALISATIONS
from core.models import SHIPPED
from core.scaling import LARGEST, SEED, SMALLEST
from core.study import default_layer
from core.texts import DEFAULT_TEXT


class ViewState(HasTraits):
    """The settings of all parts. Scalars only: the whole state fits into a link.

    A trait's `help` is the label of its control; an Enum's `words` tag names its choices on the page. A value
    outside fixed bounds raises TraitError; one that is bounded by another trait (`BELOW`) is clamped, since
    that bound moves with the text and the model.
    """

    BELOW: ClassVar[dict[str, str]] = {
        "layer": "layer_count",
        "head": "head_count",
        "query": "token_count",
        "key": "token_count",
        "cut": "list_length",
        "sizes_from": "sizes_to",
    }
    """A trait and the one that it must stay below."""
    SHAPE: ClassVar[tuple[str, ...]] = ("layer_count", "head_count", "token_count")
    """Traits that nobody sets: a capture brings them."""
    OWN: ClassVar[tuple[str, ...]] = ("text", "model", "layer", "head", "query", "key")
    """Settings that a pinned view has for itself: it shares all others with the live one."""

    # What is asked for: setting these runs the model; they fall back to what is on show when that fails.
    text = Unicode(help="Text")
    model = Unicode(help="Model")

    # The shape of the capture on show.
    layer_count = Int(1, min=1)
    head_count = Int(1, min=1)
    token_count = Int(1, min=1)

    # Shared by the parts.
    layer = Int(0, min=0, help="Layer")
    head = Int(0, min=0, help="Head")
    mask_size = Int(5, min=2, max=12, help="Mask size")
    query = Int(0, min=0, help="Query token")
    theme = Enum(("system", "light", "dark"), "system", help="Light or dark").tag(
        words=("Like the system", "Light", "Dark")
    )
    colormap = Enum(("study", "viridis", "cividis"), "study", help="Colours of maps and layers").tag(
        words=("Study", "Viridis", "Cividis")
    )
    part = Int(1, min=1, max=9, help="Part on screen")
    difference = Bool(False, help="Show the difference B − A")
    presenting = Bool(False, help="Presenter mode")
    keys = Bool(True, help="Keys")

    # Part 1.
    sizes_from = Int(SMALLEST, min=SMALLEST, max=LARGEST - 1, help="Smallest n")
    sizes_to = Int(LARGEST, min=SMALLEST + 1, max=LARGEST, help="Largest n")
    sigma = Float(1.0, min=0.1, max=3.0, help="Spread σ").tag(step=0.1)
    seed = Int(SEED, min=0, max=9999, help="Seed")
    size = Int(64, min=SMALLEST, max=LARGEST, help="Size n")

    # Part 3.
    activation = Enum(("query", "key", "value"), "query", help="Show").tag(words=("Q", "K", "V"))
    activation_limit = Float(2.0, min=0.1, max=20.0, help="Colour scale ±").tag(step=0.1)
    activation_fit = Bool(False, help="Fit colours to data")

    # Parts 4 and 5.
    skip_first = Bool(True, help="Leave out the first token")
    density_fit = Bool(False, help="Fit colours to data")

    # Part 6.
    causal = Bool(False, help="Apply the model's mask")

    # Part 7.
    key = Int(0, min=0, help="Key token")
    weight_limit = Float(0.3, min=0.05, max=1.0, help="Colours of A up to").tag(step=0.05)

    # Part 8.
    attention_fit = Bool(False, help="Fit colours to data")

    # Part 9.
    normalisation = Enum(NORMALISATIONS, "matched", help="Scale").tag(
        words=("Matched", "Plain sums", "Each by its own width")
    )
    list_length = Int(4, min=2, max=12, help="Numbers 1 … n")
    cut = Int(2, min=1, max=11, help="Cut after k")

    progress = Unicode(help="Exercises done")
    """As `core.exercises.done.write_done` writes it; what is no exercise is left out."""

    @property
    def settings(self) -> list[str]:
        """The names of all that can be chosen."""
        return [name for name in vars(ViewState) if self.has_trait(name) and name not in self.SHAPE]

    def default(self, name: str) -> Any:
        """Where a setting stands while nobody has chosen another value; some follow the capture."""
        moving = {"text": DEFAULT_TEXT, "model": SHIPPED, "layer": default_layer(self.layer_count)}
        moving["query"] = self.token_count - 1
        return moving.get(name, self.traits()[name].default_value)

    def bounds(self, name: str) -> tuple[Any, Any]:
        """The smallest and the largest value that a numeric trait takes at present, None where it has none."""
        trait: Any = self.traits()[name]
        if name in self.BELOW:
            return trait.min, getattr(self, self.BELOW[name]) - 1
        return trait.min, trait.max

    def fit(self, layers: int, heads: int, tokens: int) -> None:
        """Take the shape of a new capture: what stood at its default stays there, what lies beyond it is clamped."""
        layer, query = self.layer, self.query
        if layer == self.default("layer"):
            layer = default_layer(layers)
        if query == self.default("query"):
            query = tokens - 1
        with self.hold_trait_notifications():
            # The counts first: observers are called in this order, and a control's bound must grow before its value.
            self.layer_count, self.head_count, self.token_count = layers, heads, tokens
            self.layer, self.query = min(layer, layers - 1), min(query, tokens - 1)
            self.head, self.key = min(self.head, heads - 1), min(self.key, tokens - 1)

    @validate(*BELOW)
    def _stay_below(self, proposal: Any) -> int:
        return min(proposal.value, self.bounds(proposal.trait.name)[1])

    @validate("progress")
    def _known_exercises(self, proposal: Any) -> str:
        if not proposal.value:
            return ""
        from core.exercises.done import read_done, write_done  # of use only to who has begun

        return write_done(read_done(proposal.value))

    @observe("list_length", "sizes_to")
    def _pull_below(self, change: Any) -> None:
        for name, upper in self.BELOW.items():
            if upper == change.name:
                setattr(self, name, min(getattr(self, name), change.new - 1))

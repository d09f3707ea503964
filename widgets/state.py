"""What the learner looks at: every setting of the lab as a scalar trait with its bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from traitlets import Bool, Enum, Float, HasTraits, Int, TraitError, TraitType, Unicode, observe, validate

from core.attention.intervention import BadIntervention, read, written
from core.model.catalogue import SHIPPED
from core.model.texts import DEFAULT_TEXT
from core.model.tokens import paired
from core.parts import PARTS
from core.parts.settings import Choice, Line, Real, Setting, Switch, Whole, default_layer

OF_PARTS = tuple(setting for part in PARTS for setting in part.settings)


def trait_of(setting: Setting) -> TraitType[Any, Any]:
    """A part's setting as a trait."""
    match setting:
        case Switch(_, default, label):
            return Bool(default, help=label)
        case Choice():
            return Enum(setting.options, setting.default, help=setting.label).tag(words=setting.words)
        case Whole(_, default, low, high, label):
            return Int(default, min=low, max=high, help=label)
        case Real(_, default, low, high, label, step, logarithmic):
            return Float(default, min=low, max=high, help=label).tag(step=step, logarithmic=logarithmic)
        case Line(_, default, label):
            return Unicode(default, help=label)


class ViewState(HasTraits):
    """What is shared by the parts, and below it the settings of each. Scalars only: all of it fits into a link.

    A trait's `help` is the label of its control; an Enum's `words` tag names its choices on the page. A value
    outside fixed bounds raises TraitError; one that is bounded by another trait (`BELOW`) is clamped, since
    that bound moves with the text and the model.
    """

    BELOW: ClassVar[dict[str, str]] = {
        "layer": "layer_count",
        "head": "head_count",
        "query": "token_count",
        "key": "token_count",
        **{one.name: one.below for one in OF_PARTS if isinstance(one, Whole) and one.below},
    }
    """A trait and the one that it must stay below."""
    SHAPE: ClassVar[tuple[str, ...]] = ("layer_count", "head_count", "token_count")
    """Traits that nobody sets: a capture brings them."""
    OWN: ClassVar[tuple[str, ...]] = ("text", "model", "experiment", "layer", "head", "query", "key")
    """Settings that a pinned view has for itself: it shares all others with the live one."""
    VIEW: ClassVar[tuple[str, ...]] = ("layer", "head", "query", "key", *(setting.name for setting in OF_PARTS))
    """Settings that numbers depend on, beside the text and the model."""

    # What is asked for: setting these runs the model; they fall back to what is on show when that fails.
    text = Unicode(help="Text")
    model = Unicode(help="Model")
    experiment = Unicode(help="Experiment")
    """What is otherwise in the run, as `core.attention.intervention.written` writes it; empty where nothing is."""

    # The shape of the capture on show.
    layer_count = Int(1, min=1)
    head_count = Int(1, min=1)
    token_count = Int(1, min=1)

    # Shared by the parts.
    layer = Int(0, min=0, help="Layer")
    head = Int(0, min=0, help="Head")
    query = Int(0, min=0, help="Query token")
    key = Int(0, min=0, help="Key token")
    theme = Enum(("system", "light", "dark"), "system", help="Light or dark").tag(
        words=("Like the system", "Light", "Dark")
    )
    colormap = Enum(("study", "viridis", "cividis"), "study", help="Colours of maps and layers").tag(
        words=("Study", "Viridis", "Cividis")
    )
    part = Int(1, min=1, max=len(PARTS), help="Part on screen")
    difference = Bool(False, help="Show the difference B − A")
    presenting = Bool(False, help="Presenter mode")
    keys = Bool(True, help="Keys")

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """A setting of a part."""

    vars().update({setting.name: trait_of(setting) for setting in OF_PARTS})

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

    @validate("text", "other_text")
    def _of_whole_characters(self, proposal: Any) -> str:
        return paired(proposal.value)

    @validate("experiment")
    def _known_changes(self, proposal: Any) -> str:
        try:
            return written(read(proposal.value))
        except BadIntervention as error:
            raise TraitError(str(error)) from error

    @validate("progress")
    def _known_exercises(self, proposal: Any) -> str:
        if not proposal.value:
            return ""
        from core.exercises.done import read_done, write_done  # of use only to who has begun

        exercises = [part.exercises for part in PARTS]
        done = read_done(proposal.value, exercises)
        if not done:
            raise TraitError(f"{proposal.value!r} names no exercise")
        return write_done(done, exercises)

    @observe(*(one.below for one in OF_PARTS if isinstance(one, Whole) and one.below))
    def _pull_below(self, change: Any) -> None:
        for name, upper in self.BELOW.items():
            if upper == change.name:
                setattr(self, name, min(getattr(self, name), change.new - 1))

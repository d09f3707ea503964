"""Part 2: the model, the tokens of the text, and where queries, keys and values come from."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from ipywidgets import HTML

from core.model.capture import Capture
from core.model.words import STUDY_SCALE
from core.parts.tokens.numbers import Tokens, tokens
from core.writing import counted, number, percent
from widgets.charts.bars import TokenBars
from widgets.charts.overlay import Laid, choice
from widgets.charts.token_strip import TokenStrip
from widgets.panel.panel import Panel

LETTERS = {"query": "Q", "key": "K", "value": "V"}
MADE_BY = {"q_proj": ("query",), "k_proj": ("key",), "v_proj": ("value",)}
"""Projections that make one of the three; any other makes all, and only GPT-2's is known to be cut in three."""


class TokensPart(Panel):
    name = "tokens"
    title = "Model, tokens, and the Q, K, V activations"
    words = """
        <p>The model reads tokens, not words: pieces of text, each shown with its position and its id. In every
        layer each token becomes a <b class='lab-query'>query</b> (what it looks for), a
        <b class='lab-key'>key</b> (what it is found by) and a <b class='lab-value'>value</b> (what it hands
        over).</p>
        <p><b>Try it:</b> find a word that is cut into several tokens, and choose one: parts 4 and 7 then look
        from there. Run a text of your own: would you have guessed what the model guesses?</p>"""
    drawn_from = ("head",)
    marked_from = ("query",)
    height = 480

    def build(self) -> None:
        self.strip = TokenStrip(label="Tokens of the text: choose the query token").add_class("lab-chips")
        self.strip.observe(lambda change: setattr(self.state, "query", change.new), "chosen")
        self.shapes = HTML().add_class("lab-shapes")
        self.guesses = TokenBars("The model's guesses for the next token", x_label="Probability", height=290)
        self.guesses.widget.add_class("lab-guesses")
        self.row(self.strip)
        self.row(self.shapes, self.guesses)

    def compute(self, capture: Capture, settings: Any, progress: Any) -> Tokens:
        return tokens(capture)

    def draw(self, result: Tokens, settings: Any) -> None:
        self.strip.show(result.token_text, result.token_ids)
        self.shapes.value = facts(result) + shapes(result, settings.head)
        probability = result.next_probability
        self.guesses.draw(result.next_text, probability, texts=[percent(float(share)) for share in probability])

    def lay_prediction(self, place: float) -> list[Laid]:
        return [choice(self.guesses, place)]

    def mark(self, settings: Any) -> None:
        self.strip.chosen = settings.query


PART = TokensPart


def facts(result: Tokens) -> str:
    """The model in a few numbers, as HTML."""
    model = result.model
    values = (
        ("Layers", "L", f"{model.layers}"),
        ("Heads", "H", f"{model.heads}"),
        ("Width", "E", f"{model.embedding:,}"),
        ("Head width", "d", f"{model.head_width}"),
        ("Scale", "√d", number(result.root_width)) if result.scale == STUDY_SCALE else ("Scale", "", result.scale),
        ("Parameters", "", f"{number(model.parameters / 1e6)} M"),
    )
    figures = "".join(f"<div><dt>{name} <i>{sign}</i></dt><dd>{value}</dd></div>" for name, sign, value in values)
    note = ": shipped with the lab, small, not GPT-2" if model.shipped else ""
    return f"<p><b>{escape(model.name)}</b>{note}</p><dl>{figures}</dl><p class='lab-proof'>{proof(result)}</p>"


def proof(result: Tokens) -> str:
    """What came of comparing the weights on show with the model's own."""
    apart = number(result.model.largest_difference)
    return f"Attention recomputed from Q and K: largest difference from the model’s own weights {apart}."


def shapes(result: Tokens, head: int) -> str:
    """From the output of a layer's projections to one head's slice, as coloured bars in HTML."""
    model = result.model
    first, last = head * model.head_width, (head + 1) * model.head_width - 1
    slices = "".join(f"<i{' class=lab-chosen' * (one == head)}></i>" for one in range(model.heads))
    pieces = "".join(
        f"<div class='lab-{name}'><b>{letter}</b> {shape(result.activation_shape)}<span>{slices}</span></div>"
        for name, letter in LETTERS.items()
    )
    return (
        f"<div class='lab-split'>{''.join(projections(result))}"
        f"<p>{cut(result)}</p>"
        f"<div class='lab-pieces'>{pieces}</div>"
        f"<p>Head {head} has columns {first:,} to {last:,} of each: {shape(result.head_shape)}."
        f"{shared_with(result, head)}</p></div>"
    )


def cut(result: Tokens) -> str:
    """How the projections' outputs become the heads' queries, keys and values: no more than is known of the model."""
    model, made = result.model, [made_by(name) for name, _ in result.projection_shapes]
    heads, sharing = counted(model.heads, "head"), model.heads // model.key_value_heads
    if is_cut_in_three(result):
        return f"Cut in three, and each third into {heads}:"
    fused = "It holds all three, in an order of the model's own. " if made == [tuple(LETTERS)] else ""
    if model.key_value_heads == 1 < sharing:
        return f"{fused}Queries are cut into {heads}; one key and value head serves all, and stands here for each:"
    if sharing > 1:
        fewer = f"keys and values into {model.key_value_heads}. Each of these {model.key_value_heads}"
        return f"{fused}Queries are cut into {heads}, {fewer} serves {sharing} heads, and stands here for each:"
    if fused:
        return f"{fused}Taken apart, each has {heads}:"
    if sorted(made) == sorted(MADE_BY.values()):
        return f"Each is cut into {heads}:"
    return f"In every layer attention gets the queries, keys and values of {heads}:"


def shared_with(result: Tokens, head: int) -> str:
    """Which heads have the same keys and values as this one, as a further sentence; none in most models."""
    sharing = result.model.heads // result.model.key_value_heads
    first = head // sharing * sharing
    heads = f"{first} {'and' if sharing == 2 else 'to'} {first + sharing - 1}"
    return f" Heads {heads} share their keys and values." if sharing > 1 else ""


def made_by(projection: str) -> tuple[str, ...]:
    """Which of query, key and value a projection makes."""
    return MADE_BY.get(projection.rsplit(".", 1)[-1], tuple(LETTERS))


def is_cut_in_three(result: Tokens) -> bool:
    """Whether one projection makes equal thirds, queries first, as GPT-2's c_attn does."""
    names = [name.rsplit(".", 1)[-1] for name, _ in result.projection_shapes]
    return names == ["c_attn"] and result.projection_shapes[0][1][2] == 3 * result.activation_shape[1]


def projections(result: Tokens) -> Iterator[str]:
    """One bar for the projection that makes all three at once, or one each, as wide as its output, as HTML."""
    widest = max((output[2] for _, output in result.projection_shapes), default=0)
    for name, output in sorted(result.projection_shapes, key=lambda one: list(LETTERS).index(made_by(one[0])[0])):
        made = made_by(name)
        bars = "".join(f"<i class='lab-{one}'></i>" for one in made)
        mixed = "" if len(made) == 1 or is_cut_in_three(result) else " lab-mixed"
        signs = "(1, T, 3E) = " if output[2] == 3 * result.model.embedding else ""
        yield (
            f"<p><code>{escape(name)}</code> gives {signs}{shape(output)}</p>"
            f"<div class='lab-whole{mixed}' style='width: {output[2] / widest:.1%}'>{'' if mixed else bars}</div>"
        )


def shape(sizes: tuple[int, ...]) -> str:
    return f"({', '.join(str(size) for size in sizes)})"

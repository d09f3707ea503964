"""Text to tokens to one forward pass to a Capture: query, key and value activations of every layer.

Importing this module, and looking at a stored Capture, needs no torch.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from core.activations import Activations
from core.tokens import tokenise, visible_tokens

if TYPE_CHECKING:
    from core.models import LoadedModel

GUESSES = 5
LONGEST = 1024
"""Tokens run at most, whatever the model: GPT-2's positions; T × T maps of more would not fit a laptop."""


class Projection(NamedTuple):
    """One module of a layer that makes queries, keys or values; its output has the shape (1, T, width)."""

    name: str
    width: int


@dataclass(frozen=True)
class ModelFacts:
    """What part 2 says of a model. `embedding` is E, `head_width` is d; E = heads · d in GPT-2."""

    name: str
    revision: str
    """The commit on the hub, or `sha256:` and the first 12 digits of the weight file's hash for a folder."""
    shipped: bool
    family: str
    layers: int
    heads: int
    key_value_heads: int
    embedding: int
    head_width: int
    parameters: int
    positions: int
    """Positions that the model was built for, or LONGEST where it knows no bound."""
    vocabulary: int
    projections: tuple[Projection, ...]
    """GPT-2: one, (`transformer.h[i].attn.c_attn`, 3E), split into Q, K, V; other families: one or three."""
    largest_difference: float
    """Between weights recomputed from Q and K and the model's own, see `core.proof`."""


@dataclass(frozen=True, kw_only=True)
class Capture(Activations):
    """The activations of one text in one model."""

    model: ModelFacts
    text: str
    token_ids: Int[ndarray, " token"]
    token_text: tuple[str, ...]
    """The tokens in visible form, see `core.tokens.visible_tokens`."""
    text_tokens: int
    """Tokens that the whole text has: more than `tokens` when it was cut."""
    next_ids: Int[ndarray, " guess"]
    next_text: tuple[str, ...]
    next_probability: Float[ndarray, " guess"]
    """The model's most probable next tokens after the last one, in falling order."""


class NoText(ValueError):
    """There is no text that could be run; the message asks for one."""

    def __init__(self, message: str = "There is no text yet: type a few words and run it again."):
        super().__init__(message)


def capture(loaded: LoadedModel, text: str) -> Capture:
    """Run the model once on the text, cut at the model's positions (and at LONGEST tokens).

    Keys and values that several heads share (grouped-query attention) are repeated, so that every head has
    its own. The language-model head is run for the last position only. Raises NoText for a blank text.
    """
    if not text.strip():
        raise NoText
    token_ids = tokenise(loaded.tokenizer, text)
    if not len(token_ids):
        raise NoText("The tokenizer finds no token in this text: type a few words and run it again.")
    shown = token_ids[: min(loaded.facts.positions, LONGEST)]
    refuse_beyond(loaded, shown)

    from core.recording import forward

    recorded = forward(loaded.model, shown, loaded.facts.layers, GUESSES)
    seen = recorded.activations
    if not all_numbers(seen.query, seen.key, seen.value, recorded.next_probability):
        raise NoText(
            f"With this text {loaded.facts.name} comes to numbers beyond what float32 can hold: "
            "try another text or another model."
        )
    return Capture(
        **vars(seen),
        model=loaded.facts,
        text=text,
        token_ids=shown,
        token_text=visible_tokens(loaded.tokenizer, shown),
        text_tokens=len(token_ids),
        next_ids=recorded.next_ids,
        next_text=visible_tokens(loaded.tokenizer, recorded.next_ids),
        next_probability=recorded.next_probability,
    )


def refuse_beyond(loaded: LoadedModel, token_ids: Int[ndarray, " token"]) -> None:
    """Raises NoText for a token that was added to the tokenizer and not to the model."""
    beyond = token_ids[token_ids >= loaded.facts.vocabulary]
    if len(beyond):
        raise NoText(
            f"{loaded.facts.name} has no embedding for “{visible_tokens(loaded.tokenizer, beyond)[0]}”, which was only "
            "added to its tokenizer: take it out of the text and run it again."
        )


def all_numbers(*arrays: Float[ndarray, "..."]) -> bool:
    """Whether there is no NaN and no infinity in any of them."""
    return all(bool(np.isfinite(array).all()) for array in arrays)


ARRAYS = (
    *("token_ids", "query", "key", "value", "scale", "softcap", "masks", "mask_of_layer"),
    *("next_ids", "next_probability"),
)


def write_capture(capture: Capture, path: Path) -> None:
    """Store a capture as .npz: its arrays by name, and everything else as JSON in the array `words`."""
    words = {
        "model": asdict(capture.model),
        "text": capture.text,
        "token_text": capture.token_text,
        "text_tokens": capture.text_tokens,
        "next_text": capture.next_text,
    }
    # ASCII JSON keeps lone surrogates, which UTF-8 cannot.
    encoded = np.frombuffer(json.dumps(words).encode("ascii"), dtype=np.uint8)
    np.savez(path, allow_pickle=False, words=encoded, **{name: getattr(capture, name) for name in ARRAYS})


def read_capture(path: Path) -> Capture:
    """Read what `write_capture` stored. Raises OSError, KeyError or ValueError for anything else."""
    with np.load(path, allow_pickle=False) as stored:
        words = json.loads(stored["words"].tobytes())
        arrays = {name: stored[name] for name in ARRAYS}
    model = words["model"]
    model["projections"] = tuple(Projection(*projection) for projection in model["projections"])
    return Capture(
        heads=model["heads"],
        model=ModelFacts(**model),
        text=words["text"],
        token_text=tuple(words["token_text"]),
        text_tokens=words["text_tokens"],
        next_text=tuple(words["next_text"]),
        **arrays,
    )

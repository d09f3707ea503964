"""Text to tokens to one forward pass to a Capture: query, key and value activations of every layer.

Importing this module, and looking at a stored Capture, needs no torch.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from core.attention.activations import Activations
from core.attention.intervention import UNCHANGED, Intervention, check
from core.model.facts import LONGEST, LoadedModel, ModelFacts, Projection
from core.model.tokens import paired, tokenise, visible_tokens

GUESSES = 5


@dataclass(frozen=True, kw_only=True)
class Capture(Activations):
    """The activations of one text in one model."""

    model: ModelFacts
    text: str
    token_ids: Int[ndarray, " token"]
    token_text: tuple[str, ...]
    """The tokens in visible form, see `core.model.tokens.visible_tokens`."""
    text_tokens: int
    """Tokens that the whole text has: more than `tokens` when it was cut."""
    next_ids: Int[ndarray, " guess"]
    next_text: tuple[str, ...]
    next_probability: Float[ndarray, " guess"]
    """The model's most probable next tokens after the last one, in falling order."""
    intervention: Intervention = UNCHANGED
    """What was otherwise in this run. Scores and masks are as it made them in whole layers; where it changed those of
    some heads or queries, or weights, they are as the model alone makes them of these queries and keys."""


class NoText(ValueError):
    """There is no text that could be run; the message asks for one."""

    def __init__(self, message: str = "There is no text yet: type a few words and run it again."):
        super().__init__(message)


def capture(loaded: LoadedModel, text: str, intervention: Intervention = UNCHANGED) -> Capture:
    """Run the model once on the text, cut at the model's positions (and at LONGEST tokens).

    Keys and values that several heads share (grouped-query attention) are repeated, so that every head has
    its own. The language-model head is run for the last position only. Raises NoText for a blank text, and
    BadIntervention for one that this run has no place for.
    """
    if not text.strip():
        raise NoText
    text = paired(text)
    token_ids = tokenise(loaded.tokenizer, text)
    if not len(token_ids):
        raise NoText("The tokenizer finds no token in this text: type a few words and run it again.")
    shown = token_ids[: min(loaded.facts.positions, LONGEST)]
    refuse_beyond(loaded, shown)
    check(intervention, loaded.facts.layers, loaded.facts.heads, len(shown))

    from core.model.recording import forward  # imports torch

    recorded = forward(loaded.model, shown, loaded.facts.layers, GUESSES, intervention)
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
        intervention=intervention,
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
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
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

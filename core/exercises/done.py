"""Which exercises are done: as a set of ids, and as the short string that a link holds.

`1.product.root~7.mask` names the exercises 1-product, 1-root and 7-mask.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from core.exercises.exercises import Exercises


def read_done(text: str, parts: Iterable[Exercises]) -> frozenset[str]:
    """The ids that a string names; what is no exercise of these parts is left out. Never raises."""
    known = {one for exercises in parts for one in exercises.ids}
    pieces = (piece.split(".") for piece in text.split("~"))
    return frozenset(f"{part}-{name}" for part, *names in pieces for name in names) & known


def write_done(done: Collection[str], parts: Iterable[Exercises]) -> str:
    """The string that names these exercises; always the same for the same ones."""
    found = ((of.part, [one.partition("-")[2] for one in of.ids if one in done]) for of in parts)
    return "~".join(".".join([str(part), *names]) for part, names in found if names)

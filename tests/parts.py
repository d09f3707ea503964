"""The numbers of the parts, from the list."""

from core.parts import PARTS

NUMBERS = tuple(part.number for part in PARTS)

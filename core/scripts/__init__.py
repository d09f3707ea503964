"""Whole programs, one for each set of charts, that work the charts' numbers out again without the lab."""

from core.scripts.compose import PROGRAMS, program, words_of

__all__ = ["PROGRAMS", "program", "words_of"]

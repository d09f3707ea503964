"""Whole programs, one for each set of charts, that work the charts' numbers out again without the lab."""

from core.scripts.compose import PROGRAMS, program, words_of
from core.scripts.two_views import DIFFERENCES, View, difference_program

__all__ = ["DIFFERENCES", "PROGRAMS", "View", "difference_program", "program", "words_of"]

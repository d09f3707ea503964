"""Fill-the-gap exercises: every step of the study as a line of code with a gap, by part.

    verdict = check(GAPS["3-head"], "Q[:, h * d : (h + 1) * d]")

Answers are evaluated by core.expressions, never run.
"""

from core.exercises.checking import GAPS, TOPICS, check, gaps_of, given_words
from core.exercises.gap import BLANK, Gap
from core.exercises.judge import Verdict

__all__ = ["BLANK", "GAPS", "TOPICS", "Gap", "Verdict", "check", "gaps_of", "given_words"]

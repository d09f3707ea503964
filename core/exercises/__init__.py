"""What a gap, a prediction and a task are, how answers are judged, and what is done.

    verdict = check(GAPS["3-head"], "Q[:, h * d : (h + 1) * d]")

Answers are evaluated by core.expressions, never run.
"""

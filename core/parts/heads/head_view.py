"""Part 3, one head as lines: which tokens of a long text are shown."""

from __future__ import annotations


def around(query: int, tokens: int, most: int) -> range:
    """At most so many tokens of a text that end with the query, or begin the text where it comes early.

    A head looks back, so what comes before the query says more than what comes after it.
    """
    stop = min(tokens, max(query + 1, most))
    return range(max(0, stop - most), stop)

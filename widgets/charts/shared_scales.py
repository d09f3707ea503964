"""Two charts of the same kind on the same scales, so that their pictures can be compared."""

from __future__ import annotations

Limits = tuple[float, float]


class SharedScales:
    """What a drawing needs of its scales, by name ("x", "y", "color"), agreed with one other chart.

    On a scale that both need, both show all that either needs. Ticks of one's own (layers, tokens) are not
    for sharing: such an axis is given its limits by `take` alone.
    """

    def __init__(self) -> None:
        self._needs: dict[str, Limits] = {}
        self._shown: dict[str, Limits] = {}
        self._other: SharedScales | None = None

    def share_scales(self, other: SharedScales | None) -> None:
        """Agree with another chart from now on; with None, with nobody."""
        before, self._other = self._other, other
        if before is not None:
            before._other = None
        if other is not None:
            other._other = self
        for chart in filter(None, (before, self, other)):
            for name, limits in list(chart._needs.items()):
                chart.need(name, limits)

    def need(self, name: str, limits: Limits) -> None:
        """Show these limits on a scale, and with them what the other chart needs there."""
        self._needs[name] = limits
        charts = [chart for chart in (self, self._other) if chart is not None and name in chart._needs]
        lows, highs = zip(*(chart._needs[name] for chart in charts), strict=True)
        for chart in charts:
            chart.take(name, (min(lows), max(highs)))

    def take(self, name: str, limits: Limits) -> None:
        """Show these limits on a scale, unless they are shown already."""
        raise NotImplementedError

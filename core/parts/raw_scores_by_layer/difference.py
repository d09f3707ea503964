"""Part 5, B − A, on its own bins."""

from __future__ import annotations

from core.parts.difference import Chart, DensityDifference, Difference, Side, subtract
from core.progress import Progress


def raw_scores_by_layer(a: Side, b: Side, progress: Progress) -> DensityDifference:
    """Layer by layer, and of the means over layers, which can be compared whatever the numbers of layers are."""
    layers = (len(a.shown.within.density), len(b.shown.within.density))
    alike = layers[0] == layers[1]
    edges = a.shown.within.edges
    rows = {name: subtract(getattr(a.shown, name), getattr(b.shown, name)) for name in ("within", "across") if alike}
    means = {
        name: Difference(edges, getattr(a.shown, f"{name}_mean"), getattr(b.shown, f"{name}_mean"))
        for name in ("within", "across")
    }
    maps = (
        Chart(f"part5a-{name}-difference", f"{name.capitalize()} heads: B − A", {name: rows[name]} if alike else {})
        for name in ("within", "across")
    )
    remark = "" if alike else (
        f"A has {layers[0]} layers and B has {layers[1]}, so no row of A belongs to a row of B: only their means over "
        "the layers are subtracted."
    )
    told = rows if alike else means
    return DensityDifference(
        (*maps, Chart("part5b-difference", "Mean over the layers: B − A", means)),
        {"the scores within heads": told["within"], "those across heads": told["across"]},
        remark,
    )


DIFFERENCES = {"raw_scores_by_layer": raw_scores_by_layer}

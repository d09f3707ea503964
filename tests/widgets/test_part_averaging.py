"""Part 9: two ways to average over heads, and the arithmetic behind it."""

import numpy as np
import pytest
from bqplot import Lines

from core.parts.averaging.numbers import averaging
from tests.captures import random_capture
from tests.widgets.panels import dots_of, line_of, on_screen, weighed, words_of

CAPTURE = random_capture(3, 4, 10, 6)


@pytest.fixture
def part():
    return on_screen("averaging", CAPTURE)


@pytest.fixture
def means():
    return on_screen("group_means", CAPTURE)


@pytest.mark.parametrize(("normalisation", "slope"), [("matched", "1"), ("plain", "0.25"), ("own_width", "0.5")])
def test_points_differences_and_slope(part, normalisation: str, slope: str) -> None:
    part.state.layer, part.state.normalisation = 2, normalisation
    result = averaging(CAPTURE, 2, normalisation)
    x, y = dots_of(part.scatter.points, 0)
    np.testing.assert_array_equal(x, result.all_heads.ravel())
    np.testing.assert_array_equal(y, result.per_head_mean.ravel())
    index, difference = dots_of(part.differences.points, 0)
    np.testing.assert_array_equal(index, range(100))
    np.testing.assert_array_equal(difference, result.difference.ravel())
    assert part.scatter.remark.text.tolist() == [f"Slope {slope}"]
    assert part.scatter.note == ""


def test_many_points_are_a_sample_and_the_part_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    part = on_screen("averaging", random_capture(8, 16, 105, 64))
    with weighed(monkeypatch) as sent:
        part.state.layer = 6
    assert sum(sent) <= 60_000
    assert len(dots_of(part.scatter.points, 0)[0]) == 2_000
    assert words_of(part._numbers).count("Points drawn: 2,000 of 11,025 pairs of tokens.") == 1


def test_a_single_token_is_one_point() -> None:
    part = on_screen("averaging", random_capture(1, 2, 1, 4))
    assert len(set(zip(*dots_of(part.scatter.points, 0), strict=True))) == 1
    assert words_of(part._numbers)


@pytest.mark.parametrize(("count", "cut"), [(4, 2), (5, 1), (12, 11)])
def test_columns_levels_and_sums_show_the_means(means, count: int, cut: int) -> None:
    means.state.list_length, means.state.cut = count, cut
    numbers = list(range(1, count + 1))
    for row, group in enumerate((numbers[:cut], numbers[cut:])):
        x, y = (points[: 5 * len(group)].reshape(-1, 5) for points in line_of(means.columns.columns, row))
        assert (x.min(axis=1) + x.max(axis=1)).tolist() == pytest.approx([2 * one - 1 for one in group])
        assert (y.min(axis=1).tolist(), y.max(axis=1).tolist()) == ([0] * len(group), group)
    groups = [float(np.mean(group)) for group in (numbers[:cut], numbers[cut:])]
    of_means, overall = float(np.mean(groups)), float(np.mean(numbers))
    assert [strokes_of(mark) for mark in means.columns.levels] == [
        [(0, cut, pytest.approx(groups[0])), (cut, count, pytest.approx(groups[1]))],
        [(0, count, pytest.approx(overall))],
        [(0, count, pytest.approx(of_means))],
    ]
    shown = {"lab-first": groups[0], "lab-second": groups[1], "lab-of-means": of_means, "lab-overall": overall}
    for kind, mean in shown.items():
        row = means.sums.value.split(f"<tr class='{kind}'>")[1].split("= ")[1]
        assert float(row.split("<")[0]) == pytest.approx(mean, rel=0.01)
    assert [entry.text[0] for entry, _ in means.columns._legend] == ["━━ Each group", "━━ All", "╍╍ The two means"]
    assert list(means.columns.x_axis.tick_labels.values()) == [str(one) for one in numbers]


def strokes_of(mark: Lines) -> list[tuple[float, float, float]]:
    """Left end, right end and height of each level stroke of a mark."""
    x, y = line_of(mark)
    return [(*sorted(ends), height) for ends, height in zip(x.reshape(-1, 2).tolist(), y[::2].tolist(), strict=True)]


def test_group_means_follow_no_text(means, monkeypatch: pytest.MonkeyPatch) -> None:
    with weighed(monkeypatch) as sent:
        means.state.layer = 2
    assert sum(sent) < 500
    assert "mean of 1 … 4 is 2.5" in words_of(means._numbers)

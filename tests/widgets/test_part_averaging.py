"""Part 9: two ways to average over heads, and the arithmetic behind it."""

import numpy as np
import pytest

from core.study import averaging
from tests.captures import random_capture
from tests.widgets.panels import dots_of, on_screen, weighed, words_of

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
def test_columns_lines_and_sums_show_the_means(means, count: int, cut: int) -> None:
    means.state.list_length, means.state.cut = count, cut
    numbers = list(range(1, count + 1))
    first, second = numbers[:cut], numbers[cut:]
    assert means.picture.value.count("class='lab-first' style='height") == cut
    assert means.picture.value.count("class='lab-second' style='height") == count - cut
    both = (np.mean(first), np.mean(second))
    expected = {
        "lab-first": both[0],
        "lab-second": both[1],
        "lab-of-means": np.mean(both),
        "lab-overall": np.mean(numbers),
    }
    for kind, mean in expected.items():
        line = means.picture.value.split(f"<hr class='{kind}' style='bottom: ")[1]
        assert float(line.split("%")[0]) == pytest.approx(100 * mean / count, abs=1e-3)
        row = means.sums.value.split(f"<tr class='{kind}'>")[1].split("= ")[1]
        assert float(row.split("<")[0]) == pytest.approx(mean, rel=0.01)


def test_group_means_follow_no_text(means, monkeypatch: pytest.MonkeyPatch) -> None:
    with weighed(monkeypatch) as sent:
        means.state.layer = 2
    assert sum(sent) < 500
    assert "mean of 1 … 4 is 2.5" in words_of(means._numbers)

"""Part 4: raw scores in one layer, within and across heads."""

from dataclasses import replace

import numpy as np
import pytest

from core.parts.raw_scores.numbers import raw_score_samples
from tests.captures import random_capture
from tests.widgets.panels import dots_of, line_of, on_screen, weighed, words_of

CAPTURE = random_capture(3, 2, 9, 8)


@pytest.fixture
def part():
    return on_screen("raw_scores", CAPTURE)


def test_points_violins_and_densities_are_the_two_samples(part) -> None:
    part.state.layer = 2
    expected = raw_score_samples(CAPTURE, 2)
    for row, (sample, density) in enumerate(
        ((expected.within, expected.within_density), (expected.across, expected.across_density))
    ):
        x, y = dots_of(part.scores.points, row)
        np.testing.assert_allclose(y, sample.values, rtol=1e-6)
        np.testing.assert_allclose(x, row + sample.jitter, rtol=1e-6)
        assert line_of(part.scores.outlines[row])[1].min() == pytest.approx(sample.values.min())
        at, heights = line_of(part.densities.lines[row])
        np.testing.assert_allclose(at, density.centres, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(heights, density.density, rtol=1e-5)


def test_a_shorter_sample_draws_no_point_too_many() -> None:
    part = on_screen("raw_scores", random_capture(2, 4, 7, 8))
    assert [len(dots_of(part.scores.points, row)[1]) for row in (0, 1)] == [4 * 5, 4 * 3 * 5]


def test_query_and_first_token_are_followed(part) -> None:
    assert len(dots_of(part.scores.points, 0)[1]) == 2 * 7
    part.state.query = 5
    assert len(dots_of(part.scores.points, 0)[1]) == 2 * 4
    part.state.skip_first = False
    expected = raw_score_samples(CAPTURE, part.state.layer, 5, leave_out_first=False)
    np.testing.assert_allclose(dots_of(part.scores.points, 0)[1], expected.within.values, rtol=1e-6)
    assert "token 5" in words_of(part.summary)
    assert "tokens 0 … 4" in words_of(part.summary)
    part.state.query = 1
    assert "the key of token 0" in words_of(part.summary)


def test_summary_stands_beside_the_charts(part) -> None:
    within = raw_score_samples(CAPTURE, part.state.layer).within.summary
    cells = words_of(part.summary).split()
    for cell in (str(within.n), f"{within.mean:.3g}".replace("-", "−"), f"{within.sd:.3g}"):
        assert cell in cells


def test_token_of_the_learners_cannot_become_a_tag() -> None:
    text = (*CAPTURE.token_text[:-1], "<img src=x onerror=alert(1)>")
    part = on_screen("raw_scores", replace(CAPTURE, token_text=text))
    assert "<img" not in part.summary.value
    assert "<img src=x" in words_of(part.summary)


def test_a_text_too_short_says_so_and_a_later_token_draws_again(part) -> None:
    part.state.query = 1
    assert "token before it" in words_of(part._notice)
    part.state.query = 8
    assert words_of(part._notice) == ""
    assert len(dots_of(part.scores.points, 0)[1]) == 2 * 7


def test_two_tokens_have_no_values() -> None:
    part = on_screen("raw_scores", random_capture(2, 2, 2, 8))
    assert "choose a later token or a longer text" in words_of(part._notice)


def test_one_head_has_nothing_across_heads() -> None:
    part = on_screen("raw_scores", random_capture(2, 1, 6, 8))
    assert words_of(part.summary).split().count("–") == 3
    assert "one head" in words_of(part._numbers)


def test_capped_bins_and_sampled_points_are_said() -> None:
    outlier = CAPTURE.key.copy()
    outlier[:, 4] *= 1e5
    part = on_screen("raw_scores", replace(CAPTURE, key=outlier))
    assert "1,000" in words_of(part._numbers)
    assert "Points drawn" not in words_of(part._numbers)
    many = on_screen("raw_scores", random_capture(1, 8, 60, 4))
    assert f"2,000 of {8 * 7 * 58:,}" in words_of(many._numbers)
    assert "asks for more" not in words_of(many._numbers)


def test_another_layer_or_query_sends_little(monkeypatch: pytest.MonkeyPatch) -> None:
    part = on_screen("raw_scores", random_capture(24, 16, 105, 64))
    with weighed(monkeypatch) as sent:
        part.state.layer = 7
    assert 10_000 < sum(sent) <= 60_000
    with weighed(monkeypatch) as sent:
        part.state.query = 90
    assert 10_000 < sum(sent) <= 60_000

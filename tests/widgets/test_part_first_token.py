"""Part 4, the first token: the map of its share, and the scores of one query in every head."""

import numpy as np
import pytest

from core.parts.raw_scores.first_token import first_token
from tests.captures import random_capture
from tests.widgets.panels import dots_of, line_of, on_screen, words_of

CAPTURE = random_capture(3, 4, 9, 6, spread=2)


@pytest.fixture
def part():
    return on_screen("first_token", CAPTURE)


def test_points_and_bars_are_the_scores_of_every_head(part) -> None:
    part.state.layer, part.state.query = 2, 6
    shown = first_token(CAPTURE, 2, 6)
    for row, scores in enumerate((shown.scores[:, 1:].mean(axis=1), shown.scores[:, 0])):
        heads, y = dots_of(part.scores.points, row)
        np.testing.assert_array_equal(heads, range(4))
        np.testing.assert_allclose(y, scores, rtol=1e-6)
    ends = dots_of(part.scores.bars, 0)[1]
    np.testing.assert_allclose((ends.min(), ends.max()), (shown.others.min(), shown.others.max()), rtol=1e-6)


def test_a_click_chooses_layer_and_head(part) -> None:
    part.map._callbacks["click"][0]((3.0, 1.0))
    assert (part.state.layer, part.state.head) == (1, 3)
    np.testing.assert_array_equal(line_of(part.scores.mark)[0], [3, 3])


def test_the_share_is_worked_out_once_a_text(part, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("widgets.parts.first_token.first_share", None)
    part.state.layer, part.state.query = 1, 4
    assert "Layer 1, query of token 4" in words_of(part._numbers)


def test_the_first_query_tokens_have_nothing_to_compare(part) -> None:
    for query in (1, 0):
        part.state.query = query
        assert f"The query of token {query} has no other key" in words_of(part._numbers)
        assert not len(dots_of(part.scores.points, 0)[0])


def test_a_text_of_one_token_says_so() -> None:
    assert "run a longer text" in words_of(on_screen("first_token", random_capture(2, 2, 1, 4))._notice)

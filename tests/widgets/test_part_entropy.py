"""Part 10: the entropy of every head's attention."""

import numpy as np
import pytest

from core.parts.entropy.numbers import attention_entropy
from tests.captures import random_capture
from tests.widgets.panels import line_of, on_screen, weighed
from widgets.charts.picture import LEVELS

CAPTURE = random_capture(5, 3, 12, 8, spread=1.5)


@pytest.fixture
def part():
    return on_screen("entropy", CAPTURE)


def test_map_and_line_show_every_head_and_their_mean_from_0_to_1(part) -> None:
    result = attention_entropy(CAPTURE)
    np.testing.assert_allclose(part.map._drawn.cells, result.entropy * (LEVELS - 1), atol=0.51)
    np.testing.assert_allclose(line_of(part.line.lines[0])[1], result.by_layer, atol=1e-6)
    assert (part.line.y_scale.min, part.line.y_scale.max) == (0, 1)


def test_a_click_chooses_the_layer_and_the_head(part) -> None:
    part.map._pointed(None, {"event": "click", "domain": {"x": 1.9, "y": 4.2}}, None)
    assert (part.state.layer, part.state.head) == (4, 2)
    assert part.map.pointer.y.tolist() == [4]


def test_a_layer_change_sends_nothing_but_the_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    part = on_screen("entropy", random_capture(24, 4, 105, 16))
    with weighed(monkeypatch) as sent:
        part.state.layer = 7
    assert 0 < sum(sent) < 3_000


def test_one_token_says_why_there_is_nothing() -> None:
    part = on_screen("entropy", random_capture(3, 2, 1, 8))
    assert "run a longer text" in part.notice

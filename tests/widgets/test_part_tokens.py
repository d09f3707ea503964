"""Part 2: the model, the tokens, and the shapes of queries, keys and values."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.model.capture import capture
from core.model.loading import load
from tests.captures import random_capture
from tests.families import tiny_config
from tests.tiny_models import store
from tests.widgets.panels import on_screen, weighed, words_of

CAPTURE = random_capture(3, 4, 7, 6)


@pytest.fixture
def part():
    return on_screen("tokens", CAPTURE)


def test_chips_carry_every_token_with_its_id(part) -> None:
    assert part.strip.tokens == list(CAPTURE.token_text)
    assert part.strip.ids == CAPTURE.token_ids.tolist()


def test_the_chosen_token_is_the_query_of_all_parts(part) -> None:
    assert part.strip.chosen == part.state.query == 6
    part.strip.chosen = 2
    assert part.state.query == 2
    part.state.query = 4
    assert part.strip.chosen == 4


def test_guesses_are_bars_with_their_probability_in_words(part) -> None:
    x, y = np.asarray(part.guesses.values.x), np.asarray(part.guesses.values.y)
    np.testing.assert_array_equal(x, CAPTURE.next_probability)
    np.testing.assert_array_equal(y, range(5))
    assert part.guesses.values.text.tolist() == ["50 %", "20 %", "10 %", "5 %", "1 %"]
    assert part.guesses.y_axis.tick_labels == dict(zip("01234", CAPTURE.next_text, strict=True))


def test_shapes_are_those_of_the_model_and_the_text(part) -> None:
    words = words_of(part.shapes)
    assert "c_attn gives (1, T, 3E) = (1, 7, 72)" in words
    for letter in "QKV":
        assert f"{letter} (7, 24)" in words
    for sign, value in zip("LHEd", (3, 4, 24, 6), strict=True):
        assert words.split(f" {sign} ")[1].split()[0] == str(value)
    assert words.split("√d ")[1].split()[0] == f"{np.sqrt(6):.3g}"
    assert f"{CAPTURE.model.parameters / 1e6:.3g} M" in words


def test_the_chosen_heads_slice_is_named_and_lit(part) -> None:
    part.state.head = 2
    assert "Head 2 has columns 12 to 17 of each: (7, 6)." in words_of(part.shapes)
    lit = "<i></i><i></i><i class=lab-chosen></i><i></i>"
    assert part.shapes.value.count(lit) == 3


BARS = {kind: f"<i class='lab-{kind}'></i>" for kind in ("query", "key", "value")}
HOW = [
    # family, its settings, projections with their widths, what is said of them, and of head 1
    ("gpt2", {}, {"c_attn": 96}, "Cut in three, and each third into 4 heads:", ""),
    ("llama", {"num_key_value_heads": 4}, dict(q_proj=32, k_proj=32, v_proj=32), "Each is cut into 4 heads:", ""),
    (
        "llama",
        {"num_key_value_heads": 2},
        dict(q_proj=32, k_proj=16, v_proj=16),
        "Queries are cut into 4 heads, keys and values into 2. "
        "Each of these 2 serves 2 heads, and stands here for each:",
        "Heads 0 and 1 share their keys and values.",
    ),
    ("opt", {}, dict(q_proj=32, k_proj=32, v_proj=32), "Each is cut into 4 heads:", ""),
    (
        "gpt_neox",
        {},
        {"query_key_value": 96},
        "It holds all three, in an order of the model's own. Taken apart, each has 4 heads:",
        "",
    ),
    (
        "phi3",
        {"num_key_value_heads": 2},
        {"qkv_proj": 64},
        "It holds all three, in an order of the model's own. Queries are cut into 4 heads, keys and values into 2. "
        "Each of these 2 serves 2 heads, and stands here for each:",
        "Heads 0 and 1 share their keys and values.",
    ),
    (
        "gpt_bigcode",
        {},
        {"c_attn": 48},
        "It holds all three, in an order of the model's own. Queries are cut into 4 heads; one key and value head "
        "serves all, and stands here for each:",
        "Heads 0 to 3 share their keys and values.",
    ),
    ("deepseek_v3", {}, {}, "In every layer attention gets the queries, keys and values of 4 heads:", ""),
]


@pytest.mark.parametrize(
    ("family", "settings", "made", "how", "shared"), HOW, ids=[f"{one[0]} {one[1]}" for one in HOW]
)
def test_words_are_those_of_the_familys_own_projections(
    tmp_path: Path, family: str, settings: dict[str, int], made: dict[str, int], how: str, shared: str
) -> None:
    loaded = load(str(store(tiny_config(family, **settings), tmp_path / "model")))
    part = on_screen("tokens", capture(loaded, "the cat sat"))
    part.state.head = 1
    words = words_of(part.shapes)
    said = re.findall(r"(\w+) gives (?:\(1, T, 3E\) = )?\(1, \d+, (\d+)\)", words)
    assert {name: int(width) for name, width in said} == made
    assert how in words
    assert f"Head 1 has columns 8 to 15 of each: ({len(part.strip.tokens)}, 8). {shared}".strip() in words
    assert ("share" in words) == bool(shared)
    bars = re.findall(r"<div class='(lab-whole[^']*)' style='width: ([\d.]+)%'>(.*?)</div>", part.shapes.value)
    if how.startswith("Cut in three"):
        assert bars == [("lab-whole", "100.0", "".join(BARS.values()))]
    elif "It holds all three" in how:
        assert bars == [("lab-whole lab-mixed", "100.0", "")]
    else:
        widest = max(made.values(), default=0)
        assert bars == [
            ("lab-whole", f"{100 * width / widest:.1f}", bar)
            for width, bar in zip(made.values(), BARS.values(), strict=False)
        ]


def test_only_the_model_that_ships_is_called_so(part) -> None:
    assert "not GPT-2" not in words_of(part.shapes)
    shipped = on_screen("tokens", replace(CAPTURE, model=replace(CAPTURE.model, shipped=True)))
    assert "shipped with the lab, small, not GPT-2" in words_of(shipped.shapes)


def test_what_the_model_is_called_is_text() -> None:
    model = replace(CAPTURE.model, name="<img src=x onerror=alert(1)>")
    part = on_screen("tokens", replace(CAPTURE, model=model))
    assert "<img" not in part.shapes.value
    assert "<img src=x onerror=alert(1)>" in words_of(part.shapes)


def test_another_query_sends_only_itself(part, monkeypatch: pytest.MonkeyPatch) -> None:
    with weighed(monkeypatch) as sent:
        part.state.query = 1
    assert 0 < sum(sent) < 1_000


def test_a_single_token_is_shown() -> None:
    part = on_screen("tokens", random_capture(1, 1, 1, 4))
    assert part.strip.tokens == ["␣0"]
    assert "1 token " in words_of(part._numbers)

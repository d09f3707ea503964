"""Exports of three texts against the plain loops, on the model that ships and on random GPT-2s of other shapes."""

from __future__ import annotations

import numpy as np
import pytest

from core.__main__ import main
from core.model.capture import capture
from core.model.catalogue import SHIPPED
from core.model.loading import load
from core.model.texts import DEFAULT_TEXT
from core.parts.settings import default_layer
from tests import reference
from tests.parity import assert_same_study
from tests.tiny_models import gpt2_config, store

MODELS = {
    "shipped": None,
    "3 layers, 4 heads of 8": gpt2_config(),
    "2 layers, 1 head of 7": gpt2_config(layers=2, heads=1, embedding=7),
    "1 layer, 5 heads of 1": gpt2_config(layers=1, heads=5, embedding=5),
}
TEXTS = {"default": DEFAULT_TEXT, "two tokens": "a~", "longer than the positions": DEFAULT_TEXT * 3}
# All but the shipped model's 256 positions: plain loops need half a minute for them, and every model is cut alike.
LONGEST = ("shipped", "longer than the positions")
CASES = [(model, kind) for model in MODELS for kind in TEXTS if (model, kind) != LONGEST]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_export_matches_the_loops(name, kind, tmp_path):
    model = SHIPPED if MODELS[name] is None else str(store(MODELS[name], tmp_path / "random"))
    (tmp_path / "text.txt").write_text(TEXTS[kind], encoding="utf-8")
    asked = ["--model", model, "--text-file", str(tmp_path / "text.txt"), "--out", str(tmp_path / "out")]
    assert main([*asked, "--mask-size", "6"]) == 0

    recorded = capture(load(model), TEXTS[kind])
    if kind == "two tokens":
        assert recorded.tokens == 2
    if kind == "longer than the positions":
        assert recorded.text_tokens > recorded.tokens == recorded.model.positions
    with np.load(tmp_path / "out" / "study.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored}
    assert_same_study(arrays, reference.study(recorded, default_layer(recorded.layers), mask_size=6))

"""A model's files change under a running kernel: what is shown is of the files that are there."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from core.model.capture import capture
from core.model.loading import load
from core.model.texts import SAMPLES
from tests.captures import random_capture
from tests.tiny_models import gpt2_config, store
from widgets.runner import Runner
from widgets.state import ViewState


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAB_MODEL", str(tmp_path / "tiny"))
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "captures"))
    return store(gpt2_config(), tmp_path / "tiny")


def running(text: str) -> Runner:
    """A runner with a text on show, on the folder."""
    runner = Runner(ViewState())
    runner.show(random_capture(layers=2, heads=2, tokens=4, width=4))
    with runner.state.hold_trait_notifications():
        runner.state.text, runner.state.model = text, "tiny"
    assert runner.message == ""
    return runner


@pytest.mark.parametrize("text", ["the cat sat", SAMPLES[-1].text])
def test_run_on_the_same_text_shows_weights_that_were_overwritten_in_place(folder: Path, text: str) -> None:
    runner = running(text)
    before = runner.capture
    store(gpt2_config(), folder, seed=1)
    runner.run()
    after = runner.capture
    assert before is not None
    assert after is not None
    assert after.model.revision != before.model.revision
    np.testing.assert_array_equal(after.query, capture(load(str(folder)), text).query)
    assert np.abs(after.query - before.query).max() > 0.1


def test_run_on_the_same_text_on_a_model_that_broke_says_so_and_keeps_the_picture(folder: Path) -> None:
    runner = running("the cat sat")
    before = runner.capture
    os.truncate(folder / "model.safetensors", 1000)
    runner.run()
    assert runner.message.startswith("model.safetensors of tiny is cut short or no safetensors file: ")
    assert runner.capture is before
    store(gpt2_config(), folder)
    runner.run()
    assert runner.message == ""
    assert runner.capture is not before

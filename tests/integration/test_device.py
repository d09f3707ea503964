"""A model computes on the GPU where there is one, and gives what it gives on the processor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.model.capture import capture
from core.model.catalogue import SHIPPED
from core.model.device import PROCESSOR, place
from core.model.facts import LoadedModel
from core.model.loading import load
from tests.tiny_models import gpt2_config, store

TEXT = "Purple is a color similar in appearance to violet light."
GPU = torch.accelerator.current_accelerator(check_available=True)
META = torch.device("meta")
"""A device that every build of torch has; its tensors have shapes and no values."""


def pretend(monkeypatch: pytest.MonkeyPatch, there: torch.device | None) -> None:
    """Let torch find this accelerator, or none."""
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda check_available: there)


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LoadedModel:
    """A model that was loaded where there is no accelerator."""
    pretend(monkeypatch, None)
    return load(str(store(gpt2_config(), tmp_path / "tiny")))


def test_without_an_accelerator_the_processor_computes(tiny: LoadedModel) -> None:
    assert {weight.device for weight in tiny.model.parameters()} == {PROCESSOR}


def test_a_model_moves_to_the_accelerator_that_is_there(tiny: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, META)
    assert {weight.device for weight in place(tiny.model).parameters()} == {META}


def test_a_model_that_does_not_fit_stays_on_the_processor(
    tiny: LoadedModel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    move = tiny.model.to

    def refuse(device: torch.device) -> object:
        if device == META:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return move(device)

    pretend(monkeypatch, META)
    monkeypatch.setattr(tiny.model, "to", refuse)
    assert place(tiny.model).device == PROCESSOR
    assert "CUDA out of memory." in caplog.text
    assert np.isfinite(capture(tiny, TEXT).query).all()


@pytest.mark.skipif(GPU is None, reason="torch finds no GPU: runs on a Mac, and with a CUDA build and card on Linux")
def test_a_gpu_gives_what_the_processor_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    there = load(SHIPPED)
    assert there.model.device.type == GPU.type
    pretend(monkeypatch, None)
    here = load(SHIPPED)
    assert here.model.device == PROCESSOR
    fast, slow = capture(there, TEXT), capture(here, TEXT)
    for name in ("query", "key", "value", "next_probability"):
        np.testing.assert_allclose(getattr(fast, name), getattr(slow, name), rtol=0, atol=1e-3, err_msg=name)
    np.testing.assert_array_equal(fast.next_ids, slow.next_ids)

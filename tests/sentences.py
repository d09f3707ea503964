"""What loading says when it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.model.catalogue import ModelUnavailable
from core.model.loading import load


def sentence_of(name_or_folder: str | Path) -> str:
    """The sentence with which loading it ends."""
    with pytest.raises(ModelUnavailable) as refused:
        load(str(name_or_folder))
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert ". " not in sentence, "one sentence"
    return sentence

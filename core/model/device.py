"""Where a model computes: on a GPU that torch can use (CUDA, Apple's), else on the processor."""

from __future__ import annotations

import logging

import torch
from transformers import PreTrainedModel

PROCESSOR = torch.device("cpu")


def place(model: PreTrainedModel) -> PreTrainedModel:
    """Move a model to the GPU, if there is one and the model fits.

    A model that does not fit, or a GPU that does not work, leaves it on the processor: slower, and the same to 1e-3.
    """
    device = torch.accelerator.current_accelerator(check_available=True) or PROCESSOR
    try:
        return model.to(device)
    except RuntimeError as error:  # what torch raises when memory runs out, and for every trouble with a driver
        logging.getLogger(__name__).warning("the model stays on the processor: %s", error)
        return model.to(PROCESSOR)

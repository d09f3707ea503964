"""What makes the shipped model: its settings, its first weights, its loss and its two optimizers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import linear_cross_entropy
from torch.nn.utils import parametrize
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.pytorch_utils import Conv1D


@dataclass(frozen=True)
class Settings:
    """What makes the model; rates and shares are per step, lengths in tokens, times in seconds."""

    layers: int = 12
    heads: int = 6
    embedding: int = 192
    positions: int = 256
    vocabulary: int = 4096
    steps: int = 5_400
    windows: int = 384  # of positions + 1 tokens, a step, over all processes
    warmup: int = 100
    constant: float = 0.4  # share of the steps before the rates fall, linearly, to `final_rate`
    final_rate: float = 0.01
    muon_rate: float = 0.008
    query_key_rate: float = 2.5  # of Q's and K's matrices, as a multiple of `muon_rate`
    muon_momentum: float = 0.95
    muon_decay: float = 0.15
    query_key_decay: float = 0.05  # less: a head that may be sharp needs the first token as its sink
    adam_rate: float = 4e-3
    embedding_rate: float = 8e-3
    clip: float = 1.0
    anywhere: float = 0.15  # share of windows that start at any token, not at a paragraph
    repeats: float = 0.10  # share of windows that repeat a run, while the rates are constant
    late_repeats: float = 0.03  # … and while they fall
    seed: int = 0
    compile: bool = True
    checkpoint_seconds: float = 120.0
    validation_every: int = 500  # steps
    validation_windows: int = 96


def rate_factor(settings: Settings, step: int) -> float:
    """The learning rates at `step` as a share of their settings: warm up, hold, fall linearly."""
    hold_until = settings.constant * settings.steps
    if step < hold_until:
        return min(1.0, (step + 1) / settings.warmup)
    fallen = (step - hold_until) / (settings.steps - hold_until)
    return 1.0 + (settings.final_rate - 1.0) * min(1.0, fallen)


class InThree(nn.Module):
    """c_attn's weight as its three matrices W_Q, W_K, W_V, so that Muon sees each as one."""

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Float[Tensor, "embedding 3*embedding"]:
        return torch.cat([query, key, value], dim=1)

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, ...]:
        return tuple(piece.contiguous() for piece in weight.chunk(3, dim=1))


def new_model(settings: Settings, end_of_text: int) -> GPT2LMHeadModel:
    """A GPT-2 with random weights; the card says which structure each departure from 0.02 helps along."""
    torch.manual_seed(settings.seed)
    config = GPT2Config(
        n_layer=settings.layers,
        n_head=settings.heads,
        n_embd=settings.embedding,
        n_positions=settings.positions,
        vocab_size=settings.vocabulary,
        bos_token_id=end_of_text,
        eos_token_id=end_of_text,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
    )
    model = GPT2LMHeadModel(config)
    with torch.no_grad():
        for projection in query_key_value_projections(model):
            projection.weight.normal_(std=0.05)
        model.transformer.wpe.weight.copy_(position_embeddings(settings.positions, settings.embedding))
    for projection in query_key_value_projections(model):
        parametrize.register_parametrization(projection, "weight", InThree())
    return model


def query_key_value_projections(model: GPT2LMHeadModel) -> list[Conv1D]:
    """The `c_attn` of every layer."""
    return [module for name, module in model.named_modules() if name.endswith(".c_attn")]


def position_embeddings(positions: int, embedding: int) -> Float[Tensor, "position embedding"]:
    """Sinusoids (Vaswani et al. 2017, section 3.5), rotated at random, RMS 0.12; row 0 random with SD 1."""
    frequency = 10_000 ** (-torch.arange(0, embedding, 2) / embedding)
    angle = torch.arange(positions)[:, None] * frequency
    sinusoids = torch.cat([angle.sin(), angle.cos()], dim=1)
    rotation, _ = torch.linalg.qr(torch.randn(embedding, embedding))
    rotated = sinusoids @ rotation
    table = 0.12 * rotated / rotated.square().mean().sqrt()
    table[0] = torch.randn(embedding)
    return table


class NextTokenLoss(nn.Module):
    """Mean cross-entropy, in nats, of each window's next tokens; the logits are never held as a whole."""

    def __init__(self, model: GPT2LMHeadModel, compiled: bool) -> None:
        super().__init__()
        self.model = model
        self.body = torch.compile(model.transformer, dynamic=False) if compiled else model.transformer

    def forward(self, windows: Int[Tensor, "window length"]) -> Float[Tensor, ""]:
        # A validation is rare and has another shape: compiling for it would take longer than it does.
        body = self.body if torch.is_grad_enabled() else self.model.transformer
        hidden = body(windows[:, :-1], use_cache=False).last_hidden_state
        return linear_cross_entropy(
            hidden.flatten(0, 1), self.model.lm_head.weight.to(hidden.dtype), windows[:, 1:].flatten()
        )


def optimizers(model: GPT2LMHeadModel, settings: Settings) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the blocks, AdamW for embeddings, biases and layer norms."""
    matrices, queries_keys, embeddings, vectors = [], [], [], []
    for name, parameter in model.named_parameters():
        if ".wte." in name or ".wpe." in name:
            embeddings.append(parameter)
        elif parameter.ndim < 2:
            vectors.append(parameter)
        elif name.endswith(("original0", "original1")):
            queries_keys.append(parameter)
        else:
            matrices.append(parameter)
    muon = torch.optim.Muon(
        [
            {"params": matrices, "lr": settings.muon_rate},
            {
                "params": queries_keys,
                "lr": settings.muon_rate * settings.query_key_rate,
                "weight_decay": settings.query_key_decay,
            },
        ],
        momentum=settings.muon_momentum,
        weight_decay=settings.muon_decay,
    )
    adam = torch.optim.AdamW(
        [
            {"params": embeddings, "lr": settings.embedding_rate},
            {"params": vectors, "lr": settings.adam_rate},
        ],
        betas=(0.9, 0.95),
        weight_decay=0.0,
        fused=True,
    )
    for optimizer in (muon, adam):
        for group in optimizer.param_groups:
            group["full_rate"] = group["lr"]
    return [muon, adam]

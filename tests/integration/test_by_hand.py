"""The slow references are true themselves: unchanged they are the eager model, and changed what it can be made to do.

What the eager model can be asked for is compared with what `tests.by_hand` does: another scale in its modules, another
mask handed to it, a head whose part of the output projection is zero.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy import ndarray
from transformers import AutoModelForCausalLM, PreTrainedModel

from core.model.catalogue import SHIPPED_FOLDER
from tests import by_hand
from tests.by_hand import Where, eager_by_hand, gpt2_by_hand, unchanged, weigh
from tests.families import tiny_config
from tests.tiny_models import gpt2_config, llama_config

CLOSE = 1e-4
TOKENS = 14
GEMMA2 = {"sliding_window": 4, "attn_logit_softcapping": 2.0, "query_pre_attn_scalar": 64}
CONFIGS = {
    "gpt2": gpt2_config(),
    "gpt2-inverse": gpt2_config(scale_attn_by_inverse_layer_idx=True, layer_norm_epsilon=1e-3),
    "gpt2-unscaled": gpt2_config(scale_attn_weights=False),
    "llama": llama_config(),
    "gemma2": tiny_config("gemma2", **GEMMA2),
}


def model_of(name: str) -> PreTrainedModel:
    if name == "shipped":
        return AutoModelForCausalLM.from_pretrained(
            SHIPPED_FOLDER, dtype=torch.float32, attn_implementation="eager"
        ).eval()
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(copy.deepcopy(CONFIGS[name]), attn_implementation="eager").eval()
    if name == "gemma2":
        with torch.no_grad():
            for weight in model.parameters():
                if weight.dim() > 1:
                    weight.mul_(5)  # so that heads look at different tokens
    return model


def ids_of(model: PreTrainedModel) -> ndarray:
    return np.random.default_rng(0).integers(2, model.config.vocab_size, TOKENS)


def eager(model: PreTrainedModel, token_ids: ndarray, **options: Any) -> ndarray:
    with torch.inference_mode():
        return model(input_ids=torch.from_numpy(token_ids)[None], use_cache=False, **options).logits[0].numpy()


def runner(model: PreTrainedModel, token_ids: ndarray) -> Callable[[by_hand.Weigh], ndarray]:
    """numpy for GPT-2, the replaced attention function for the others."""
    if model.config.model_type != "gpt2":
        return lambda weigh_layer: eager_by_hand(model, token_ids, weigh_layer)
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    return lambda weigh_layer: gpt2_by_hand(weights, model.config, token_ids, weigh_layer)


@pytest.fixture(scope="module", params=["shipped", *CONFIGS])
def model(request: pytest.FixtureRequest) -> PreTrainedModel:
    return model_of(request.param)


def test_unchanged_it_is_the_eager_model(model: PreTrainedModel) -> None:
    ids = ids_of(model)
    np.testing.assert_allclose(runner(model, ids)(unchanged), eager(model, ids), rtol=0, atol=CLOSE)
    np.testing.assert_allclose(eager_by_hand(model, ids), eager(model, ids), rtol=0, atol=CLOSE)


WRONG = {
    "a divisor of √(d + 1)": (lambda layer: layer._replace(scale=(layer.scale**-2 + 1) ** -0.5), None),
    "queries and keys in each other's place": (
        lambda layer: layer._replace(products=layer.products.swapaxes(1, 2)),
        None,
    ),
    "one key more": (by_hand.no_mask, None),
    "one key fewer": (by_hand.without_first, None),
    "heads in another order": (None, lambda weights: weights[::-1]),
    "weights that do not add up": (None, lambda weights: weights * np.linspace(0.9, 1, len(weights))[:, None, None]),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_fault_is_seen(model: PreTrainedModel, fault: str) -> None:
    ids = ids_of(model)
    logits = runner(model, ids)(weigh((Where(layers=[1]), *WRONG[fault])))
    assert np.abs(logits - eager(model, ids)).max() > 10 * CLOSE


def test_another_scale_is_that_of_a_module_with_it(model: PreTrainedModel) -> None:
    ids, other = ids_of(model), copy.deepcopy(model)
    for module in other.modules():
        if hasattr(module, "scaling") and getattr(module, "layer_idx", None) == 1:
            module.scaling = 1 / 5.0
    changed = runner(model, ids)(weigh((Where(layers=[1]), by_hand.divided_by(5.0), None)))
    np.testing.assert_allclose(changed, eager(other, ids), rtol=0, atol=CLOSE)


def masks() -> dict[str, tuple[by_hand.Change, ndarray]]:
    query, key = np.indices((TOKENS, TOKENS))
    return {
        "none": (by_hand.no_mask, key >= 0),
        "window": (by_hand.last_tokens(3), (key <= query) & (key > query - 3)),
        "without the first": (by_hand.without_first, (key <= query) & ((key > 0) | (query == 0))),
        "only the first": (by_hand.only_first, key == 0),
    }


@pytest.mark.parametrize("kind", masks())
@pytest.mark.parametrize("name", ["gpt2", "llama", "shipped"])
def test_another_mask_is_one_that_is_handed_to_the_model(name: str, kind: str) -> None:
    model = model_of(name)
    ids, (change, visible) = ids_of(model), masks()[kind]
    added = torch.from_numpy(np.where(visible, 0.0, np.finfo(np.float32).min).astype(np.float32))[None, None]
    changed = runner(model, ids)(weigh((Where(), change, None)))
    np.testing.assert_allclose(changed, eager(model, ids, attention_mask=added), rtol=0, atol=CLOSE)


def test_a_head_at_zero_is_one_whose_output_nobody_reads(model: PreTrainedModel) -> None:
    ids, other, heads = ids_of(model), copy.deepcopy(model), model.config.num_attention_heads
    for name, weight in other.named_parameters():
        if name.endswith(".1.attn.c_proj.weight"):  # Conv1D: inputs are rows
            weight.data.view(heads, -1, weight.shape[1])[2] = 0
        elif name.endswith(".1.self_attn.o_proj.weight"):
            weight.data.view(weight.shape[0], heads, -1)[:, 2] = 0
    changed = runner(model, ids)(weigh((Where(layers=[1], heads=[2]), None, by_hand.zero)))
    np.testing.assert_allclose(changed, eager(other, ids), rtol=0, atol=CLOSE)


def test_weights_are_replaced_as_said_and_only_where_said() -> None:
    model = model_of("gpt2")
    run, own, new = runner(model, ids_of(model)), [], []

    def watched(weights_of: by_hand.Weigh, kept: list[ndarray]) -> by_hand.Weigh:
        return lambda layer: kept.append(weights_of(layer)) or kept[-1]

    run(watched(unchanged, own))
    for change, expected in (
        (by_hand.mean_over_text, lambda weights, head: weights[head].sum(axis=0) / TOKENS),
        (by_hand.row(4), lambda weights, head: weights[head, 4]),
        (by_hand.mean_over_heads, lambda weights, head: weights.sum(axis=0) / len(weights)),
    ):
        new.clear()
        run(watched(weigh((Where([0], [1, 3], [2, 5]), None, change)), new))
        for head, query in np.ndindex(own[0].shape[:2]):
            whole = expected(own[0], head)
            there = (whole[query] if whole.ndim == 2 else whole) if head in (1, 3) and query in (2, 5) else None
            np.testing.assert_allclose(new[0][head, query], own[0][head, query] if there is None else there, atol=1e-12)


def test_patched_everywhere_it_is_attended_as_in_the_other_text() -> None:
    model = model_of("llama")
    here, there = ids_of(model), ids_of(model)[::-1].copy()
    products = by_hand.kept_products(runner(model, there))
    same = [(token, token) for token in range(TOKENS)]
    weights: dict[str, list[ndarray]] = {"there": [], "patched": []}
    runner(model, there)(lambda layer: weights["there"].append(unchanged(layer)) or weights["there"][-1])
    patched = weigh((Where(), by_hand.products_from(products, same), None))
    runner(model, here)(lambda layer: weights["patched"].append(patched(layer)) or weights["patched"][-1])
    np.testing.assert_array_equal(weights["there"], weights["patched"])

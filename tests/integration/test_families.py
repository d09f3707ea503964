"""The weights on show are the model's own, or the model is refused: every causal family of transformers, many settings.

Compared with the eager attention of transformers on small random models, by the proof that runs after loading.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, PreTrainedConfig
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from core.model.capture import capture
from core.model.facts import LoadedModel
from core.model.folder import model_facts
from core.model.proof import AGREES, own_weights
from core.model.seam import RECORDED, NotShown
from core.model.tokens import tokenise
from core.model.words import mask_words, scale_sign
from core.parts.softmax.attention_maps import head_maps
from tests.families import HEADS, WIDTH, tiny_config
from tests.tiny_models import tiny_tokenizer

SINK = "adds a sink to every softmax"
BIAS = "adds a bias of its own to its scores"
UNSEEN = "keeps its queries and keys where the lab cannot see them"
SHAPES = "has heads of another number or width in some layers"
SOME = "has queries and keys that the lab can see in "
REFUSED = {
    **dict.fromkeys("deepseek_v4 flint gpt_oss granite_swa granitemoe_swa hy_v4 mimo_v2_flash".split(), SINK),
    **dict.fromkeys("doge inkling2_text inkling_text".split(), BIAS),
    **dict.fromkeys("diffllama hrm_text".split(), "calls its attention more than once in a layer"),
    **dict.fromkeys("gemma4 gemma4_text gemma4_unified_text".split(), SHAPES),
    **dict.fromkeys("minimax nemotron_h olmo_hybrid".split(), SOME),
    **dict.fromkeys(
        "bailing_hybrid bamba big_bird bloom codegen cpmant falcon_mamba gpt_neox_japanese granitemoehybrid jamba "
        "kimi_linear lfm3 mamba mamba2 megatron-bert openai-gpt qwen3_5 qwen3_5_moe qwen3_5_moe_text qwen3_5_text "
        "qwen3_next qwen4_exp qwen4_exp_text recurrent_gemma rembert roformer rwkv trocr xglm xlm xlnet xlstm".split(),
        UNSEEN,
    ),
}
"""Why a family is refused: the beginning of what is said of it. All others of the registry have to agree."""
NO_SEAM = set("falcon git gpt_neo gptj mpt".split())
"""These do not know a registered attention function: transformers fails, and `unseen` says so."""
ENCODER_DECODERS = set(
    "bart bigbird_pegasus blenderbot blenderbot-small marian mbart musicgen musicgen_melody mvp pegasus plbart "
    "prophetnet whisper".split()
)
"""Refused by their config alone (`tests.integration.test_models`)."""
NOT_MADE = {
    "blt gemma4_unified got_ocr2 moss_transcribe_diarize fuyu roc_bert": "its parts have sizes of their own",
    "cohere_compass_text dbrx lfm2_moe reformer zamba zamba2": "its config takes no two layers without more settings",
    "dots3_note gemma4_assistant gemma4_unified_assistant": "it takes no such head, or stands beside another model",
    "gemma3n": "its picture's encoder needs timm",
}
"""Families without a small random model here, and what stands in the way; a config in `tests.families` un-lists one."""
LEFT_OUT = ENCODER_DECODERS | NO_SEAM | {name for names in NOT_MADE for name in names.split()}
FAMILIES = sorted(set(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES) - LEFT_OUT)


def loaded(config: PreTrainedConfig) -> LoadedModel:
    """A random model of that config through the seam, with weights that make heads look at different tokens.

    Raises NotShown, as the proof does, which is made with TEXT here.
    """
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(copy.deepcopy(config), attn_implementation=RECORDED).eval()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.mul_(5)
    token_ids = tokenise(TOKENIZER, TEXT)
    return LoadedModel(model, TOKENIZER, model_facts(config.model_type, False, "none", model, config, token_ids))


TOKENIZER = tiny_tokenizer()
TEXT = "the cat sat on the mat and the dog sat on the cat; purple is a color"


def test_the_table_names_families_of_the_registry() -> None:
    known = set(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)
    assert set(REFUSED) | LEFT_OUT <= known
    assert not set(REFUSED) & LEFT_OUT


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_agrees_or_is_refused_with_its_reason(family: str) -> None:
    if family in REFUSED:
        with pytest.raises(NotShown, match=REFUSED[family]):
            loaded(tiny_config(family))
    else:
        assert loaded(tiny_config(family)).facts.largest_difference <= AGREES


ROPE = {"rope_theta": 10_000.0}
LONGER = {"factor": 4.0, "original_max_position_embeddings": 64, **ROPE}
SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("gpt2", {"scale_attn_by_inverse_layer_idx": True}),
    ("gpt2", {"scale_attn_weights": False}),
    ("gpt_bigcode", {"multi_query": True}),
    ("opt", {}),
    ("llama", {"is_causal": False}),
    ("llama", {"num_key_value_heads": 1}),
    ("llama", {"rope_parameters": {"rope_type": "linear", "factor": 4.0, **ROPE}}),
    ("llama", {"rope_parameters": {"rope_type": "yarn", **LONGER}}),
    ("mistral", {"sliding_window": 4}),
    ("mixtral", {"sliding_window": 4}),
    ("phi3", {"sliding_window": 4}),
    ("starcoder2", {"sliding_window": 4}),
    ("qwen2", {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 1}),
    ("cohere2", {"sliding_window": 4, "layer_types": ["sliding_attention", "full_attention"]}),
    ("gemma2", {"sliding_window": 4, "attn_logit_softcapping": 2.0, "query_pre_attn_scalar": 64}),
    ("gemma3_text", {"sliding_window": 4, "query_pre_attn_scalar": 64}),
    ("gemma3_text", {"use_bidirectional_attention": True}),
    ("llama4_text", {"attention_chunk_size": 4, "layer_types": ["chunked_attention", "full_attention"]}),
    ("granite", {"attention_multiplier": 0.3}),
    ("gpt_neox", {"rope_parameters": {"rope_type": "default", "partial_rotary_factor": 0.25, **ROPE}}),
    ("phi", {"rope_parameters": {"rope_type": "default", "partial_rotary_factor": 0.5, **ROPE}, "qk_layernorm": True}),
    ("stablelm", {"qk_layernorm": True, "use_parallel_residual": True}),
    ("cohere", {"use_qk_norm": True}),
    ("olmo", {"clip_qkv": 0.5}),
    ("olmo2", {}),
    ("qwen3", {}),
]


@pytest.mark.parametrize(("family", "settings"), SETTINGS, ids=[f"{name}-{'-'.join(s)}" for name, s in SETTINGS])
def test_every_head_is_shown_as_the_model_has_it(family: str, settings: dict[str, Any]) -> None:
    model = loaded(tiny_config(family, **settings))
    assert model.facts.largest_difference <= AGREES
    got = capture(model, TEXT)
    own = own_weights(model.model, got.token_ids)
    assert len(own) == got.layers
    even = [mask / mask.sum(axis=1, keepdims=True) for mask in got.masks[got.mask_of_layer]]
    uneven = max(np.abs(weights - share).max() for weights, share in zip(own, even, strict=True))
    assert uneven > 0.02, "these heads look everywhere alike, and no mistake would be seen"
    for layer, weights in enumerate(own):
        for head in range(got.heads):
            np.testing.assert_allclose(head_maps(got, layer, head).weights, weights[head], rtol=0, atol=AGREES)


@pytest.mark.parametrize(
    ("family", "settings", "sign", "words"),
    [
        ("gpt2", {}, "÷ √d", ""),
        ("gpt2", {"scale_attn_by_inverse_layer_idx": True}, "÷ (√d · (layer + 1))", ""),
        ("gpt2", {"scale_attn_weights": False}, "× 1", ""),
        ("opt", {}, "× 1", ""),
        ("granite", {"attention_multiplier": 0.3}, "× 0.3", ""),
        ("gemma2", {"attn_logit_softcapping": 2.0, "query_pre_attn_scalar": 64}, "× 0.125, capped at ±2", None),
        ("mistral", {"sliding_window": 4}, "÷ √d", "In this model a token sees itself and the 3 tokens before it."),
        (
            "llama",
            {"is_causal": False},
            "÷ √d",
            "In this model every token sees all others, also those after it: there is no mask.",
        ),
        (
            "cohere2",
            {"sliding_window": 4, "layer_types": ["sliding_attention", "full_attention"]},
            "÷ √d",
            "Layers differ: in 1 layer a token sees itself and the 3 tokens before it, in 1 layer a token sees itself "
            "and all before it.",
        ),
    ],
)
def test_scale_and_mask_are_the_models_own_in_words(
    family: str, settings: dict[str, Any], sign: str, words: str | None
) -> None:
    got = capture(loaded(tiny_config(family, **settings)), TEXT)
    assert scale_sign(got) == sign
    if words is not None:
        assert mask_words(got) == words


def test_weights_that_do_not_follow_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.model.seam.visible_keys", lambda mask, causal, *shape: np.ones(shape, bool))
    with pytest.raises(NotShown, match=r"do not follow from its queries and keys \(off by "):
        loaded(tiny_config("llama"))


def test_the_proof_leaves_the_model_as_it_was() -> None:
    model = loaded(tiny_config("gpt2"))
    before = capture(model, TEXT)
    own_weights(model.model, before.token_ids)
    after = capture(model, TEXT)
    np.testing.assert_array_equal(before.query, after.query)
    np.testing.assert_array_equal(before.next_probability, after.next_probability)
    assert before.query.shape[-1] == HEADS * WIDTH

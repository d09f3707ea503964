"""A small random model of every family that transformers lists as causal, and of some settings of their attention."""

from __future__ import annotations

import inspect
from typing import Any

from transformers import CONFIG_MAPPING, PreTrainedConfig

LAYERS, HEADS, WIDTH = 2, 4, 8
EMBEDDING = HEADS * WIDTH

SMALL: dict[str, Any] = {
    **dict.fromkeys(("hidden_size", "n_embd", "d_model", "model_dim", "embed_dim", "dim"), EMBEDDING),
    **dict.fromkeys(("num_hidden_layers", "n_layer", "n_layers", "num_layers", "decoder_layers"), LAYERS),
    **dict.fromkeys(("num_attention_heads", "n_head", "n_heads", "num_heads", "decoder_attention_heads"), HEADS),
    **dict.fromkeys(("intermediate_size", "ffn_dim", "n_inner", "d_ff", "decoder_ffn_dim", "encoder_ffn_dim"), 48),
    **dict.fromkeys(("max_position_embeddings", "n_positions"), 256),
    **dict.fromkeys(("num_local_experts", "num_experts", "n_routed_experts"), 4),
    **dict.fromkeys(("num_experts_per_tok", "num_experts_per_token"), 2),
    **dict.fromkeys(("moe_intermediate_size", "shared_expert_intermediate_size", "q_lora_rank", "kv_lora_rank"), 16),
    **dict.fromkeys(("head_dim", "global_head_dim", "v_head_dim", "hidden_size_per_layer_input"), WIDTH),
    **dict.fromkeys(("qk_rope_head_dim", "qk_nope_head_dim", "rotary_dim"), WIDTH // 2),
    **dict.fromkeys(("n_group", "topk_group", "encoder_layers", "n_shared_experts"), 1),
    **dict.fromkeys(("vocab_size", "vocab_size_per_layer_input"), 300),
    **dict.fromkeys(("bos_token_id", "eos_token_id"), 0),
    "is_decoder": True,  # of an encoder that can be one; the others are refused
    "num_key_value_heads": 2,
    "num_kv_shared_layers": 0,
    "encoder_attention_heads": HEADS,
    "mamba_n_heads": HEADS,
    "mamba_d_head": 2 * WIDTH,
    "word_embed_proj_dim": EMBEDDING,
    "pad_token_id": 1,
}
"""What makes a family small, by the names that the families have for it."""
LATENT = {"num_key_value_heads": HEADS, "head_dim": WIDTH // 2}  # keys and values from one compressed vector
OWN: dict[str, dict[str, Any]] = {
    **dict.fromkeys(
        "axk1 axk2 deepseek_v2 deepseek_v3 deepseek_v32 dots3_note_text glm4_moe_lite glm_moe_dsa longcat_flash "
        "minicpm3 youtu".split(),
        LATENT,
    ),
    "falcon_h1": {"mamba_d_ssm": 2 * EMBEDDING},
    "gpt_neo": {"attention_types": [[["global", "local"], 1]], "window_size": 4},
    "mamba2": {"num_heads": 2 * HEADS},
    "xmod": {"default_language": "en_XX"},
    "zaya": {"num_experts_per_tok": 1},
}
"""What a family needs beside that."""


def tiny_config(family: str, **changes: Any) -> PreTrainedConfig:
    """The family's config with few layers and little width; `changes` go to it and win."""
    return small(CONFIG_MAPPING[family], **OWN.get(family, {}) | changes)


def small(kind: type[PreTrainedConfig], **changes: Any) -> PreTrainedConfig:
    """A config of that class, and of those that it is made of."""
    fields = set(inspect.signature(kind.__init__).parameters) | set(kind.attribute_map)
    for base in kind.__mro__:
        fields |= set(getattr(base, "__annotations__", {}))
    values = {name: value for name, value in SMALL.items() if name in fields}
    parts = {name: small(part) for name, part in kind.sub_configs.items() if part.__name__ != "AutoConfig"}
    return kind(**values | parts | changes)

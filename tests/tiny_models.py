"""Small random models with a small tokenizer, made in a moment and stored as `save_pretrained` stores them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig, PreTrainedConfig, PreTrainedTokenizerFast

LINES = ["the cat sat on the mat and the dog sat on the cat", "purple is a color; violet is a color too"]


def tiny_tokenizer(vocabulary: int = 300) -> PreTrainedTokenizerFast:
    """Byte-level BPE as GPT-2's: 256 bytes and a few merges of LINES."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        initial_alphabet=alphabet,
        special_tokens=["<|endoftext|>"],
        show_progress=False,
    )
    tokenizer.train_from_iterator(LINES, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|endoftext|>")


def store(config: PreTrainedConfig, folder: Path, seed: int = 0) -> Path:
    """A model of that shape with random weights large enough for attention to differ by head, and a tokenizer."""
    torch.manual_seed(seed)
    # from_config writes into the config that it is given.
    model = AutoModelForCausalLM.from_config(copy.deepcopy(config))
    model.save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return folder


def gpt2_config(layers: int = 3, heads: int = 4, embedding: int = 32, **more: Any) -> GPT2Config:
    shape = {"n_layer": layers, "n_head": heads, "n_embd": embedding, "n_positions": 64}
    ends = {"bos_token_id": 0, "eos_token_id": 0}
    return GPT2Config(vocab_size=300, initializer_range=0.2, **ends, **(shape | more))


def llama_config() -> LlamaConfig:
    """Two heads share a key and value head, and a head is wider than embedding / heads."""
    return LlamaConfig(
        vocab_size=300,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=12,
        max_position_embeddings=64,
        initializer_range=0.2,
        bos_token_id=0,
        eos_token_id=0,
    )

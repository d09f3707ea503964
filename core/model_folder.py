"""Read a causal language model from a folder, and say in one sentence why one cannot be read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from jaxtyping import Int
from numpy import ndarray
from transformers import (
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_MAPPING,
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.activations import NewGELUActivation
from transformers.utils import logging

from core.capture import LONGEST, ModelFacts, Projection
from core.device import place
from core.gelu import GELUInCache
from core.models import SHIPPED_FOLDER, LoadedModel, ModelUnavailable
from core.progress import Progress, portion, silent_bar
from core.proof import largest_difference, probe
from core.recording import forward
from core.seam import RECORDED, NotShown

PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")
VOCABULARIES = ("tokenizer.json", "vocab.json", "vocab.txt", "tokenizer.model", "spiece.model")
# What the families call the modules that make queries, keys and values.
PROJECTIONS = ("c_attn", "query_key_value", "qkv_proj", "Wqkv", "q_proj", "k_proj", "v_proj")
OWN_FILES_ONLY = {"local_files_only": True, "trust_remote_code": False}


def read_model(name: str, folder: Path, revision: str | None, progress: Progress) -> LoadedModel:
    """The model in float32, on the GPU if there is one, and its tokenizer.

    From safetensors only; no code of the folder's own is run.

    Without a revision the weights are named by their hash. Raises ModelUnavailable.
    """
    weights = weight_files(name, folder)
    config = read_config(name, folder)
    tokenizer = read_tokenizer(name, folder)
    progress(0.1)
    model = read_weights(name, folder, portion(progress, 0.1, 0.9))
    if max(tokenizer.get_vocab().values(), default=0) >= model.get_input_embeddings().num_embeddings:
        raise ModelUnavailable(
            f"The tokenizer of {name} has more tokens than the model: put the one there that it was trained with."
        )
    try:
        shipped, known_as = folder == SHIPPED_FOLDER, revision or digest(weights)
        facts = model_facts(name, shipped, known_as, model, config, probe(tokenizer))
    except NotShown as error:
        raise ModelUnavailable(f"{name} {error}: choose a model of another kind, such as GPT-2 or Llama.") from error
    except Exception as error:  # whatever an unforeseen architecture does
        raise unseen(name) from error
    progress(1.0)
    return LoadedModel(model, tokenizer, facts)


def weight_files(name: str, folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.safetensors"))
    if files:
        return files
    if any(next(folder.glob(pattern), None) for pattern in PICKLES):
        raise ModelUnavailable(
            f"{name} has its weights only as a pickle, which could run code on this machine: "
            "save it again with save_pretrained, which writes model.safetensors."
        )
    raise ModelUnavailable(
        f"{name} has no weights (model.safetensors): name a folder that save_pretrained has written."
    )


def read_config(name: str, folder: Path) -> PreTrainedConfig:
    try:
        config = AutoConfig.from_pretrained(folder, **OWN_FILES_ONLY)
    except Exception as error:
        if "trust_remote_code" in str(error):
            raise ModelUnavailable(
                f"{name} runs code of its own, which the lab refuses: choose a model that transformers knows."
            ) from error
        raise ModelUnavailable(
            f"config.json of {name} is missing, broken or of a kind that transformers does not know: "
            "name a folder that save_pretrained has written."
        ) from error
    if config.is_encoder_decoder:
        raise ModelUnavailable(
            f"{name} is an encoder-decoder ({config.model_type}), and the lab shows decoders: "
            "choose a causal language model such as GPT-2."
        )
    kind = type(config)
    # Without its head's name: a body saved alone, whose head shares the embedding's weights.
    fitting = {table[kind].__name__ for table in (MODEL_FOR_CAUSAL_LM_MAPPING, MODEL_MAPPING) if kind in table}
    if kind not in MODEL_FOR_CAUSAL_LM_MAPPING or not fitting & set(config.architectures or fitting):
        raise ModelUnavailable(
            f"{name} is not a causal language model ({', '.join(config.architectures or [config.model_type])}): "
            "choose one such as GPT-2."
        )
    return config


def read_tokenizer(name: str, folder: Path) -> PreTrainedTokenizerBase:
    if not any((folder / file).exists() for file in VOCABULARIES):  # transformers would make an empty one
        raise ModelUnavailable(f"{name} has no tokenizer: put its tokenizer.json beside its weights.")
    try:
        return AutoTokenizer.from_pretrained(folder, **OWN_FILES_ONLY)
    except Exception as error:
        raise ModelUnavailable(
            f"The tokenizer of {name} is broken: put a whole tokenizer.json into {folder}."
        ) from error


def read_weights(name: str, folder: Path, progress: Progress) -> PreTrainedModel:
    try:
        with silent_loading(progress):
            model, found = AutoModelForCausalLM.from_pretrained(
                folder,
                dtype=torch.float32,
                use_safetensors=True,
                attn_implementation=RECORDED,
                output_loading_info=True,
                **OWN_FILES_ONLY,
            )
    except (ValueError, KeyError) as error:  # what transformers raises where attention has no such switch
        raise unseen(name) from error
    except Exception as error:
        if isinstance(error, MemoryError) or "allocate memory" in str(error):
            raise ModelUnavailable(
                f"{name} does not fit into the memory of this machine: choose a smaller model."
            ) from error
        raise broken(name, folder) from error
    if found["missing_keys"]:
        raise broken(name, folder)
    fuse_activations(model)
    return place(model)


def fuse_activations(model: PreTrainedModel) -> None:
    """Work out GPT-2's GELU in the cache, where transformers takes eight passes over memory: the same function."""
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, NewGELUActivation):
                setattr(module, name, GELUInCache())


def model_facts(
    name: str,
    shipped: bool,
    revision: str,
    model: PreTrainedModel,
    config: PreTrainedConfig,
    token_ids: Int[ndarray, " token"],
) -> ModelFacts:
    """The figures of a model, counted on the model itself where it can be; some tokens are run to see its attention.

    Raises NotShown where the weights on show would not be the model's own.
    """
    text = config.get_text_config()
    seen = forward(model, token_ids, text.num_hidden_layers, guesses=0).activations
    return ModelFacts(
        name=name,
        revision=revision,
        shipped=shipped,
        family=config.model_type,
        layers=text.num_hidden_layers,
        heads=seen.heads,
        key_value_heads=getattr(text, "num_key_value_heads", None) or seen.heads,
        embedding=text.hidden_size,
        head_width=seen.head_width,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        positions=getattr(text, "max_position_embeddings", None) or LONGEST,
        vocabulary=model.get_input_embeddings().num_embeddings,
        projections=projections(model),
        largest_difference=largest_difference(model, token_ids, seen),
    )


def projections(model: PreTrainedModel) -> tuple[Projection, ...]:
    """Layer 0's modules that make queries, keys and values, with [i] for the layer's number, where they tell widths."""
    widths = (
        (path, getattr(module, "nf", None) or getattr(module, "out_features", None))
        for path, module in model.named_modules()
        if path.rsplit(".", 1)[-1] in PROJECTIONS and ".0." in path
    )
    return tuple(Projection(path.replace(".0.", "[i].", 1), width) for path, width in widths if width)


def digest(files: list[Path]) -> str:
    """The weights' content, so that two folders of one name can be told apart."""
    content = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            content.update(hashlib.file_digest(file, "sha256").digest())
    return f"sha256:{content.hexdigest()[:12]}"


@contextmanager
def silent_loading(progress: Progress) -> Iterator[None]:
    """transformers' own bar over the weights reports here instead of printing."""
    before = logging.set_tqdm_hook(lambda factory, arguments, options: silent_bar(progress)(*arguments, **options))
    try:
        yield
    finally:
        logging.set_tqdm_hook(before)


def broken(name: str, folder: Path) -> ModelUnavailable:
    return ModelUnavailable(
        f"The weights of {name} are broken, cut short, unreadable or of another model: "
        f"delete {folder} and get it again, or choose another model."
    )


def unseen(name: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"{name} keeps its queries and keys where the lab cannot see them: "
        "choose a model of a newer or simpler kind, such as GPT-2 or Llama."
    )

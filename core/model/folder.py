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
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from core.model.capture import all_numbers
from core.model.catalogue import SHIPPED_FOLDER, ModelUnavailable
from core.model.config import OWN_FILES_ONLY, read_config, unbuildable
from core.model.device import place
from core.model.facts import LONGEST, LoadedModel, ModelFacts, Projection
from core.model.files import ModelFiles, has_vocabulary, weight_files
from core.model.proof import largest_difference, probe
from core.model.recording import forward
from core.model.seam import RECORDED, NotShown
from core.model.weights import check_found, refuse_not_numbers
from core.progress import Progress, portion, silent_bar

# What the families call the modules that make queries, keys and values.
PROJECTIONS = ("c_attn", "query_key_value", "qkv_proj", "Wqkv", "q_proj", "k_proj", "v_proj")


def read_model(name: str, folder: Path, revision: str | None, progress: Progress) -> LoadedModel:
    """The model in float32, on the GPU if there is one, and its tokenizer.

    From safetensors only; no code of the folder's own is run. With the revision of a commit the folder is one of the
    hub's cache, without one the weights are named by their hash. Raises ModelUnavailable.
    """
    files = ModelFiles(name, folder, of_hub=revision is not None)
    weights = weight_files(files)
    config = read_config(files)
    tokenizer = read_tokenizer(files)
    progress(0.1)
    model = read_weights(files, config, portion(progress, 0.1, 0.9))
    check_vocabulary(name, tokenizer, model.get_input_embeddings().num_embeddings)
    try:
        shipped, known_as = folder == SHIPPED_FOLDER, revision or digest(weights)
        facts = model_facts(name, shipped, known_as, model, config, probe(tokenizer))
    except NotShown as error:
        raise ModelUnavailable(f"{name} {error}: choose a model of another kind, such as GPT-2 or Llama.") from error
    except Exception as error:  # whatever an unforeseen architecture does
        raise unseen(name) from error
    progress(1.0)
    return LoadedModel(model, tokenizer, facts)


def read_tokenizer(files: ModelFiles) -> PreTrainedTokenizerBase:
    if not has_vocabulary(files.folder):
        raise ModelUnavailable(f"{files.name} has no tokenizer: put its tokenizer.json beside its weights.")
    try:
        return AutoTokenizer.from_pretrained(files.folder, **OWN_FILES_ONLY)
    except Exception as error:
        if not (files.folder / "tokenizer.json").exists():
            raise ModelUnavailable(
                f"{files.name} has its tokenizer in a form that the lab cannot read here: "
                "save it again with save_pretrained where it can be read, which writes tokenizer.json."
            ) from error
        whole = files.remedy(f"put a whole tokenizer.json into {files.folder}.")
        raise ModelUnavailable(f"The tokenizer of {files.name} is broken: {whole}") from error


def check_vocabulary(name: str, tokenizer: PreTrainedTokenizerBase, rows: int) -> None:
    """Raises ModelUnavailable where a text may come to tokens that the model has no embedding for.

    Those that were added to a tokenizer may be among them: only a text that spells one out has it.
    """
    beyond = {token_id for token_id in tokenizer.get_vocab().values() if token_id >= rows}
    if beyond - tokenizer.added_tokens_decoder.keys():
        raise ModelUnavailable(
            f"The tokenizer of {name} has more tokens than the model: put the one there that it was trained with."
        )
    begins = sorted(beyond & set(tokenizer("")["input_ids"]))
    if begins:
        raise ModelUnavailable(
            f"The tokenizer of {name} puts {tokenizer.convert_ids_to_tokens(begins[0])} into every text, for which the "
            "model has no embedding: save the model again after resize_token_embeddings."
        )


def read_weights(files: ModelFiles, config: PreTrainedConfig, progress: Progress) -> PreTrainedModel:
    name = files.name
    try:
        with silent_loading(progress):
            model, found = AutoModelForCausalLM.from_pretrained(
                files.folder,
                dtype=torch.float32,
                use_safetensors=True,
                attn_implementation=RECORDED,
                ignore_mismatched_sizes=True,  # found below, by name
                output_loading_info=True,
                **OWN_FILES_ONLY,
            )
    except Exception as error:
        if isinstance(error, MemoryError) or "allocate memory" in str(error):
            raise ModelUnavailable(
                f"{name} does not fit into the memory of this machine: choose a smaller model."
            ) from error
        if isinstance(error, ImportError):
            raise ModelUnavailable(
                f"{name} needs a package that is not installed here, which the lab does without: choose another model."
            ) from error
        if MODEL_FOR_CAUSAL_LM_MAPPING[type(config)].is_backend_compatible():
            raise unbuildable(files) from error
        raise unseen(name) from error
    check_found(files, model, found)
    refuse_not_numbers(name, model)
    return place(model)


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
    if not all_numbers(seen.query, seen.key, seen.value):
        raise NotShown("comes to numbers beyond what float32 can hold")
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
    """transformers' own bar over the weights reports here, and neither it nor a table of what misfits is printed."""
    level = logging.get_verbosity()
    before = logging.set_tqdm_hook(lambda factory, arguments, options: silent_bar(progress)(*arguments, **options))
    logging.set_verbosity_error()  # what misfits is told in a sentence
    try:
        yield
    finally:
        logging.set_tqdm_hook(before)
        logging.set_verbosity(level)


def unseen(name: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"{name} keeps its queries and keys where the lab cannot see them: "
        "choose a model of a newer or simpler kind, such as GPT-2 or Llama."
    )

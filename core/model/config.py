"""What a model's config.json asks for, and one sentence where that is nothing that the lab can show."""

from __future__ import annotations

from transformers import (
    CONFIG_MAPPING,
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_FOR_MASKED_LM_MAPPING,
    MODEL_MAPPING,
    AutoConfig,
    PreTrainedConfig,
    __version__,
)

from core.model.catalogue import ModelUnavailable
from core.model.files import OTHER_MODEL, SAVED_WHOLE, ModelFiles, config_values
from core.model.hub import CONFIG

OWN_FILES_ONLY = {"local_files_only": True, "trust_remote_code": False}


def read_config(files: ModelFiles) -> PreTrainedConfig:
    name, values = files.name, config_values(files)
    kind = values.get("model_type")
    if kind not in CONFIG_MAPPING:
        if "auto_map" in values:
            raise ModelUnavailable(
                f"{name} runs code of its own, which the lab refuses: choose a model that transformers knows."
            )
        unknown = f"is of the kind “{kind}”, which transformers {__version__} does not know"
        raise ModelUnavailable(f"{CONFIG} of {name} {unknown if kind else 'says no model_type'}: {SAVED_WHOLE}")
    try:
        config = AutoConfig.from_pretrained(files.folder, **OWN_FILES_ONLY)
    except Exception as error:
        raise unbuildable(files) from error
    if config.is_encoder_decoder:
        raise ModelUnavailable(f"{name} is an encoder-decoder ({kind}), and the lab shows decoders: {OTHER_MODEL}")
    refuse_other_kinds(name, config)
    if config.get_text_config().num_hidden_layers < 1:
        raise unbuildable(files)
    return config


def refuse_other_kinds(name: str, config: PreTrainedConfig) -> None:
    """Raises ModelUnavailable for what is not a causal language model."""
    kind = type(config)
    said = ", ".join(config.architectures or [config.model_type])
    # Without its head's name: a body saved alone, whose head shares the embedding's weights.
    fitting = {table[kind].__name__ for table in (MODEL_FOR_CAUSAL_LM_MAPPING, MODEL_MAPPING) if kind in table}
    if kind in MODEL_FOR_MASKED_LM_MAPPING and not getattr(config, "is_decoder", False):
        raise ModelUnavailable(f"{name} is an encoder ({said}), whose tokens see those after them: {OTHER_MODEL}")
    if kind not in MODEL_FOR_CAUSAL_LM_MAPPING or not fitting & set(config.architectures or fitting):
        raise ModelUnavailable(f"{name} is not a causal language model ({said}): {OTHER_MODEL}")


def unbuildable(files: ModelFiles) -> ModelUnavailable:
    remedy = files.remedy("put the one there that belongs to the weights.")
    return ModelUnavailable(f"{CONFIG} of {files.name} describes no model that transformers can build: {remedy}")

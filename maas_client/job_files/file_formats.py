"""The format of a file, as detected: ours, that of az ml, or that of a tool on one's own hardware.

A tool's configuration is recognised by the key of its model, which no other format has: `base_model` of axolotl
(0.19.0, `utils/schemas/model.py`), `model_name_or_path` of TRL (1.16.0, `trainer/model_config.py`). Other tools have
these keys, too; they are recognised by a key of their own, and refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from .keys import KEYS
from .located import Located

FileFormat = Literal["ours", "az ml", "axolotl", "trl"]

MARKS: Mapping[FileFormat, str] = {"az ml": "type", "axolotl": "base_model", "trl": "model_name_or_path"}
"""The key that a format has, and no other one."""

SHARED = frozenset({"adapter", "batch_size", "learning_rate", "seed"})
"""Our keys that axolotl or TRL has, too; any other one makes a file ours."""

_AXOLOTL_TRAINS_OTHERWISE = ("rl", "reward_model", "process_reward_model")
_LIKE_AXOLOTL: Mapping[str, str] = {
    **dict.fromkeys(("models", "slices"), "a merge of models by mergekit"),
}
_LLAMA_FACTORY = "a configuration of LLaMA-Factory"
_TRAINER_SCRIPT = "the arguments of an example script of transformers"
_LIKE_TRL: Mapping[str, str] = {
    **dict.fromkeys(("finetuning_type", "stage", "cutoff_len", "template", "dataset_dir"), _LLAMA_FACTORY),
    **dict.fromkeys(("train_file", "validation_file", "block_size", "preprocessing_num_workers"), _TRAINER_SCRIPT),
    **dict.fromkeys(("beta", "ref_model_sync_steps", "precompute_ref_log_probs"), "TRL for preferences (`trl dpo`)"),
    **dict.fromkeys(("desirable_weight", "undesirable_weight"), "TRL for preferences (`trl kto`)"),
    **dict.fromkeys(("num_generations", "reward_funcs", "max_completion_length"), "TRL for reinforcement"),
    **dict.fromkeys(("center_rewards_coefficient", "reward_model_name_or_path"), "TRL for a reward model"),
}
_REMEDY = "Only supervised fine-tuning is read from axolotl (`axolotl train`) and TRL (`trl sft`)."


def format_of(top: Mapping[str, Located]) -> FileFormat:
    """Return whose format a file has.

    Raises InvalidInput, with the line, for a file that mixes formats, and for one of a tool that is not read.
    """
    if MARKS["az ml"] in top:
        return "az ml"
    found: list[FileFormat] = [each for each in ("axolotl", "trl") if MARKS[each] in top]
    if not found:
        return "ours"
    tool = found[0]
    others = (MARKS["trl"],) if len(found) > 1 else tuple(key for key in top if key in KEYS and key not in SHARED)
    if others:
        whose = "TRL" if len(found) > 1 else "a job file"
        title = {"axolotl": "axolotl", "trl": "TRL"}[tool]
        raise top[others[0]].wrong(
            f"`{others[0]}` is a key of {whose}, and `{MARKS[tool]}` one of {title}: a file has the keys of one of them"
        )
    _refuse_lookalikes(top, tool)
    return tool


def _refuse_lookalikes(top: Mapping[str, Located], tool: FileFormat) -> None:
    """Raise InvalidInput for a file with the mark of a tool that is not one of its supervised fine-tuning."""
    for key, what in (_LIKE_AXOLOTL if tool == "axolotl" else _LIKE_TRL).items():
        if key in top:
            raise top[key].wrong(f"`{key}` is a key of {what}, which is not read. {_REMEDY}")
    for key in _AXOLOTL_TRAINS_OTHERWISE if tool == "axolotl" else ():
        if key in top and top[key].value not in (None, False):
            raise top[key].wrong(f"`{key}: {top[key].written}` is not supervised fine-tuning. {_REMEDY}")

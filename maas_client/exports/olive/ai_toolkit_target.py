"""The export for the VS Code toolkit: the project that its fine-tuning template makes, with Olive's configuration.

The extension was AI Toolkit and is Foundry Toolkit since April 2026. Its project template is documented on
code.visualstudio.com/docs/intelligentapps/finetune-legacy; folders, and the keys of `infra/finetuning.config.json`, are
those of microsoft/vscode-ai-toolkit `doc/finetune.md` (0a86649) and microsoft/windows-ai-studio-templates (6ac0e13).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..bundled_files import script
from ..data_files import TRAINING, VALIDATION, data_files
from ..export_job import ExportJob
from ..target import Exported, ExportedFile
from . import requirements
from .olive_target import config_text, memory_in_olive, olive_warnings
from .refusals import refuse_what_olive_cannot
from .run_config import Paths, written_config

PATHS = Paths(
    training="dataset/train.jsonl",
    validation="dataset/validation.jsonl",
    checkpoints="models/checkpoints",
    cache="cache",
    result="models/onnx",
)
CONFIG, REQUIREMENTS, ANSWERING = "finetuning/olive-config.json", "setup/requirements.txt", "inference/answer.py"
CONTAINER = "infra/finetuning.config.json"

IN_TEMPLATES = "Phi-3-mini-4k-instruct"
"""The only model of the catalogue that the toolkit's own templates have."""


@dataclass(frozen=True, slots=True)
class AIToolkitTarget:
    """The project that the extension opens."""

    name: str = "ai-toolkit"
    title: str = "Foundry Toolkit for VS Code (AI Toolkit)"
    tried_with: str = (
        f"{requirements.TRIED} The folder was not opened in VS Code, and no Container Apps job was started from it."
    )
    all_tokens: bool = True

    def export(self, job: ExportJob) -> Exported:
        """Return the files and what they mean; raise NotExportable for a job that Olive cannot run."""
        refuse_what_olive_cannot(job)
        writer = written_config(job, PATHS)
        start = (f"pip install -r {REQUIREMENTS}", f"olive run --config {CONFIG} --disable_telemetry")
        places = {TRAINING: PATHS.training, VALIDATION: PATHS.validation}
        return Exported(
            files=(
                ExportedFile(path=CONFIG, content=config_text(writer, job, PATHS)),
                ExportedFile(path=ANSWERING, content=script("answer.py")),
                ExportedFile(path=CONTAINER, content=_container_job(start)),
                ExportedFile(path=REQUIREMENTS, content=requirements.requirements_of(job)),
                *(replace(file, path=places[file.path]) for file in data_files(job)),
            ),
            translations=tuple(writer.translations),
            warnings=(*olive_warnings(job), *_warnings(job)),
            commands=start,
            expected=memory_in_olive(job),
            notes=tuple(_notes()),
        )


def _container_job(start: tuple[str, ...]) -> str:
    """Return what "Run fine-tuning" starts on Azure Container Apps, where the project is mounted at /mount."""
    document = {
        "SUBSCRIPTION_ID": "",
        "RESOURCE_GROUP_NAME": "",
        "STORAGE_ACCOUNT_NAME": "",
        "FILE_SHARE_NAME": "",
        "ACA_JOB_NAME": "",
        "COMMANDS": ["cd /mount", *start],
    }
    return json.dumps(document, indent=2) + "\n"


def _warnings(job: ExportJob) -> Iterator[str]:
    yield (
        "this is the layout of the toolkit's fine-tuning template, which its documentation calls legacy; what it "
        "documents now trains an adapter of Phi Silica, the model of Windows, whose weights are not published"
    )
    if job.model.name != IN_TEMPLATES:
        yield f"the toolkit's own templates have {IN_TEMPLATES} only, and not {job.model.name}"


def _notes() -> Iterator[str]:
    yield f"Then ask the ONNX model: `python {ANSWERING} --model {PATHS.result} 'Who are you?'`"
    yield (
        f"In VS Code open this folder. `{CONTAINER}` is for the commands of the toolkit that train on Azure Container "
        "Apps: fill in the ids of a job that you have, or copy `infra/provision` from a project that the toolkit made "
        "and let it provision one. Such a job ends after three hours unless the parameter `timeout` says otherwise."
    )


AI_TOOLKIT = AIToolkitTarget()
"""The target of `--for ai-toolkit`."""

"""Local operations on datasets: check, fix, convert, split, estimate. No request is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from os import PathLike, fspath
from typing import TYPE_CHECKING, TypeVar

from ..catalog.lookup import find_model
from ..core.errors import InvalidInput
from ..core.local_files import reports_file_errors
from ..core.surfaces import Surface, not_offered
from ..transfers.sources import existing
from ..wire import Wire
from .check.checker import CheckOptions
from .check.report import CheckReport, Role
from .convert.format_names import OnBad, SourceFormat
from .parts import check_file
from .rows.schemas import Task
from .surface_choice import check_foundry_model, choose_rules
from .tokens.counter_choice import LazyModelCounter
from .validation_data import refuse_own_validation

if TYPE_CHECKING:
    from .convert import DatasetConversion
    from .cost.training_estimate import TrainingEstimate
    from .repair.changes import Repair
    from .split.result import DatasetSplit

T = TypeVar("T")
AnyPath = str | PathLike[str]


class LocalDatasets:
    """Operations on local files, off the event loop if there is one."""

    def __init__(self, wire: Wire, surface: Surface = "azureml") -> None:
        self._wire = wire
        self._surface: Surface = surface

    @reports_file_errors
    async def check(
        self,
        path: AnyPath,
        *,
        model: str | None = None,
        task: Task | None = None,
        role: Role = "training",
        training_data: AnyPath | None = None,
        max_seq_length: int | None = None,
        tokenizer: AnyPath | None = None,
        surface: Surface | None = None,
        method: str | None = None,
        survey: bool = True,
        personal_data: bool = True,
        jobs: int = 1,
    ) -> CheckReport:
        """Report what the service would do with every row of a file; no request is sent.

        Args:
            path: a JSONL file.
            model: the base model, for what its chat template drops and which rows are truncated.
            task: chat or text; detected from the rows by default.
            role: training or validation.
            training_data: for a validation file, the training file: rows in both are reported.
            max_seq_length: tokens per row, by default the pipeline's limit, at most the model's context.
            tokenizer: a folder with the model's tokenizer; without one anywhere, tokens are estimated.
            surface: azureml or foundry, whose rules are applied; by default as method, model or client say.
            method: for Foundry, supervised, dpo or reinforcement; detected from the rows by default.
            survey: also report on the dataset as a whole (lengths, duplicates) and likely secrets; takes longer.
            personal_data: look for personal data as well.
            jobs: processes to use; worth it from about 32 MB on. See `check_file` for what a program needs then.

        Returns:
            The report; `report.ok` says whether the service would accept the file.

        Raises:
            UnknownModel: the catalogue has no such model.
            NotOffered: Azure Machine Learning does not have the method.
            InvalidInput: there is no such file, tokens cannot be counted as asked, or the two files are one.
        """
        rules = choose_rules(surface, method, model, default=self._surface)
        facts = find_model(model) if model and rules.surface == "azureml" else None
        if rules.surface == "foundry" and max_seq_length is not None:
            raise not_offered("max_seq_length (of a check)", "foundry", offered_by="azureml")
        if model is None and (max_seq_length is not None or tokenizer is not None):
            raise InvalidInput("max_seq_length and tokenizer need a model: tokens are a model's own")
        checking = CheckOptions(
            model=facts,
            task=task,
            role=role,
            max_seq_length=max_seq_length,
            counter=LazyModelCounter(facts, fspath(tokenizer), task) if facts and tokenizer is not None else None,
            survey=survey,
            personal=personal_data,
            surface=rules.surface,
            method=rules.method,
            foundry_model=check_foundry_model(model) if model and facts is None else None,
        )
        report = await self._do(partial(check_file, existing(path), checking, jobs=jobs))
        if training_data is None:
            return report
        await self._do(partial(refuse_own_validation, existing(training_data), existing(path)))
        training = replace(checking, role="training", counter=None, max_seq_length=None, survey=True, personal=False)
        return report.against(await self._do(partial(check_file, existing(training_data), training, jobs=jobs)))

    @reports_file_errors
    async def fix(
        self,
        path: AnyPath,
        target: AnyPath,
        *,
        model: str | None = None,
        task: Task | None = None,
        surface: Surface | None = None,
        method: str | None = None,
        overwrite: bool = False,
    ) -> Repair:
        """Write a repaired copy of a file: everything that `check` calls repairable, and no other change.

        Args:
            path: the file, which is only read.
            target: the file to write, atomically.
            model: the base model; for one without a system role the system message moves into the first user turn.
            task: chat or text; detected from the rows by default.
            surface: azureml or foundry, whose rules are applied; by default as method, model or client say.
            method: for Foundry, supervised, dpo or reinforcement; detected from the rows by default.
            overwrite: replace an existing target.

        Returns:
            What was changed, by rule and line.

        Raises:
            UnknownModel: the catalogue has no such model.
            NotOffered: Azure Machine Learning does not have the method.
            InvalidInput: there is no such file, or the target already exists.
        """
        from .repair.file_repair import fix_file

        rules = choose_rules(surface, method, model, default=self._surface)
        facts = find_model(model) if model and rules.surface == "azureml" else None
        return await self._do(
            partial(
                fix_file,
                path,
                target,
                model=facts,
                task=task,
                surface=rules.surface,
                method=rules.method,
                overwrite=overwrite,
            )
        )

    @reports_file_errors
    async def convert(
        self,
        path: AnyPath,
        target: AnyPath,
        *,
        source_format: SourceFormat = "auto",
        columns: Mapping[str, str] | None = None,
        on_bad: OnBad = "refuse",
        overwrite: bool = False,
        encoding: str | None = None,
        surface: Surface | None = None,
        method: str | None = None,
    ) -> DatasetConversion:
        """Write a file of another format as chat rows; see `maas_client.convert_file` for formats, results and errors.

        Args:
            path: the file, which is only read.
            target: the JSONL file to write, atomically.
            source_format: the file's format, detected by default.
            columns: by role, the column with its text.
            on_bad: refuse a file with a row that cannot be converted, or skip such rows.
            overwrite: replace an existing target.
            encoding: the encoding of a file of text, such as windows-1252.
            surface: azureml or foundry, whose rows are written; by default as method or client say.
            method: for Foundry, supervised, dpo or reinforcement; by default that of the file's rows.
        """
        from .convert import convert_file

        rules = choose_rules(surface, method, default=self._surface)
        return await self._do(
            partial(
                convert_file,
                path,
                target,
                source_format=source_format,
                columns=columns,
                on_bad=on_bad,
                overwrite=overwrite,
                encoding=encoding,
                surface=rules.surface,
                method=rules.method,
            )
        )

    @reports_file_errors
    async def split(
        self,
        path: AnyPath,
        *,
        ratio: Sequence[float] = (0.8, 0.2),
        validation_count: int | None = None,
        test_count: int | None = None,
        by: str | None = None,
        seed: int = 0,
        out_dir: AnyPath | None = None,
        on_bad: OnBad = "refuse",
        overwrite: bool = False,
    ) -> DatasetSplit:
        """Split a file into parts without leakage between them; see `maas_client.split_file` for the result.

        Args:
            path: the file, which is only read.
            ratio: shares of train, validation and, if there are three, test; rows keep their part as the file grows.
            validation_count: rows for validation, instead of a share.
            test_count: rows for testing, instead of a share.
            by: a column or JSON pointer; rows with the same value there stay together.
            seed: a different seed gives a different split.
            out_dir: an existing folder for the parts, by default the file's own.
            on_bad: refuse a file with a line that is not a row, or skip such lines.
            overwrite: replace existing parts.
        """
        from .split.file_split import split_file

        return await self._do(
            partial(
                split_file,
                path,
                ratio=ratio,
                validation_count=validation_count,
                test_count=test_count,
                by=by,
                seed=seed,
                out_dir=out_dir,
                on_bad=on_bad,
                overwrite=overwrite,
            )
        )

    @reports_file_errors
    async def estimate(
        self,
        path: AnyPath,
        *,
        model: str,
        validation_data: AnyPath | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        max_seq_length: int | None = None,
        method: str | None = None,
        training_tier: str | None = None,
        tokenizer: AnyPath | None = None,
        exact: bool = False,
        prices: AnyPath | None = None,
    ) -> TrainingEstimate:
        """Estimate fine-tuning on a file: tokens and cost, if prices are given, as the model's surface bills them.

        Args:
            path: the training file.
            model: the base model, of either surface.
            validation_data: the validation file, if any.
            epochs: how often every row is seen; once on Azure ML by default, and an assumption on Azure AI Foundry.
            batch_size: rows per step, 1 by default; -1 for the service's choice.
            max_seq_length: tokens per row, by default the pipeline's limit, at most the model's context (Azure ML).
            method: the fine-tuning method, by default that of the rows (Azure AI Foundry).
            training_tier: the tier whose price is taken (Azure AI Foundry).
            tokenizer: a folder with the model's tokenizer; without one anywhere, tokens are estimated.
            exact: refuse to estimate tokens.
            prices: a file of your prices; none are built in.

        Returns:
            A CostEstimate for a model of Azure ML, a FoundryCostEstimate for one of Azure AI Foundry.

        Raises:
            UnknownModel: neither catalogue has such a model.
            NotOffered: an argument that the model's surface has no use for.
            InvalidInput: there is no such file, the prices are wrong, or exact counts are not possible.
        """
        from ..catalog.surface_of_model import find_on_any_surface
        from .cost.training_estimate import estimate_training

        return await self._do(
            partial(
                estimate_training,
                existing(path),
                model=find_on_any_surface(model),
                validation=None if validation_data is None else existing(validation_data),
                epochs=epochs,
                batch_size=batch_size,
                max_seq_length=max_seq_length,
                method=method,
                training_tier=training_tier,
                tokenizer=tokenizer,
                exact=exact,
                prices=prices,
            )
        )

    async def _do(self, work: Callable[[], T]) -> T:
        return await self._wire.call(work)

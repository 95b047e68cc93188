"""What is done with data sets on this machine: check, fix, convert, split, estimate. No request is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from os import PathLike, fspath
from typing import TYPE_CHECKING, TypeVar

from ..catalog.lookup import find_model
from ..core.errors import InvalidInput
from ..core.local_files import reports_file_errors
from ..transfers.sources import existing
from ..wire import Wire
from .check.checker import CheckOptions
from .check.report import CheckReport, Role
from .convert.format_names import OnBad, SourceFormat
from .parts import check_file
from .rows.schemas import Task
from .tokens.counter_choice import LazyModelCounter

if TYPE_CHECKING:
    from .convert import DatasetConversion
    from .cost.estimate import CostEstimate
    from .repair.changes import Repair
    from .split.result import DatasetSplit

T = TypeVar("T")
AnyPath = str | PathLike[str]


class LocalDatasets:
    """Operations on files of this machine, off the event loop if there is one."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

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
        survey: bool = True,
        personal_data: bool = True,
        jobs: int = 1,
    ) -> CheckReport:
        """Say what the service would make of every row of a file; no request is sent.

        Args:
            path: a JSONL file.
            model: the base model, for what its chat template drops and which rows are cut.
            task: chat or text; told from the rows when left out.
            role: training or validation.
            training_data: for a validation file, the training file: rows that stand in both are told.
            max_seq_length: tokens that are read of a row, by default the pipeline's, at most the model's context.
            tokenizer: a folder with the model's tokenizer; without one anywhere, tokens are estimated.
            survey: look at the set as a whole, too (lengths, copies), and for likely secrets; it takes longer.
            personal_data: look for personal data as well.
            jobs: processes to use; worth it from some 100 MB on. See `check_file` for what it asks of a program.

        Returns:
            The report; `report.ok` says whether the service would accept the file.

        Raises:
            UnknownModel: the catalogue has no such model.
            InvalidInput: there is no such file, or tokens cannot be counted as asked.
        """
        facts = find_model(model) if model else None
        if facts is None and (max_seq_length is not None or tokenizer is not None):
            raise InvalidInput("max_seq_length and tokenizer need a model: tokens are a model's own")
        checking = CheckOptions(
            model=facts,
            task=task,
            role=role,
            max_seq_length=max_seq_length,
            counter=LazyModelCounter(facts, fspath(tokenizer)) if facts and tokenizer is not None else None,
            survey=survey,
            personal=personal_data,
        )
        report = await self._do(partial(check_file, existing(path), checking, jobs=jobs))
        if training_data is None:
            return report
        training = CheckOptions(model=facts, task=task, personal=False)
        return report.against(await self._do(partial(check_file, existing(training_data), training, jobs=jobs)))

    @reports_file_errors
    async def fix(
        self,
        path: AnyPath,
        target: AnyPath,
        *,
        model: str | None = None,
        task: Task | None = None,
        overwrite: bool = False,
    ) -> Repair:
        """Write a file anew with everything repaired that `check` calls repairable, and nothing else changed.

        Args:
            path: the file, which is only read.
            target: the file to be written; it is there whole or not at all.
            model: the base model; for one without a system role the system message moves into the first user turn.
            task: chat or text; told from the rows when left out.
            overwrite: replace a target that is there.

        Returns:
            What was changed, by rule and line.

        Raises:
            UnknownModel: the catalogue has no such model.
            InvalidInput: there is no such file, or the target is there already.
        """
        from .repair.file_repair import fix_file

        facts = find_model(model) if model else None
        return await self._do(partial(fix_file, path, target, model=facts, task=task, overwrite=overwrite))

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
    ) -> DatasetConversion:
        """Write a file of another format as chat rows; see `maas_client.convert_file` for formats, results and errors.

        Args:
            path: the file, which is only read.
            target: the JSONL file to be written; it is there whole or not at all.
            source_format: what the file is written in, by default told from the file itself.
            columns: by role, the column that has its words.
            on_bad: refuse the file for a row that cannot be converted, or skip such rows.
            overwrite: replace a target that is there.
        """
        from .convert import convert_file

        return await self._do(
            partial(
                convert_file,
                path,
                target,
                source_format=source_format,
                columns=columns,
                on_bad=on_bad,
                overwrite=overwrite,
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
        """Split a file into parts, none of which gives away another; see `maas_client.split_file` for what it returns.

        Args:
            path: the file, which is only read.
            ratio: shares of train, validation and, if there are three, test; they stay as they are as the file grows.
            validation_count: rows for validation, instead of a share.
            test_count: rows for testing, instead of a share.
            by: a column or JSON pointer; rows with the same value there stay together.
            seed: another one gives another split.
            out_dir: an existing folder for the parts, by default the file's own.
            on_bad: refuse the file for a line that is no row, or skip such lines.
            overwrite: replace parts that are there.
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
        epochs: int = 1,
        batch_size: int = 1,
        max_seq_length: int | None = None,
        tokenizer: AnyPath | None = None,
        exact: bool = False,
        prices: AnyPath | None = None,
    ) -> CostEstimate:
        """Say what fine-tuning on a file comes to: tokens, steps, rough time, and money if there are prices.

        Args:
            path: the training file.
            model: the base model.
            validation_data: the validation file, if one goes with it.
            epochs: how often every row is seen.
            batch_size: rows of a step; -1 leaves it to the service.
            max_seq_length: tokens that are read of a row, by default the pipeline's, at most the model's context.
            tokenizer: a folder with the model's tokenizer; without one anywhere, tokens are estimated.
            exact: refuse to estimate tokens.
            prices: a file of your prices, for none are built in.

        Raises:
            UnknownModel: the catalogue has no such model.
            InvalidInput: there is no such file, the prices are wrong, or exact counts cannot be had.
        """
        from .cost.estimate import estimate_cost

        return await self._do(
            partial(
                estimate_cost,
                existing(path),
                model=find_model(model),
                validation=None if validation_data is None else existing(validation_data),
                epochs=epochs,
                batch_size=batch_size,
                max_seq_length=max_seq_length,
                tokenizer=tokenizer,
                exact=exact,
                prices=prices,
            )
        )

    async def _do(self, work: Callable[[], T]) -> T:
        return await self._wire.call(work)

"""Several hyperparameter settings in parallel: upload once, train all of them, print the best.

A job that fails is reported and skipped; the others continue. The best is the one with the lowest evaluation loss.

    python examples/many_jobs.py

AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP and AZUREML_WORKSPACE_NAME set the workspace. With MAAS_ENDPOINT this runs
against the mock server (`python -m mock_server`), without it on Azure, where each of the jobs is billed.
"""

import asyncio
import sys
from pathlib import Path

from maas_client import AsyncMaasClient, Dataset, Hyperparameters, JobError

DATA = Path(__file__).parent / "data"
SETTINGS = [
    Hyperparameters(num_train_epochs=epochs, learning_rate=rate) for epochs in (1, 3) for rate in (1e-5, 1e-4, 5e-4)
]


async def train(
    maas: AsyncMaasClient, training: Dataset, validation: Dataset, setting: Hyperparameters
) -> tuple[float, str] | None:
    """Train with one setting; return its best evaluation loss and the model, or None if the job failed."""
    label = f"{setting.num_train_epochs} epochs at {setting.learning_rate:g}"
    job = await maas.jobs.create(
        model="Phi-4-mini-instruct",
        training_data=training,
        validation_data=validation,
        hyperparameters=setting,
        display_name=label,
        experiment="many-jobs",
    )
    try:
        job = await maas.jobs.wait(job.name, on_update=lambda job: print(f"{label}: {job.status}"))
    except JobError as error:
        print(f"{label}: {error}")
        return None
    metrics = await maas.jobs.metrics(job.name)
    loss = min(point.value for point in metrics["eval_loss"])
    print(f"{label}: evaluation loss {loss:.3f}")
    return loss, f"{job.output_model} ({label})"


async def main() -> None:
    """Train with every setting and print the best one."""
    async with AsyncMaasClient.from_env() as maas:
        training = await maas.datasets.upload(DATA / "train.jsonl")
        validation = await maas.datasets.upload(DATA / "validation.jsonl", role="validation")
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(train(maas, training, validation, setting)) for setting in SETTINGS]
    results = [result for task in tasks if (result := task.result()) is not None]
    if not results:
        sys.exit("every job failed")
    loss, model = min(results)
    print(f"best evaluation loss {loss:.3f}: {model}")


if __name__ == "__main__":
    asyncio.run(main())

"""The whole workflow with the asynchronous client: `quickstart.py` with `async with` and `await`, and parallel uploads.

The environment is that of `quickstart.py`: MAAS_ENDPOINT for the mock server, `az login` for Azure, and the workspace
in AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP and AZUREML_WORKSPACE_NAME.

    python examples/quickstart_async.py
"""

import asyncio
import sys
from pathlib import Path

from maas_client import AsyncMaasClient, Hyperparameters, Job

DATA = Path(__file__).parent / "data"
MODEL = "Phi-4-mini-instruct"


def show(job: Job) -> None:
    """Print the new status of a job."""
    print(f"{job.name}: {job.status}")


async def main() -> None:
    """Run the whole workflow once."""
    async with AsyncMaasClient.from_env() as maas:
        report = await maas.datasets.check(DATA / "train.jsonl", model=MODEL)
        print(report.summary)
        if not report.ok:
            sys.exit("\n".join(finding.message for finding in report.findings))

        training, validation = await asyncio.gather(
            maas.datasets.upload(DATA / "train.jsonl"),
            maas.datasets.upload(DATA / "validation.jsonl", role="validation"),
        )
        print(f"uploaded {training.name}:{training.version} and {validation.name}:{validation.version}")

        job = await maas.jobs.create(
            model=MODEL,
            training_data=training,
            validation_data=validation,
            hyperparameters=Hyperparameters(num_train_epochs=3),
        )
        job = await maas.jobs.wait(job.name, on_update=show)  # raises JobFailed, with the reason, if it fails
        assert job.output_model is not None  # a completed job has one
        losses = (await maas.jobs.metrics(job.name))["loss"]
        print(f"trained {job.output_model}; the last loss was {losses[-1].value}")

        endpoint = await maas.endpoints.create(model=job.output_model)
        try:
            endpoint = await maas.endpoints.wait(endpoint.name)
            print(f"{endpoint.name} is {endpoint.state}")
            print((await maas.chat.complete(endpoint.name, "How much is a tune-up?")).text)
        finally:
            await maas.endpoints.delete(endpoint.name)


if __name__ == "__main__":
    asyncio.run(main())

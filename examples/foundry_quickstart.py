"""The whole workflow on Azure AI Foundry: check a file, upload it, train an open model, deploy, chat, clean up.

Offline, with the mock server in another terminal (`python -m mock_server --job-seconds 10`):

    export FOUNDRY_ENDPOINT=http://127.0.0.1:8765/api/projects/demo
    python examples/foundry_quickstart.py

On Azure, FOUNDRY_ENDPOINT is your project's URL; set AZURE_SUBSCRIPTION_ID and AZURE_RESOURCE_GROUP for the deployment,
and sign in with `az login`. Training is billed per token, and the deployment for as long as it exists; the last lines
delete it.
"""

import sys
from pathlib import Path

from maas_client import FoundryHyperparameters, Job, MaasClient

DATA = Path(__file__).parent / "data"
MODEL = "gpt-oss-20b"


def show(job: Job) -> None:
    """Print the new status of a job."""
    print(f"{job.name}: {job.status}")


def main() -> None:
    """Run the whole workflow once."""
    with MaasClient.from_env(surface="foundry") as maas:
        report = maas.datasets.check(DATA / "train.jsonl", model=MODEL)
        print(report.summary)
        if not report.ok:
            sys.exit("\n".join(finding.message for finding in report.findings))

        job = maas.jobs.create(
            model=MODEL,
            training_data=maas.datasets.upload(DATA / "train.jsonl"),
            validation_data=maas.datasets.upload(DATA / "validation.jsonl", role="validation"),
            hyperparameters=FoundryHyperparameters(n_epochs=3),
            suffix="shop",
        )
        job = maas.jobs.wait(job.name, on_update=show)  # raises JobFailed, with the reason, if it fails
        assert job.output_model is not None  # a job that has succeeded has one
        print(f"trained {job.output_model}; the last loss was {maas.jobs.metrics(job.name)['loss'][-1].value}")
        for checkpoint in maas.jobs.checkpoints(job.name):
            print(f"checkpoint of step {checkpoint.step}: {checkpoint.id}")

        endpoint = maas.endpoints.create(model=job.output_model, name="shop")
        try:
            endpoint = maas.endpoints.wait(endpoint)
            print(f"{endpoint.name} is {endpoint.state}")
            print(maas.chat.complete(endpoint.name, "How much is a tune-up?").text)
        finally:
            maas.endpoints.delete(endpoint.name)


if __name__ == "__main__":
    main()

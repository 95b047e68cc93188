"""The whole workflow with the synchronous client: check a file, upload it, train, deploy, chat, clean up.

Offline, with the mock server in another terminal (`python -m mock_server --job-seconds 10`):

    export MAAS_ENDPOINT=http://127.0.0.1:8765
    export AZURE_SUBSCRIPTION_ID=any AZURE_RESOURCE_GROUP=any AZUREML_WORKSPACE_NAME=any
    python examples/quickstart.py

On Azure, leave MAAS_ENDPOINT unset, set the other three to your own workspace, and sign in with `az login`. Training is
billed per token, and the endpoint for as long as it exists; the last lines delete it.
"""

import sys
from pathlib import Path

from maas_client import Hyperparameters, Job, MaasClient

DATA = Path(__file__).parent / "data"
MODEL = "Phi-4-mini-instruct"


def show(job: Job) -> None:
    """Print the new status of a job."""
    print(f"{job.name}: {job.status}")


def main() -> None:
    """Run the whole workflow once."""
    with MaasClient.from_env() as maas:
        report = maas.datasets.check(DATA / "train.jsonl", model=MODEL)
        print(report.summary)
        if not report.ok:
            sys.exit("\n".join(finding.message for finding in report.findings))

        training = maas.datasets.upload(DATA / "train.jsonl")
        validation = maas.datasets.upload(DATA / "validation.jsonl", role="validation")
        print(f"uploaded {training.name}:{training.version} and {validation.name}:{validation.version}")

        job = maas.jobs.create(
            model=MODEL,
            training_data=training,
            validation_data=validation,
            hyperparameters=Hyperparameters(num_train_epochs=3),
        )
        job = maas.jobs.wait(job.name, on_update=show)  # raises JobFailed, with the reason, if it fails
        assert job.output_model is not None  # a completed job has one
        print(f"trained {job.output_model}; the last loss was {maas.jobs.metrics(job.name)['loss'][-1].value}")

        endpoint = maas.endpoints.create(model=job.output_model)
        try:
            endpoint = maas.endpoints.wait(endpoint.name)
            print(f"{endpoint.name} is {endpoint.state}")
            print(maas.chat.complete(endpoint.name, "How much is a tune-up?").text)
        finally:
            maas.endpoints.delete(endpoint.name)


if __name__ == "__main__":
    main()

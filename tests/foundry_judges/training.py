"""A whole training by openai's clients, blocking and asynchronous."""

import io

import openai
from openai.types.fine_tuning import FineTuningJob
from openai.types.fine_tuning.job_create_params import Method

from tests.foundry_judges.account import MODEL, QUESTION, TRAINING

METHOD: Method = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2, "batch_size": 1}}}
FINAL = ("succeeded", "failed", "cancelled")


def train(client: openai.OpenAI) -> FineTuningJob:
    """Upload data and train a model; returns the job when it has ended."""
    file = client.files.create(file=("train.jsonl", io.BytesIO(TRAINING)), purpose="fine-tune")
    assert str(file.status) == "pending"
    ready = client.files.wait_for_processing(file.id, poll_interval=0.001)
    assert ready.status == "processed"
    job = client.fine_tuning.jobs.create(
        model=MODEL,
        training_file=file.id,
        validation_file=file.id,
        suffix="demo",
        metadata={"run": "r1"},
        method=METHOD,
        extra_body={"trainingType": "GlobalStandard"},
    )
    while job.status not in FINAL:
        job = client.fine_tuning.jobs.retrieve(job.id)
    return job


async def train_async(client: openai.AsyncOpenAI) -> str:
    """Upload data and train a model; returns the model's name."""
    file = await client.files.create(file=("train.jsonl", io.BytesIO(TRAINING)), purpose="fine-tune")
    await client.files.wait_for_processing(file.id, poll_interval=0.001)
    job = await client.fine_tuning.jobs.create(
        model=MODEL,
        training_file=file.id,
        method=METHOD,
        extra_body={"trainingType": "GlobalStandard"},
    )
    while job.fine_tuned_model is None:
        job = await client.fine_tuning.jobs.retrieve(job.id)
        assert job.status != "failed", job
    messages = [event.message async for event in client.fine_tuning.jobs.list_events(job.id, limit=50)]
    assert messages[-1].startswith("Job enqueued.")
    steps = [point.step_number async for point in client.fine_tuning.jobs.checkpoints.list(job.id)]
    assert len(steps) == 2
    return job.fine_tuned_model


async def ask(client: openai.AsyncOpenAI, deployment: str) -> str:
    """Ask a deployment, and return the pieces of its answer."""
    stream = await client.chat.completions.create(
        model=deployment, messages=[{"role": "user", "content": QUESTION}], stream=True
    )
    async with stream:
        return "".join([choice.delta.content or "" async for chunk in stream for choice in chunk.choices])

"""The command line: what `maas` offers, one line each. A command's module is imported when it runs."""

from __future__ import annotations

import gc

from .app.root import Root

maas = Root(
    "maas",
    {
        "demo": ("demo:demo", "Run the whole job against an embedded mock server."),
        "run": ("run:run", "Do the whole job of a file; the same command goes on after any interruption."),
        "check": ("check:check", "Say what the service would make of a data set."),
        "convert": ("convert:convert", "Convert a file of another format to a data set of chat rows."),
        "estimate": ("estimate:estimate", "Count a data set's tokens and say what training on it comes to."),
        "split": ("split:split", "Split a data set into parts for training, validation and testing."),
        "copy": ("copy:copy", "Let the service copy a data set from a URL, and register it."),
        "upload": ("upload:upload", "Upload a data set and register it."),
        "uploads": ("uploads:uploads", "List uploads that were interrupted, or forget them."),
        "download": ("download:download", "Download a data set, or what a job has made."),
        "jobs": ("jobs:jobs", "Create fine-tuning jobs and follow them."),
        "sweep": ("sweep:sweep", "Train on every combination of hyperparameters, and say which did best."),
        "deploy": ("deploy:deploy", "Deploy what a job has trained."),
        "endpoints": ("endpoints:endpoints", "Create, list and delete serverless endpoints."),
        "chat": ("chat:chat", "Talk to an endpoint."),
        "eval": ("evals:evaluate", "Compare endpoints by a validation set."),
        "models": ("models:models", "Show the models and what can be done with them today."),
        "doctor": ("doctor:doctor", "Say whether everything is in place, and what to run if not."),
        "mock": ("mock:mock", "Run the mock server."),
        "completion": ("completion:completion", "Write what makes a shell complete these commands."),
    },
    help="""Serverless fine-tuning of Phi models on Azure Machine Learning: check, upload, train, deploy, chat.

    \b
    Example:
      maas demo
      maas jobs create --model Phi-4-mini-instruct --training-data train.jsonl --wait
    """,
    epilog="""Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 authentication, 5 job failed or canceled,
    6 invalid dataset, 75 try again later, 124 wait timed out, 130 interrupted.""",
)


def main() -> None:
    """Run the command line of this process."""
    # What a command imports lives on: collecting garbage in the midst of it is a sixth of its start.
    gc.set_threshold(50_000)
    maas.main(prog_name="maas")

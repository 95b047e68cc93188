"""The `maas` command line. A command's module is imported only when the command runs."""

from __future__ import annotations

import gc
import sys

from .app.root import Root

maas = Root(
    "maas",
    {
        "demo": ("demo:demo", "Run every step of a fine-tuning job against an embedded mock server."),
        "init": ("init:init", "Choose a workspace and write config.json."),
        "run": ("run:run", "Run all steps of a job file; run it again to resume after an interruption."),
        "check": ("check:check", "Check a dataset as the service would."),
        "convert": ("convert:convert", "Convert a file of another format to a chat dataset."),
        "plan": ("plan:plan", "Show which ways to fine-tune a model fit, and which to take."),
        "estimate": ("estimate:estimate", "Count a dataset's tokens and estimate training time and cost."),
        "export": ("export:export", "Write a job file as the files that another platform runs."),
        "split": ("split:split", "Split a dataset into training, validation and test parts."),
        "copy": ("copy:copy", "Copy a dataset from a URL server-side, and register it."),
        "upload": ("upload:upload", "Upload a dataset and register it."),
        "uploads": ("uploads:uploads", "List interrupted uploads, or discard them."),
        "datasets": ("datasets:datasets", "List, show and delete data assets."),
        "download": ("download:download", "Download a dataset, or the outputs and logs of a job."),
        "jobs": ("jobs:jobs", "Create, watch and inspect fine-tuning jobs."),
        "sweep": ("sweep:sweep", "Train every combination of hyperparameters and rank the results."),
        "deploy": ("deploy:deploy", "Deploy a job's tuned model."),
        "endpoints": ("endpoints:endpoints", "Create, list and delete endpoints: deployments of models."),
        "computes": ("computes:computes", "List sizes and quota; create, scale and delete clusters of your own."),
        "costs": ("costs:costs", "List what costs money by the hour right now, and delete what is idle."),
        "chat": ("chat:chat", "Chat with an endpoint."),
        "eval": ("evals:evaluate", "Compare endpoints on a validation set."),
        "models": ("models:models", "List the base models, and the models registered in the workspace."),
        "webhooks": ("webhooks:webhooks", "Register, list and delete URLs that Foundry calls when a job ends."),
        "doctor": ("doctor:doctor", "Check settings, sign-in, roles and storage, and suggest fixes."),
        "verify": ("verify:verify", "Check whether the service answers as this library expects."),
        "drift": ("drift:drift", "Compare two recordings of requests, or one with the mock server."),
        "record": ("record:record", "Record what a command sends and receives, without names and secrets."),
        "mock": ("mock:mock", "Run the mock server."),
        "completion": ("completion:completion", "Print a shell completion script."),
    },
    help="""Serverless fine-tuning of Phi models on Azure Machine Learning: check, upload, train, deploy, chat.

    \b
    Example:
      maas demo
      maas jobs create --model Phi-4-mini-instruct --training-data train.jsonl --wait
    """,
    epilog="""Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 authentication, 5 job failed or canceled,
    6 invalid dataset, 7 contract contradicted, 75 try again later, 124 wait timed out, 130 interrupted.""",
)


def main() -> None:
    """Run the command line of this process and exit."""
    # Imported modules are never garbage: collecting while they load takes a sixth of the start-up time.
    gc.set_threshold(50_000)
    # tenacity imports tornado where it is installed, for a class that is not used here: a tenth of the start-up time.
    sys.modules.setdefault("tornado", None)  # type: ignore[arg-type] # None makes import skip a module
    try:
        maas.main(prog_name="maas")
    finally:
        gc.freeze()  # nor are they at the end: the interpreter's last collection would visit all of them

"""Each public operation called once, in an order in which each has what it works on; the same on every client."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from maas_client import JobSpec

MODELS = {"azureml": "Phi-4-mini-instruct", "foundry": "gpt-oss-20b"}
EPOCHS = {"azureml": "num_train_epochs", "foundry": "n_epochs"}


@dataclass
class CallContext:
    """One client's folder, and what its operations have returned so far, by name."""

    surface: str
    folder: Path
    source: str
    found: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def model(self) -> str:
        """Return a base model of the platform."""
        return MODELS[self.surface]

    @property
    def train(self) -> Path:
        """Return a training file."""
        return self.folder / "train.jsonl"

    def spec(self, name: str, **changes: Any) -> JobSpec:
        """Return a job of this name."""
        return JobSpec(model=self.model, training_data=self.train, name=name, **changes)


def write_rows(path: Path, count: int = 12, first: int = 0) -> None:
    """Write rows that both platforms accept."""
    rows = ([("user", f"question {n}"), ("assistant", f"answer {n}")] for n in range(first, first + count))
    lines = [json.dumps({"messages": [{"role": role, "content": text} for role, text in row]}) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _job(context: CallContext) -> str:
    return str(context.found["jobs.create"].name)


def _first(context: CallContext, operation: str) -> Any:
    return context.found[operation][0]


Call = Callable[[Any, CallContext], Any]

CALLS: Mapping[str, Call] = {
    "workspace.get": lambda maas, _: maas.workspace.get(),
    "workspace.subscriptions": lambda maas, _: maas.workspace.subscriptions(),
    "workspace.list": lambda maas, _: maas.workspace.list(),
    "workspace.connect": lambda maas, _: maas.workspace.connect(),
    "workspace.caller": lambda maas, _: maas.workspace.caller(),
    "workspace.grants": lambda maas, _: maas.workspace.grants(),
    "workspace.registration": lambda maas, _: maas.workspace.registration(),
    "workspace.clock_skew": lambda maas, _: maas.workspace.clock_skew(),
    "workspace.datastore": lambda maas, _: maas.workspace.datastore(),
    "workspace.storage": lambda maas, _: maas.workspace.storage(),
    "workspace.registry_model": lambda maas, context: maas.workspace.registry_model(context.model),
    "workspace.registry_component": lambda maas, _: maas.workspace.registry_component("chat_completion_pipeline"),
    "datasets.check": lambda maas, context: maas.datasets.check(context.train),
    "datasets.fix": lambda maas, context: maas.datasets.fix(context.train, context.folder / "fixed.jsonl"),
    "datasets.convert": lambda maas, context: maas.datasets.convert(context.train, context.folder / "rows.jsonl"),
    "datasets.split": lambda maas, context: maas.datasets.split(context.train),
    "datasets.estimate": lambda maas, context: maas.datasets.estimate(context.train, model=context.model),
    "datasets.upload": lambda maas, context: maas.datasets.upload(context.train, name="rows"),
    "datasets.get": lambda maas, context: maas.datasets.get("rows", context.found["datasets.upload"].version),
    "datasets.list": lambda maas, _: maas.datasets.list("rows"),
    "datasets.download": lambda maas, context: maas.datasets.download(
        "rows@latest", context.folder / "down" / "x.jsonl"
    ),
    "datasets.copy": lambda maas, context: maas.datasets.copy(context.source, name="copied"),
    "datasets.delete": lambda maas, context: maas.datasets.delete(context.found["datasets.copy"].id),
    "datasets.restore": lambda maas, context: maas.datasets.restore(
        context.found["datasets.copy"].id if "datasets.copy" in context.found else "copied"
    ),
    "jobs.preview": lambda maas, context: maas.jobs.preview(context.spec("ft-1")),
    "jobs.create": lambda maas, context: maas.jobs.create(
        model=context.model, training_data=context.found["datasets.upload"], name="ft-1"
    ),
    "jobs.create_pipeline": lambda maas, context: maas.jobs.create_pipeline(
        model=context.model,
        training_data=context.train,
        name="pipe-1",
        instance_types=["Standard_NC24ads_A100_v4"],
        inputs={"apply_lora": True},
        force=True,  # the server gives no quota to families with GPUs
    ),
    "jobs.submit": lambda maas, context: maas.jobs.submit(context.spec("ft-2")),
    "jobs.get": lambda maas, context: maas.jobs.get(_job(context)),
    "jobs.name_of": lambda maas, context: maas.jobs.name_of(_job(context)),
    "jobs.list": lambda maas, _: maas.jobs.list(),
    "jobs.cancel": lambda maas, _: maas.jobs.cancel("ft-2"),
    "jobs.archive": lambda maas, _: maas.jobs.archive("ft-2"),
    "jobs.restore": lambda maas, _: maas.jobs.restore("ft-2"),
    "jobs.watch": lambda maas, _: maas.jobs.watch("ft-1"),
    "jobs.wait": lambda maas, _: maas.jobs.wait("ft-1"),
    "jobs.children": lambda maas, _: maas.jobs.children("pipe-1"),
    "jobs.details": lambda maas, _: maas.jobs.details("ft-1"),
    "jobs.details_of": lambda maas, _: maas.jobs.details_of(["ft-1"]),
    "jobs.metrics": lambda maas, _: maas.jobs.metrics("ft-1"),
    "jobs.view": lambda maas, _: maas.jobs.view("ft-1"),
    "jobs.watch_views": lambda maas, _: maas.jobs.watch_views("ft-1"),
    "jobs.events": lambda maas, _: maas.jobs.events("ft-1"),
    "jobs.logs": lambda maas, _: maas.jobs.logs("ft-1"),
    "jobs.log_part": lambda maas, _: maas.jobs.log_part("ft-1"),
    "jobs.follow_logs": lambda maas, _: maas.jobs.follow_logs("ft-1"),
    "jobs.activity": lambda maas, _: maas.jobs.activity("ft-1"),
    "jobs.follow_activity": lambda maas, _: maas.jobs.follow_activity("ft-1"),
    "jobs.checkpoints": lambda maas, _: maas.jobs.checkpoints("ft-1"),
    "jobs.copy_checkpoint": lambda maas, context: maas.jobs.copy_checkpoint(
        "ft-1",
        _first(context, "jobs.checkpoints").id if "jobs.checkpoints" in context.found else "ftchkpt-1",
        account_id="/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/other",
        region="swedencentral",
    ),
    "jobs.download": lambda maas, context: maas.jobs.download("ft-1", context.folder / "job"),
    "jobs.pause": lambda maas, _: maas.jobs.pause("ft-3"),
    "jobs.resume": lambda maas, _: maas.jobs.resume("ft-3"),
    "jobs.delete": lambda maas, _: maas.jobs.delete("ft-2"),
    "sweeps.plan": lambda maas, context: maas.sweeps.plan(
        context.spec("sw", hyperparameters={EPOCHS[context.surface]: [1, 2]})
    ),
    "sweeps.run": lambda maas, context: maas.sweeps.run(
        context.spec("sw", hyperparameters={EPOCHS[context.surface]: [1, 2]})
    ),
    "workflow.plan": lambda maas, context: maas.workflow.plan(context.spec("run")),
    "workflow.create": lambda maas, context: maas.workflow.create(context.spec("run")),
    "workflow.run": lambda maas, context: maas.workflow.run(context.spec("run")),
    "endpoints.create": lambda maas, context: maas.endpoints.create(
        model=context.found["jobs.wait"].output_model, name="e-1"
    ),
    "endpoints.wait": lambda maas, _: maas.endpoints.wait("e-1"),
    "endpoints.get": lambda maas, _: maas.endpoints.get("e-1"),
    "endpoints.list": lambda maas, _: maas.endpoints.list(),
    "endpoints.serving": lambda maas, context: maas.endpoints.serving(context.found["jobs.wait"].output_model),
    "endpoints.keys": lambda maas, _: maas.endpoints.keys("e-1"),
    "endpoints.regenerate_key": lambda maas, _: maas.endpoints.regenerate_key("e-1"),
    "costs.running": lambda maas, _: maas.costs.running(),
    "endpoints.scale": lambda maas, _: maas.endpoints.scale("own", instance_count=2),
    "endpoints.traffic": lambda maas, _: maas.endpoints.traffic("own", {"main": 100}),
    "endpoints.logs": lambda maas, _: maas.endpoints.logs("own"),
    "endpoints.token": lambda maas, _: maas.endpoints.token("own"),
    "models.list": lambda maas, _: maas.models.list(),
    "models.get": lambda maas, context: maas.models.get(context.found["jobs.wait"].output_model),
    "computes.sizes": lambda maas, _: maas.computes.sizes(),
    "computes.quota": lambda maas, _: maas.computes.quota(),
    "computes.create": lambda maas, _: maas.computes.create("cpu-1", size="Standard_DS3_v2"),
    "computes.wait": lambda maas, _: maas.computes.wait("cpu-1"),
    "computes.get": lambda maas, _: maas.computes.get("cpu-1"),
    "computes.list": lambda maas, _: maas.computes.list(),
    "computes.scale": lambda maas, _: maas.computes.scale("cpu-1", max_nodes=2),
    "computes.nodes": lambda maas, _: maas.computes.nodes("cpu-1"),
    "computes.delete": lambda maas, _: maas.computes.delete("cpu-1"),
    "models.register": lambda maas, _: maas.models.register("again", job="ft-1"),
    "models.archive": lambda maas, _: maas.models.archive("again"),
    "models.restore": lambda maas, _: maas.models.restore("again"),
    "chat.complete": lambda maas, _: maas.chat.complete("e-1", "question 1"),
    "chat.stream": lambda maas, _: maas.chat.stream("e-1", "question 1"),
    "evals.run": lambda maas, context: maas.evals.run(["e-1"], context.train),
    "webhooks.register": lambda maas, _: maas.webhooks.register("http://127.0.0.1:9/hook", name="hook"),
    "webhooks.list": lambda maas, _: maas.webhooks.list(),
    "webhooks.delete": lambda maas, _: maas.webhooks.delete("hook"),
    "endpoints.delete": lambda maas, _: maas.endpoints.delete("e-1"),
}
"""By operation, in their order."""


BEFORE: Mapping[str, Call] = {
    "endpoints.scale": lambda maas, context: maas.endpoints.create(
        model=context.model, name="own", instance_type="Standard_NC24ads_A100_v4", auth_mode="aml_token"
    ),
    "jobs.pause": lambda maas, context: maas.jobs.create(
        model=context.model, training_data=context.found["datasets.upload"], name="ft-3"
    ),
}
"""What an operation needs first, of which another one is not in the order."""

STARTED = 11.0
"""Seconds after which a job of the mock server trains, and has not ended."""


def calls_on(surface: str, offers: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, Call]]:
    """Yield the operations that a platform offers, in their order."""
    return ((name, call) for name, call in CALLS.items() if surface in offers[name])

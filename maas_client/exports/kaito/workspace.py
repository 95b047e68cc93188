"""The Kubernetes objects of a tuning by KAITO: the Workspace that trains, its claims, and the one that serves.

The fields are those of `kaito.sh/v1beta1` (kaito-project/kaito, `api/v1beta1/workspace_types.go`, v0.12.0): a Workspace
has no `spec`, its parts are at the top.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

API_VERSION = "kaito.sh/v1beta1"
CONFIG_KEY = "training_config.yaml"
"""The key of the ConfigMap that KAITO reads."""

LARGEST_IN_CONFIG_MAP = 1_000_000
"""Bytes of a file that a ConfigMap takes with room for its metadata; the limit of all of it is 1 MiB.

kubernetes.io/docs/concepts/configuration/configmap, "ConfigMap is not designed to hold large chunks of data".
"""

STORAGE_CLASS = "azurefile-csi"
"""A class that every cluster of AKS has, whose volumes several nodes mount at a time.

learn.microsoft.com/azure/aks/azure-csi-files-storage-provision.
"""

LOADER_IMAGE = "busybox:1.37"
RESULTS_GIB = 10

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class KaitoTuning:
    """What the objects of one tuning are made of. `name` is a DNS label of at most 50 characters.

    `instance_type` is None where the cluster has nodes of its own. `image` is where the adapter is pushed to; without
    one it is kept on a volume. `data_bytes` decides whether a ConfigMap holds the data.
    """

    name: str
    preset: str
    method: Literal["lora", "qlora"]
    training_config: str
    instance_type: str | None
    data_bytes: int
    image: str | None = None

    @property
    def config(self) -> str:
        """The name of the ConfigMap with the training's settings."""
        return f"{self.name}-config"

    @property
    def data(self) -> str:
        """The name of the ConfigMap or of the claim with the data."""
        return f"{self.name}-data"

    @property
    def results(self) -> str:
        """The name of the claim on which the adapter is kept."""
        return f"{self.name}-results"

    @property
    def push_secret(self) -> str:
        """The name of the secret that opens the registry."""
        return f"{self.name}-registry"

    @property
    def is_small(self) -> bool:
        """Whether a ConfigMap holds the data."""
        return self.data_bytes <= LARGEST_IN_CONFIG_MAP


def tuning_documents(tuning: KaitoTuning) -> tuple[Document, ...]:
    """Return the objects that train, in the order in which they have to exist: the webhook looks for the ConfigMap."""
    settings = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": tuning.config},
        "data": {CONFIG_KEY: tuning.training_config},
    }
    workspace = {
        "apiVersion": API_VERSION,
        "kind": "Workspace",
        "metadata": {"name": tuning.name},
        "resource": _resource(tuning, tuning.name),
        "tuning": {
            "preset": {"name": tuning.preset},
            "method": tuning.method,
            "config": tuning.config,
            "input": {"name": tuning.data, "volumeSource": _data_volume(tuning)},
            "output": _output(tuning),
        },
    }
    claims = () if tuning.image else (_claim(tuning.results, RESULTS_GIB),)
    return (settings, *claims, workspace)


def data_documents(tuning: KaitoTuning) -> tuple[Document, ...]:
    """Return the claim for data that no ConfigMap holds, and the pod that it is copied through; none for small data."""
    if tuning.is_small:
        return ()
    loader = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"{tuning.name}-loader"},
        "spec": {
            "restartPolicy": "Never",
            "containers": [
                {
                    "name": "loader",
                    "image": LOADER_IMAGE,
                    "command": ["sleep", "86400"],
                    "volumeMounts": [{"name": "data", "mountPath": "/data"}],
                }
            ],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": tuning.data}}],
        },
    }
    return (_claim(tuning.data, max(1, -(-2 * tuning.data_bytes // (1 << 30)))), loader)


def inference_document(tuning: KaitoTuning) -> Document:
    """Return the Workspace that serves the model with the adapter.

    Without `strength`, which vLLM refuses, the runtime that KAITO serves with (`website/docs/lora-adapters.md`).
    """
    source: dict[str, Any] = {"name": tuning.name}
    if tuning.image:
        source |= {"image": tuning.image, "imagePullSecrets": [tuning.push_secret]}
    else:
        source["volumeSource"] = _volume(tuning.results)
    name = f"{tuning.name}-serve"
    return {
        "apiVersion": API_VERSION,
        "kind": "Workspace",
        "metadata": {"name": name},
        "resource": _resource(tuning, name),
        "inference": {"preset": {"name": tuning.preset}, "adapters": [{"source": source}]},
    }


def _resource(tuning: KaitoTuning, label: str) -> dict[str, Any]:
    chosen = {"instanceType": tuning.instance_type} if tuning.instance_type else {}
    return {**chosen, "labelSelector": {"matchLabels": {"app": label}}}


def _data_volume(tuning: KaitoTuning) -> dict[str, Any]:
    return {"configMap": {"name": tuning.data}} if tuning.is_small else _volume(tuning.data)


def _output(tuning: KaitoTuning) -> dict[str, Any]:
    if tuning.image:
        return {"image": tuning.image, "imagePushSecret": tuning.push_secret}
    return {"volumeSource": _volume(tuning.results)}


def _volume(claim: str) -> dict[str, Any]:
    return {"persistentVolumeClaim": {"claimName": claim}}


def _claim(name: str, gib: int) -> Document:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "storageClassName": STORAGE_CLASS,
            "resources": {"requests": {"storage": f"{gib}Gi"}},
        },
    }

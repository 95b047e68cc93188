"""What an Olive export installs: versions that worked together."""

from __future__ import annotations

from ..export_job import ExportJob

TRIED = (
    "Run with olive-ai 0.13.0, transformers 5.24.0, peft 0.21.2, torch 2.13.0 and onnxruntime-genai 0.14.1 on a CPU, "
    "with a Phi-3 of two layers and random weights: the training ended, and the ONNX model answered (2026-11-29). It "
    "was not run with the published weights, nor on a GPU."
)

_PINS = (
    "olive-ai==0.13.0",
    "requests==2.34.2  # olive-ai imports it and does not declare it",
    "torch==2.13.0",
    "transformers==5.24.0",
    "peft==0.21.2",
    "accelerate==1.15.0",
    "datasets==5.2.0",
    "onnxruntime==1.32.0",
    "onnxruntime-genai==0.14.1  # 0.16 moved a module that olive-ai 0.13.0 imports",
)
_QUANTIZED = ("bitsandbytes==0.50.2",)


def requirements_of(job: ExportJob) -> str:
    """Return the `requirements.txt` of an export."""
    return "".join(f"{pin}\n" for pin in (*_PINS, *(_QUANTIZED if job.chosen.method == "qlora" else ())))

"""Why a step cannot start with the literals that its pipeline was given, in the words of Python's `argparse`.

Choices and numbers are not checked before: azure-ai-ml 1.35.2 submits any, and they are strings on the wire.
"""

from collections.abc import Mapping

from mock_server.resources.component_inputs import FILES, ComponentInput, Inputs

MODEL_SOURCES = ("mlflow_model_path", "pytorch_model_path", "huggingface_id")


def problem(inputs: Inputs, literals: Mapping[str, str]) -> str | None:
    """Return the error with which a step that takes these inputs ends at its start; None if it starts."""
    for name, known in inputs.items():
        if known.type not in FILES and name in literals and (wrong := _wrong(known, literals[name])):
            return f"error: argument --{name}: {wrong}"
    return None


def _wrong(known: ComponentInput, value: str) -> str | None:
    if known.choices and value not in known.choices:
        return f"invalid choice: {value[:60]!r} (choose from {', '.join(map(repr, known.choices))})"
    if known.type not in ("integer", "number"):
        return None
    try:
        read = int(value) if known.type == "integer" else float(value)
    except ValueError:
        return f"invalid {'int' if known.type == 'integer' else 'float'} value: {value[:60]!r}"
    if known.least is not None and read < known.least:
        return f"{value[:60]} is less than {known.least}"
    return None

"""Graders of reinforcement fine-tuning: which definitions the service accepts (Azure's v1 specification and how-to)."""

from mock_server.core.json_values import Json, is_array, is_object, text
from mock_server.resources.foundry_errors import invalid_payload

OPERATIONS = ("eq", "ne", "like", "ilike")
METRICS = (
    "fuzzy_match", "bleu", "gleu", "meteor", "cosine", "rouge_1", "rouge_2", "rouge_3", "rouge_4", "rouge_5", "rouge_l",
)  # fmt: skip
MAX_SOURCE = 256 * 1024
MAX_DEPTH = 3
_TEXTS = {
    "string_check": ("name", "input", "reference"),
    "text_similarity": ("name", "input", "reference"),
    "score_model": ("name", "model"),
    "python": ("name", "source"),
    "multi": ("name", "calculate_output"),
    "endpoint": ("url",),
}


def check(grader: object, place: str, depth: int = 0) -> Json:
    """Return a valid grader; raises the service's error for another value."""
    if not is_object(grader) or text(grader, "type") not in _TEXTS:
        raise invalid_payload(f"{place}.type must be one of {', '.join(_TEXTS)}.", place)
    kind: str = grader["type"]
    for name in _TEXTS[kind]:
        if not text(grader, name):
            raise invalid_payload(f"{place}.{name} is required.", f"{place}.{name}")
    if kind == "string_check" and grader.get("operation") not in OPERATIONS:
        raise invalid_payload(f"{place}.operation must be one of {', '.join(OPERATIONS)}.", f"{place}.operation")
    if kind == "text_similarity" and grader.get("evaluation_metric") not in METRICS:
        message = f"{place}.evaluation_metric must be one of {', '.join(METRICS)}."
        raise invalid_payload(message, f"{place}.evaluation_metric")
    if kind == "score_model" and not (is_array(grader.get("input")) and grader["input"]):
        raise invalid_payload(f"{place}.input must be a list of messages.", f"{place}.input")
    if kind == "python" and len(grader["source"]) > MAX_SOURCE:
        raise invalid_payload(f"{place}.source may have at most 256 KB.", f"{place}.source")
    if kind == "multi":
        _check_children(grader.get("graders"), place, depth)
    return grader


def _check_children(children: object, place: str, depth: int) -> None:
    if not is_object(children) or not children:
        raise invalid_payload(f"{place}.graders must be an object of graders.", f"{place}.graders")
    if depth >= MAX_DEPTH:
        raise invalid_payload(f"{place}.graders is nested too deeply.", f"{place}.graders")
    for name, child in children.items():
        inner = check(child, f"{place}.graders.{name[:60]}", depth + 1)
        if "pass_threshold" in inner:
            message = f"{place}.graders.{name[:60]} must have no pass_threshold."
            raise invalid_payload(message, f"{place}.graders.{name[:60]}")

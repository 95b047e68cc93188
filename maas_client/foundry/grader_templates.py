"""Templates in graders: `{{item.key}}` reads the row, `{{sample.…}}` the model's answer.

A template that refers to nothing is no error at the service but a score of 0, for the whole run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..core.errors import InvalidInput

_TEMPLATE = re.compile(r"\{\{([^{}]*)\}\}")
_REFERENCE = re.compile(r"(item|sample)((?:\.[^\s.{}]+|\[[^\]{}]*\])+)")
_SINGLE = re.compile(r"(?<!\{)\{\s*(?:item|sample)\.[^{}]*\}(?!\})")
_OF_SAMPLE = ("output_text", "output_json", "output_tools", "choices")


def check_template(text: str, where: str) -> Iterator[str]:
    """Yield what is unusual in a text with templates.

    Raises InvalidInput for braces that do not match, and for a template that reads something else than `item` and
    `sample`.
    """
    for inner in _TEMPLATE.findall(text):
        found = _REFERENCE.fullmatch(inner.strip())
        if found is None:
            raise InvalidInput(
                f"{where}: {{{{{inner}}}}} is not a template of a grader; those are {{{{item.KEY}}}} for a key of the "
                "row and {{sample.output_text}} for the model's answer"
            )
        name = re.split(r"[.\[]", found[2].lstrip("."))[0]
        if found[1] == "sample" and name not in _OF_SAMPLE:
            yield f"{where}: {{{{{inner}}}}} is not documented; of a sample there are {', '.join(_OF_SAMPLE)}."
    rest = _TEMPLATE.sub("", text)
    if re.search(r"\{\{\s*(?:item|sample)\b|(?<![.\w])(?:item|sample)[.\w]*\s*\}\}", rest):
        raise InvalidInput(f"{where}: a template lacks its closing or opening braces; it is written {{{{item.KEY}}}}")
    if single := _SINGLE.search(rest):
        yield f"{where}: {single[0]} is text and not a template, which has two braces on each side."


def keys_in(text: str) -> Iterator[str]:
    """Yield the keys of the row that a text's templates read, without what is inside their values."""
    for inner in _TEMPLATE.findall(text):
        found = _REFERENCE.fullmatch(inner.strip())
        if found and found[1] == "item" and found[2].startswith("."):
            yield re.split(r"[.\[]", found[2][1:])[0]


def tidy(text: str) -> str:
    """Return a text without blanks inside the braces of its templates, with which some of them were not filled in."""
    return _TEMPLATE.sub(_without_blanks, text)


def _without_blanks(found: re.Match[str]) -> str:
    inner = found[1].strip()
    return f"{{{{{inner}}}}}" if _REFERENCE.fullmatch(inner) else found[0]

"""Chat templates: rendering a conversation to text for the model's tokenizer, in chunks that can be counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ...catalog.model_facts import Template
from ...openai_api.system_message import merge_system
from ..rows.content import text_of
from ..rows.excerpt import Json
from ..rows.schemas import Row, Schema


class TemplateChunk(NamedTuple):
    """A piece of a rendered row: its head, the text, and its foot.

    A chunk starts at a special token of the template, so no token crosses its start: the tokens of a row are those of
    its chunks. If it is `learnt`, the text and the special token at the start of `foot` are learned.
    """

    head: str
    said: str
    foot: str
    learnt: bool = False

    @property
    def text(self) -> str:
        """The whole text, as the tokenizer reads it."""
        return f"{self.head}{self.said}{self.foot}"


class _Layout(NamedTuple):
    """What a family's template writes: at the start, around a role, after a turn, at the end."""

    opening: str
    before: str
    behind: str
    end: str
    closing: str


_END_OF_TEXT = "<|endoftext|>"
_LAYOUTS: Mapping[str, _Layout] = {
    "phi-3": _Layout("", "<|", "|>\n", "<|end|>\n", _END_OF_TEXT),
    "phi-3-small": _Layout(_END_OF_TEXT, "<|", "|>\n", "<|end|>\n", _END_OF_TEXT),
    "phi-3-medium": _Layout("", "<|", "|>\n", "<|end|>\n", ""),
    "phi-4": _Layout("", "<|im_start|>", "<|im_sep|>", "<|im_end|>", ""),
    "phi-4-mini": _Layout("", "<|", "|>", "<|end|>", _END_OF_TEXT),
}
"""By family, as published as `chat_template` in the models' `tokenizer_config.json` (Phi-3-mini's of June 2024)."""

_MEDIUM = "phi-3-medium"
_WITH_TOOLS = "phi-4-mini"


def render(messages: Sequence[Json], template: Template) -> list[TemplateChunk]:
    """Render a conversation for training, without a generation prompt at the end.

    Roles that the template leaves out are dropped. Of a content list the text parts are rendered, one after the other;
    a turn without content is empty. For a model without a system role the system text is merged into the first user
    turn, as in the training back end.
    """
    turns = [message for message in messages if isinstance(message, dict)]
    layout = _LAYOUTS[template.family]
    if template.family == _MEDIUM:
        return list(_render_medium(merge_system(turns) or turns, layout))
    chunks = [TemplateChunk(layout.opening, "", "")] if layout.opening else []
    for turn in turns:
        role = str(turn.get("role"))
        if template.renders(role):
            said = text_of(turn.get("content")) + _tools(turn, template)
            chunks.append(TemplateChunk(f"{layout.before}{role}{layout.behind}", said, layout.end, role == "assistant"))
    return [*chunks, TemplateChunk(layout.closing, "", "")] if layout.closing else chunks


def render_text(row: Row, schema: Schema) -> list[TemplateChunk]:
    """Render a text completion row: the prompt directly followed by the completion, and nothing around them."""
    prompt, completion = (row[column] for column in schema.columns)
    return [TemplateChunk(str(prompt), str(completion), "", learnt=True)]


def special_tokens(family: str) -> tuple[str, ...]:
    """Return the special tokens that a family's template writes: each must be one token of the model's tokenizer."""
    layout = _LAYOUTS[family]
    if layout.before != "<|":
        return (layout.before, layout.behind, layout.end)
    roles = ("user", "assistant") if family == _MEDIUM else ("system", "user", "assistant")
    named = tuple(f"<|{role}|>" for role in roles)
    return (*named, layout.end.strip(), *filter(None, {layout.opening, layout.closing}))


def _render_medium(turns: Sequence[Mapping[str, Json]], layout: _Layout) -> Iterator[TemplateChunk]:
    """Render like Phi-3-medium: the user turn opens the answer, and an answer has no special token of its own.

    So an answer that follows another one continues the same chunk.
    """
    head, said = "", None
    for turn in turns:
        role, text = turn.get("role"), text_of(turn.get("content"))
        if role == "user":
            yield from _answer(head, said, layout)
            yield TemplateChunk(f"{layout.before}user{layout.behind}", text, layout.end)
            head, said = f"{layout.before}assistant{layout.behind}", None
        elif role == "assistant":
            said = text if said is None else f"{said}{layout.end}{text}"
    yield from _answer(head, said, layout)


def _answer(head: str, said: str | None, layout: _Layout) -> Iterator[TemplateChunk]:
    if said is not None:
        yield TemplateChunk(head, said, layout.end, learnt=True)
    elif head:
        yield TemplateChunk(head, "", "")


def _tools(turn: Row, template: Template) -> str:
    """Return what Phi-4-mini renders for the tools of a system message, which are a string there."""
    tools = turn.get("tools")
    if template.family == _WITH_TOOLS and turn.get("role") == "system" and isinstance(tools, str):
        return f"<|tool|>{tools}<|/tool|>"
    return ""

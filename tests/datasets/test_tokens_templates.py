"""The chat templates: what each family's tokenizer reads of a conversation, and which of it is learnt."""

from __future__ import annotations

import pytest

from maas_client.catalog.lookup import find_model, list_models
from maas_client.catalog.model_facts import ModelFacts
from maas_client.datasets.rows.excerpt import Json
from maas_client.datasets.rows.schemas import PROMPT_COMPLETION
from maas_client.datasets.tokens.chat_templates import TemplateChunk, render, render_text, special_tokens

ASKED: list[Json] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hello world"},
    {"role": "assistant", "content": "Hi"},
]

RENDERED = {
    "Phi-3-mini-4k-instruct": "<|system|>\nBe brief.<|end|>\n<|user|>\nHello world<|end|>\n"
    "<|assistant|>\nHi<|end|>\n<|endoftext|>",
    "Phi-3-small-8k-instruct": "<|endoftext|><|system|>\nBe brief.<|end|>\n<|user|>\nHello world<|end|>\n"
    "<|assistant|>\nHi<|end|>\n<|endoftext|>",
    "Phi-3-medium-4k-instruct": "<|user|>\nBe brief.\n\nHello world<|end|>\n<|assistant|>\nHi<|end|>\n",
    "Phi-4": "<|im_start|>system<|im_sep|>Be brief.<|im_end|><|im_start|>user<|im_sep|>Hello world<|im_end|>"
    "<|im_start|>assistant<|im_sep|>Hi<|im_end|>",
    "Phi-4-mini-instruct": "<|system|>Be brief.<|end|><|user|>Hello world<|end|><|assistant|>Hi<|end|><|endoftext|>",
}


def text(chunks: list[TemplateChunk]) -> str:
    return "".join(chunk.text for chunk in chunks)


def rendered(model: str, messages: list[Json]) -> str:
    return text(render(messages, find_model(model).template))


@pytest.mark.parametrize(("model", "expected"), RENDERED.items(), ids=list(RENDERED))
def test_a_conversation_becomes_what_the_models_template_writes(model: str, expected: str) -> None:
    assert rendered(model, ASKED) == expected


@pytest.mark.parametrize("model", RENDERED)
def test_the_answer_is_learnt_and_nothing_else_is(model: str) -> None:
    assert [chunk.said for chunk in render(ASKED, find_model(model).template) if chunk.learnt] == ["Hi"]


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.name)
def test_a_template_renders_the_roles_that_the_catalogue_says(model: ModelFacts) -> None:
    said = {role: f"from {role}" for role in ("system", "user", "assistant", "tool", "developer")}
    whole = text(render([{"role": role, "content": words} for role, words in said.items()], model.template))
    merged = {"system"} - set(model.template.roles or ())
    assert {role for role, words in said.items() if words in whole} == {
        role for role in said if model.template.renders(role)
    } | merged & {"system"}


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.name)
def test_rendered_chunks_start_with_a_marker(model: ModelFacts) -> None:
    chunks = render([*ASKED, {"role": "user", "content": "Again"}], model.template)
    assert all(chunk.text.startswith(special_tokens(model.template.family)) for chunk in chunks)


def test_a_list_of_parts_is_rendered_as_its_texts() -> None:
    parts: list[Json] = [{"type": "text", "text": "What is "}, {"type": "image_url"}, {"type": "text", "text": "this?"}]
    assert "<|user|>\nWhat is this?<|end|>\n" in rendered(
        "Phi-3-mini-4k-instruct", [{"role": "user", "content": parts}]
    )


def test_a_turn_that_only_calls_a_tool_is_rendered_empty() -> None:
    called: list[Json] = [{"role": "assistant", "tool_calls": [{}]}]
    assert rendered("Phi-3-mini-4k-instruct", called) == "<|assistant|>\n<|end|>\n<|endoftext|>"


def test_phi_4_mini_renders_the_tools_of_its_system_message() -> None:
    system: list[Json] = [{"role": "system", "content": "Act.", "tools": "[]"}]
    assert rendered("Phi-4-mini-instruct", system).startswith("<|system|>Act.<|tool|>[]<|/tool|><|end|>")
    assert "[]" not in rendered("Phi-4", system)


def test_mediums_user_turn_opens_an_answer_even_when_none_comes() -> None:
    asked: list[Json] = [{"role": "user", "content": "One"}, {"role": "user", "content": "Two"}]
    assert rendered("Phi-3-medium-4k-instruct", asked) == (
        "<|user|>\nOne<|end|>\n<|assistant|>\n<|user|>\nTwo<|end|>\n<|assistant|>\n"
    )


def test_two_answers_of_medium_in_a_row_are_one_chunk() -> None:
    """No marker opens the second answer."""
    said: list[Json] = [{"role": role, "content": role[0]} for role in ("user", "assistant", "assistant")]
    chunks = render(said, find_model("Phi-3-medium-4k-instruct").template)
    assert [chunk.text for chunk in chunks] == ["<|user|>\nu<|end|>\n", "<|assistant|>\na<|end|>\na<|end|>\n"]


def test_a_first_turn_answer_has_no_marker_on_medium() -> None:
    said: list[Json] = [{"role": "assistant", "content": "Hi"}, {"role": "user", "content": "Who is there?"}]
    assert rendered("Phi-3-medium-4k-instruct", said).startswith("Hi<|end|>\n<|user|>\n")


def test_a_system_message_that_medium_cannot_merge_vanishes() -> None:
    late: list[Json] = [*ASKED[1:], {"role": "system", "content": "Be brief."}]
    assert "Be brief." not in rendered("Phi-3-medium-4k-instruct", late)


def test_a_text_row_is_the_prompt_followed_by_the_completion() -> None:
    row: dict[str, Json] = {"prompt": "1 + 1 =", "completion": " 2"}
    assert render_text(row, PROMPT_COMPLETION) == [TemplateChunk("1 + 1 =", " 2", "", learnt=True)]

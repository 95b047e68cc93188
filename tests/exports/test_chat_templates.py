"""Our chat templates render what the models' own do, with marks around what the hosted service trains on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from maas_client.catalog.lookup import list_models
from maas_client.catalog.model_facts import Template
from maas_client.datasets.tokens.chat_templates import render
from maas_client.exports.bundled_files import chat_template
from maas_client.exports.hub_models import hub_models

END = "<|endoftext|>"
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="⟦⟧"), min_size=1, max_size=20)
TURNS = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant"]), "content": TEXT}), max_size=5
)


class Generation(Extension):
    """The block `generation` of transformers' templates: here it puts its text in brackets."""

    tags = {"generation"}  # noqa: RUF012 -- as jinja2 declares it

    def parse(self, parser: Parser) -> nodes.Node:
        """Parse the block."""
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("bracketed"), [], [], body).set_lineno(line)

    def bracketed(self, caller: Callable[[], str]) -> str:
        """Return the text of the block in brackets."""
        return f"⟦{caller()}⟧"


def rendered(template: str, messages: Sequence[Mapping[str, Any]], *, prompt: bool = False) -> str:
    """Render a conversation as transformers does."""
    environment = Environment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation])
    compiled = environment.from_string(template)
    return compiled.render(messages=messages, add_generation_prompt=prompt, eos_token=END, bos_token="<s>")


TEMPLATES: Mapping[str, Template] = {
    facts.name: facts.template for facts in list_models() if not hub_models()[facts.name].remote_code
}


@pytest.mark.parametrize("model", TEMPLATES)
@given(turns=TURNS)
def test_a_template_marks_what_the_service_trains_on(model: str, turns: list[dict[str, Any]]) -> None:
    if model.startswith("Phi-3-medium"):  # an export merges its system messages before
        turns = [turn for turn in turns if turn["role"] != "system"]
    expected = ""
    for chunk in render(turns, TEMPLATES[model]):
        end = chunk.foot[: chunk.foot.index(">") + 1] if chunk.learnt else ""
        said = f"⟦{chunk.said}{end}⟧{chunk.foot[len(end) :]}" if chunk.learnt else chunk.said + chunk.foot
        expected += chunk.head + said
    if model.startswith("Phi-3-medium"):
        bare = rendered(chat_template(hub_models()[model].template), turns)
        assert bare.replace("⟦", "").replace("⟧", "") == expected.replace("⟦", "").replace("⟧", "")
        assert bare.count("⟦") == sum(turn["role"] == "assistant" for turn in turns)
    else:
        assert rendered(chat_template(hub_models()[model].template), turns) == expected


@pytest.mark.parametrize(("folder", "name"), [("phi-3-mini", "phi-3"), ("phi-3-medium", "phi-3-medium")])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # the folder is the same for all
@given(turns=TURNS, prompt=st.booleans())
def test_a_template_renders_as_that_of_the_tokenizer(
    shared: Path, folder: str, name: str, turns: list[dict[str, Any]], prompt: bool
) -> None:
    config = json.loads((shared / "tokenizers" / folder / "tokenizer_config.json").read_text("utf-8"))
    ours = rendered(chat_template(name), turns, prompt=prompt).replace("⟦", "").replace("⟧", "")
    assert ours == rendered(config["chat_template"], turns, prompt=prompt)

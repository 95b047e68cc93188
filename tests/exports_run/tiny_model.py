"""Write a Phi of two layers with random weights, and a tokenizer learnt from some texts, as a repository's files.

Run in the environment of the exports: `python tiny_model.py FOLDER TEMPLATE TEXTS`.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import Phi3Config, Phi3ForCausalLM, PreTrainedTokenizerFast

FIRST = ("<unk>", "<s>", "</s>")
BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
"""The tokens that stand for single bytes, in the order of Phi-3's tokenizer, behind the first three."""

END_OF_TEXT = "<|endoftext|>"
WORDS = 1000
"""Tokens that are learnt."""


def main(folder: Path, template: Path, texts: Path) -> None:
    """Write model and tokenizer; the chat template loses its marks of what the assistant says, which hubs' have not."""
    unmarked = re.sub(r"{%-? *(end)?generation *-?%}", "", template.read_text("utf-8"))
    rows = [json.loads(line) for line in texts.read_text("utf-8").splitlines()]
    tokenizer = tokenizer_of([turn["content"] for row in rows for turn in row["messages"]], unmarked)
    tokenizer.save_pretrained(folder)
    model_for(tokenizer).save_pretrained(folder)


def tokenizer_of(texts: list[str], template: str) -> PreTrainedTokenizerFast:
    """Return a tokenizer of Phi-3's kind: byte pairs with `▁` for a space, and single bytes for what it has not met."""
    inner = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    inner.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    inner.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    inner.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    trainer = trainers.BpeTrainer(vocab_size=WORDS, special_tokens=[*FIRST, *BYTES], show_progress=False)
    inner.train_from_iterator(texts, trainer)
    markers = sorted({END_OF_TEXT, *re.findall(r"<\|\w+\|>", template), "<|system|>", "<|user|>", "<|assistant|>"})
    inner.add_special_tokens([AddedToken(marker, rstrip=True, normalized=False) for marker in markers])
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token=END_OF_TEXT,
        pad_token=END_OF_TEXT,
        chat_template=template,
    )


def model_for(tokenizer: PreTrainedTokenizerFast) -> Phi3ForCausalLM:
    """Return a model of the shape of Phi-4-mini, but for its sizes: shared key heads and tables, partly rotated."""
    torch.manual_seed(0)
    config = Phi3Config(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=2,  # of 64: ONNX Runtime rotates multiples of 16 of them only
        num_key_value_heads=1,
        partial_rotary_factor=0.75,
        tie_word_embeddings=True,
        max_position_embeddings=4096,
        original_max_position_embeddings=4096,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = Phi3ForCausalLM(config).to(torch.bfloat16)
    with torch.no_grad():  # a random model repeats the last token, so what is no word becomes unlikely
        model.get_input_embeddings().weight[: len(FIRST) + len(BYTES)] = 0
        model.get_input_embeddings().weight[WORDS:] = 0
    return model


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))

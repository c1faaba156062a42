"""tokenizer.json as the repository carries it: with padding and truncation written into the file."""

from __future__ import annotations

import json

from tokenizers import Tokenizer
from transformers import CLIPTokenizerFast

from wurstwerk_export.errors import ExportError

PROBES = ("", "a photo of a café, 4k", "A CAT's  meow!? ☕ 中文", "word " * 100)


def padded_json(tokenizer: CLIPTokenizerFast, length: int) -> str:
    """The tokenizer as one JSON text that pads and truncates to `length` by itself.

    `tokenizers` in any language then gives the ids and the mask that diffusers gives.
    """
    if tokenizer.pad_token_id is None:
        raise ExportError("the tokenizer has no pad token")
    padded = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    padded.enable_truncation(max_length=length)
    padded.enable_padding(length=length, pad_id=tokenizer.pad_token_id, pad_token=tokenizer.pad_token)
    _check_probes(padded, tokenizer, length)
    # Encoded again, so that the text does not depend on how the library formats it.
    return json.dumps(json.loads(padded.to_str()), ensure_ascii=False, indent=1) + "\n"


def check_equal(prior: CLIPTokenizerFast, decoder: CLIPTokenizerFast, length: int) -> None:
    """Refuses two tokenizers that are not the same: clients tokenise once for both text encoders."""
    if padded_json(prior, length) != padded_json(decoder, length):
        raise ExportError(
            "the tokenizers of prior and decoder differ, but the repository carries one for both text encoders"
        )


def _check_probes(padded: Tokenizer, tokenizer: CLIPTokenizerFast, length: int) -> None:
    for probe in PROBES:
        expected = tokenizer(probe, padding="max_length", max_length=length, truncation=True)
        found = padded.encode(probe)
        if found.ids != expected.input_ids or found.attention_mask != expected.attention_mask:
            raise ExportError(f"tokenizer.json gives other ids than the checkpoint's tokenizer for {probe!r}")

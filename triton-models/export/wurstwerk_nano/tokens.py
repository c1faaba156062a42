"""CLIP's tokenizer from its merges table, and the small table of embeddings behind its 49,408 entries.

Captions of the language use a few dozen entries. Each has a row of its own; all others share one, which learns what
to make of words that say nothing. A text encoder is trained on rows and written with a table of 49,408 rows, most
of them equal, which the exporter folds again.
"""

import gzip
import tempfile
from pathlib import Path

import torch
from transformers import CLIPTextModel, CLIPTokenizerFast

from .language import RELATIONS, words

MERGES = Path(__file__).parent / "clip" / "bpe_simple_vocab_16e6.txt.gz"
ENTRIES = 49408
LENGTH = 77
TRAINED_LENGTH = 24
"""Captions in training have fewer tokens; every later position has the embedding of this one."""


def _byte_characters():
    """The printable character that stands for each byte, in the order of CLIP's vocabulary."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + index) for index in range(len(others))]


def clip_tokenizer():
    """CLIP's tokenizer as the released checkpoints have it: padded with the end of text to 77."""
    lines = gzip.decompress(MERGES.read_bytes()).decode().split("\n")
    merges = lines[1 : ENTRIES - 512 - 2 + 1]
    characters = _byte_characters()
    entries = [*characters, *[character + "</w>" for character in characters]]
    entries += [merge.replace(" ", "") for merge in merges]
    entries += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {entry: index for index, entry in enumerate(entries)}
    if len(vocabulary) != ENTRIES:
        raise ValueError(f"the merges table gives {len(vocabulary)} entries, not {ENTRIES}")
    with tempfile.TemporaryDirectory() as folder:
        import json

        files = Path(folder, "vocab.json"), Path(folder, "merges.txt")
        files[0].write_text(json.dumps(vocabulary), encoding="utf-8")
        files[1].write_text("\n".join(["#version: 0.2", *merges, ""]), encoding="utf-8")
        return CLIPTokenizerFast(
            *map(str, files),
            unk_token="<|endoftext|>",
            bos_token="<|startoftext|>",
            eos_token="<|endoftext|>",
            pad_token="<|endoftext|>",
            model_max_length=LENGTH,
        )


class CompactVocabulary:
    """Which row each of CLIP's entries has. The last row is that of the unknown."""

    def __init__(self):
        self.tokenizer = clip_tokenizer()
        known = {self.tokenizer.bos_token_id, self.tokenizer.eos_token_id}
        for word in words():
            known.update(self.tokenizer(word, add_special_tokens=False).input_ids)
        self.known = sorted(known)
        self.rows = len(self.known) + 1
        self.row_of = torch.full((ENTRIES,), self.rows - 1)
        self.row_of[torch.tensor(self.known)] = torch.arange(len(self.known))
        self.end = int(self.row_of[self.tokenizer.eos_token_id])

    def encode(self, captions):
        """Rows [n, TRAINED_LENGTH + 1] of captions, padded with the end of text."""
        found = self.tokenizer(captions, padding="max_length", max_length=TRAINED_LENGTH + 1, truncation=True)
        return self.row_of[torch.tensor(found.input_ids)]

    def mask(self, rows):
        """1 up to the first end of text, 0 after it."""
        ends = (rows == self.end).long()
        return ((ends.cumsum(1) - ends) == 0).long()

    def relations(self, rows):
        """For each token of rows the relation that it comes after or belongs to: its place in RELATIONS, from 1; 0 for
        none."""
        found = torch.zeros_like(rows)
        for number, relation in enumerate(RELATIONS, 1):
            words = [int(self.row_of[entry]) for entry in self.tokenizer(relation, add_special_tokens=False).input_ids]
            here = torch.ones_like(rows, dtype=torch.bool)
            for offset, word in enumerate(words):
                here &= torch.roll(rows, -offset, 1) == word
            found[here] = number
        return found.cummax(1).values

    def expand(self, encoder: CLIPTextModel):
        """The trained encoder as a CLIPTextModel over CLIP's own ids and all 77 positions."""
        config = type(encoder.config).from_dict(encoder.config.to_dict())
        config.vocab_size = ENTRIES
        config.bos_token_id, config.eos_token_id = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
        config.pad_token_id = self.tokenizer.pad_token_id
        full, state = CLIPTextModel(config), encoder.state_dict()
        table, positions = (f"text_model.embeddings.{kind}_embedding.weight" for kind in ("token", "position"))
        state[table] = state[table][self.row_of]
        state[positions] = state[positions].clone()
        state[positions][TRAINED_LENGTH + 1 :] = state[positions][TRAINED_LENGTH]
        full.load_state_dict(state)
        return full.eval()

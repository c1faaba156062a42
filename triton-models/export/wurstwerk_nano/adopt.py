"""Gives a checkpoint with a small vocabulary of its own CLIP's tokenizer instead.

Where a word is one entry in both vocabularies its embedding moves along, so prompts of such words give the same
states, bit for bit. Every other entry gets the embedding of the article, which says nothing.
"""

import shutil

import torch
from diffusers import WuerstchenDecoderPipeline, WuerstchenPriorPipeline
from transformers import CLIPTextModel

from .tokens import ENTRIES, clip_tokenizer

NEUTRAL = "a</w>"


def adopt(source, destination):
    """Writes a copy of a diffusers pipeline folder, prior or decoder, with CLIP's tokenizer."""
    prior = (source / "prior").is_dir()
    pipeline = (WuerstchenPriorPipeline if prior else WuerstchenDecoderPipeline).from_pretrained(source)
    own, clip = pipeline.tokenizer.get_vocab(), clip_tokenizer()
    rows = torch.full((ENTRIES,), own[NEUTRAL])
    for entry, index in clip.get_vocab().items():
        if entry in own:
            rows[index] = own[entry]
    pipeline.register_modules(tokenizer=clip, text_encoder=_widened(pipeline.text_encoder, rows, clip))
    if destination.exists():
        shutil.rmtree(destination)
    pipeline.save_pretrained(destination)


def _widened(encoder, rows, tokenizer):
    config = type(encoder.config).from_dict(encoder.config.to_dict())
    config.vocab_size = ENTRIES
    config.bos_token_id, config.eos_token_id = tokenizer.bos_token_id, tokenizer.eos_token_id
    config.pad_token_id = tokenizer.pad_token_id
    state = encoder.state_dict()
    table = "text_model.embeddings.token_embedding.weight"
    state[table] = state[table][rows]
    widened = CLIPTextModel(config)
    widened.load_state_dict(state)
    return widened.eval()

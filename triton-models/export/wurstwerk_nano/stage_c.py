"""Stage C: from text to semantic latents; the base prior, and the one tuned from it."""

import torch
from diffusers.pipelines.wuerstchen import WuerstchenPrior
from torch.nn.functional import cross_entropy
from transformers import CLIPTextModel

from . import caches
from .diffusion import (
    choose_bucket,
    choose_rows,
    encode_text,
    figures_at,
    make_noisy,
    spread_uniform,
    text_encoder,
)
from .language import BAD_QUALITY, RELATIONS
from .quick import quick_blocks, shorten_attention
from .tokens import CompactVocabulary
from .training import Stage

DROPPED = 0.1
"""Share of captions left out, for guidance."""
SPOILT = 0.04
"""Share of latents spoilt by noise, with a caption that says so: what a negative prompt can steer away from."""
FLOOR = 0.03
"""Keeps the weight of late times bounded: layout is decided above r = 0.85, which the usual weights starve."""
PAIRS = 0.4
"""Share of the scenes that is drawn among those with two things, beside those that come by chance."""
ORDER_WEIGHT = 0.1
"""Of the loss that teaches the text encoder which of two things a word belongs to."""
WIDTH, DEPTH, HEADS = 128, 6, 4


def make_prior():
    """A prior that has learnt nothing yet."""
    return WuerstchenPrior(c_in=16, c=WIDTH, c_cond=WIDTH, c_r=64, depth=DEPTH, nhead=HEADS, dropout=0.0)


class StageC(Stage):
    """Trains the prior with its text encoder."""

    name = "stage_c"
    half = True

    def __init__(self, work):
        self.vocabulary = CompactVocabulary()
        self.text = text_encoder(self.vocabulary.rows, WIDTH, layers=3, heads=4)
        self.prior = make_prior()
        self.prior.out[1].weight.data.mul_(0.1)
        self.prior.out[1].bias.data.zero_()
        for block in self.prior.blocks:
            if hasattr(block, "mapper"):
                block.mapper.weight.data.mul_(0.1)
                block.mapper.bias.data.zero_()
        self.order = torch.nn.Linear(WIDTH, 1 + len(RELATIONS))
        self.modules = {"text": self.text, "prior": self.prior, "order": self.order}
        self._prepare(caches.load(caches.STAGE_C, work))

    def _prepare(self, data):
        self.data = data
        self.undo = shorten_attention(self.prior)
        self.empty, self.spoilt = self.vocabulary.encode(["", BAD_QUALITY])
        self.pairs = {
            size: self.vocabulary.relations(tensors["rows"].long().flatten(0, 1)).view(*tensors["rows"].shape).amax((1, 2))
            for size, tensors in data.items()
        }
        self.pairs = {size: kind.nonzero().flatten() for size, kind in self.pairs.items()}

    def loss(self, batch, rng):
        size, index = choose_bucket(self.data, batch, rng)
        tensors, pairs = self.data[size], self.pairs[size]
        chosen = pairs[torch.randint(0, len(pairs), index.shape)]
        index = torch.where(torch.rand(index.shape) < PAIRS, chosen, index)
        clean, rows, count = tensors["semantic"][index], choose_rows(tensors, index), len(index)
        fate = torch.rand(count)
        rows = torch.where((fate < DROPPED)[:, None], self.empty, rows)
        spoilt = fate > 1 - SPOILT
        rows = torch.where(spoilt[:, None], self.spoilt, rows)
        strength = (spoilt * (0.25 + 0.4 * torch.rand(count))).view(-1, 1, 1, 1)
        clean = clean + strength * torch.randn_like(clean)
        uniform = spread_uniform(count)
        r = torch.where(torch.rand(count) < 0.5, uniform, 0.75 + 0.25 * uniform)
        noisy, noise, alpha = make_noisy(clean, r)
        with quick_blocks():
            states = encode_text(self.text, self.vocabulary, rows)
            predicted = self.prior(noisy, r, states)
        error = (predicted.float() - noise).pow(2).mean((1, 2, 3)) * (1 - alpha)
        order = self._order_loss(states.float(), rows)
        loss = (error / (alpha + FLOOR)).mean() + ORDER_WEIGHT * order
        with torch.no_grad():
            figures = figures_at((error / alpha)[~spoilt], r[~spoilt], (0.5, 0.8, 0.92))
        return loss, {"loss": loss.item(), "order": order.item()} | figures

    def _order_loss(self, states, rows):
        """How badly a word's state tells whether it comes after a relation, and which: without being asked, the text
        encoder learns bags of words, and what is above of what is left to chance."""
        read = self.vocabulary.mask(rows).bool()
        return cross_entropy(self.order(states)[read], self.vocabulary.relations(rows)[read])

    def begin_from(self, folder):
        """Takes up a prior and its text encoder."""
        self.prior.load_state_dict(WuerstchenPrior.from_pretrained(folder / "prior").state_dict())
        self.text.load_state_dict(CLIPTextModel.from_pretrained(folder / "text_encoder").state_dict())

    def finish(self, folder):
        self.undo()
        self.prior.save_pretrained(folder / "prior")
        self.text.save_pretrained(folder / "text_encoder")


class Finetuned(StageC):
    """Tunes the base prior to outlined shapes; the text encoder stays, as all priors share it."""

    name = "finetuned"

    def __init__(self, work):
        self.vocabulary = CompactVocabulary()
        self.text = CLIPTextModel.from_pretrained(work / "stage_c" / "text_encoder", attn_implementation="eager")
        self.text.eval().requires_grad_(False)
        # Not the loaded one itself: its configuration would name the folder that it came from.
        self.prior = make_prior()
        self.prior.load_state_dict(WuerstchenPrior.from_pretrained(work / "stage_c" / "prior").state_dict())
        self.modules = {"prior": self.prior}
        self._prepare(caches.load(caches.FINETUNED, work))

    def _order_loss(self, states, rows):
        """None: the text encoder does not learn here."""
        return torch.zeros(())

    def finish(self, folder):
        """Writes the tuned prior."""
        self.undo()
        self.prior.save_pretrained(folder / "prior")

"""Folding of embedding tables."""

import torch
from torch import nn
from wurstwerk_export.embedding import folded, folding


def _with_equal_rows():
    embedding = nn.Embedding(1000, 8)
    embedding.weight.data[10:] = embedding.weight.data[9]
    return embedding


def test_a_folded_embedding_gives_the_same_bits_and_keeps_each_row_once():
    embedding = _with_equal_rows()
    small = folded(embedding)
    ids = torch.arange(1000).view(10, 100)
    assert small.rows.shape == (10, 8)
    assert torch.equal(small(ids), embedding(ids))


def test_an_embedding_of_different_rows_stays_as_it_is():
    assert folded(nn.Embedding(1000, 8)) is None


def test_the_owner_has_its_own_embedding_again_afterwards():
    owner = nn.Module()
    owner.table = _with_equal_rows()
    whole = owner.table
    with folding(owner, "table"):
        assert owner.table is not whole
    assert owner.table is whole and list(owner.state_dict()) == ["table.weight"]

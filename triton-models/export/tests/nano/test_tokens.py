"""CLIP's tokenizer as built from its merges table."""

import torch
from wurstwerk_nano.diffusion import text_encoder
from wurstwerk_nano.language import words
from wurstwerk_nano.tokens import CompactVocabulary, clip_tokenizer


def test_the_tokenizer_gives_clips_published_ids():
    tokenizer = clip_tokenizer()
    assert len(tokenizer) == 49408
    assert tokenizer("a photo of a cat").input_ids == [49406, 320, 1125, 539, 320, 2368, 49407]
    assert tokenizer.pad_token_id == 49407


def test_the_entries_of_the_languages_words_have_rows_of_their_own_and_others_share_one():
    vocabulary = CompactVocabulary()
    entries = {entry for word in words() for entry in vocabulary.tokenizer(word, add_special_tokens=False).input_ids}
    assert len({int(vocabulary.row_of[entry]) for entry in entries}) == len(entries)
    assert all(vocabulary.row_of[entry] < vocabulary.rows - 1 for entry in entries)
    (strange,) = vocabulary.tokenizer("zebra", add_special_tokens=False).input_ids
    assert vocabulary.row_of[strange] == vocabulary.rows - 1


def test_an_expanded_encoder_has_clips_table_and_one_embedding_for_late_positions():
    vocabulary = CompactVocabulary()
    full = vocabulary.expand(text_encoder(vocabulary.rows, 16, 1, 2))
    embeddings = full.text_model.embeddings
    assert embeddings.token_embedding.weight.shape == (49408, 16)
    late = embeddings.position_embedding.weight[24:]
    assert torch.equal(late, late[:1].expand_as(late))


def test_tokens_after_a_relation_know_it_and_places_are_none():
    vocabulary = CompactVocabulary()
    captions = ["a red circle above a blue square", "a star to the left of a ring", "a ring on the left of black"]
    above, left, none = vocabulary.relations(vocabulary.encode(captions)).tolist()
    assert above[:9] == [0, 0, 0, 0, 1, 1, 1, 1, 1]
    assert left[:10] == [0, 0, 0, 3, 3, 3, 3, 3, 3, 3]
    assert set(none) == {0}

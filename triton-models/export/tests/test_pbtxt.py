"""What is written can be read back, and Triton's own style can be read."""

from __future__ import annotations

import pytest

from wurstwerk_export import pbtxt
from wurstwerk_export.errors import ExportError
from wurstwerk_export.pbtxt import Name


def test_text_with_quotes_newlines_and_umlauts_survives() -> None:
    value = 'schön "low\\quality"\r\n\tblurry'
    assert pbtxt.load(pbtxt.dump({"key": value})) == {"key": [value]}


def test_a_message_survives() -> None:
    message = {"name": "m", "size": -1, "kind": Name("KIND_CPU"), "item": [{"dims": [1, -1]}, {"dims": []}], "on": {}}
    assert pbtxt.load(pbtxt.dump(message)) == {
        "name": ["m"],
        "size": [-1],
        "kind": [Name("KIND_CPU")],
        "item": [{"dims": [1, -1]}, {"dims": []}],
        "on": [{}],
    }


def test_lists_of_messages_and_comments_are_read() -> None:
    text = 'input [ { name: "x" dims: [ 16, -1 ] }, { name: "r" } ] # both\nmax_batch_size: 8'
    assert pbtxt.load(text) == {"input": [{"name": ["x"], "dims": [16, -1]}, {"name": ["r"]}], "max_batch_size": [8]}


def test_unreadable_text_is_refused() -> None:
    with pytest.raises(ExportError, match="unreadable"):
        pbtxt.load('name: "open')

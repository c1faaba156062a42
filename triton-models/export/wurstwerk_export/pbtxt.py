"""The part of protobuf's text format that a config.pbtxt needs: writing and reading back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from wurstwerk_export.errors import ExportError


@dataclass(frozen=True)
class Name:
    """An enum value or another bare word."""

    text: str


MAX_LINE = 120

_TOKEN = re.compile(r'\s+|#[^\n]*|"(?:[^"\\\n]|\\.)*"|[A-Za-z_][A-Za-z0-9_]*|-?[0-9][0-9.eE+-]*|[{}\[\]:,;]')
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_UNESCAPES = {value[1]: key for key, value in _ESCAPES.items()}


def dump(message: dict[str, Any]) -> str:
    """Text of a message: dict = message, list of dict = repeated field, list of numbers = one bracketed list."""
    return "".join(_fields(message, ""))


def _fields(message: dict[str, Any], indent: str) -> list[str]:
    lines = []
    for key, value in message.items():
        if isinstance(value, dict):
            lines += _message(key, value, indent)
        elif _is_repeated_message(value):
            for item in value:
                lines += _message(key, item, indent)
        elif isinstance(value, list):
            lines.append(f"{indent}{key}: {_list(value)}\n")
        else:
            lines.append(f"{indent}{key}: {_scalar(value)}\n")
    return lines


def _message(key: str, message: dict[str, Any], indent: str) -> list[str]:
    if not message:
        return [f"{indent}{key} {{ }}\n"]
    fields = _fields(message, indent + "  ")
    line = f"{indent}{key} {{ {' '.join(field.strip() for field in fields)} }}\n"
    if len(line) <= MAX_LINE:
        return [line]
    return [f"{indent}{key} {{\n", *fields, f"{indent}}}\n"]


def _is_repeated_message(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _list(values: list[Any]) -> str:
    return f"[ {', '.join(map(_scalar, values))} ]" if values else "[ ]"


def _scalar(value: Any) -> str:
    if isinstance(value, Name):
        return value.text
    if isinstance(value, str):
        return '"' + "".join(_ESCAPES.get(c, c) for c in value) + '"'
    return repr(value)


def load(text: str) -> dict[str, list[Any]]:
    """Reads a message; every field becomes a list, as any may be repeated."""
    tokens = _tokens(text)
    message, rest = _parse(tokens, 0, end=None)
    if rest != len(tokens):
        raise ExportError("text after the end of the message")
    return message


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            raise ExportError(f"unreadable text at {text[position : position + 20]!r}")
        position = match.end()
        if not match.group().isspace() and not match.group().startswith("#"):
            tokens.append(match.group())
    return tokens


def _parse(tokens: list[str], at: int, end: str | None) -> tuple[dict[str, list[Any]], int]:
    message: dict[str, list[Any]] = {}
    while at < len(tokens) and tokens[at] != end:
        if tokens[at] in ",;":
            at += 1
            continue
        key = tokens[at]
        at += 2 if tokens[at + 1] == ":" else 1
        values, at = _value(tokens, at)
        message.setdefault(key, []).extend(values)
    return message, at


def _value(tokens: list[str], at: int) -> tuple[list[Any], int]:
    token = tokens[at]
    if token == "{":
        message, at = _parse(tokens, at + 1, end="}")
        return [message], at + 1
    if token == "[":
        values: list[Any] = []
        at += 1
        while tokens[at] != "]":
            if tokens[at] == ",":
                at += 1
                continue
            more, at = _value(tokens, at)
            values += more
        return values, at + 1
    if token.startswith('"'):
        return [re.sub(r"\\(.)", lambda m: _UNESCAPES.get(m.group(1), m.group(1)), token[1:-1])], at + 1
    if re.fullmatch(r"-?\d+", token):
        return [int(token)], at + 1
    return [Name(token)], at + 1

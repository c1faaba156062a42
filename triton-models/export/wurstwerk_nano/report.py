"""Adherence as figures: shares with Wilson intervals, as a table."""

import math
from dataclasses import dataclass

from .checker import Verdict

ROWS = ("colour", "shape", "background", "size", "position", "relation", "count", "all right")


@dataclass(frozen=True)
class Share:
    """So many right of so many."""

    right: int
    total: int

    def interval(self, z=1.96):
        """Wilson's interval at 95 %."""
        if self.total == 0:
            return 0.0, 1.0
        share, spread = self.right / self.total, z * z / self.total
        middle = (share + spread / 2) / (1 + spread)
        reach = z * math.sqrt(share * (1 - share) / self.total + spread / (4 * self.total)) / (1 + spread)
        return middle - reach, middle + reach

    def __str__(self):
        if self.total == 0:
            return "-"
        low, high = self.interval()
        return f"{100 * self.right / self.total:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def shares(verdicts: list[Verdict]):
    """The share of right answers in each of ROWS. Colours, shapes and sizes are counted by thing."""
    values = {
        "colour": [value for verdict in verdicts for value in verdict.colours],
        "shape": [value for verdict in verdicts for value in verdict.shapes],
        "background": [verdict.background for verdict in verdicts],
        "size": [value for verdict in verdicts for value in verdict.sizes],
        "position": [verdict.position for verdict in verdicts if verdict.position is not None],
        "relation": [verdict.relation for verdict in verdicts if verdict.relation is not None],
        "count": [verdict.count for verdict in verdicts],
        "all right": [verdict.all_right for verdict in verdicts],
    }
    return {row: Share(sum(values[row]), len(values[row])) for row in ROWS}


def table(columns: dict[str, list[Verdict]]):
    """A Markdown table with one column for each named list of verdicts."""
    counted = {name: shares(verdicts) for name, verdicts in columns.items()}
    lines = ["| per cent | " + " | ".join(f"{name}, {len(columns[name])} prompts" for name in columns) + " |"]
    lines.append("|---" * (len(columns) + 1) + "|")
    for row in ROWS:
        lines.append(f"| {row} | " + " | ".join(str(counted[name][row]) for name in columns) + " |")
    return "\n".join(lines) + "\n"

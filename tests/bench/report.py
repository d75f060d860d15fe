# SPDX-License-Identifier: GPL-2.0-or-later
"""The table: a row for each thing measured, what it is compared with, and the goal where there is one."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Row:
    cell: str
    what: str
    figure: str  # as it is printed
    ratio: float = None  # to the baseline of the cell
    goal: str = ""
    met: bool = None  # None: a baseline, or nothing to meet
    within: float = None  # how far from the ratio the same measured again would be

    def words(self):
        ratio = "" if self.ratio is None else f"{self.ratio:.3f}"
        ratio += "" if self.within is None else f" ± {self.within:.3f}"
        met = {None: "", True: "yes", False: "NO"}[self.met]
        return [self.cell, self.what, self.figure, ratio, self.goal, met]


HEAD = ["cell", "what", "figure", "ratio", "goal", "met"]


def count(number):
    return f"{number:,}"


def text(rows):
    lines = [HEAD, *(row.words() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join("  ".join(word.ljust(width) for word, width in zip(line, widths)).rstrip() for line in lines)


def markdown(rows):
    lines = [HEAD, ["---"] * len(HEAD), *(row.words() for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)

# SPDX-License-Identifier: GPL-2.0-or-later
"""TAP, and the table in Markdown."""
import time

from cells import SHAPES


class Tap:
    def __init__(self, count, shows):
        self.shows = shows
        self.number = 0
        self.failed = 0
        print(f"TAP version 13\n1..{count}", flush=True)

    def line(self, good, text, output):
        self.number += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.number} {text}", flush=True)
        if self.shows or not good:
            self.say("\n".join(output.splitlines()[-40:]))

    @staticmethod
    def say(text):
        for line in text.splitlines():
            print(f"# {line}")
        print(end="", flush=True)


class Grid:
    """What came of all cells: those of the grid before and after, those beside it."""

    def __init__(self, here, cells):
        self.here = here
        self.cells = cells
        self.began = time.monotonic()
        self.outcomes = {}  # of the grid: (outer, way, inner, shape) to [before, after, reason]
        self.others = {}  # (launch, shape) to [before, after]
        self.killed = 0

    def note(self, cell, verdict, reason):
        self.killed += not cell.before and "SIGKILL" in verdict.outcome
        if cell in self.cells:
            where = (cell.outer, cell.way, cell.inner, cell.shape)
            outcome = self.outcomes.setdefault(where, ["?", "?", reason])
        else:
            outcome = self.others.setdefault((cell.launch, cell.shape), [None, "?"])
        outcome[0 if cell.before else 1] = verdict.outcome

    def summary(self):
        """In words, what the repair is for; and that nothing that was repaired had to be killed."""
        possible = [outcome for outcome in self.outcomes.values() if not outcome[2] and "?" not in outcome]
        repaired = [outcome for outcome in possible if outcome[0] != "works" and outcome[1] == "works"]
        return (
            f"{len(repaired)} of {len(possible)} nested launches of the grid fail before and work after\n"
            f"SIGKILL needed with nestsafe: {self.killed}\n"
            f"seconds: {time.monotonic() - self.began:.0f}"
        )

    def markdown(self):
        here = self.here
        lines = [f"### Slurm {here.slurm}, Open MPI {here.openmpi}, MPICH {here.mpich}", ""]
        reasons = list(dict.fromkeys(outcome[2].why for outcome in self.outcomes.values() if outcome[2]))
        columns = [(inner, shape) for inner in here.launchers for shape in SHAPES]
        lines.append("| outer job | " + " | ".join(f"{inner}, {shape}" for inner, shape in columns) + " |")
        lines.append("|---" * (len(columns) + 1) + "|")
        for outer, way in dict.fromkeys(where[:2] for where in self.outcomes):
            texts = [self.text((outer, way, *column), reasons) for column in columns]
            lines.append(f"| {outer}, {way} | " + " | ".join(texts) + " |")
        lines += ["", *(f"{number}. {reason}" for number, reason in enumerate(reasons, 1))]
        if self.others:
            lines += ["", "Besides, with nestsafe (or without it → with it):", ""]
            lines += self.lists()
        return "\n".join([*lines, "", *(f"{line}." for line in self.summary().splitlines())])

    def lists(self):
        """The cells beside the grid, by launch and outcome."""
        alike = {}
        for (launch, shape), (before, after) in self.others.items():
            text = f"{before} → {after}" if before else after
            alike.setdefault(launch, {}).setdefault(text, []).append(shape)
        for launch, outcomes in sorted(alike.items()):
            texts = (f"{text} ({'; '.join(sorted(shapes))})" for text, shapes in sorted(outcomes.items()))
            yield f"- {launch}: {', '.join(texts)}"

    def text(self, where, reasons):
        if where not in self.outcomes:
            return ""
        before, after, reason = self.outcomes[where]
        return f"{before} → {after}" + (f" [{reasons.index(reason.why) + 1}]" if reason else "")

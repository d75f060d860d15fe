# SPDX-License-Identifier: GPL-2.0-or-later
"""TAP, and the table in Markdown."""
from cells import SHAPES


class Tap:
    def __init__(self, count):
        self.number = 0
        self.failed = 0
        print(f"TAP version 13\n1..{count}", flush=True)

    def line(self, good, text, detail=()):
        self.number += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.number} {text}")
        for line in detail:
            print(f"# {line}")
        print(end="", flush=True)


def table(title, inners, results, others):
    """results: {(outer, way, inner, shape): {"before": …, "after": …, "reason": …}}; others: {name: outcome}"""
    columns = [(inner, shape) for inner in inners for shape in SHAPES]
    lines = [f"### {title}", ""]
    lines.append("| outer job | " + " | ".join(f"{inner}, {shape}" for inner, shape in columns) + " |")
    lines.append("|---" * (len(columns) + 1) + "|")
    reasons = []
    rows = dict.fromkeys((outer, way) for outer, way, _, _ in results)
    for outer, way in rows:
        texts = []
        for inner, shape in columns:
            result = results.get((outer, way, inner, shape))
            if not result:
                texts.append("")
                continue
            text = f"{result['before']} → {result['after']}"
            if result["reason"]:
                if result["reason"] not in reasons:
                    reasons.append(result["reason"])
                text += f" [{reasons.index(result['reason']) + 1}]"
            texts.append(text)
        lines.append(f"| {outer}, {way} | " + " | ".join(texts) + " |")
    lines.append("")
    lines += [f"{number}. {reason}" for number, reason in enumerate(reasons, 1)]
    if others:
        lines += ["", "Besides, with nestsafe:", ""]
        lines += [f"- {name}: {outcome}" for name, outcome in sorted(others.items())]
    return "\n".join(lines)

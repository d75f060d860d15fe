# SPDX-License-Identifier: GPL-2.0-or-later
"""What came of a cell, by what its programs printed (tests/programs/outer.c, inner.c)."""
import dataclasses
import re

OURS = re.compile(r"^(outer|inner) ")
NESTED = re.compile(r"^outer (\d+)/(\d+) nested: (.*)$", re.M)
INNER = re.compile(r"^inner 2 ranks on (\d+) hosts$", re.M)
REFUSED = re.compile(r"^exit (?!9$)\d+$")  # neither hung nor silent, nor an outer job that was harmed
TUNING = re.compile(r"^inner tuning: .*$", re.M)


@dataclasses.dataclass
class Verdict:
    outcome: str  # of the nested launches, in a few words
    works: bool  # as asked: the job, its tuning, and the outer job's health and end
    harmed: bool  # the outer job is not well afterwards
    all_said: bool  # every nested job said that it is as asked
    detail: str


def judge(cell, run, refusal):
    """refusal: the words with which a launch is refused that may not leave its node."""
    output, status = run.output, run.status
    words = [line for line in output.splitlines() if line.strip() and not OURS.match(line)]
    nested = NESTED.findall(output)
    all_said = len(INNER.findall(output)) == cell.launches
    outcome = of_launches(cell, nested, all_said, output, words)
    # Each job says so once: the outer one, or each rank of it that is one by itself; and those in between.
    healthy_wanted = (1 if any(size != "1" for _, size, _ in nested) else cell.ranks) + len(cell.through)
    harmed = bool(nested) and (status != 0 or output.count("outer healthy") < healthy_wanted)
    if status is None:
        outcome += ", then the outer job hangs"
    elif harmed:
        outcome += ", outer job harmed"
    works = outcome == "works"
    if cell.refused and REFUSED.match(outcome) and refusal in output:
        outcome, works = "refused", True
    return Verdict(outcome, works, harmed, all_said, output)


def of_launches(cell, nested, all_said, output, words):
    ends = {end for _, _, end in nested}
    if not nested:
        return "does not start"
    launches = cell.launches + len(cell.through)
    if len(nested) != launches:
        return f"{len(nested)} of {launches} launches ended"
    for end in sorted(ends, key=len, reverse=True):
        if end.startswith("hang"):
            return end
    if ends == {"exit 9"}:
        return "wrong nodes"
    if ends != {"exit 0"}:
        worst = max(ends - {"exit 0"})
        return worst if words else f"{worst}, silent"
    if not all_said:
        return "wrong job"
    if TUNING.search(output):
        return "works, with other tuning"
    return "works"

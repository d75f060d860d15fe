#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Job records for the tests of nestsafe audit, as SQL that clones a real job's record.

usage: records.py REAL-JOB START END

START and END (seconds) are the borders of the period that the tests ask for; there are records at
every place where one could be counted twice or not at all.
"""
import json
import random
import sys
import time

DAY = 86400
COMPLETED, RUNNING, REQUEUED, RESIZING = 3, 1, 1 << 10, 1 << 13
END_STATES = [3, 4, 5, 6, 7, 8, 9, 10, 11]
CLASSES = ["silent-exit", "recursion-banner", "srun-wait", "slots", "none"]
FLAVOURS = ["openmpi", "prrte", "hydra"]
# uids of the cluster's users, one of nobody's, and names that only the database has.
UIDS = [60001, 60002, 60077]
NAMES = ["=cmd|' /C calc'!A0", 'quote"comma,', "<script>alert(1)</script>", "tab\tand\x1b[2Jescape"]
ACCOUNTS = ["physics", "chemistry", "@sum(a1)", "-2+3", "a&b <i>'x'</i>", None]
PARTITIONS = ["main", "debug", "a partition whose name is long and never ends"]

random.seed(1)


def section(mode="audit", launches=None, last=None, **more):
    launches = launches or random.choice([1, 2, 3, 40, 500])
    repaired = launches if mode in ("auto", "node", "job") else 0
    failed = random.choice([0, launches, random.randint(0, launches)])
    flavours = {random.choice(FLAVOURS): launches}
    classes = {random.choice(CLASSES): launches}
    if launches > 2 and random.random() < 0.2:
        classes = {"silent-exit": launches - 1, "srun-wait": 1}
        flavours = {"openmpi": launches - 2, "hydra": 2}
        repaired -= repaired // 3
    preventable = random.randint(0, failed) if mode == "audit" else 0
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(last))
    fields = dict(v=1, launches=launches, repaired=repaired,
                  denied=launches if mode == "deny" else 0, bypassed=launches - repaired
                  if mode in ("auto", "node", "job") else 0, failed=failed, preventable=preventable, nodes="n[1-2]",
                  mode=mode, flavours=flavours, classes=classes, first=stamp, last=stamp)
    fields.update(more)
    return "nestsafe:" + json.dumps(fields, separators=(",", ":"))


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    return "X'%s'" % value.encode().hex() if value else "''"


def record(job, end, elapsed=600, text=None, comment=None, **more):
    start = end - elapsed
    row = dict(id_job=job, time_submit=start - 5, time_eligible=start - 5, time_start=start,
               time_end=end, state=random.choice(END_STATES), admin_comment=text,
               derived_es=comment, id_user=random.choice(UIDS), id_assoc=0,
               account=random.choice(ACCOUNTS), partition=random.choice(PARTITIONS))
    cpus = random.choice([1, 4, 128])
    row["tres_alloc"] = "1=%d,2=64000,4=1,5=%d" % (cpus, cpus)
    if random.random() < 0.3:
        row["id_assoc"] = 9000 + random.randrange(len(NAMES))
    row.update(more)
    yield row


def at(job, end, **more):
    """A run with nested launches, the last of them in its last minute."""
    return record(job, end, text=section(last=end - 30), **more)


def ordinary(start, end):
    for job in range(1001, 1301):
        stop = random.randrange(start, end)
        mode = random.choice(["audit", "audit", "auto", "node", "deny", "mixed"])
        text = comment = None
        kind = random.random()
        if kind < 0.5:
            text = section(mode, last=stop - 1)
            if kind < 0.2:
                text = "JS1:H4sIAAAA " + text + " and more"
        elif kind < 0.55:
            comment = section(mode, last=stop - 1)
        elif kind < 0.6:
            text = "see nestsafe:{broken, and \x1b[31m<b>other</b> text"
        elif kind < 0.65:
            text = section(mode, last=stop - 1, v=2)
        elif kind < 0.8:
            text = "nestsafe is nice"
        yield from record(job, stop, random.choice([1, 60, 3600, 3 * DAY]), text, comment)


def special(start, end):
    job = iter(range(2001, 3000))
    # At the borders of the period, and of its first windows, which are of two and four hours.
    for when in (start - 1, start, start + 1, end - 2, end - 1, end, end + 1):
        yield from at(next(job), when)
    for seconds in [*range(7195, 7206), *range(21595, 21605)]:
        yield from at(next(job), start + seconds)
    # Over the whole period, and over its beginning.
    yield from at(next(job), end + DAY, elapsed=30 * DAY)
    yield from at(next(job), start + DAY, elapsed=30 * DAY)
    # Requeued: nothing nested in the second run; then something nested in it; then across the start.
    same = next(job)
    text = section(last=start + 7200)
    yield from record(same, start + 7230, text=text, state=REQUEUED)
    yield from record(same, start + 2 * DAY, text=text, state=COMPLETED)
    same = next(job)
    yield from at(same, start + 8000, state=REQUEUED)
    yield from at(same, start + 3 * DAY, state=COMPLETED)
    same = next(job)
    text = section(last=start - 5000)
    yield from record(same, start - 4990, text=text, state=REQUEUED)
    yield from record(same, start + DAY, text=text, state=COMPLETED)
    # Job numbers began anew.
    same = next(job)
    yield from at(same, start + 100)
    yield from at(same, start + 200)
    # A resized job's first part, one that runs, one that waits, one that never ran.
    yield from at(next(job), start + DAY, state=RESIZING)
    yield from at(next(job), start + DAY, state=RUNNING, time_end=0)
    yield from record(next(job), start + DAY, state=0, time_end=0, time_start=0)
    yield from record(next(job), start + DAY, state=4, time_start=0)
    # Somebody's own text, made to do harm.
    most = 2**63 - 1
    for _ in range(2):
        yield from record(next(job), start + DAY, elapsed=3600, comment=section(
            launches=most, last=start + DAY - 1, repaired=most, failed=most,
            classes={"<b>%d" % i: 1 for i in range(40)}))


def main():
    real, start, end = map(int, sys.argv[1:])
    for i, name in enumerate(NAMES):
        print("INSERT INTO nestsafe_assoc_table (creation_time, id_assoc, user, acct, `partition`, "
              "parent_acct, lft, rgt) VALUES (1, %d, %s, '', '', '', 1, 2);"
              % (9000 + i, literal(name)))
    print("CREATE TEMPORARY TABLE one SELECT * FROM nestsafe_job_table WHERE id_job = %d;" % real)
    for index, row in enumerate([*ordinary(start, end), *special(start, end)]):
        row["job_db_inx"] = 100000 + index
        print("UPDATE one SET %s; INSERT INTO nestsafe_job_table SELECT * FROM one;"
              % ", ".join("`%s` = %s" % (key, literal(value)) for key, value in row.items()))


main()

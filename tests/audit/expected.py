#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Count nested launches in what sacct prints, and compare with a report of nestsafe audit.

usage: expected.py SACCT START END BY FORMAT REPORT [NAME=VALUE]…

SACCT is sacct's output with the FIELDS below, separated by 0x1f, times in seconds. Only jobs are
counted in which each field NAME has VALUE (and User, where it is empty, is the uid).
"""
import calendar
import csv
import html.parser
import json
import re
import sys
import time

FIELDS = ("JobIDRaw,User,UID,Account,Partition,State,Start,End,ElapsedRaw,AllocCPUS,"
          "AdminComment,Comment").split(",")
COUNTS = ["jobs", "launches", "repaired", "denied", "bypassed", "failed", "unrepaired", "preventable"]
SUMS = COUNTS + ["core_seconds"]
KEYS = {"user": "User", "account": "Account", "partition": "Partition"}
TALLIES = {"launcher": "flavours", "class": "classes"}


def section(text):
    """(is there one, its object)"""
    seen = False
    for mark in re.finditer(r"(?:^|(?<=[ \t,;|]))nestsafe:(?=\{)", text):
        seen = True
        try:
            found, _ = json.JSONDecoder().raw_decode(text, mark.end())
        except ValueError:
            continue
        return True, found if found.get("v") == 1 else None
    return seen, None


def shown(name):
    return "".join(c if c >= " " and c != "\x7f" else "?" for c in name) or "(none)"


def rows_of(path, start, end, wanted):
    lines = open(path, newline="\n").read().split("\n")
    assert lines[0].split("\x1f") == FIELDS, lines[0]
    for line in filter(None, lines[1:]):
        row = dict(zip(FIELDS, line.split("\x1f"), strict=True))
        row["User"] = row["User"] or row["UID"]
        ended = row["End"].isdigit() and start <= int(row["End"]) < end
        if ended and row["State"] != "RESIZING" and all(row[k] == v for k, v in wanted):
            yield row


def count(rows, by):
    groups, days, contacts = {}, {}, {}
    seen = unreadable = 0
    for row in rows:
        seen += 1
        there, found = False, None
        for field in ("AdminComment", "Comment"):
            if "nestsafe:{" in row[field]:
                there, found = section(row[field])
                break
        elapsed, cpus = int(row["ElapsedRaw"]), int(row["AllocCPUS"])
        if not found or found["launches"] > 1000 * cpus * (elapsed + 1):
            unreadable += there
            continue
        last = calendar.timegm(time.strptime(found["last"], "%Y-%m-%dT%H:%M:%SZ"))
        if last + 60 < int(row["Start"]):
            continue
        if by in KEYS:
            key = row[KEYS[by]]
        elif by == "mode":
            key = found["mode"]
        else:
            names = list(found[TALLIES[by]])
            key = names[0] if len(names) == 1 else "mixed"
        part = {name: found[name] for name in COUNTS if name in found}
        part["jobs"] = 1
        part["unrepaired"] = min(
            part["failed"], max(0, part["launches"] - part["repaired"] - part["denied"]),
            part["launches"] - found["classes"].get("none", 0))
        part["core_seconds"] = elapsed * cpus
        day = time.strftime("%Y-%m-%d", time.localtime(int(row["End"])))
        into = [(groups, key), (days, day)]
        if part["unrepaired"]:
            into.append((contacts, row["User"]))
        for table, name in into:
            group = table.setdefault(shown(name), dict.fromkeys(SUMS, 0) | {"classes": {}})
            for sum_name in SUMS:
                group[sum_name] += part[sum_name]
            for class_name, launches in found["classes"].items():
                group["classes"][class_name] = group["classes"].get(class_name, 0) + launches
    return dict(seen=seen, unreadable=unreadable, groups=groups, days=days, contacts=contacts)


def total(expected, name):
    return sum(group[name] for group in expected["groups"].values())


def same(what, found, wanted):
    assert found == wanted, "%s: %r, but sacct's records give %r" % (what, found, wanted)


def number(text):
    return int(text.replace(",", ""))


def same_class(what, found, group):
    """The most frequent but none; where several are, any of them."""
    classes = {name: n for name, n in group["classes"].items() if name != "none"} or {"none": 0}
    assert classes.get(found) == max(classes.values()), (what, found, group)


def compare_group(what, found, group):
    for name in COUNTS:
        same("%s: %s" % (what, name), found[name], group[name])
    assert abs(found["core_hours"] - group["core_seconds"] / 3600) < 0.051, (what, found, group)
    same_class(what, found.get("class") or found["top_class"], group)


def compare_groups(kind, found, groups):
    keys = [key for key, _ in found]
    same(kind, sorted(keys), sorted(groups))
    for key, group in found:
        compare_group(key, group, groups[key])


def compare_json(text, expected, by):
    report = json.loads(text)
    same("v", report["v"], 1)
    same("by", report["by"], by)
    same("seen", report["totals"]["jobs_seen"], expected["seen"])
    same("unreadable", report["totals"]["jobs_unreadable"], expected["unreadable"])
    for name in COUNTS:
        same(name, report["totals"][name], total(expected, name))
    for kind, key in (("groups", "key"), ("days", "day"), ("contacts", "user")):
        compare_groups(kind, [(group[key], group) for group in report[kind]], expected[kind])
    same("classes", sum(report["totals"]["classes"].values()), total(expected, "launches"))


def compare_csv(text, expected, by):
    assert text.count("\r\n") == text.count("\n") == len(expected["groups"]) + 1, text
    found = []
    for row in csv.DictReader(text.splitlines()):
        key = row.pop(by)
        if key.startswith("'") and key[1] in "=+-@":
            key = key[1:]
        else:
            assert key[0] not in "=+-@", key
        group = {name: int(row[name]) for name in COUNTS}
        found.append((key, group | {"core_hours": float(row["core_hours"]), "class": row["top_class"]}))
    compare_groups("groups", found, expected["groups"])


def cut(name, width=17):
    return name if len(name) <= width else name[:width - 1] + "~"


def compare_table(text, expected, by):
    assert max(map(len, text.split("\n"))) <= 100, "too wide"
    assert "\x1b" not in text
    for label, wanted in [
            ("jobs that ended", expected["seen"]), ("jobs with nested launches", total(expected, "jobs")),
            ("nested launches", total(expected, "launches")), ("  repaired", total(expected, "repaired")),
            ("  denied", total(expected, "denied")), ("  failed", total(expected, "failed")),
            ("    unrepaired", total(expected, "unrepaired")),
            ("      preventable", total(expected, "preventable")),
            ("  bypassed nestsafe", total(expected, "bypassed"))]:
        line = re.search(r"^  %s +([\d,]+)(   [\d.]+ %%)?$" % re.escape(label), text, re.M)
        same(label, number(line[1]), wanted)
    rows = text[text.index("\nBy %s\n" % by):].split("\nWho to talk to")
    found = {}
    for line in rows[0].strip().split("\n")[2:]:
        line = re.fullmatch(r"  (.{17})" + r" +([\d,]+)" * 6 + r" +([\d,.]+)  (\S+)", line)
        key, *counts = line.groups()
        names = ["jobs", "launches", "repaired", "denied", "failed", "unrepaired", "preventable"]
        found[key.rstrip()] = dict(zip(names, map(number, counts[:6]))) | {"class": counts[7]}
    same("groups", sorted(found), sorted(cut(key) for key in expected["groups"]))
    for key, group in expected["groups"].items():
        for name, value in found[cut(key)].items():
            if name == "class":
                same_class(key, value, group)
            else:
                same("%s: %s" % (key, name), value, group[name])
    found = re.findall(r"^  (.{17}) +([\d,]+) +([\d,]+) +[\d,.]+  \S+ +(srun --mpi|nestsafe run)",
                       rows[1] if len(rows) > 1 else "", re.M)
    same("contacts", sorted((key.rstrip(), number(a), number(b)) for key, a, b, _ in found),
         sorted((cut(key), group["unrepaired"], group["preventable"])
                for key, group in expected["contacts"].items()))


class Page(html.parser.HTMLParser):
    """Checks that what opens is closed, and that nothing comes from elsewhere; keeps the tables."""
    VOID = {"meta", "br"}
    KNOWN = {"viewbox", "role", "aria-labelledby", "aria-hidden", "id", "class", "fill", "font-size",
             "text-anchor", "stroke", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "lang",
             "charset", "http-equiv", "content", "name", "scope"}

    def __init__(self, text):
        super().__init__()
        self.open, self.tables, self.ids = [], [], set()
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "link", "img", "iframe", "object", "a"), tag
        for name, value in attrs:
            assert name in self.KNOWN, name
            if name == "id":
                assert value not in self.ids, value
                self.ids.add(value)
            if name == "aria-labelledby":
                self.labels = value.split()
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if "style" in self.open:
            assert "url(" not in data and "@import" not in data
        elif self.open and self.open[-1] in ("td", "th"):
            self.tables[-1][-1][-1] += data


def compare_html(text, expected, by):
    assert "http:" not in text and "https:" not in text, "not self-contained"
    page = Page(text)
    assert {"days-title", "days-desc", "users-title", "users-desc"} <= page.ids, page.ids
    days, contacts, groups = page.tables
    for table, kind in ((days, "days"), (groups, "groups")):
        same(kind, sorted(row[0] for row in table[1:]), sorted(expected[kind]))
        for row in table[1:]:
            group = expected[kind][row[0]]
            same(row[0], [number(cell) for cell in row[1:8]],
                 [group[name] for name in COUNTS[:-1]])
            assert abs(float(row[8].replace(",", "")) - group["core_seconds"] / 3600) < 0.051, row
            same_class(row[0], row[9], group)
    same("contacts", sorted((row[0], *map(number, row[1:4])) for row in contacts[1:]),
         sorted((key, group["jobs"], group["unrepaired"], group["preventable"])
                for key, group in expected["contacts"].items()))
    same("drawn", sum(map(number, re.findall(r": ([\d,]+) [a-z, ]+</title>", text))),
         total(expected, "launches") + total(expected, "unrepaired"))


def main():
    sacct, start, end, by, form, report, *wanted = sys.argv[1:]
    rows = rows_of(sacct, int(start), int(end), [w.split("=", 1) for w in wanted])
    expected = count(rows, by)
    assert expected["groups"], "nothing to compare with"
    text = open(report, newline="").read()
    {"json": compare_json, "csv": compare_csv, "table": compare_table,
     "html": compare_html}[form](text, expected, by)


main()

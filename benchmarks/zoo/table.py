"""What the diagnosis found in the zoo, from the results that benchmarks/diagnose.py left.

Usage: python benchmarks/zoo/table.py [tune|held-out]
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def read(part):
    return [json.loads(path.read_text()) for path in sorted((RESULTS / part).glob("*.json"))]


def sure(record, severities=("error", "warning", "info")):
    """Names of the findings that are not undetermined."""
    return [f["name"] for f in record["findings"] if f["severity"] in severities]


def share(count, total):
    return f"{count / total:.3f} ({count}/{total})" if total else "-"


def by_injector(records):
    """A row for each defect: was it found, and named first, at its full severity?"""
    print("\n| defect | named by | found | first |\n|---|---|---|---|")
    recalls, firsts = [], []
    groups = defaultdict(list)
    for record in records:
        if record["expected"] and record["rank"] == 0:
            groups[record["injector"]].append(record)
    for name, group in sorted(groups.items()):
        expected = set(group[0]["expected"])
        found = sum(bool(expected & set(sure(record))) for record in group)
        first = sum(
            bool(record["findings"]) and record["findings"][0]["name"] in expected
            for record in group
        )
        recalls.append(found / len(group))
        firsts.append((first, len(group)))
        names = ", ".join(f"`{each}`" for each in sorted(expected))
        print(f"| {name} | {names} | {share(found, len(group))} | {share(first, len(group))} |")
    print(f"\n{len(groups)} defects; macro-recall {sum(recalls) / len(recalls):.3f}; "
          f"top-1 cause {share(*map(sum, zip(*firsts, strict=True)))}")  # fmt: skip


def by_finding(records):
    """A row for each finding: how often is it right, and how often is it missed?"""
    right, false, missed = defaultdict(int), defaultdict(int), defaultdict(int)
    for record in records:
        expected, accepted = set(record["expected"]), set(record["accepted"])
        found = set(sure(record, ("error", "warning")))
        for name in found & expected:
            right[name] += 1
        for name in found - expected - accepted:
            false[name] += 1
        if record["rank"] == 0 and not expected & set(sure(record)):
            for name in expected if len(expected) == 1 else ():
                missed[name] += 1
    print("\n| finding | right | false | missed | precision | F1 |\n|---|---|---|---|---|---|")
    scores, precisions = [], []
    for name in sorted({*right, *false, *missed}):
        precision = right[name] / max(right[name] + false[name], 1)
        f1 = 2 * right[name] / max(2 * right[name] + false[name] + missed[name], 1)
        if right[name] or missed[name]:
            scores.append(f1)
            precisions.append(precision)
        print(f"| `{name}` | {right[name]} | {false[name]} | {missed[name]} | {precision:.3f} | "
              f"{f1:.3f} |")  # fmt: skip
    total = sum(right.values()), sum(false.values())
    macro = sum(precisions) / len(precisions)
    print(f"\n{len(scores)} findings; precision over all {share(total[0], sum(total))}, macro "
          f"{macro:.3f}; macro-F1 {sum(scores) / len(scores):.3f}")  # fmt: skip


def healthy(records):
    """False alarms on models without a defect."""
    print(
        "\n| healthy model | with an error | with a warning that is not accepted |\n|---|---|---|"
    )
    groups = defaultdict(list)
    for record in records:
        if not record["expected"]:
            groups[record["injector"]].append(record)
    totals = [0, 0, 0]
    for name, group in sorted(groups.items()):
        errors = sum(bool(set(sure(r, ("error",))) - set(r["accepted"])) for r in group)
        warnings = sum(bool(set(sure(r, ("warning",))) - set(r["accepted"])) for r in group)
        totals = [a + b for a, b in zip(totals, (errors, warnings, len(group)), strict=True)]
        print(f"| {name} | {share(errors, len(group))} | {share(warnings, len(group))} |")
    print(f"| all | {share(totals[0], totals[2])} | {share(totals[1], totals[2])} |")


def by(name, records):
    """The same by data and architecture, or by another name, at full severity."""
    columns = name, "models", "found", "named first", "findings right", "healthy with an error"
    print(f"\n| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    groups = defaultdict(list)
    for record in records:
        if record["rank"] == 0:
            groups[record[name]].append(record)
    for cell, group in sorted(groups.items()):
        ill = [record for record in group if record["expected"]]
        found = sum(bool(set(record["expected"]) & set(sure(record))) for record in ill)
        first = sum(
            bool(record["findings"]) and record["findings"][0]["name"] in record["expected"]
            for record in ill
        )
        right = false = alarms = 0
        for record in group:
            names = set(sure(record, ("error", "warning")))
            right += len(names & set(record["expected"]))
            false += len(names - set(record["expected"]) - set(record["accepted"]))
            is_alarm = set(sure(record, ("error",))) - set(record["accepted"])
            alarms += bool(is_alarm and not record["expected"])
        well = len(group) - len(ill)
        print(f"| {cell} | {len(group)} | {share(found, len(ill))} | {share(first, len(ill))} | "
              f"{share(right, right + false)} | {share(alarms, well)} |")  # fmt: skip


def by_severity(records):
    """Detection against the knob, mildest to severest."""
    print("\n| defect | mild | medium | full |\n|---|---|---|---|")
    groups = defaultdict(lambda: defaultdict(list))
    values = {}
    for record in records:
        if record["expected"]:
            is_found = bool(set(record["expected"]) & set(sure(record)))
            groups[record["injector"]][record["rank"]].append(is_found)
            values[record["injector"], record["rank"]] = record["severity"]
    for name, ranks in sorted(groups.items()):
        if len(ranks) < 2:
            continue
        cells = [
            f"{values[name, rank]}: {share(sum(ranks[rank]), len(ranks[rank]))}"
            if rank in ranks
            else ""
            for rank in (2, 1, 0)
        ]
        print(f"| {name} | " + " | ".join(cells) + " |")


def tables(records):
    """All of them, on standard output."""
    seconds = sorted(record["diagnosis_seconds"] for record in records)
    print(f"{len(records)} models; a diagnosis took {seconds[len(seconds) // 2]} s (median)")
    by_injector(records)
    by_finding(records)
    healthy(records)
    by("cell", records)
    by_severity(records)


if __name__ == "__main__":
    tables(read(sys.argv[1] if len(sys.argv) > 1 else "held-out"))

"""Two marks of a growing ledger side by side, as tables of Markdown."""

from __future__ import annotations

from typing import Any

# What one mark took is disturbed by whatever else the machine did meanwhile: the mean of a few says more.
MARKS_TOGETHER = 3
LEAST_BYTES_AN_ENTRY = 1.0


def print_comparison(lines: list[dict[str, Any]], first: int, last: int) -> None:
    """Print memory, processor time an event and disk an event at two sizes of the ledger, with their ratios."""
    early, late = _upto(lines, first), _upto(lines, last)
    print(f"| | {early[-1]['entries']:,} entries | {late[-1]['entries']:,} entries | ratio |\n|---|---|---|---|")
    _print_pairs("MiB held by", early[-1]["memory_mib"], late[-1]["memory_mib"])
    _print_pairs("µs of CPU an event", _mean_cpu(early), _mean_cpu(late))
    print("\n| bytes on disk an entry | at first | at last |\n|---|---|---|")
    before, after = _disk(early[-1]), _disk(late[-1])
    for name, size in sorted(after.items(), key=lambda pair: -pair[1]):
        if size >= LEAST_BYTES_AN_ENTRY:
            print(f"| {name} | {before[name]:.1f} | {size:.1f} |")


def _upto(lines: list[dict[str, Any]], entries: int) -> list[dict[str, Any]]:
    """The last few marks up to a size; the very first mark, where processes warm up, is left out if others are."""
    marks = [line for line in lines if line["entries"] <= entries * 1.02] or lines[:1]
    return (marks[1:] or marks)[-MARKS_TOGETHER:]


def _mean_cpu(marks: list[dict[str, Any]]) -> dict[str, float]:
    names = marks[-1]["cpu_us_an_event"]
    events = sum(mark["events"] for mark in marks)
    mean = {
        name: sum(mark["cpu_us_an_event"].get(name, 0) * mark["events"] for mark in marks) / events for name in names
    }
    servers = sum(value for name, value in mean.items() if name.startswith("postgres: "))
    together = sum(mean.values())
    slowness = sum(mark["yardstick_s"] * mark["events"] for mark in marks) / events
    yardsticks = {"all together, in thousandths of the yardstick": together / (slowness * 1e3)}
    return mean | {"Postgres together": servers, "all together": together} | yardsticks


def _print_pairs(title: str, before: dict[str, float], after: dict[str, float]) -> None:
    for name, value in after.items():
        ratio = f"{value / before[name]:.2f}" if before.get(name) else ""
        print(f"| {title}: {name} | {before.get(name, 0):.1f} | {value:.1f} | {ratio} |")


def _disk(mark: dict[str, Any]) -> dict[str, float]:
    sizes = {f"Kafka, {topic}": size for topic, size in mark["kafka_bytes"].items()}
    for database, relations in mark["database_bytes"].items():
        sizes |= {f"{database}, {relation}": size for relation, size in relations.items()}
        sizes[f"{database}, all"] = sum(relations.values())
    return {name: size / mark["entries"] for name, size in sizes.items()}

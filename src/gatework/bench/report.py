"""What was measured, as JSON, as a table for the terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from gatework.bench.machine import Machine
from gatework.bench.measure import Measurement
from gatework.bench.regimes import LSTM, RUNTIME
from gatework.bench.timing import Timing

if TYPE_CHECKING:
    from rich.console import Group

HEADINGS = (
    *("regime", "threads", "LSTM", "runtime", "rivals", "LSTM ratio", "runtime ratio"),
    *("at least", "aim", "reached", "share"),
)


@dataclass(frozen=True)
class Report:
    """A whole run: the machine, its rates, and what was measured.

    Attributes:
        gemm: floating-point operations a second of a large product, by number of threads.
        reading: bytes a second that one thread reads, by the bytes it reads over and over.
        left_out: groups of regimes that cannot be measured here, with the reason.
        busy: whether a program that takes a core ran beside.
        unmeasured: how many were still to come when the run was stopped.
    """

    machine: Machine
    gemm: Mapping[int, float]
    reading: Mapping[int, float]
    measurements: Sequence[Measurement]
    left_out: Mapping[str, str] = field(default_factory=dict)
    busy: bool = False
    unmeasured: int = 0

    @property
    def met(self) -> bool:
        """Whether everything that is promised was reached."""
        return not self.unmeasured and all(m.met for m in self.measurements)

    def share(self, m: Measurement) -> float | None:
        """Return the share of the machine's peak that the faster of ours reached.

        Of the rate of a large matrix product; for single steps, of the rate at which one thread
        reads as many bytes as the weights have.
        """
        if m.fastest is None:
            return None
        if m.regime.one_step:
            return m.regime.weight_bytes / m.fastest.median / self.reading[m.regime.weight_bytes]
        return m.regime.flops / m.fastest.median / self.gemm[m.threads]

    def missing(self) -> dict[str, list[str]]:
        """Return groups of regimes and contenders that did not take part, by the reason."""
        found: dict[str, list[str]] = {}
        skipped = {name: why for m in self.measurements for name, why in m.skipped.items()}
        for name, why in ({**self.left_out, **skipped}).items():
            found.setdefault(why, []).append(name)
        return found

    def tally(self) -> str:
        """Return in a line how many limits were met."""
        found = [m.verdict for m in self.measurements]
        parts = [f"{found.count('aim')} of {len(found)} reach the aim"]
        parts.append(f"{sum(m.met for m in self.measurements)} what is promised at least")
        for verdict in ("missed", "wrong numbers", "no rival", "busy machine", "not measured"):
            if verdict in found:
                parts.append(f"{found.count(verdict)} {verdict}")
        if self.unmeasured:
            parts.append(f"stopped with {self.unmeasured} to come")
        return "; ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON values; seconds, operations and bytes a second, shares."""
        return {
            "machine": asdict(self.machine),
            "gemm_flops": {str(threads): rate for threads, rate in self.gemm.items()},
            "read_bytes_per_second": {str(size): rate for size, rate in self.reading.items()},
            "met": self.met,
            "left_out": dict(self.left_out),
            "busy": self.busy,
            "unmeasured": self.unmeasured,
            "measurements": [self._measurement(m) for m in self.measurements],
        }

    def _measurement(self, m: Measurement) -> dict[str, Any]:
        return {
            "regime": m.regime.name,
            "sizes": {
                name: getattr(m.regime, name) for name in ("hidden", "batch", "steps", "layers")
            },
            "threads": m.threads,
            "seconds": {name: asdict(timing) for name, timing in m.times.items()},
            "best": m.best,
            "ratios": m.ratios,
            "at_least": m.regime.limits.at_least,
            "aim": m.regime.limits.aim,
            "verdict": m.verdict,
            "cores_of_others": m.others,
            "share_of_peak": self.share(m),
            "skipped": dict(m.skipped),
            "wrong": dict(m.wrong),
        }


def machine_lines(report: Report) -> list[str]:
    """Return the machine, the versions and the rates, a line each."""
    machine = report.machine
    versions = [f"{name} {found}" for name, found in machine.versions.items() if found]
    absent = [name for name, found in machine.versions.items() if not found]
    lines = [
        f"{machine.processor}, {machine.cores} cores, {machine.system}",
        f"instruction sets: {' '.join(machine.instruction_sets) or 'unknown'}",
        f"caches: {', '.join(machine.caches) or 'unknown'}",
        ", ".join(versions) + (f"; not installed: {', '.join(absent)}" if absent else ""),
    ]
    for threads, rate in report.gemm.items():
        lines.append(f"GEMM float32, {threads_in_words(threads)}: {rate / 1e9:.0f} GFLOP/s")
    if report.reading:
        rates = (f"{_bytes(n)} {rate / 1e9:.0f}" for n, rate in sorted(report.reading.items()))
        lines.append(f"reading, 1 thread, GB/s by size: {', '.join(rates)}")
    if report.busy:
        lines.append("beside a program that takes a core")
    if machine.load is not None:
        lines.append(f"load when the run began: {machine.load:.2f}")
    return lines


def rows(report: Report) -> list[tuple[str, ...]]:
    """Return the cells of the table, a row for each measurement."""
    return [
        (
            m.regime.name,
            str(m.threads),
            *(time_in_words(m.ours[name]) if name in m.ours else "" for name in (LSTM, RUNTIME)),
            ", ".join(
                f"{name} {duration(timing.median)} ({duration(timing.processor)})"
                for name, timing in sorted(m.times.items(), key=lambda one: one[1].median)
                if name not in m.ours
            ),
            *(f"{m.ratios[name]:.2f}" if name in m.ratios else "" for name in (LSTM, RUNTIME)),
            f"{m.regime.limits.at_least:g}",
            f"{m.regime.limits.aim:g}",
            m.verdict,
            "" if (share := report.share(m)) is None else f"{share:.0%}",
        )
        for m in report.measurements
    ]


def terminal(report: Report) -> Group:
    """Return the report for a terminal."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    styles = {"aim": "green", "at least": "green", "missed": "red", "wrong numbers": "bold red"}
    table = Table(*HEADINGS, box=None, pad_edge=False)
    for column in table.columns[5:9]:
        column.justify = "right"
    for row in rows(report):
        table.add_row(*(Text(cell, style=styles.get(cell, "")) for cell in row))
    lines = [*machine_lines(report), ""]
    tail = ["", *_wrong(report), *_busy(report), *_missing(report), report.tally()]
    return Group(*(Text(line) for line in lines), table, *(Text(line) for line in tail))


def markdown(report: Report) -> str:
    """Return the report as a Markdown document."""
    lines = ["# Speed of the kernels", "", *(f"- {line}" for line in machine_lines(report)), ""]
    lines += [
        "Medians of alternating runs in one process, in parentheses of the processor time of all "
        "threads. Ratio: how many times as fast as the fastest rival. Share, of ours that is "
        "faster: of the GEMM rate above, for single steps of the rate of reading as many bytes "
        "as the weights have.",
        "",
        _markdown_row(HEADINGS),
        _markdown_row("---" for _ in HEADINGS),
        *map(_markdown_row, rows(report)),
        "",
        report.tally() + ".",
    ]
    extra = [*_wrong(report), *_busy(report), *_missing(report)]
    return "\n".join([*lines, "", *(f"- {line}" for line in extra)]).rstrip() + "\n"


def duration(seconds: float) -> str:
    """Return a time with its unit, in three digits.

    Example:
        >>> duration(0.00001234), duration(0.5)
        ('12.3 us', '500 ms')
    """
    for unit, size in (("us", 1e-6), ("ms", 1e-3)):
        if seconds < 999.5 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def threads_in_words(count: int) -> str:
    """Return ``count`` with its noun.

    Example:
        >>> threads_in_words(1), threads_in_words(2)
        ('1 thread', '2 threads')
    """
    return "1 thread" if count == 1 else f"{count} threads"


def time_in_words(timing: Timing) -> str:
    """Return the median, half the distance of the quartiles, and the processor time."""
    return f"{duration(timing.median)} ±{timing.spread / 2:.0%} ({duration(timing.processor)})"


def _wrong(report: Report) -> list[str]:
    return [
        f"{m.regime.name}: numbers differ from {name}'s by {apart:.2g} of the largest"
        for m in report.measurements
        for name, apart in m.wrong.items()
    ]


def _busy(report: Report) -> list[str]:
    busy = [m.others for m in report.measurements if m.busy and m.others is not None]
    if not busy:
        return []
    return [
        f"other programs took up to {max(busy):.1f} cores while {len(busy)} of "
        f"{len(report.measurements)} were measured: their times say little, and there is no "
        "verdict; measure again when nothing else runs"
    ]


def _missing(report: Report) -> list[str]:
    return [f"left out: {', '.join(names)} ({why})" for why, names in report.missing().items()]


def _markdown_row(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"


def _bytes(size: int) -> str:
    return f"{size >> 20} MiB" if size >= 1 << 20 else f"{size >> 10} KiB"

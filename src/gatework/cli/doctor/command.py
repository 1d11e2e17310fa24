"""``gatework doctor``: what runs on this machine and why, and whether its numbers are right."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click

from gatework.cli.options import Options, command_of, json_flag, option
from gatework.cli.output import say_json, status
from gatework.extras import EXTRAS, missing

if TYPE_CHECKING:
    from gatework.cli.doctor.runtime_checks import Check

VARIABLE = "GATEWORK_KERNEL"
PACKAGES = ("python", "gatework", "numpy", "torch")


@dataclass(frozen=True)
class Backend:
    """The kernels for torch, or the runtime: whether it can be used, and on what.

    Attributes:
        available: whether it can be loaded.
        why_not: the reason where it cannot.
        targets: instruction sets that it was built for and this machine runs, best first.
        active: the one that is used; "reference" or "torch" where the environment asks for it.
    """

    available: bool
    why_not: str
    targets: tuple[str, ...]
    active: str | None


class Doctor(Options):
    """Show what runs on this machine, and test it.

    Versions, processor, instruction sets, threads, the kernels in use, the extras that are
    installed and what to type for the others; then each kernel is compared with the reference,
    forward and backward, and the runtime with numpy.

    Exit code 0: all is well. 1: something is missing or computes wrong numbers.
    """

    quick: bool = option("Test a few variants of the cell, not all.")
    as_json: bool = json_flag()

    def _run(self) -> bool:
        found = examine()
        checks = _checks(found, self.quick)
        problems = _problems(found, checks)
        if self.as_json:
            parts = {name: found[name] for name in ("kernels", "runtime")}
            said = found | {name: part and asdict(part) for name, part in parts.items()}
            said |= {"checks": [asdict(check) for check in checks], "problems": problems}
            say_json(said | {"healthy": not problems})
        else:
            _show(found, checks, problems)
        return not problems


def examine() -> dict[str, Any]:
    """Return what is installed and in use, by name."""
    from gatework.bench import machine

    found, threads = machine.describe(), _threads()
    return {
        "versions": {name: found.versions[name] for name in PACKAGES},
        **{n: getattr(found, n) for n in ("processor", "cores", "system", "instruction_sets")},
        "threads": threads,
        "environment": os.environ.get(VARIABLE),
        "kernels": None if threads is None else kernels(),
        "runtime": runtime(),
        "extras": {extra: missing(extra) for extra in EXTRAS},
    }


def kernels() -> Backend:
    """Return the state of the kernels that run inside torch."""
    from gatework.kernels import native

    targets = native.targets()
    forced = os.environ.get(VARIABLE, "")
    best = targets[0] if targets else "reference"
    return Backend(bool(targets), native.why_not(), targets, forced or best)


def runtime() -> Backend:
    """Return the state of the runtime without torch, which runs on numpy without its kernels."""
    from gatework.runtime import native

    found, forced = native.native(), os.environ.get(VARIABLE, "")
    targets = (*found.targets, native.REFERENCE)
    # The variable may force a path that only torch has.
    active = targets[0] if not forced else forced if forced in targets else None
    return Backend(not found.problem, native.slowness(), found.targets, active)


def _threads() -> int | None:
    """Return the threads of torch, None where torch is not installed."""
    try:
        import torch
    except ModuleNotFoundError:
        return None
    return torch.get_num_threads()


def _checks(found: dict[str, Any], quick: bool) -> list[Check]:
    from gatework.cli.doctor.runtime_checks import runtime_checks

    checks = list(runtime_checks(found["runtime"].targets, quick=quick))
    if found["kernels"] is None:
        return checks
    from gatework.bench.ours import kernel
    from gatework.cli.doctor.checks import kernel_checks

    with kernel(""), status("comparing the kernels with the reference"):
        return [*kernel_checks(found["kernels"].targets, quick=quick), *checks]


def _problems(found: dict[str, Any], checks: list[Check]) -> list[str]:
    from gatework.runtime.native import CURE

    problems = [
        f"{name}: {found[key].why_not}; {CURE}"
        for name, key in (("kernels for torch", "kernels"), ("runtime", "runtime"))
        if found[key] is not None and not found[key].available
    ]
    forced, part = found["environment"], found["kernels"] or found["runtime"]
    allowed = ("reference", "torch", *part.targets)
    if forced and forced not in allowed:
        problems.append(f"{VARIABLE} is {forced!r}, which is none of {', '.join(allowed)}")
    for check in checks:
        if not check.healthy:
            wrong = check.words if check.difference is None else "wrong numbers"
            problems.append(f"{check.group}, {check.variant}: {wrong}")
    return problems


def _show(found: dict[str, Any], checks: list[Check], problems: list[str]) -> None:
    versions = (
        f"{name} {version or 'not installed'}" for name, version in found["versions"].items()
    )
    lines = [
        ("versions", ", ".join(versions)),
        ("processor", f"{found['processor']}, {found['cores']} cores, {found['system']}"),
        ("instructions", " ".join(found["instruction_sets"]) or "unknown"),
        ("threads", "" if found["threads"] is None else f"{found['threads']} (torch)"),
        (VARIABLE, found["environment"] or "not set"),
        ("kernels", _part(found["kernels"])),
        ("runtime", _part(found["runtime"])),
    ]
    for name, words in lines:
        if words:
            click.echo(f"{name:16}{words}")
    for extra, absent in found["extras"].items():
        label = "" if extra != next(iter(EXTRAS)) else "extras"
        cure = f"no {', '.join(absent)}: pip install 'gatework[{extra}]'"
        click.echo(f"{label:16}{extra:12}{cure if absent else 'installed'}")
    for line in ["", *_summary(checks)] if checks else []:
        click.echo(line)
    click.echo()
    for problem in problems:
        click.echo(f"problem: {problem}")
    click.echo("all is well" if not problems else f"problems: {len(problems)}")


def _part(part: Backend | None) -> str:
    if part is None:
        return "not in use, since torch is not installed"
    if not part.available:
        return f"none; in use: {part.active or 'none'}"
    targets = " ".join(f"[{name}]" if name == part.active else name for name in part.targets)
    return f"{targets}; in use: {part.active or 'none'}"


def _summary(checks: list[Check]) -> list[str]:
    """Return the largest difference of each group of checks, and what is to be said of them."""
    groups: dict[str, list[Check]] = {}
    for check in checks:
        groups.setdefault(check.group, []).append(check)
    lines = []
    for name, members in groups.items():
        healthy = sum(check.healthy for check in members)
        known = [check.difference for check in members if check.difference is not None]
        apart = f", largest difference {max(known):.1e}" if known else ""
        lines.append(f"{name:24}{healthy} of {len(members)} as they should be{apart}")
        lines += [f"  {c.variant}: {c.words}" for c in members if c.healthy and c.words]
    return lines


command = command_of(Doctor)

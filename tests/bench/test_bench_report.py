"""The report: machine, table, JSON, Markdown; and the table of growth."""

import json
import os

import pytest

from gatework.bench import Limits, Regime, growth, machine
from gatework.bench.growth import GrowthPoint, cliffs, measure_growth, operations
from gatework.bench.machine import Machine
from gatework.bench.measure import Measurement
from gatework.bench.regimes import LSTM, RUNTIME
from gatework.bench.report import Report, machine_lines, markdown
from gatework.bench.timing import Timing

MACHINE = Machine(
    "A processor",
    2,
    ("avx2",),
    ("L1 32K",),
    "Linux x86_64",
    0.25,
    {"python": "3.11.0", "torch": "2.13.0", "onnxruntime": None},
)


def measurement(regime: Regime, ours: float, rival: float, **rest) -> Measurement:
    mine = Timing(ours, ours * 0.9, ours * 1.1, 5, 2 * ours)
    times = dict.fromkeys(regime.ours, mine) | {"rival": Timing(rival, rival, rival, 5, rival)}
    return Measurement(regime, 1, times, rest.get("skipped", {}), rest.get("wrong", {}))


SEQUENCE = Regime("inference", "inference", 64, ("rival",), Limits(1.3, 1.8), batch=16)
STEP = Regime("step", "step", 64, ("rival",), Limits(15, 20))


@pytest.fixture
def report() -> Report:
    return Report(
        MACHINE,
        {1: 100e9},
        {STEP.weight_bytes: 80e9},
        [
            measurement(SEQUENCE, 2e-3, 4e-3, skipped={"onnxruntime": "not installed"}),
            measurement(STEP, 3.2e-6, 32e-6),
        ],
    )


def test_shares_of_what_the_machine_can_do(report) -> None:
    sequence, step = report.measurements
    assert report.share(sequence) == pytest.approx(SEQUENCE.flops / 2e-3 / 100e9)
    assert report.share(step) == pytest.approx(STEP.weight_bytes / 3.2e-6 / 80e9)


def test_json_has_every_time_ratio_and_verdict(report) -> None:
    said = json.loads(json.dumps(report.to_json(), allow_nan=False))
    first, second = said["measurements"]
    assert first["seconds"][LSTM]["median"] == 2e-3
    assert first["seconds"][RUNTIME]["processor"] == 4e-3
    assert first["ratios"] == {LSTM: 2.0, RUNTIME: 2.0}
    assert (first["best"], first["verdict"]) == ("rival", "aim")
    assert first["skipped"] == {"onnxruntime": "not installed"}
    assert second["ratios"] == {RUNTIME: pytest.approx(10.0)}
    assert (second["at_least"], second["verdict"]) == (15, "missed")
    assert said["met"] is False
    assert said["machine"]["versions"]["onnxruntime"] is None


def test_markdown_names_machine_limits_and_what_is_missing(report) -> None:
    text = markdown(report)
    assert "- A processor, 2 cores, Linux x86_64" in text
    assert "- python 3.11.0, torch 2.13.0; not installed: onnxruntime" in text
    assert "- GEMM float32, 1 thread: 100 GFLOP/s" in text
    time, step = "2 ms ±10% (4 ms)", "3.2 us ±10% (6.4 us)"
    ends = ("2.00 | 2.00 | 1.3 | 1.8 | aim | 52% |", " | 10.00 | 15 | 20 | missed | 51% |")
    assert f"| inference: H 64, B 16 | 1 | {time} | {time} | rival 4 ms (4 ms) | {ends[0]}" in text
    assert f"| step: H 64 | 1 |  | {step} | rival 32 us (32 us) | {ends[1]}" in text
    assert "1 of 2 reach the aim; 1 what is promised at least; 1 missed." in text
    assert "- left out: onnxruntime (not installed)" in text


def test_wrong_numbers_are_told(report) -> None:
    wrong = measurement(SEQUENCE, 1e-3, 4e-3, wrong={"rival": 0.02})
    text = markdown(Report(MACHINE, report.gemm, report.reading, [wrong]))
    assert "numbers differ from rival's by 0.02 of the largest" in text
    assert "| wrong numbers |" in text


X86 = """processor : 0
vendor_id : AuthenticAMD
cpu family : 25
model : 17
model name : AMD EPYC 9004
flags : fpu sse4_2 avx avx2 fma avx512f hypervisor
"""
ARM = "processor : 0\nBogoMIPS : 50.00\nFeatures : fp asimd sve\nCPU part : 0xd40\n"


@pytest.mark.parametrize(
    ("text", "name", "sets"),
    [
        (X86, "AMD EPYC 9004 (family 25, model 17)", ("avx", "avx2", "avx512f", "fma", "sse4_2")),
        (ARM, None, ("asimd", "sve")),
        (None, None, ()),
    ],
)
def test_the_processor_is_read_where_the_system_tells_it(
    text, name, sets, tmp_path, monkeypatch
) -> None:
    path = tmp_path / "cpuinfo"
    if text is not None:
        path.write_text(text)
    monkeypatch.setattr(machine, "CPUINFO", path)
    found = machine.describe()
    assert tuple(sorted(found.instruction_sets)) == sets
    assert found.processor == name if name else found.processor
    assert found.cores >= 1
    assert found.versions["gatework"]


def test_rates_are_positive() -> None:
    assert machine.gemm_rate(2) > 1e8
    assert machine.read_rate(4096) > 1e8


def test_a_machine_without_a_load_is_described(report) -> None:
    import dataclasses

    silent = dataclasses.replace(MACHINE, load=None, instruction_sets=(), caches=())
    lines = machine_lines(dataclasses.replace(report, machine=silent))
    assert "instruction sets: unknown" in lines
    assert not any("load" in line for line in lines)


def test_a_cliff_is_a_point_whose_operations_cost_more_than_its_neighbours() -> None:
    even = [GrowthPoint(t, 1, h, operations(t, 1, h) * 1e-9) for t in (10, 100) for h in (16, 64)]
    assert cliffs(even) == []
    # Small sizes may cost more for each operation; only growing costs are cliffs.
    costly_start = GrowthPoint(10, 1, 16, operations(10, 1, 16) * 1e-8)
    assert cliffs([costly_start, *even[1:]]) == []
    steep = GrowthPoint(100, 1, 64, operations(100, 1, 64) * 4e-9)
    assert {low.steps for low, _ in cliffs([*even[:3], steep])} == {10, 100}


def test_growth_measures_all_sizes_within_reason(monkeypatch) -> None:
    monkeypatch.setattr(growth, "LARGEST", operations(4, 2, 3))
    told: list[str] = []
    found = measure_growth(
        1, steps=(2, 4), batches=(2,), hidden=(3, 5), progress=lambda words, _: told.append(words)
    )
    assert [(p.steps, p.batch, p.hidden) for p in found] == [(2, 2, 3), (4, 2, 3)]
    assert told == ["T 2, B 2, H 3", "T 4, B 2, H 3"]
    assert all(p.seconds > 0 for p in found)


def test_the_time_of_other_programs_is_all_but_idle_and_our_own(tmp_path, monkeypatch) -> None:
    stat = tmp_path / "stat"
    monkeypatch.setattr(machine, "STAT", stat)
    monkeypatch.setattr(machine.os, "times", lambda: (1.0, 0.5, 0.25, 0.25, 99.0))
    stat.write_text("cpu  1000 200 300 9999 9999 40 50 10 7 7\ncpu0 1 1 1 1 1 1 1 1 1 1\n")
    assert machine.seconds_of_others() == pytest.approx(16.0 - 2.0)
    for nothing in ("", "cpu 1 2", "cpu a b c d e f g h"):
        stat.write_text(nothing)
        assert machine.seconds_of_others() is None
    stat.unlink()
    assert machine.seconds_of_others() is None


@pytest.mark.skipif(not machine.STAT.exists(), reason="the system tells no times")
def test_the_time_of_one_program() -> None:
    before = sum(os.times()[:2])
    found = machine.seconds_of(os.getpid())
    assert before - 0.05 <= found <= sum(os.times()[:2]) + 0.05
    assert machine.seconds_of(-1) == 0

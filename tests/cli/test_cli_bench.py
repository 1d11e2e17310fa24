"""``gatework bench``: what it prints and writes, and its exit codes."""

import json
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from gatework.bench import Limits, Regime, growth, machine, regimes, run
from gatework.bench.measure import measure
from gatework.bench.neighbour import neighbour
from gatework.bench.timing import Effort
from gatework.cli import main
from gatework.cli.bench import command

EASY = Regime("easy", "inference", 4, ("torch.nn.LSTM",), Limits(1e-9, 1e-8), steps=3, quick=True)
HARD = Regime("hard", "inference", 4, ("torch.nn.LSTM",), Limits(1e9, 1e9), steps=3, quick=True)


@pytest.fixture(autouse=True)
def _small(monkeypatch) -> None:
    monkeypatch.setattr(regimes, "REGIMES", (EASY, HARD))
    monkeypatch.setattr(run, "FULL", Effort(1, 1e-6))
    monkeypatch.setattr(run, "QUICK", Effort(1, 1e-6))
    monkeypatch.setattr(machine, "gemm_rate", lambda threads: 1e11 * threads)
    monkeypatch.setattr(machine, "seconds_of_others", lambda: 0.0)


def bench(*arguments: str):
    return CliRunner().invoke(command, arguments)


def test_one_object_of_json_with_a_measurement_for_each_number_of_threads() -> None:
    found = bench("--json")
    said = json.loads(found.stdout)
    where = [(m["regime"], m["threads"]) for m in said["measurements"]]
    assert where == [
        ("easy: H 4, B 1", 1),
        ("easy: H 4, B 1", 2),
        ("hard: H 4, B 1", 1),
        ("hard: H 4, B 1", 2),
    ]
    assert said["gemm_flops"] == {"1": 1e11, "2": 2e11}
    assert found.stderr == ""


def test_exit_code_tells_whether_what_is_promised_was_reached() -> None:
    assert bench("--only", "easy", "--threads", "1").exit_code == 0
    assert bench("--only", "hard", "--threads", "1").exit_code == 1
    assert bench("--quick", "--threads", "1").exit_code == 1


def test_beside_other_programs_there_is_no_verdict(monkeypatch) -> None:
    taken = iter(range(10**6))
    monkeypatch.setattr(machine, "seconds_of_others", lambda: 1000.0 * next(taken))
    found = bench("--only", "easy", "--threads", "1")
    assert found.exit_code == 1
    assert "busy machine" in found.stdout
    told = " ".join(found.stdout.split())
    assert "while 1 of 1 were measured: their times say little, and there is no verdict" in told
    said = json.loads(bench("--only", "easy", "--threads", "1", "--json").stdout)
    assert said["measurements"][0]["cores_of_others"] > 1


def test_beside_a_neighbour_only_what_it_took_itself_is_no_others(monkeypatch) -> None:
    # With two threads on two cores it gets less than a core.
    every, own = iter(range(10**6)), iter(range(10**6))
    monkeypatch.setattr(machine, "seconds_of_others", lambda: 1000.0 * next(every))
    monkeypatch.setattr(machine, "seconds_of", lambda process: 1000.0 * next(own))
    assert bench("--only", "easy", "--threads", "1", "--busy").exit_code == 0
    monkeypatch.setattr(machine, "seconds_of", lambda process: 0.0)
    assert "busy machine" in bench("--only", "easy", "--threads", "1", "--busy").stdout


def test_a_busy_neighbour_runs_while_it_is_measured_and_no_longer(monkeypatch) -> None:
    seen = []

    @contextmanager
    def watched():
        with neighbour() as program:
            seen.append(program)
            yield program
            assert program.poll() is None

    monkeypatch.setattr(run, "neighbour", watched)
    found = bench("--only", "easy", "--threads", "1", "--busy")
    assert found.exit_code == 0
    assert "beside a program that takes a core" in found.stdout
    assert [program.poll() is None for program in seen] == [False]
    assert json.loads(bench("--only", "easy", "--threads", "1", "--busy", "--json").stdout)["busy"]


def test_what_was_measured_before_an_interrupt_is_kept(monkeypatch, tmp_path, capsys) -> None:
    def until_hard(regime, *given, **named):
        if regime is HARD:
            raise KeyboardInterrupt
        return measure(regime, *given, **named)

    monkeypatch.setattr(run, "measure", until_hard)
    document = tmp_path / "kernels.md"
    with pytest.raises(SystemExit) as left:
        main(["bench", "--json", "--out", str(document)])
    assert left.value.code == 130
    told = capsys.readouterr()
    said = json.loads(told.out)
    assert [(m["regime"], m["threads"]) for m in said["measurements"]] == [
        ("easy: H 4, B 1", 1),
        ("easy: H 4, B 1", 2),
    ]
    assert (said["unmeasured"], said["met"]) == (2, False)
    assert "interrupted with 2 measurements to come; those before are kept" in told.err
    assert "2 what is promised at least; stopped with 2 to come." in document.read_text()
    with pytest.raises(SystemExit) as left:
        main(["bench", "--only", "hard"])
    assert left.value.code == 130
    assert "interrupted" in capsys.readouterr().err


def test_the_table_names_the_machine_and_every_regime() -> None:
    said = bench("--threads", "1").stdout
    assert "GEMM float32, 1 thread: 100 GFLOP/s" in said
    assert "easy: H 4, B 1" in said
    assert "hard: H 4, B 1" in said
    assert "1 of 2 reach the aim; 1 what is promised at least; 1 missed" in said


def test_out_writes_markdown_or_json(tmp_path) -> None:
    document, data = tmp_path / "kernels.md", tmp_path / "kernels.json"
    bench("--only", "easy", "--out", str(document))
    assert document.read_text().startswith("# Speed of the kernels\n")
    bench("--only", "easy", "--out", str(data))
    assert json.loads(data.read_text())["met"] is True


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--threads", "3"], "'3' is not one of '1', '2', 'both'"),
        (["--only", "eazy"], "there is no regime 'eazy'"),
        (["--growth", "--quick"], "--quick does not go with --growth"),
    ],
)
def test_wrong_use(arguments, message, capsys) -> None:
    with pytest.raises(SystemExit) as left:
        main(["bench", *arguments])
    assert left.value.code == 2
    assert message in capsys.readouterr().err


def test_a_report_that_cannot_be_written_is_an_error(tmp_path, capsys) -> None:
    with pytest.raises(SystemExit) as left:
        main(["bench", "--only", "easy", "--out", str(tmp_path / "none" / "kernels.md")])
    assert left.value.code == 2
    assert "kernels.md" in capsys.readouterr().err


def test_growth_as_a_table_and_as_json(monkeypatch) -> None:
    monkeypatch.setattr(
        growth, "_time", lambda T, B, H, threads: growth.operations(T, B, H) * 1e-11
    )
    found = bench("--growth", "--threads", "1")
    assert found.exit_code == 0
    assert "1 thread" in found.stdout
    assert "100 " in found.stdout
    said = json.loads(bench("--growth", "--json").stdout)["threads"]
    assert said.keys() == {"1", "2"}
    assert {p["hidden"] for p in said["1"]["points"]} == {16, 64, 256, 1024}
    assert said["1"]["cliffs"] == []


def test_a_cliff_is_shown_and_makes_the_answer_no(monkeypatch) -> None:
    def steep(T: int, B: int, H: int, threads: int) -> float:
        return growth.operations(T, B, H) * (5e-11 if T == 10_000 else 1e-11)

    monkeypatch.setattr(growth, "_time", steep)
    found = bench("--growth", "--threads", "1")
    assert found.exit_code == 1
    assert "cliff: T 1000, B 1, H 16 to T 10000, B 1, H 16, 5.0 times" in found.stdout

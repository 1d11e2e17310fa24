"""Many series, each with a forecaster of its own, on one machine or a cluster."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from gatework.checks import refuse
from gatework.engine import map_over
from gatework.errors import FileFormatError, OptionError, OutputError
from gatework.files import save
from gatework.forecast.checks import check_range, least_length, several, wrong_totals
from gatework.forecast.local.forecaster import Forecaster
from gatework.forecast.local.little import forecast_little, usual_error
from gatework.forecast.local.serving import pathless, pathless_mean
from gatework.forecast.panel.missing import missing_notes
from gatework.forecast.panel.panel import Panel
from gatework.forecast.series import Series
from gatework.storage import atomic_write
from gatework.storage.header import read_json
from gatework.storage.reading import read_bytes
from gatework.tabular.missing import describe_fill, fill

KEYS = ("series", "digest")
"""What every line of the results has, beside the result or why there is none."""


@dataclass(frozen=True)
class _Fit:
    """Fit a forecaster to a series, in one process, and return what it found as JSON values.

    With ``kept`` the model's file is beside that, None where a series is too short to have one.
    """

    settings: dict[str, Any]
    usual: float
    at_least: tuple[float, ...] | None = None
    kept: bool = False

    def __call__(self, series: Series) -> tuple[dict[str, Any], bytes | None]:
        forecaster = Forecaster(**self.settings)
        if forecaster.searched:
            forecaster.set_params(workers=1)
            if len(series) < least_length(forecaster.horizon):
                told = (series, forecaster.horizon, forecaster.level, self.usual)
                return forecast_little(*told), None
        found = forecaster.fit(series).result_.to_json()
        if self.at_least is not None:
            found |= {"total": forecaster.predict_total(at_least=self.at_least).to_json(0)}
        return found, _file_of(forecaster) if self.kept else None


def _file_of(forecaster: Forecaster) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return save(forecaster, Path(folder) / "model.safetensors").read_bytes()


def forecast_each(
    series: Panel | Sequence[Series],
    out: str | os.PathLike[str],
    *,
    engine: str = "local",
    workers: int | None = None,
    address: str | None = None,
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
    total: bool = False,
    at_least: Sequence[float] | float = (),
    models: str | os.PathLike[str] | None = None,
    **settings: Any,
) -> dict[str, dict[str, Any]]:
    """Fit a Forecaster to each of many series, and keep each result as soon as it is known.

    A series that is too short for a search, where others are not, is forecast by
    ``forecast_little``, as its notes say. Which worker fits a series changes nothing in its
    forecast. A run that was cut off, at any moment, goes on with ``resume`` where it was: nothing
    is done twice, and nothing counts twice.

    Args:
        series: a Panel, or some Series with different names. The pretrained network goes on over
            missing values; for a search those of a Panel between others are filled by
            interpolation. The notes of such a series say so.
        out: file for the results, one JSON object a line: "series" is its name, "digest" tells its
            values and the settings, "result" is as ForecastResult.to_json gives it, or "failed"
            says why there is none.
        engine: "local" or "ray".
        workers: processes; one for each processor if not given.
        address: of the Ray cluster.
        resume: go on in ``out``.
        progress: called after each series with how many are done, of how many.
        total: also what the periods come to together, as ``Forecaster.predict_total`` says it.
        at_least: with it, totals of which the chance is wanted that so much or more comes.
        models: folder for the fitted Forecaster of each series, NAME.safetensors, as ``save``
            writes it; a line's "model" is the name of its file, None where a series is too short
            for a search. Without it none is kept.
        **settings: of Forecaster, such as horizon, trials, seed, method and model.

    Returns:
        The line of each series, by its name.

    Raises:
        OptionError, DataError: before any work: for settings or a series that cannot be used.
        OutputError: when ``out`` exists without ``resume``, or cannot be written.
        FileFormatError: when ``out`` holds something else.
        EngineError, MissingDependencyError: when the cluster cannot be reached or ray is missing.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> wave = 5 + np.sin(np.arange(40) / 2)
        >>> names = tuple(str(number) for number in range(1, 41))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     found = forecast_each(
        ...         [Series("a", wave, names)], Path(folder) / "each.jsonl", horizon=2, workers=1
        ...     )
        >>> [point["period"] for point in found["a"]["result"]["forecast"]]
        ['41', '42']
    """
    if wrong := sorted(settings.keys() & (set(Forecaster.OF_A_RUN) - {"network", "classics"})):
        raise OptionError(f"{wrong[0]} is of forecast_each itself, or of a single Forecaster")
    try:
        searched = Forecaster(**settings).searched
    except TypeError as error:
        raise _unknown(error) from error
    many = list(_series_of(series, filled=searched))
    longest = max(map(len, many), default=0)
    checked = [_checked(one, settings, longest) for one in many]
    at_least = several(at_least)
    totalled = tuple(at_least) if total or at_least else None
    if totalled is not None and searched:
        raise pathless(Forecaster(**settings).method_taken)
    if totalled is not None and settings.get("model") == "auto":
        raise pathless_mean()
    refuse(wrong_totals(at_least))
    told = settings if totalled is None else settings | {"total": totalled}
    digests = {one.name: _digest(one, told) for one in checked}
    path, folder = Path(out), None if models is None else Path(models)
    files = _file_names([one.name for one in checked])
    found = _kept(path, digests) if resume else {}
    if folder is not None:
        found = {name: one for name, one in found.items() if _is_whole(one, folder / files[name])}
    left = [one for one in checked if one.name not in found]
    fit = _Fit(settings, usual_error(checked), totalled, folder is not None)
    results = map_over(fit, left, engine=engine, workers=workers, address=address)
    with _opened(path, resume=resume) as file:
        if progress is not None:
            progress(len(found), len(checked))
        try:
            for one in results:
                name = left[one.index].name
                line: dict[str, Any] = {"series": name, "digest": digests[name]}
                result, model = one.value or (None, None)
                line |= {"failed": one.message} if one.message else {"result": result}
                if folder is not None and not one.message:
                    line["model"] = None if model is None else files[name]
                if folder is not None and model is not None:
                    folder.mkdir(exist_ok=True)
                    atomic_write(folder / files[name], model)  # before its line, which names it
                _write(file, line, path)
                found[name] = line
                if progress is not None:
                    progress(len(found), len(checked))
        except BaseException:
            if not found:
                path.unlink()  # it holds nothing, as when the cluster could not be reached
            raise
    return {one.name: found[one.name] for one in checked}


def _series_of(series: Panel | Sequence[Series], *, filled: bool) -> Iterator[Series]:
    if not isinstance(series, Panel):
        names = [one.name for one in series]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise OptionError(f"there are several series of the name {twice[0]!r}")
        yield from series
        return
    ended = ended_panel(series)
    for row, name in enumerate(series.ids):
        gaps = _gaps(ended, row)
        whole = not gaps.size or not filled
        yield ended.series(name, missing=True) if whole else _filled(ended.subset([name]), gaps)


def ended_panel(panel: Panel) -> Panel:
    """Return the series as ``forecast_each`` takes them, each up to its last value.

    Empty periods after that are there for covariates, which are of no use here.
    """
    known = ~np.isnan(panel.values)
    known &= np.arange(known.shape[1]) < panel.lengths[:, None]
    ends = known.shape[1] - known[:, ::-1].argmax(axis=1)
    return panel.cut(np.where(known.any(axis=1), ends, panel.lengths))


def _file_names(names: Sequence[str]) -> dict[str, str]:
    """Return a name of a file for each series, also where letters are not told apart."""
    taken: set[str] = set()
    files = {}
    for name in names:
        stem = re.sub(r"[^\w.-]+", "-", name).strip("-.")[:80] or "series"
        tries = (f"{stem}-{number}" if number > 1 else stem for number in count(1))
        files[name] = f"{next(one for one in tries if one.casefold() not in taken)}.safetensors"
        taken.add(files[name].removesuffix(".safetensors").casefold())
    return files


def _is_whole(line: dict[str, Any], file: Path) -> bool:
    """Return whether the model of a finished series is there, where it has one."""
    return "failed" in line or ("model" in line and (line["model"] is None or file.is_file()))


def _gaps(panel: Panel, row: int) -> np.ndarray:
    """Return the periods of a series that have no value, between others that have one."""
    known = np.flatnonzero(~np.isnan(panel.values[row, : panel.lengths[row]]))
    return np.setdiff1d(np.arange(known[-1]), known)


def _filled(panel: Panel, gaps: np.ndarray) -> Series:
    """Return the one series of a panel with its gaps filled, as its note says."""
    values = fill(panel.values[0], "interpolate", panel.ids[0])[None]
    series = replace(panel, values=values).series(panel.ids[0])
    note = describe_fill(len(gaps), "interpolate", series.labels[gaps[0]])
    return replace(series, notes=(*series.notes, note))


def gaps_note(panel: Panel, *, searched: bool = True) -> tuple[str, ...]:
    """Return the note on what becomes of gaps in ``forecast_each``; none without."""
    if not searched:
        return missing_notes(panel)
    found = [(row, gaps) for row in range(len(panel)) if (gaps := _gaps(panel, row)).size]
    if not found:
        return ()
    told = [
        f"{panel.ids[row]!r} ({len(gaps)}, from {panel.labels(row)[gaps[0]]} on)"
        for row, gaps in found[:5]
    ]
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return (
        "missing values are filled by interpolation where each series is learned by itself: "
        f"{', '.join(told)}{more}",
    )


def _checked(series: Series, settings: dict[str, Any], longest: int) -> Series:
    forecaster = Forecaster(**settings)
    if forecaster.searched and len(series) < least_length(forecaster.horizon) <= longest:
        forecaster.check_settings()
        check_range(series.values, series.name)
        return series
    return forecaster.check(series)


def _unknown(error: TypeError) -> OptionError:
    return OptionError(f"a Forecaster does not take these settings: {error}")


def _digest(series: Series, settings: dict[str, Any]) -> str:
    """Return what tells a series and its settings from others."""
    told = [series.labels, series.frequency, series.season, series.counts, sorted(settings.items())]
    text = json.dumps(told, default=str).encode()
    return hashlib.sha256(text + series.values.tobytes()).hexdigest()


def _kept(path: Path, digests: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Return the whole lines of an earlier run; what a kill left half written is cut off."""
    text = read_bytes(path)
    whole = text[: text.rfind(b"\n") + 1]
    found: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(whole.splitlines(), start=1):
        line = _line(row, path, number)
        if digests.get(line["series"]) != line["digest"]:
            raise OptionError(
                f"{path}, line {number}: series {line['series']!r} was another one, or forecast "
                "with other settings",
                hint="resume with the same series and settings, or begin in another file",
            )
        found[line["series"]] = line
    if len(whole) < len(text):
        os.truncate(path, len(whole))
    return found


def _line(row: bytes, path: Path, number: int) -> dict[str, Any]:
    try:
        line = read_json(row.decode())
        sound = isinstance(line, dict) and all(isinstance(line[k], str) for k in KEYS)
        sound = sound and ("result" in line) != ("failed" in line)
    except (ValueError, KeyError):
        sound, line = False, {}
    if not sound:
        raise FileFormatError(
            f"{path}, line {number} is not one that forecast_each writes",
            hint="take the line out to do this series again, or begin in another file",
        )
    return line


def _opened(path: Path, *, resume: bool) -> Any:
    try:
        return path.open("ab" if resume else "xb", buffering=0)
    except FileExistsError as error:
        raise OutputError(
            f"{path} exists already and was kept",
            hint="resume=True (--resume) goes on with it; or choose another file",
        ) from error
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error


def _write(file: Any, line: dict[str, Any], path: Path) -> None:
    """Append a line; it is on the disk when this returns."""
    try:
        file.write(json.dumps(line, allow_nan=False).encode() + b"\n")
        os.fsync(file.fileno())
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}",
            hint="free some space, then resume; what is in it is intact",
        ) from error

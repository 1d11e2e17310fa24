"""From lines to observations, with a state that a kill at any moment leaves whole.

After each row, in this order: the observation is written; with an output file it is flushed to the
disk; then the state replaces the old one, with how far the input was read and how long the output
is, each with a digest, and is flushed too. Whoever goes on from a state sees each row exactly once:
the input is taken up behind the last row that is in the state, and an output file is cut to the
length that the state knows. A pipe cannot be cut: there the row that was written but is not in the
state comes again, with the same number.
"""

from __future__ import annotations

import io
import json
import math
import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from gatework.errors import DataError, FileFormatError, GateworkError, OptionError, OutputError
from gatework.storage.reading import open_to_read
from gatework.system import descriptors, names
from gatework.watch.follow import Change, Line
from gatework.watch.monitor import Watch
from gatework.watch.observation import Alarm, Observation
from gatework.watch.row import Row
from gatework.watch.rows import RowReader
from gatework.watch.tally import Tally, recount

POSITION = frozenset({"reader", "read", "out", "model", "source"})


class Session:
    """Reads lines, writes observations, and keeps the state.

    Args:
        watch: where the state is, ``watch.position`` is where to go on.
        reader: of the rows.
        write: takes each line of output, its end included, and returns once it is handed on.
        model: digest of the model's file, kept with the state.
        source: name of the input's file, None for the standard input.
        state: file of the state; None to keep none.
        out: the output's file, None where ``write`` goes elsewhere.
        save_every: rows from one state to the next.
        as_json: lines of JSON instead of lines for people.
        ignore: kinds of alarms to leave out.
        strict: rows that cannot be used are errors.
        tell: takes sentences on how rows were read, and on those that the model knows.

    Attributes:
        alarms: alarms given in this run, by kind.
        rows: rows of this run.
    """

    def __init__(
        self,
        watch: Watch,
        reader: RowReader,
        write: Callable[[str], None],
        *,
        model: str,
        source: str | None,
        state: Path | None = None,
        out: OutFile | None = None,
        save_every: int = 1,
        as_json: bool = False,
        ignore: Iterable[str] = (),
        strict: bool = False,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.watch, self.reader, self.write = watch, reader, write
        self.model, self.source = model, source
        self.state, self.out, self.save_every = state, out, save_every
        self.as_json, self.ignore, self.strict = as_json, frozenset(ignore), strict
        self.tell, self.begins = tell, watch.position is None
        self.read = Tally()
        self.known = Known()
        self.alarms: Counter[str] = Counter()
        self.rows = 0
        self.unsaved = 0
        self.pending: list[Alarm] = []

    def take(self, item: Line | Change) -> None:
        """Take in a line or a change of the file.

        Raises:
            DataError: with ``strict``, the row cannot be used; it is not part of the state.
            OutputError: output or state cannot be written.
        """
        if isinstance(item, Change):
            self.read = Tally()
            self.reader.begin_file()
            self.pending.append(Alarm("source", item.reason))
            return
        self.read.add(item.data)
        row = self.reader.read(item.data)
        self._tell_notes()
        if row is None or self._is_known(row) or self._is_ahead(row):
            return
        self._tell_known()
        seen = self._observe(row)
        if self.pending:
            self.watch.count(self.pending)
            seen = replace(seen, alarms=(*self.pending, *seen.alarms))
            self.pending = []
        self._emit(seen)

    def save(self, out: dict[str, Any] | None = None) -> None:
        """Write the state, if there is a file for it; ``out`` tells of an output yet to be made."""
        self.unsaved = 0
        if self.state is None:
            return
        from gatework.files import save

        if self.out is not None:
            self.out.flush()
        self.watch.position = {
            "reader": self.reader.to_config(),
            "read": self.read.to_config(),
            "out": out if self.out is None else self.out.tally.to_config(),
            "model": self.model,
            "source": self.source,
        }
        save(self.watch, self.state, overwrite=True)

    def finish(self) -> None:
        """Say which rows were known, and write the state if a row is not in it yet."""
        self._tell_known()
        if self.unsaved:
            self.save()

    def end(self) -> None:
        """Say that there was no row, where the input has ended and held something else.

        Raises:
            DataError: it did.
        """
        if self.begins and self.read.bytes and not self.rows and not self.known.ever:
            self.reader.finish()

    def _is_known(self, row: Row) -> bool:
        """Return whether the model was fitted to the period of a row; they are told together."""
        found = self.watch.known(row.period, written=True) if row.period else None
        if found is None:
            return False
        label, value = found
        same = math.isnan(row.value) or math.isnan(value) or math.isclose(row.value, value)
        self.known.add(label, other=not same)
        return True

    def _is_ahead(self, row: Row) -> bool:
        """Return whether a row without a value says what is known in advance of its period."""
        if not row.period or row.problem or row.unread or not math.isnan(row.value):
            return False
        taken = self.watch.announce(row.period, row.covariates, written=True)
        self.unsaved += taken
        return taken

    def _tell_known(self) -> None:
        if self.known.count:
            self.tell(str(self.known))
            self.known.clear()

    def _tell_notes(self) -> None:
        for note in self.reader.notes:
            self.tell(note)
        self.reader.notes.clear()

    def _observe(self, row: Row) -> Observation:
        if row.problem is not None and self.strict:
            raise _refused(row.problem)
        dated = self.reader.time_column is not None or row.period == ""
        if row.problem is not None and dated and not row.period:
            return self.watch.leave_out(row.problem)
        if row.unread and self.strict:
            raise _refused(row.unread[0])
        unread = [Alarm("bad", reason) for reason in row.unread]
        self.watch.count(unread)
        seen = self.watch.observe(
            row.value,
            row.period,
            covariates=row.covariates,
            problem=row.problem,
            written=True,
        )
        alarms = (*unread, *(_placed(alarm, row.line) for alarm in seen.alarms))
        for alarm in alarms if self.strict else ():
            if alarm.kind in ("bad", "order"):
                raise _refused(alarm.reason.partition(";")[0])
        return replace(seen, alarms=alarms)

    def _emit(self, seen: Observation) -> None:
        kept = tuple(alarm for alarm in seen.alarms if alarm.kind not in self.ignore)
        seen = replace(seen, alarms=kept)
        self.alarms.update(alarm.kind for alarm in kept)
        text = json.dumps(seen.to_json(), allow_nan=False) if self.as_json else str(seen)
        self.write(text + "\n")
        self.rows += 1
        self.unsaved += 1
        if self.unsaved >= self.save_every:
            self.save()


class Known:
    """Rows that the model was fitted to, until they are told.

    Attributes:
        count: of them. others: how many have other values than it was fitted to.
        ever: whether there was one, told or not.
    """

    def __init__(self) -> None:
        self.ever = False
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self.count, self.others = 0, 0
        self.first = self.last = ""

    def add(self, label: str, *, other: bool) -> None:
        """Take in a row, and whether its value is another one."""
        self.first = self.first or label
        self.last, self.ever = label, True
        self.count += 1
        self.others += other

    def __str__(self) -> str:
        """Return the sentence that tells them."""
        rows = "1 row is" if self.count == 1 else f"{self.count} rows are"
        span = self.first if self.count == 1 else f"{self.first} to {self.last}"
        others = ""
        if self.others:
            have = "1 has another value" if self.others == 1 else f"{self.others} have other values"
            others = f"; {have} than it was fitted to"
        return f"{rows} already known to the model: {span}{others}"


class OutFile:
    """The file that the observations are added to.

    Args:
        path: of the file; it may not be there yet, unless ``expected`` tells what it holds.
        expected: its length and digest, as the state knows them; what is beyond is cut off.

    Attributes:
        cut: bytes that were cut off.

    Raises:
        OutputError: the file is there without a state that knows it, is shorter than the state
            knows, was altered, or cannot be written.
    """

    def __init__(self, path: Path, expected: dict[str, Any] | None = None) -> None:
        self.path, self.cut = path, 0
        self.tally = Tally()
        if expected is None or (expected["bytes"] == 0 and not path.exists()):
            self._open(new=True)
            names.flush_folder(path.parent)
            return
        self._open(new=False)
        with open_to_read(path) as (file, _):
            tally = recount(file, expected)
            self.cut = path.stat().st_size - expected["bytes"]
        if tally is None:
            os.close(self.descriptor)
            raise OutputError(
                f"{path} was kept as it is: it is not what the state knows to be written there",
                hint="move it away with the state, and begin anew",
            )
        self.tally = tally
        if self.cut:
            os.ftruncate(self.descriptor, tally.bytes)

    def write(self, text: str) -> None:
        """Add a line.

        Raises:
            OutputError: the disk is full, for instance.
        """
        rest = data = text.encode()
        try:
            while rest:
                rest = rest[os.write(self.descriptor, rest) :]
        except OSError as error:
            raise self._failed(error) from error
        self.tally.add(data)

    def flush(self) -> None:
        """Wait until everything is on the disk."""
        try:
            os.fsync(self.descriptor)
        except OSError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Close the file."""
        os.close(self.descriptor)

    def _open(self, *, new: bool) -> None:
        try:
            self.descriptor = descriptors.append(self.path, new=new)
        except FileExistsError:
            raise OutputError(
                f"{self.path} exists already and was kept",
                hint="choose another name, or go on from its state with --state FILE",
            ) from None
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> OutputError:
        return OutputError(
            f"{self.path} cannot be written: {error.strerror or error}",
            hint="make room or choose another place; with --state the same command goes on",
        )


def check_position(watch: Watch, name: str) -> dict[str, Any]:
    """Return the position that a state holds, and give it to a reader with ``RowReader.restore``.

    Raises:
        FileFormatError: it holds none, or one that is not sound.
    """
    position = watch.position
    try:
        if not isinstance(position, dict) or set(position) != POSITION:
            raise OptionError(f"its position must have the keys {', '.join(sorted(POSITION))}")
        RowReader().restore(position["reader"])
        for tally in (position["read"], position["out"] or position["read"]):
            recount(io.BytesIO(), tally)
        if not isinstance(position["model"], str) or not isinstance(position["source"], str | None):
            raise OptionError("its model and its source must be texts")
    except GateworkError as error:
        raise FileFormatError(f"{name} is no state to go on from: {error.message}") from error
    return position


def _placed(alarm: Alarm, line: int) -> Alarm:
    """Name the row in alarms about it, where the reason does not yet."""
    if alarm.kind not in ("bad", "order") or alarm.reason.startswith("row "):
        return alarm
    return Alarm(alarm.kind, f"row {line}: {alarm.reason}")


def _refused(problem: str) -> DataError:
    return DataError(problem, hint="leave --strict out to go on without such rows")

"""What the file of a Watch holds: its state."""

from __future__ import annotations

from typing import Any

from gatework.errors import OptionError
from gatework.estimator import json_values as js
from gatework.estimator.model_file import Field, Part, Schema, Values, schema_of
from gatework.forecast import Forecaster, GlobalForecaster
from gatework.watch.informed import Informed
from gatework.watch.monitor import Watch


def _forecaster(watch: Watch) -> Any:
    found = watch.forecaster
    found = found.forecaster if isinstance(found, Informed) else found
    kinds = (Forecaster.file_kind, GlobalForecaster.file_kind)
    if getattr(found, "file_kind", None) not in kinds:
        raise OptionError(
            f"a Watch can be saved with a Forecaster, not with {type(found).__name__}"
        )
    return found


def _informed(watch: Watch) -> bool:
    """Return whether it is a GlobalForecaster that is watched."""
    return _forecaster(watch).file_kind == GlobalForecaster.file_kind


def _schema(said: Values) -> Schema:
    return schema_of(GlobalForecaster if said.informed else Forecaster)


def _make(said: Values, built: dict[str, Any]) -> Watch:
    watch = Watch(
        built["forecaster"],
        rows_per_false_alarm=said.rows_per_false_alarm,
        allow_negative=bool(said.allow_negative),
    )
    watch.rows, watch.alarms, watch.position = said.rows, dict(said.alarms), said.position
    watch.backlog = bool(said.backlog)
    watch.drift.restore(said.drift)
    watch.stuck.restore(said.stuck)
    return watch


ROWS = js.whole(0, 10**18)


def _counts(name: str, value: Any) -> list[str]:
    sound = isinstance(value, dict) and not any(ROWS(name, one) for one in value.values())
    return [] if sound else [f"{name} must be counts by kind"]


FILE = Schema(
    config={
        "informed": Field(js.switch, of=_informed, added=True),
        "forecaster": Part(_schema, of=_forecaster),
        "rows_per_false_alarm": Field(js.anything),
        "rows": Field(ROWS),
        "alarms": Field(_counts),
        "drift": Field(js.an_object, of=lambda watch: watch.drift.to_config()),
        "stuck": Field(js.an_object, of=lambda watch: watch.stuck.to_config()),
        "position": Field(js.optional(js.an_object)),
        "backlog": Field(js.switch, added=True),
        "allow_negative": Field(js.switch, added=True),
    },
    make=_make,
)

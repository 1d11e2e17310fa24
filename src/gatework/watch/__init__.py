"""Watching a series live: each value against the forecast made for it, with alarms."""

from gatework.watch.drift import Drift
from gatework.watch.monitor import Watch
from gatework.watch.observation import ALARMS, Alarm, Observation
from gatework.watch.protocol import Watched

__all__ = ["ALARMS", "Alarm", "Drift", "Observation", "Watch", "Watched"]

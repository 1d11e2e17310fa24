"""Remaining useful life: how many cycles are left, from machines that ran until they failed."""

from gatework.life.estimator import LifeEstimator
from gatework.life.fleet import Fleet
from gatework.life.held_out import HeldOut
from gatework.life.intervals import LifePoint
from gatework.life.reading import read_fleet
from gatework.life.tracker import LifeTracker

__all__ = ["Fleet", "HeldOut", "LifeEstimator", "LifePoint", "LifeTracker", "read_fleet"]

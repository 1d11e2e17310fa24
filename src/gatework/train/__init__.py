"""Training: one loop for all applications, with checkpoints that resume to the same bits."""

from gatework.train.averaging import WeightAverage
from gatework.train.batches import Batch, Batches, ShuffledBatches, StreamBatches
from gatework.train.group import Group
from gatework.train.interrupt import TrainingInterrupted
from gatework.train.loop import Trainer
from gatework.train.losses import MaskedLoss
from gatework.train.progress import Progress, RichProgress
from gatework.train.record import Record, RecordedEpoch, Recorder, read_record
from gatework.train.run import History
from gatework.train.seeding import seeded

__all__ = [
    "Batch",
    "Batches",
    "Group",
    "History",
    "MaskedLoss",
    "Progress",
    "Record",
    "RecordedEpoch",
    "Recorder",
    "RichProgress",
    "ShuffledBatches",
    "StreamBatches",
    "Trainer",
    "TrainingInterrupted",
    "WeightAverage",
    "read_record",
    "seeded",
]

"""The inside of a network in numbers; the pictures of ``gatework.look`` are drawn of these."""

from gatework.examine.attribution import Attribution, integrated_gradients
from gatework.examine.edits import Edit, edited
from gatework.examine.findings import Diagnosis, Finding, diagnose
from gatework.examine.gradients import GradientFlow, gradient_flow, plain_rnn_like
from gatework.examine.memory import Memory, longest_dependency, memory_of
from gatework.examine.order import order_units
from gatework.examine.run import Run, run_of
from gatework.examine.saturation import Saturation, saturation_of
from gatework.examine.similar_steps import SimilarSteps, find_similar_steps
from gatework.lazy import lazily

__all__ = [
    "Attribution",
    "Diagnosis",
    "Edit",
    "Finding",
    "GradientFlow",
    "Memory",
    "Run",
    "Saturation",
    "SimilarSteps",
    "diagnose",
    "edited",
    "find_similar_steps",
    "gradient_flow",
    "integrated_gradients",
    "longest_dependency",
    "memory_of",
    "order_units",
    "plain_rnn_like",
    "run_of",
    "saturation_of",
]

__getattr__, __dir__ = lazily(
    __name__, {}, renamed={"similar_moments": "find_similar_steps", "Moment": "SimilarSteps"}
)

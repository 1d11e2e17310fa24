"""The runtime: run or step a saved model with numpy and the native kernels alone, without torch."""

from gatework.runtime.loading import load
from gatework.runtime.model import Model
from gatework.runtime.quantization import QuantizationReport
from gatework.runtime.state import load_state, save_state
from gatework.runtime.stepper import Stepper
from gatework.runtime.streams import Streams, UnknownKeyError
from gatework.runtime.token_stepper import TokenStepper
from gatework.runtime.tokens import PackedTokenModel, load_tokens

__all__ = [
    "Model",
    "PackedTokenModel",
    "QuantizationReport",
    "Stepper",
    "Streams",
    "TokenStepper",
    "UnknownKeyError",
    "load",
    "load_state",
    "load_tokens",
    "save_state",
]

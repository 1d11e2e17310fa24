"""An estimator as the runtime runs it, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gatework.errors import OptionError
from gatework.runtime.loading import recognizer
from gatework.runtime.recognizer import Recognizer
from gatework.storage import Sealed, Tensor
from gatework.storage.torch_tensors import seal

if TYPE_CHECKING:  # the estimators stream by this module: a circle of types alone
    from gatework.recognize.estimator import SequenceEstimator


def running(estimator: SequenceEstimator) -> Recognizer:
    """Return what runs a fitted estimator while a sequence is still coming.

    Raises:
        NotFittedError: when nothing was fitted.
        OptionError: when the network is bidirectional.
    """
    estimator.check_fitted()
    if estimator.bidirectional:
        raise OptionError(
            "stream() needs a network that reads in one direction, but this one was fitted "
            "with bidirectional=True and reads each sequence from its end, too",
            hint=f"{type(estimator).__name__}(bidirectional=False)",
        )
    tensors = {
        name: Tensor.from_numpy(one) if isinstance(one, np.ndarray) else seal(one)
        for name, one in estimator.tensors().items()
    }
    sealed = Sealed(estimator.file_kind, estimator.to_config(), tensors)
    return recognizer(sealed, type(estimator).__name__)

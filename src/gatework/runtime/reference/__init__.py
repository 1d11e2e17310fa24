"""What runs networks where the native module is not there: the same names, with numpy alone.

The slow and readable version of ``gatework._runtime``; tests hold each against the other. What a
file holds was checked before it comes here.
"""

import numpy as np

from gatework.runtime.reference.tokens import TokenNetwork


class Network32(TokenNetwork):
    """A network that computes in float32."""

    dtype = np.float32


class Network64(TokenNetwork):
    """A network that computes in float64."""

    dtype = np.float64

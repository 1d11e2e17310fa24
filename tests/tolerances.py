"""The tolerances of the comparisons, and of time, each with its reason."""

from __future__ import annotations

from typing import NamedTuple


class Tolerance(NamedTuple):
    """How far two results may lie apart: ``|a - b| <= atol + rtol * |b|``."""

    rtol: float
    atol: float


# Seconds until what another process, thread or page does is missed. A busy machine, or one that
# stopped us for a minute, is no fault of the code; pytest ends a test after 300.
PATIENCE = 240

EXACT = Tolerance(0.0, 0.0)

# Both sides add up the same few dozen products in another order; 1e-12 leaves 4 digits of slack.
FLOAT64 = Tolerance(1e-10, 1e-12)

# The same in float32, whose unit roundoff is 6e-8: sums of up to a few hundred terms through up
# to a few dozen steps, and gradients that add up over steps and rows.
FLOAT32 = Tolerance(2e-4, 2e-5)

# float32 where hidden states are rounded to 16 bits of the largest, 1.5e-5 of it, before they are
# multiplied with weights of 8 bits.
EIGHT_BITS32 = Tolerance(1e-3, 1e-4)

# The same through layer norm, which divides by a deviation that starts near zero, for 50 steps.
EIGHT_BITS_NORMED32 = Tolerance(5e-3, 2e-3)

# Sums of float32 whose factors are rounded to bfloat16: one that lies between two neighbours may
# fall to the other side, 4e-3 of itself apart, among dozens in a sum.
BFLOAT16 = Tolerance(5e-4, 5e-4)

# float32 through a handful of steps of a small cell, forward only.
FEW_STEPS32 = Tolerance(1e-4, 1e-5)

# Pre-activations of thousands carry an error of their own size times the precision, which a gate
# on its way between 0 and 1 shows in full.
SATURATED64 = Tolerance(1e-9, 1e-9)
SATURATED32 = Tolerance(2e-3, 2e-3)

# Numbers written down by hand with six decimals.
SIX_DECIMALS = Tolerance(0.0, 5e-7)

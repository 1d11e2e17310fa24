"""Where the parts of the diagram of a cell stand: across a desk, and closer on a phone."""

from __future__ import annotations

from dataclasses import dataclass

LINE, NORM, GATES, BASE = 116.0, 164.0, 292.0, 370.0
"""Heights of the memory cell, of the normaliser, of the gates, and of the hidden state."""

TOP, BOTTOM = 56.0, 408.0
"""Of the frame around them."""


@dataclass(frozen=True)
class Places:
    """Places across a diagram, in pixels.

    Attributes:
        width: of the whole.
        left, right: of the frame.
        begin, end: of the wires from the step before and to the next.
        f, i, g, o, out: of the gates, and of what lets the cell out.
        x: of the input's wire.
        close: names stand beside their wires within the frame, not before and behind it.
    """

    width: float
    left: float
    right: float
    begin: float
    end: float
    f: float
    i: float
    g: float
    o: float
    out: float
    x: float
    close: bool = False

    def before(self, y: float, above: float, below: float = 0.0) -> tuple[float, float, str]:
        """Return where the name of a wire's beginning stands, and how it is anchored."""
        return (self.left + 4, y - above + below, "") if self.close else (self.left - 8, y, "end")

    def behind(self, y: float, above: float, below: float = 0.0) -> tuple[float, float, str]:
        """Return where the name of a wire's end stands, and how it is anchored."""
        return (
            (self.right - 4, y - above + below, "end") if self.close else (self.right + 10, y, "")
        )


DESK = Places(920.0, 120, 800, 80, 840, f=240, i=380, g=500, o=620, out=712, x=172)
PHONE = Places(380.0, 1, 379, 1, 379, f=46, i=118, g=188, o=268, out=345, x=153, close=True)

"""How far the outputs of a quantized model lie from those of the model as it was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatework.runtime.packing import PackedModel

MOST_SHOWN = 8


@dataclass(frozen=True, eq=False)
class QuantizationReport:
    """The error of a quantized model on some data, for each output; ``print`` it.

    Shapes:
        max_abs, mean_abs, relative_rms: (O,). The last is the error's root mean square over that
        of the output itself; 0 where both are.
    """

    before: str
    storage: str
    bytes_before: int
    bytes_after: int
    max_abs: np.ndarray
    mean_abs: np.ndarray
    relative_rms: np.ndarray

    def __str__(self) -> str:
        order = np.argsort(-self.relative_rms, kind="stable")[:MOST_SHOWN]
        kilobytes = f"{self.bytes_before / 1024:.1f} -> {self.bytes_after / 1024:.1f} KiB"
        count = len(self.max_abs)
        lines = [
            f"{self.before} -> {self.storage}, weights {kilobytes}",
            f"{'output':>8}{'max abs':>12}{'mean abs':>12}{'rel. RMS':>12}",
        ]
        lines += [
            f"{output:>8}{self.max_abs[output]:>12.3g}{self.mean_abs[output]:>12.3g}"
            f"{self.relative_rms[output]:>12.3g}"
            for output in (order if count > MOST_SHOWN else range(count))
        ]
        if count > MOST_SHOWN:
            lines.append(
                f"{'all':>8}{self.max_abs.max():>12.3g}{self.mean_abs.mean():>12.3g}"
                f"{np.sqrt(np.mean(self.relative_rms**2)):>12.3g}  (above: the worst {MOST_SHOWN} "
                f"of {count})"
            )
        return "\n".join(lines)


def compare(
    before: PackedModel, after: PackedModel, expected: np.ndarray, found: np.ndarray
) -> QuantizationReport:
    """Return the report on outputs (..., O) of the model before and after.

    Without any output the errors are 0.
    """
    truth = expected.reshape(-1, expected.shape[-1]).astype(np.float64)
    error = np.abs(found.reshape(truth.shape) - truth)
    if not len(error):
        truth = error = np.zeros((1, truth.shape[1]))
    rms, size = np.sqrt((error**2).mean(axis=0)), np.sqrt((truth**2).mean(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(rms == 0, 0.0, rms / size)
    return QuantizationReport(
        before.storage,
        after.storage,
        before.packed_bytes,
        after.packed_bytes,
        error.max(axis=0),
        error.mean(axis=0),
        relative,
    )

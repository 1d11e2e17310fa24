"""A tensor as it lies in a file, and the dtypes that files hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}
"""The dtypes that a sealed file holds, by their names in safetensors."""

_NAMES = {dtype: name for name, dtype in DTYPES.items()}
_LITTLE = {
    name: np.dtype("uint16" if name == "BF16" else dtype).newbyteorder("<")
    for name, dtype in DTYPES.items()
}

ITEM_SIZES = {name: dtype.itemsize for name, dtype in _LITTLE.items()}
"""Bytes of one value of each dtype."""


@dataclass(frozen=True)
class Tensor:
    """A tensor as it lies in a file: dtype by its safetensors name, shape, little-endian bytes."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes | bytearray | memoryview

    @classmethod
    def from_numpy(cls, array: np.ndarray, *, copy: bool = True) -> Tensor:
        """Return a copy of ``array`` as a Tensor, or one that shares its memory where it can.

        Raises:
            TypeError: when sealed files do not hold its dtype.

        Example:
            >>> Tensor.from_numpy(np.array([[65, 66, 67]], dtype=np.uint8))
            Tensor(dtype='U8', shape=(1, 3), data=b'ABC')
        """
        if array.dtype.name not in _NAMES:
            raise TypeError(f"files hold no {array.dtype}, expected one of {', '.join(_NAMES)}")
        name = _NAMES[array.dtype.name]
        found = np.ascontiguousarray(array, _LITTLE[name])
        data = found.tobytes() if copy else found.reshape(-1).view(np.uint8).data
        return cls(name, array.shape, data)

    def to_numpy(self) -> np.ndarray:
        """Return the tensor as an array of its own; bfloat16 comes as its bits in uint16."""
        return self._view().astype(_LITTLE[self.dtype].newbyteorder("="))

    def fault(self, *, finite: bool) -> str | None:
        """Return what is wrong with the values, None when nothing is.

        Args:
            finite: NaN and infinite values are wrong.
        """
        values = self._view()
        if self.dtype == "BOOL":
            sound = values.view(np.uint8) < 2
            return None if sound.all() else "holds bytes that are neither true nor false"
        if not finite or self.dtype not in ("F64", "F32", "F16", "BF16"):
            return None
        bfloat16 = self.dtype == "BF16"  # not finite: its exponent is all ones
        sound = (values & 0x7F80) != 0x7F80 if bfloat16 else np.isfinite(values)
        count = int(sound.size - np.count_nonzero(sound))
        return f"holds values that are not finite ({count} of {sound.size})" if count else None

    def _view(self) -> np.ndarray:
        return np.frombuffer(self.data, _LITTLE[self.dtype]).reshape(self.shape)

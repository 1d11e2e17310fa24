"""Files on the disk: atomic writing, and sealed files of tensors. Needs numpy, not torch."""

from gatework.storage.atomic import atomic_write
from gatework.storage.sealed import Sealed, pack, read_sealed, unpack, write_sealed
from gatework.storage.tensor import Tensor

__all__ = ["Sealed", "Tensor", "atomic_write", "pack", "read_sealed", "unpack", "write_sealed"]

"""Files on the disk: atomic writing, and sealed files of tensors. Needs numpy, not torch."""

from gatework.storage.atomic import atomic_write
from gatework.storage.sealed import Sealed, Tensor, pack, read_sealed, unpack, write_sealed

__all__ = ["Sealed", "Tensor", "atomic_write", "pack", "read_sealed", "unpack", "write_sealed"]

"""torch's tensors to and from sealed files; the one module of storage that needs torch."""

from __future__ import annotations

import torch

from gatework.storage.tensor import DTYPES, Tensor

_TORCH = {name: getattr(torch, dtype) for name, dtype in DTYPES.items()}
_NAMES = {dtype: name for name, dtype in _TORCH.items()}


def seal(tensor: torch.Tensor) -> Tensor:
    """Return a copy of ``tensor``, from any device, for a sealed file.

    Raises:
        TypeError: when sealed files do not hold its dtype.
    """
    if tensor.dtype not in _NAMES:
        raise TypeError(f"files hold no {tensor.dtype}, expected one of {', '.join(DTYPES)}")
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return Tensor(
        _NAMES[tensor.dtype], tuple(tensor.shape), flat.view(torch.uint8).numpy().tobytes()
    )


def dtype_of(tensor: Tensor) -> torch.dtype:
    """Return torch's dtype for a sealed tensor."""
    return _TORCH[tensor.dtype]


def unseal(tensor: Tensor) -> torch.Tensor:
    """Return a sealed tensor as one of torch's, on the CPU, with memory of its own."""
    dtype = dtype_of(tensor)
    if not tensor.data:
        return torch.empty(tensor.shape, dtype=dtype)
    return torch.frombuffer(bytearray(tensor.data), dtype=dtype).reshape(tensor.shape)

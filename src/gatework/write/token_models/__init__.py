"""The networks behind a token model: on the kernels without torch, or on torch."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gatework.errors import MissingDependencyError, OptionError

if TYPE_CHECKING:
    from gatework.write.token_model import TokenModel
    from gatework.write.token_models.torch import TorchTokenModel


def open_token_model(path: str | os.PathLike[str], *, storage: str = "int8") -> TokenModel:
    """Return a token model on a saved Writer: on the native kernels or, where they lack, on torch.

    Args:
        path: of the model file.
        storage: how the native kernels keep the weights: "float32", "float16" or "int8".

    Raises:
        OptionError: when the file holds another kind of model, or storage is none.
        InputFileError, FileFormatError: when there is no such file, or it is damaged.
        MissingDependencyError: when neither the kernels nor torch are there.
    """
    try:
        from gatework.write.token_models.native import open_native_token_model

        return open_native_token_model(path, storage=storage)
    except MissingDependencyError:
        try:
            return open_torch_token_model(path)
        except ModuleNotFoundError:
            pass
        raise


def open_torch_token_model(path: str | os.PathLike[str]) -> TorchTokenModel:
    """Return a token model on a saved Writer as torch computes it.

    Raises:
        OptionError: when the file holds another kind of model.
        InputFileError, FileFormatError: when there is no such file, or it is damaged.
    """
    from gatework.files import load

    model = load(path)
    if model.file_kind != "writer":
        raise OptionError(
            f"{os.fspath(path)} holds a {type(model).__name__}, expected a Writer",
            hint="gatework write train FILE --out MODEL",
        )
    return model.token_model()

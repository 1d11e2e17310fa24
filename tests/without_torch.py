"""A plugin of pytest, ``-p without_torch``: nobody can import torch, as where it is missing."""

import sys


class WithoutTorch:
    """Finds that there is no torch."""

    def find_spec(self, name, path=None, target=None):
        """Refuse torch and what is in it; leave all else to others."""
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")


def pytest_load_initial_conftests() -> None:
    """Begin before anything else is imported, and only where the plugin is asked for."""
    sys.meta_path.insert(0, WithoutTorch())

"""The declarations of torch's stable C interface, against torch's own headers."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import torch

NATIVE = Path(__file__).parents[2] / "native"
HEADERS = Path(torch.__file__).parent / "include"

# A second declaration of a function of C must be the same as the first, or it is an error.
PROGRAM = """
#define TORCH_TARGET_VERSION 0x020a000000000000
#include <torch/csrc/stable/c/shim.h>
#include <type_traits>
{functions}
#include "torch_abi.h"
static_assert(std::is_same_v<StableIValue, uint64_t>);
static_assert(gatework::torch_ops::TORCH_INTERFACE == TORCH_VERSION_2_10_0);
"""


def compiled(header: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Compile the program against ``header`` in place of torch_abi.h."""
    compiler = shutil.which("c++")
    if compiler is None:
        pytest.skip("there is no C++ compiler")
    names = re.findall(r"^int32_t (\w+)\(", header, re.MULTILINE)
    assert len(names) > 20
    known = "\n".join(f"using has_{name} = decltype(&::{name});" for name in names)
    (tmp_path / "torch_abi.h").write_text(header, encoding="utf-8")
    source = tmp_path / "program.cpp"
    source.write_text(PROGRAM.format(functions=known), encoding="utf-8")
    command = [compiler, "-std=c++20", "-fsyntax-only", f"-I{tmp_path}", f"-isystem{HEADERS}"]
    return subprocess.run([*command, str(source)], capture_output=True, text=True, check=False)


def test_what_is_declared_is_what_torch_2_10_declares(tmp_path: Path) -> None:
    header = (NATIVE / "torch_abi.h").read_text(encoding="utf-8")
    done = compiled(header, tmp_path)
    assert done.returncode == 0, done.stderr
    done = compiled(header.replace("bool* contiguous", "int* contiguous"), tmp_path)
    assert "aoti_torch_is_contiguous" in done.stderr

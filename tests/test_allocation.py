"""Memory that is kept from one step to the next."""

import ctypes
import sys

import pytest

from gatework.allocation import _gnu, kept_memory

BLOCK = 2**26  # bytes
PAGES = BLOCK // 4096


def faults() -> int:
    """Return how many pages the system has handed out to this process."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def fresh_pages(times: int) -> int:
    """Return how many pages it takes to fill a block again and again."""
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    before = faults()
    for _ in range(times):
        block = ctypes.c_void_p(library.malloc(ctypes.c_size_t(BLOCK)))
        ctypes.memset(block, 1, BLOCK)
        library.free(block)
    return faults() - before


needs_gnu = pytest.mark.skipif(
    sys.platform != "linux" or _gnu() is None, reason="not the GNU C library, or tuned by hand"
)


@needs_gnu
def test_blocks_are_not_cleared_again_and_given_back_at_the_end():
    with kept_memory(), kept_memory():
        fresh_pages(1)
        assert fresh_pages(5) < PAGES // 2
    assert fresh_pages(1) > PAGES // 2


@needs_gnu
def test_who_tuned_the_library_keeps_it(monkeypatch):
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1000000")
    assert _gnu() is None
    with kept_memory():
        assert fresh_pages(2) > PAGES

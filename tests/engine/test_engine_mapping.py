"""Many small pieces of work: each done once, whatever dies, in chunks."""

import pytest
from worked import Deadly, fails, square

from gatework.engine import map_over
from gatework.errors import OptionError


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("chunk", [None, 1, 7, 1000])
def test_every_item_comes_back_once(workers, chunk) -> None:
    found = list(map_over(square, range(100), workers=workers, chunk=chunk))
    assert sorted(one.index for one in found) == list(range(100))
    assert all(one.value == one.index**2 and not one.message for one in found)


def test_an_item_that_fails_is_told_and_the_others_go_on() -> None:
    found = {one.index: one for one in map_over(fails, ["a", "b"], workers=1)}
    assert found[0].message == "ArithmeticError: a is too much"
    assert found[1].message == "ArithmeticError: b is too much"
    assert list(map_over(square, [], workers=1)) == []


@pytest.mark.parametrize("deaths", [1, 2])
def test_a_chunk_whose_worker_dies_is_done_again_and_counted_once(tmp_path, deaths) -> None:
    work = Deadly(str(tmp_path), deaths)
    found = {one.index: one for one in map_over(work, range(9), workers=2, chunk=3)}
    assert len(found) == 9
    lost = {0, 1, 2} if deaths == 2 else set()  # the chunk of the item that kills its worker twice
    assert {index for index, one in found.items() if one.message} == lost
    assert all(one.value == 10 * index for index, one in found.items() if index not in lost)


def test_what_is_wrong_is_said_before_anything_starts() -> None:
    with pytest.raises(OptionError, match=r"engine must be one of.*chunk must be a whole number"):
        map_over(square, [1], engine="spark", chunk=0)

import gc
import weakref

import pytest

from litopys.service.garbage import spare_what_is_loaded


class Knot:
    """Refers to itself: only the collector of cycles can end it."""

    def __init__(self):
        self.itself = self


@pytest.fixture(autouse=True)
def unfrozen():
    yield
    gc.unfreeze()


def test_what_is_loaded_is_looked_at_no_more():
    before = len(gc.get_objects())
    spare_what_is_loaded()
    assert gc.get_freeze_count() > 1_000
    assert len(gc.get_objects()) < before // 10


def test_what_is_made_later_is_collected_as_ever():
    spare_what_is_loaded()
    later = weakref.ref(Knot())
    gc.collect()
    assert later() is None

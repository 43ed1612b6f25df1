"""What the tests of both adapters share."""

from collections.abc import AsyncIterator

import pytest

from pac.adapters import Adapters


@pytest.fixture
async def adapters() -> AsyncIterator[Adapters]:
    async with Adapters() as adapters:
        yield adapters

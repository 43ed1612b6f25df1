"""The GraphQL types fit their tables."""

from tortoise.context import TortoiseContext

import projection
from schema import schema


async def test_every_projected_field_can_be_read_from_its_model(service: TortoiseContext) -> None:
    projection.check(schema)

"""A peer: Strawberry over Tortoise in the obvious way, with prefetch, without keys or row-level security."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from tortoise.contrib.starlette import RegisterTortoise

from bench.dataset import account_id
from db import config, models


@strawberry.type
class Location:
    code: str
    corregimiento: str
    province: str


@strawberry.type
class Customer:
    id: strawberry.ID
    name: str
    ruc: str | None
    location: Location | None


@strawberry.type
class Line:
    description: str
    quantity: Decimal
    unit_price: Decimal
    net: Decimal


@strawberry.type
class Invoice:
    id: strawberry.ID
    number: str | None
    status: str
    issue_date: date
    total: Decimal
    customer: Customer
    lines: list[Line]

    @classmethod
    def of(cls, row: models.Document) -> "Invoice":
        customer = row.customer
        place = customer.location
        location = Location(code=place.code, corregimiento=place.corregimiento, province=place.province_name)
        lines = [
            Line(description=n.description, quantity=n.quantity, unit_price=n.unit_price, net=n.net) for n in row.lines
        ]
        return cls(
            id=strawberry.ID(str(row.id)),
            number=row.number,
            status=row.status.value,
            issue_date=row.issue_date,
            total=row.total,
            customer=Customer(
                id=strawberry.ID(str(customer.id)), name=customer.name, ruc=customer.ruc, location=location
            ),
            lines=lines,
        )


@strawberry.type
class Query:
    @strawberry.field
    async def invoices(self, first: int) -> list[Invoice]:
        rows = models.Document.filter(account_id=account_id(1)).order_by("-issue_date", "-id").limit(first)
        return [Invoice.of(row) for row in await rows.prefetch_related("customer__location", "lines")]


schema = strawberry.Schema(Query, extensions=[lambda: ParserCache(100), lambda: ValidationCache(100)])


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    settings = config.tortoise(os.environ["DATABASE_URL"], role="istmo_owner")
    async with RegisterTortoise(app, config=settings, _enable_global_fallback=True):
        yield


app = Starlette(routes=[Route("/graphql", GraphQL(schema))], lifespan=lifespan)

if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), log_level="warning", access_log=False)

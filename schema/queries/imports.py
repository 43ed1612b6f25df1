"""Queries for imports of customers."""

from typing import Annotated

import strawberry

from projection import One, Page
from resolvers import import_rows, imports
from resolvers.errors import BadUserInput
from resolvers.paging import DEFAULT_SIZE, PageArguments, check_size
from resolvers.scope import NOBODY, uuid_of
from rules.vocabulary import Outcome
from schema.arguments import ImportId, with_paging
from schema.context import Info
from schema.types.imports import Import, ImportConnection, ImportRowConnection

_LARGEST_NUMBER = 2**31 - 1


@strawberry.type
class ImportQueries:
    @strawberry.field(
        name="import", graphql_type=Import | None, description="The import with this id; null if there is none."
    )
    def import_(self, id: ImportId) -> One:
        return imports.by_id(id)

    @strawberry.field(
        graphql_type=ImportConnection,
        description="The account's imports, the last changed first. `POST /imports` uploads a file.",
    )
    @with_paging
    def imports(self, *, page: PageArguments) -> Page:
        return imports.list_page(page)

    @strawberry.field(description="The rows of an import in the order of its file; none for an unknown import.")
    async def import_rows(
        self,
        info: Info,
        import_id: ImportId,
        outcomes: Annotated[
            list[Outcome] | None, strawberry.argument(description="Only rows of these outcomes; by default all.")
        ] = None,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_SIZE,
        after: Annotated[str | None, strawberry.argument(description="Only rows after this cursor.")] = None,
    ) -> ImportRowConnection:
        check_size(first)
        if after is not None and not (after.isascii() and after.isdecimal() and int(after[:20]) <= _LARGEST_NUMBER):
            raise BadUserInput("The cursor is not one of this list.")
        id, last = uuid_of(import_id) or NOBODY, int(after or 0)
        return ImportRowConnection.over(
            await import_rows.rows_after(id, last, first + 1, outcomes),
            first,
            total=await import_rows.count_rows(id, outcomes),
            is_first=last == 0,
            context=info.context,
        )

"""Customers that may be one."""

from typing import Self

import strawberry

from projection import Batch, OneOf
from resolvers import duplicates
from rules.vocabulary import DuplicateReason
from schema.types.customer import Customer
from schema.types.node import Edge, PageInfo


@strawberry.type(description="A customer that may be the same as another one.")
class DuplicateMatch:
    customer: OneOf = strawberry.field(graphql_type=Customer, description="The customer.")
    reasons: list[DuplicateReason] = strawberry.field(description="Why it may be the same.")


@strawberry.type(description="A customer that others may duplicate.")
class DuplicateCandidate:
    customer: OneOf = strawberry.field(graphql_type=Customer, description="The customer.")
    matches: list[DuplicateMatch] = strawberry.field(
        description=(
            "Those that may be the same, the likeliest first, up to 10. Each pair is in the list once: with the "
            "customer whose name comes first."
        )
    )

    @classmethod
    def of(cls, candidate: duplicates.Candidate, batch: Batch) -> Self:
        return cls(
            customer=batch.one(candidate.customer_id),
            matches=[
                DuplicateMatch(customer=batch.one(match.customer_id), reasons=list(match.reasons))
                for match in candidate.matches
            ],
        )


@strawberry.type(description="A page of customers that others may duplicate.")
class DuplicateCandidateConnection:
    edges: list[Edge[DuplicateCandidate]] = strawberry.field(description="The entries of the page, by name.")
    page_info: PageInfo = strawberry.field(
        description="The position of the page. `hasNextPage` says whether there are customers not examined yet."
    )

    @classmethod
    def of(cls, page: duplicates.CandidatePage) -> Self:
        batch = page.batch()
        edges = [Edge(cursor=each.cursor, node=DuplicateCandidate.of(each, batch)) for each in page.candidates]
        return cls(
            edges=edges,
            page_info=PageInfo(
                has_next_page=page.end is not None,
                has_previous_page=False,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=page.end or (edges[-1].cursor if edges else None),
            ),
        )

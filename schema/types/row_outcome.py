"""What became of each row of a request or of a file."""

import strawberry

from projection import OneOf
from rules.vocabulary import Outcome
from schema.errors import InputWarning, UserError
from schema.mutations.run import user_errors, warnings
from schema.types.customer import Customer


@strawberry.type(description="What became of a row.")
class RowOutcome:
    index: int = strawberry.field(description="Place of the row, from 0.")
    outcome: Outcome = strawberry.field(description="What became of it.")
    customer: OneOf | None = strawberry.field(
        graphql_type=Customer | None,
        default=None,
        description="The customer that the row created, changed or found; null for none.",
    )
    user_errors: list[UserError] = user_errors()
    warnings: list[InputWarning] = warnings()

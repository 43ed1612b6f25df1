"""Arguments that several fields take."""

from typing import Annotated

import strawberry

from rules import vocabulary
from schema import enums as enums

First = Annotated[int | None, strawberry.argument(description="So many from the start of the list, 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="Only what comes after this cursor.")]
Last = Annotated[int | None, strawberry.argument(description="So many from the end of the list, 1 to 100.")]
Before = Annotated[str | None, strawberry.argument(description="Only what comes before this cursor.")]

CustomerId = Annotated[strawberry.ID, strawberry.argument(description="The customer's id.")]
InvoiceId = Annotated[strawberry.ID, strawberry.argument(description="The invoice's id.")]

Version = Annotated[
    int | None, strawberry.argument(description="The `version` that the change is based on; without it, any.")
]
OnDuplicate = Annotated[
    vocabulary.OnDuplicate, strawberry.argument(description="What to do when the account already has this customer.")
]
DryRun = Annotated[bool, strawberry.argument(description="Whether to check everything and store nothing.")]
IdempotencyKey = Annotated[
    str | None,
    strawberry.argument(
        description="1 to 255 characters of the caller's choice, such as a UUID. With it the request may be repeated."
    ),
]

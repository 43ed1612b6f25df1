"""Arguments that several fields take."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Final

import strawberry

from projection import Page
from resolvers.paging import PageArguments
from resolvers.transactions import IdempotentRequest
from rules import vocabulary

CustomerId = Annotated[strawberry.ID, strawberry.argument(description="The customer's id.")]
ExternalId = Annotated[str, strawberry.argument(description="The id that another system has for it.")]
DocumentId = Annotated[strawberry.ID, strawberry.argument(description="The document's id.")]
NoteId = Annotated[strawberry.ID, strawberry.argument(description="The note's id.")]
InvoiceId = Annotated[strawberry.ID, strawberry.argument(description="The invoice's id.")]
ImportId = Annotated[strawberry.ID, strawberry.argument(description="The import's id.")]
WebhookId = Annotated[strawberry.ID, strawberry.argument(description="The webhook's id.")]

Version = Annotated[
    int | None,
    strawberry.argument(
        description=(
            "The `version` of the object on which the request is based. If the object has another one by now, the "
            "request is refused as CONFLICT; without this argument, it is carried out whatever the present version is."
        )
    ),
]
OnDuplicate = Annotated[
    vocabulary.OnDuplicate, strawberry.argument(description="What to do when the account already has this customer.")
]
DryRun = Annotated[bool, strawberry.argument(description="Whether to check everything and store nothing.")]

Notify = Annotated[
    bool,
    strawberry.argument(
        description=(
            "Whether it is mailed by itself to the customer and to associated persons with `notify`: when it is issued "
            "or, if it is electronic, authorised. A draft is mailed to nobody; `issueInvoice` decides for it. "
            "`sendDocument` sends it in any case."
        )
    ),
]

WaitMs = Annotated[
    int,
    strawberry.argument(
        description=(
            "How many milliseconds, 0 to 10000, to wait until an electronic invoice is AUTHORIZED, REJECTED or "
            "BLOCKED. If that takes longer, the answer has its status by then. A repeated request may wait for another "
            "time, or not at all."
        )
    ),
]

# A client sends the key; `schema.mutations.run` makes a request of it with all the other arguments of the field.
IdempotencyKey = Annotated[
    IdempotentRequest | None,
    strawberry.argument(
        graphql_type=str | None,
        description=(
            "A text of 1 to 255 characters of your choice, such as a UUID. A request with such a key can be repeated "
            "without being done twice."
        ),
    ),
]

# Paging

_First = Annotated[int | None, strawberry.argument(description="How many from the start of the list, 1 to 100.")]
_After = Annotated[str | None, strawberry.argument(description="Only entries after this cursor.")]
_Last = Annotated[int | None, strawberry.argument(description="How many from the end of the list, 1 to 100.")]
_Before = Annotated[str | None, strawberry.argument(description="Only entries before this cursor.")]

_PAGING: Final = {"first": _First, "after": _After, "last": _Last, "before": _Before}


def with_paging(resolver: Callable[..., Page]) -> Callable[..., Page]:
    """Let a list take first, after, last and before, which its resolver gets as one keyword argument ``page``."""

    @wraps(resolver)
    def resolve(source: Any, **arguments: Any) -> Page:
        page = PageArguments(**{name: arguments.pop(name, None) for name in _PAGING})
        return resolver(source, **arguments, page=page)

    signature = inspect.signature(resolver)
    own = [parameter for name, parameter in signature.parameters.items() if name != "page"]
    paging = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _PAGING.items()
    ]
    resolve.__signature__ = signature.replace(parameters=[*own, *paging])  # type: ignore[attr-defined]
    return resolve

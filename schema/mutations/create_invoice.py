"""createInvoice, for an existing customer or for one that is created with it."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import One, Within
from resolvers import customers, invoices
from resolvers.customer_preparation import clean_and_look_up
from resolvers.invoices import CreateInvoice
from resolvers.transactions import Result, rolled_back
from rules import vocabulary
from rules.faults import Record
from schema.arguments import DryRun, IdempotencyKey, Notify, OnDuplicate, WaitMs
from schema.context import Info
from schema.errors import InputWarning, UserError
from schema.inputs.customer import CustomerInput
from schema.inputs.invoice import InvoiceInput
from schema.mutations.run import Places, at, mutation, run_mutation, under, user_errors, warnings
from schema.permissions import CanWrite
from schema.types.customer import Customer
from schema.types.invoice import Invoice

_PLACES: Places = {
    Record.INVOICE: under("input"),
    Record.REFERENCES: under("input"),
    Record.CUSTOMER: under("newCustomer"),
    Record.INVOICE_CUSTOMER: at("customerId"),
    Record.ACCOUNT: at("input"),
}


@strawberry.type(description="The invoice and its customer, or why it was not created.")
class CreateInvoicePayload:
    invoice: One | None = strawberry.field(
        graphql_type=Invoice | None, default=None, description="The invoice; null when refused."
    )
    customer: One | None = strawberry.field(
        graphql_type=Customer | None, default=None, description="The invoice's customer; null when refused."
    )
    customer_created: bool = strawberry.field(
        default=False, description="Whether the customer was created with the invoice."
    )
    warnings: list[InputWarning] = warnings()
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(
            invoice=invoices.by_id(result.id),
            customer=customers.of_invoice(result.id),
            customer_created=result.customer_created,
        )


@mutation(
    CanWrite,
    (
        "Create an invoice for either an existing customer or a new one. A new customer is stored together "
        "with the invoice or not at all. `dryRun` checks everything, stores nothing, takes no number and "
        "answers as if the invoice were a draft, with the `fiscal.status` that it would have. With an "
        "`idempotencyKey` the request can be repeated safely for 7 days."
    ),
    graphql_type=CreateInvoicePayload,
)
async def create_invoice(
    info: Info,
    input: Annotated[InvoiceInput, strawberry.argument(description="The new invoice.")],
    customer_id: Annotated[
        strawberry.ID | None, strawberry.argument(description="Id of the existing customer to be invoiced.")
    ] = None,
    new_customer: Annotated[
        CustomerInput | None,
        strawberry.argument(description="The new customer to be invoiced, created together with the invoice."),
    ] = None,
    on_duplicate: OnDuplicate = vocabulary.OnDuplicate.FAIL,
    dry_run: DryRun = False,
    notify: Notify = True,
    idempotency_key: IdempotencyKey = None,
    wait_ms: WaitMs = 0,
) -> CreateInvoicePayload | Within:
    new = None
    if new_customer is not None:
        consultar = info.context.consultar if new_customer.complete_from_registry else None
        new = await clean_and_look_up(new_customer.draft(), on_duplicate, consultar)
    command = CreateInvoice(
        data=input.data(),
        issue=input.issue,
        notify=notify,
        references=input.references(),
        customer_id=customer_id,
        new_customer=new,
        dry_run=dry_run,
    )
    context = info.context
    create = partial(invoices.create, command, context.printable, backdating_days=context.backdating_days)
    run = partial(
        run_mutation,
        info,
        idempotency_key,
        CreateInvoicePayload,
        create,
        kind=models.Document,
        places=_PLACES,
        wait_ms=wait_ms,
        is_dry=dry_run,
    )
    # What a dry run stores is gone once its transaction ends, so the answer is read within it.
    return Within(rolled_back(), run) if dry_run else await run()

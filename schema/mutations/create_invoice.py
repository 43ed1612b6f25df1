"""createInvoice, with a customer that exists or one made along with it."""

from typing import Annotated

import strawberry

from projection import One, Within
from resolvers import customers, invoices, registry
from resolvers.transactions import Request, undone
from rules import vocabulary
from rules.faults import Fault, Refusal
from schema.arguments import DryRun, IdempotencyKey, OnDuplicate
from schema.context import Info
from schema.errors import UserError
from schema.inputs.customer import CustomerInput
from schema.inputs.invoice import InvoiceInput
from schema.permissions import CanWrite
from schema.types.customer import Customer
from schema.types.invoice import Invoice


@strawberry.type(description="The invoice and its customer, or why there is none.")
class CreateInvoicePayload:
    invoice: One | None = strawberry.field(graphql_type=Invoice | None, description="The invoice; null when refused.")
    customer: One | None = strawberry.field(
        graphql_type=Customer | None, description="The invoice's customer; null when refused."
    )
    customer_created: bool = strawberry.field(description="Whether the customer was made along with the invoice.")
    user_errors: list[UserError] = strawberry.field(description="Why the request was refused; empty when it was done.")


# The database's own faults are relative to what they are about; the resolver's have their whole path.
_PLACES = {"billingPoint": "input", "ruc": "newCustomer", "foreignId": "newCustomer", "locationCode": "newCustomer"}


def _placed(fault: Fault) -> Fault:
    place = _PLACES.get(fault.path[0])
    return fault.under(place) if place else fault


@strawberry.type
class CreateInvoice:
    @strawberry.mutation(
        graphql_type=CreateInvoicePayload,
        permission_classes=[CanWrite],
        description=(
            "Make an invoice for exactly one of a customer that exists and a new one, which is stored together with "
            "the invoice or not at all. `dryRun` checks everything, stores nothing, takes no number and answers as if "
            "the invoice were a draft. With an `idempotencyKey` of the caller's the request may be repeated safely for "
            "7 days."
        ),
    )
    async def create_invoice(
        self,
        info: Info,
        input: Annotated[InvoiceInput, strawberry.argument(description="The new invoice.")],
        customer_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The customer that it is for, if there is one already."),
        ] = None,
        new_customer: Annotated[
            CustomerInput | None, strawberry.argument(description="The customer that it is for, made along with it.")
        ] = None,
        on_duplicate: OnDuplicate = vocabulary.OnDuplicate.FAIL,
        dry_run: DryRun = False,
        idempotency_key: IdempotencyKey = None,
    ) -> CreateInvoicePayload | Within:
        data = input.data()
        customer_data = new_customer.data() if new_customer else None
        completes = new_customer is not None and new_customer.complete_from_registry
        request = None
        if idempotency_key is not None and not dry_run:
            arguments = ("createInvoice", data, input.issue, customer_id, customer_data, completes, on_duplicate)
            request = Request(idempotency_key, arguments)
        consultar = info.context.consultar
        word = await registry.asked(consultar, customer_data) if customer_data and completes else None

        async def payload() -> CreateInvoicePayload:
            try:
                outcome = await invoices.create(
                    data,
                    issue=input.issue,
                    customer_id=customer_id,
                    new_customer=customer_data,
                    on_duplicate=on_duplicate,
                    request=request,
                    consultar=consultar,
                    printable=info.context.printable,
                    word=word,
                    dry_run=dry_run,
                )
            except Refusal as refusal:
                errors = [UserError.of(_placed(fault), info.context) for fault in refusal.faults]
                return CreateInvoicePayload(invoice=None, customer=None, customer_created=False, user_errors=errors)
            return CreateInvoicePayload(
                invoice=invoices.by_id(str(outcome.id)),
                customer=customers.of_invoice(outcome.id),
                customer_created=outcome.created,
                user_errors=[],
            )

        return Within(undone(), payload) if dry_run else await payload()

"""updateInvoice, deleteDraft, issueInvoice, voidInvoice."""

from typing import Annotated, Self
from uuid import UUID

import strawberry

from projection import One
from resolvers import invoices
from schema.arguments import InvoiceId, Version
from schema.context import Info
from schema.errors import UserError
from schema.inputs.patches import InvoicePatch
from schema.mutations.answer import answered
from schema.permissions import CanWrite
from schema.types.invoice import Invoice


@strawberry.type
class _InvoicePayload:
    invoice: One | None = strawberry.field(
        graphql_type=Invoice | None, description="The invoice as it is now; null when refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why the request was refused; empty when it was done.")

    @classmethod
    def of(cls, id: UUID | None, errors: list[UserError]) -> Self:
        return cls(invoice=invoices.by_id(str(id)) if id else None, user_errors=errors)


@strawberry.type(description="The changed draft, or why it was not changed.")
class UpdateInvoicePayload(_InvoicePayload):
    pass


@strawberry.type(description="The issued invoice, or why it was not issued.")
class IssueInvoicePayload(_InvoicePayload):
    pass


@strawberry.type(description="The void invoice, or why it was not voided.")
class VoidInvoicePayload(_InvoicePayload):
    pass


@strawberry.type(description="The deleted draft's id, or why it was not deleted.")
class DeleteDraftPayload:
    deleted_id: strawberry.ID | None = strawberry.field(description="The draft's id; null when refused.")
    user_errors: list[UserError] = strawberry.field(description="Why the request was refused; empty when it was done.")


@strawberry.type
class ChangeInvoice:
    @strawberry.mutation(
        permission_classes=[CanWrite],
        description=(
            "Change a draft. With the `version` that the change is based on, it is refused as CONFLICT if somebody "
            "else changed the draft meanwhile."
        ),
    )
    async def update_invoice(
        self,
        info: Info,
        id: InvoiceId,
        input: Annotated[InvoicePatch, strawberry.argument(description="What to change.")],
        version: Version = None,
    ) -> UpdateInvoicePayload:
        changes = input.changes()
        customer_id = changes.pop("customer_id", None)
        return UpdateInvoicePayload.of(*await answered(info, invoices.update(id, changes, customer_id, version)))

    @strawberry.mutation(
        permission_classes=[CanWrite], description="Delete a draft. Issued invoices are voided instead."
    )
    async def delete_draft(self, info: Info, id: InvoiceId) -> DeleteDraftPayload:
        deleted, errors = await answered(info, invoices.delete_draft(id))
        return DeleteDraftPayload(deleted_id=strawberry.ID(str(deleted)) if deleted else None, user_errors=errors)

    @strawberry.mutation(
        permission_classes=[CanWrite],
        description="Give a draft its number and freeze its receiver. An issued invoice is returned as it is.",
    )
    async def issue_invoice(self, info: Info, id: InvoiceId) -> IssueInvoicePayload:
        context = info.context
        return IssueInvoicePayload.of(*await answered(info, invoices.issue(id, context.consultar, context.printable)))

    @strawberry.mutation(
        permission_classes=[CanWrite], description="Void an issued invoice for good. It keeps its number."
    )
    async def void_invoice(
        self,
        info: Info,
        id: InvoiceId,
        reason: Annotated[str, strawberry.argument(description="Why, in words that stay on the invoice.")],
    ) -> VoidInvoicePayload:
        return VoidInvoicePayload.of(*await answered(info, invoices.void(id, reason, info.context.printable)))

"""What a form for a new customer must show under the account's settings."""

from resolvers.account_settings import current_settings
from rules import customer
from rules.customer import FormField
from rules.vocabulary import ReceiverType, TaxpayerType


async def customer_form(receiver_type: ReceiverType, taxpayer_type: TaxpayerType | None) -> list[FormField]:
    settings = await current_settings()
    return customer.form(receiver_type, taxpayer_type, electronic=settings.electronic_invoicing)

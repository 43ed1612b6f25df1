"""An invoice that shows how the account's papers look."""

from datetime import UTC, datetime
from decimal import Decimal

from documents.document import Party, PrintedDocument
from documents.reading import issuer_of, read_branding
from resolvers.account_settings import current_settings
from rules.calendar import today
from rules.invoice import LineData, compute
from rules.vocabulary import Currency, InvoiceStatus, ItbmsRate, Language


async def read_example(language: Language) -> PrintedDocument:
    """A draft of the current account with its settings and made-up lines."""
    settings = await current_settings()
    is_english = language is Language.EN
    goods = (
        ("Service by the hour" if is_english else "Servicio por hora", "2", "25.00", ItbmsRate.RATE_7),
        ("Product" if is_english else "Producto", "3", "9.95", ItbmsRate.RATE_7),
    )
    lines, totals = compute(
        [
            LineData(description=name, quantity=Decimal(quantity), unit_price=Decimal(price), itbms_rate=rate)
            for name, quantity, price, rate in goods
        ]
    )
    return PrintedDocument(
        language=language,
        issuer=issuer_of(settings, language),
        receiver=Party(name="Sample customer" if is_english else "Cliente de ejemplo"),
        status=InvoiceStatus.DRAFT,
        number=None,
        billing_point="001",
        issue_date=today(),
        currency=Currency.PAB,
        lines=lines,
        subtotal=totals.subtotal,
        discount_total=totals.discount_total,
        itbms_total=totals.itbms_total,
        total=totals.total,
        terms=settings.terms or "",
        created_at=datetime.now(UTC),
        branding=await read_branding(),
    )

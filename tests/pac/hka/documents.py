"""Fiscal documents: those of the known requests in our own words, and any others."""

from datetime import UTC, date, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from hypothesis import strategies as st

from rules.countries import COUNTRIES
from rules.fiscal.document import (
    DocumentKey,
    Export,
    FiscalDocument,
    FiscalLine,
    FiscalReference,
    Instalment,
    Issuer,
    Location,
    PaymentForm,
    Receiver,
    Withholding,
)
from rules.invoice import LineData, compute
from rules.vocabulary import (
    Currency,
    DocumentType,
    Environment,
    ForeignIdType,
    Incoterm,
    ItbmsRate,
    PaymentMethod,
    ReceiverType,
    SaleType,
    TaxpayerType,
)

ISSUER = Issuer(ruc="999999101-2-2026", dv="81", taxpayer_type=TaxpayerType.JURIDICAL)
BASTIMENTOS = Location(code="1-1-2", province="Bocas del Toro", district="Bocas del Toro", corregimiento="Bastimentos")
BELLA_VISTA = Location(code="8-8-7", province="Panamá", district="Panamá", corregimiento="Bella Vista")
PUEBLO_NUEVO = Location(code="8-8-8", province="Panamá", district="Panamá", corregimiento="Pueblo Nuevo")
ANCON = Location(code="8-8-14", province="Panamá", district="Panamá", corregimiento="Ancón")


def line(description: str, quantity: str, price: str, rate: ItbmsRate = ItbmsRate.RATE_7, **more: Any) -> FiscalLine:
    """A line with its amounts by our arithmetic."""
    discount = Decimal(more.pop("discount", "0"))
    data = LineData(
        description=description,
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        discount=discount,
        itbms_rate=rate,
    )
    [computed], _ = compute([data])
    return FiscalLine(
        description=description,
        quantity=computed.quantity,
        unit_price=computed.unit_price,
        discount=computed.discount,
        itbms_rate=rate,
        net=computed.net,
        itbms=computed.itbms,
        total=computed.total,
        **{"unit": "und", **more},
    )


def document(
    receiver: Receiver, *lines: FiscalLine, number: str, emitted_at: str, branch: str = "0000", **more: Any
) -> FiscalDocument:
    """A document paid in cash unless it says otherwise."""
    total = sum((each.total for each in lines), Decimal(0))
    point, type_ = more.pop("billing_point", "001"), more.pop("type", DocumentType.INVOICE)
    values: dict[str, Any] = {
        "payment_forms": (PaymentForm(method=PaymentMethod.CASH, amount=total),),
        "environment": Environment.TEST,
        **more,
    }
    return FiscalDocument(
        key=DocumentKey(branch=branch, billing_point=point, number=number.zfill(10), type=type_),
        emitted_at=datetime.fromisoformat(emitted_at),
        issuer=ISSUER,
        receiver=receiver,
        lines=lines,
        subtotal=sum((each.net for each in lines), Decimal("0.00")),
        itbms_total=sum((each.itbms for each in lines), Decimal("0.00")),
        total=total,
        **values,
    )


def on_credit(total: str, *due: date) -> dict[str, Any]:
    """All of it later, in equal instalments; the last one takes the cents that are left over."""
    part = (Decimal(total) / len(due)).quantize(Decimal("0.01"), ROUND_DOWN)
    amounts = [*[part] * (len(due) - 1), Decimal(total) - part * (len(due) - 1)]
    return {
        "payment_forms": (PaymentForm(method=PaymentMethod.CREDIT, amount=Decimal(total)),),
        "instalments": tuple(Instalment(due_date=day, amount=each) for day, each in zip(due, amounts, strict=True)),
    }


def reference(cufe: str, emitted_at: str) -> dict[str, Any]:
    """What a note has besides: the one invoice that it is of."""
    return {"references": (FiscalReference(cufe=cufe, emitted_at=datetime.fromisoformat(emitted_at)),)}


EJEMPLO = Receiver(
    type=ReceiverType.TAXPAYER,
    taxpayer_type=TaxpayerType.JURIDICAL,
    ruc="999999102-2-2026",
    dv="71",
    name="Ejemplo & Hijos, S.A.",
    address="Calle 50,\nedificio Ejemplo",
    location=BELLA_VISTA,
    phones=("+5072223456",),
    email="compras@example.com",
)
TFHKA = Receiver(
    type=ReceiverType.TAXPAYER,
    taxpayer_type=TaxpayerType.JURIDICAL,
    ruc="155596713-2-2015",
    dv="59",
    name="TFHKA",
    address="Ave. La Paz",
    location=BASTIMENTOS,
    phones=("222-3456",),
)
MINISTRY = Receiver(
    type=ReceiverType.GOVERNMENT,
    taxpayer_type=TaxpayerType.JURIDICAL,
    ruc="8-NT-1-13656",
    dv="43",
    name="MINISTERIO DE EDUCACION",
    address="Calle Ernesto Jaén Guardia, Edificio 6525",
    location=ANCON,
)

KNOWN: dict[str, FiscalDocument] = {
    "enviar-a-contribuyente-plazo.synthetic": document(
        EJEMPLO,
        line("Asesoría técnica", "3", "1.115", code="SRV-01", unit="Hora"),
        line("Café molido", "4", "7.99", code="CAF-250", discount="0.49"),
        number="1",
        emitted_at="2026-11-23T15:15:00+00:00",
        notes="Orden de compra N.º 4711 & anexo",
        **on_credit("35.68", date(2026, 12, 23), date(2027, 1, 22)),
    ),
    "enviar-b-consumidor-final-contado.synthetic": document(
        Receiver(type=ReceiverType.FINAL_CONSUMER, name="Consumidor final"),
        line("Pan de molde", "2", "1.60", ItbmsRate.EXEMPT),
        line("Cerveza", "6", "1.15", ItbmsRate.RATE_10),
        number="4",
        emitted_at="2026-11-23T18:40:05-05:00",
    ),
    "enviar-c-gobierno-cpbs-retencion.synthetic": document(
        Receiver(
            type=ReceiverType.GOVERNMENT,
            taxpayer_type=TaxpayerType.JURIDICAL,
            ruc="8-NT-9-99998",
            dv="72",
            name="Ministerio de Ejemplo",
            address="Avenida Central, edificio 1",
            location=PUEBLO_NUEVO,
        ),
        line("Papel bond carta", "100", "2.85", code="PAP-01", unit="Paquete", cpbs="4412"),
        line("Asesoría legal", "10", "60", code="LEG-01", unit="Hora", cpbs="8012"),
        number="5",
        emitted_at="2026-11-24T09:00:00-05:00",
        payment_forms=(PaymentForm(method=PaymentMethod.TRANSFER, amount=Decimal("946.95")),),
        withholding=Withholding(code="2", amount=Decimal("30.98")),
    ),
    "enviar-d-nota-credito-parcial.synthetic": document(
        EJEMPLO,
        line("Café molido", "1", "7.99", code="CAF-250", discount="0.49"),
        type=DocumentType.CREDIT_NOTE,
        number="1",
        emitted_at="2026-12-02T09:00:00-05:00",
        notes="Devolución de una unidad dañada",
        **reference("FE0120000999999101-2-2026-8100002026112300000000010010122718281827", "2026-11-23T15:15:00+00:00"),
    ),
    "enviar-e-exportacion-usd.synthetic": document(
        Receiver(
            type=ReceiverType.FOREIGN,
            name="Example Trading LLC",
            address="1 Example Street, Miami",
            foreign_id_type=ForeignIdType.TAX_ID,
            foreign_id_number="EX-0001",
            foreign_id_country="US",
            email="imports@example.com",
        ),
        line("Café verde en sacos", "20", "310", ItbmsRate.EXEMPT, code="CV-60"),
        type=DocumentType.EXPORT_INVOICE,
        number="12",
        emitted_at="2026-11-23T10:15:00-05:00",
        billing_point="002",
        export=Export(country="US", incoterm=Incoterm.FOB, currency=Currency.USD, port="Balboa"),
        payment_forms=(PaymentForm(method=PaymentMethod.TRANSFER, amount=Decimal("6200.00")),),
    ),
    "enviar-03-factura-exportacion": document(
        Receiver(
            type=ReceiverType.FOREIGN,
            name="TFHKA",
            address="Ave. La Paz",
            foreign_id_type=ForeignIdType.OTHER,
            foreign_id_number="123456789",
            foreign_id_country="VE",
        ),
        line("Escritorio", "1", "5.55", unit="um", cpbs="1310"),
        type=DocumentType.EXPORT_INVOICE,
        number="5000006",
        emitted_at="2020-12-29T08:28:28-05:00",
        billing_point="052",
        notes="Factura de Exportacion",
        export=Export(country="VE", incoterm=Incoterm.EXW, currency=Currency.USD, port="Prueba"),
    ),
    "enviar-04-nota-credito-referente-FE": document(
        TFHKA,
        line("Muebles", "1", "5.55", unit="um", cpbs="1310"),
        type=DocumentType.CREDIT_NOTE,
        number="5000007",
        emitted_at="2020-12-29T08:28:28-05:00",
        notes="Factura de nota de credito referenciada",
        **reference("FE0120000155596713-2-2015-5900002020122900050000050010126666880485", "2020-12-29T08:28:28-05:00"),
    ),
    "enviar-05-nota-debito-referente-FE": document(
        TFHKA,
        line("Muebles", "1", "5.55", unit="um", cpbs="1310"),
        type=DocumentType.DEBIT_NOTE,
        number="5000008",
        emitted_at="2020-12-29T08:28:28-05:00",
        notes="Factura de nota de debito referenciada",
        **reference("FE0120000155596713-2-2015-5900002020122900050000090010120993630685", "2020-12-29T08:28:28-05:00"),
    ),
    "enviar-01-factura-operacion-interna": document(
        TFHKA,
        line("Muebles", "1", "5.55", unit="um", cpbs="1310"),
        number="5000009",
        emitted_at="2020-12-29T08:28:28-05:00",
        notes="Factura interna",
    ),
    "enviar-10-factura-cliente-extranjero": document(
        Receiver(
            type=ReceiverType.FOREIGN,
            name="Cliente Extranjero",
            foreign_id_type=ForeignIdType.PASSPORT,
            foreign_id_number="123456789",
            foreign_id_country="CO",
        ),
        line("Escritorio", "1", "5.55", unit="um", cpbs="1310"),
        number="56",
        emitted_at="2022-05-24T08:28:28-05:00",
        branch="0001",
        notes="Ejemplo Factura Cliente Extranjero",
    ),
    "enviar-11-factura-cliente-gobierno": document(
        MINISTRY,
        line("Materiales de escuela", "1", "93454.10", code="01", cpbs="7210"),
        number="1",
        emitted_at="2022-05-23T11:25:48-05:00",
        notes="Ejemplo de tipo gobierno",
    ),
    "enviar-12-factura-consumidor-final": document(
        Receiver(type=ReceiverType.FINAL_CONSUMER, name="Consumidor final"),
        line("ITEM FACT ELECTRONICA", "1", "100", code="FEL002"),
        number="51340013",
        emitted_at="2022-08-03T17:01:28-05:00",
        notes="Prueba de facturacion electronica <br/> prueba2",
        payment_forms=(
            PaymentForm(method=PaymentMethod.CREDIT, amount=Decimal("100.00")),
            PaymentForm(method=PaymentMethod.CASH, amount=Decimal("7.00")),
        ),
        instalments=(
            Instalment(due_date=date(2022, 8, 21), amount=Decimal("100.00")),
            Instalment(due_date=date(2022, 8, 29), amount=Decimal("7.00")),
        ),
    ),
    "enviar-14-factura-descuento-por-item": document(
        Receiver(type=ReceiverType.FINAL_CONSUMER, name="Consumidor final", phones=("+5072144490",)),
        line("Pencil", "1", "500", code="PENC01", unit="m", discount="100"),
        line("Pencil", "1", "400", code="PENC01", unit="m"),
        number="5000015",
        emitted_at="2022-06-30T01:00:00-05:00",
        branch="0001",
        billing_point="007",
        notes="Informacion Interes",
    ),
    "enviar-15-factura-pago-plazo": document(
        Receiver(
            type=ReceiverType.FINAL_CONSUMER,
            taxpayer_type=TaxpayerType.NATURAL,
            ruc="000000",
            name="Consumidor final Prueba",
            address="Ciudad de Panama",
            location=Location(
                code="7-3-1", province="Bastimentos", district="Bastimentos", corregimiento="Bocas del Toro"
            ),
            phones=("+5072352352",),
        ),
        line("ITEM FACT ELECTRONICA", "1", "100", code="FEL002"),
        number="51340011",
        emitted_at="2022-07-01T11:01:28-05:00",
        billing_point="097",
        notes="Prueba de facturacion electronica <br/> prueba2",
        payment_forms=(
            PaymentForm(method=PaymentMethod.CREDIT, amount=Decimal("100.00")),
            PaymentForm(method=PaymentMethod.CASH, amount=Decimal("7.00")),
        ),
        instalments=(
            Instalment(due_date=date(2022, 7, 21), amount=Decimal("100.00")),
            Instalment(due_date=date(2022, 7, 29), amount=Decimal("7.00")),
        ),
    ),
    "enviar-17-factura-retencion": document(
        MINISTRY,
        line("SISTEMAS DE CABLES", "1", "100", unit="um", cpbs="7210"),
        number="31040001",
        emitted_at="2022-10-18T08:28:28-05:00",
        notes="Factura interna",
        withholding=Withholding(code="3", amount=Decimal("7.00")),
    ),
}


TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Cn"), exclude_characters="\xa0"), min_size=2, max_size=60
).filter(lambda text: len("".join(text.split())) >= 5)
MONEY = st.decimals("0.01", "99999.99", places=2)
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@st.composite
def receivers(draw: st.DrawFn) -> Receiver:
    type_ = draw(st.sampled_from(ReceiverType))
    more: dict[str, Any] = {
        "name": draw(TEXTS),
        "phones": tuple(draw(st.lists(st.sampled_from(["+5072223456", "+50766778899", "+573001234567"]), max_size=4))),
        "email": draw(st.none() | st.emails()),
    }
    if type_ is ReceiverType.FOREIGN:
        more |= {
            "foreign_id_type": draw(st.sampled_from(ForeignIdType)),
            "foreign_id_number": draw(st.text("ABC0123-", min_size=1, max_size=50)),
            "foreign_id_country": draw(st.sampled_from(sorted(COUNTRIES))),
        }
    elif type_ is not ReceiverType.FINAL_CONSUMER or draw(st.booleans()):
        natural = type_ is not ReceiverType.GOVERNMENT
        more |= {
            "taxpayer_type": TaxpayerType.NATURAL if natural else TaxpayerType.JURIDICAL,
            "ruc": draw(st.sampled_from(["8-769-1080", "8AV-1-196", "PE-5-687"])) if natural else "8-NT-1-13656",
            "dv": draw(st.integers(0, 99).map("{:02}".format)),
            "address": draw(TEXTS),
            "location": draw(st.sampled_from([ANCON, BELLA_VISTA, BASTIMENTOS])),
        }
    return Receiver(type=type_, **more)


KNOWN_CUFE = "FE0120000155596713-2-2015-5900002020122900050000050010126666880485"
EXPORTS = st.builds(
    Export,
    country=st.sampled_from(sorted(COUNTRIES - {"PA"})),
    incoterm=st.sampled_from(Incoterm),
    currency=st.sampled_from(Currency),
    port=st.none() | st.text("ABCÑ áé", min_size=5, max_size=50),
)


@st.composite
def lines(draw: st.DrawFn) -> FiscalLine:
    price = draw(st.decimals("0.000001", "99999.999999", places=6))
    return line(
        draw(TEXTS),
        str(draw(st.decimals("0.000001", "8600", places=6))),  # the rules refuse lines of 1,000,000,000 and more
        str(price),
        draw(st.sampled_from(ItbmsRate)),
        discount=draw(st.sampled_from(["0", str(price), str(price / 2)[:6]])) if price > 1 else "0",
        code=draw(st.none() | st.text("ABC-0123", min_size=1, max_size=20)),
        unit=draw(st.sampled_from(["und", "Hora", "kg"])),
        cpbs=draw(st.sampled_from([None, "4412", "8012"])),
    )


@st.composite
def documents(draw: st.DrawFn) -> FiscalDocument:
    """Any document that the rules let pass."""
    own = draw(st.lists(lines(), min_size=1, max_size=4))
    total = sum((each.total for each in own), Decimal(0))
    more: dict[str, Any] = {}
    type_ = draw(st.sampled_from(DocumentType))
    receiver = draw(receivers())
    if receiver.type is ReceiverType.FOREIGN and type_ is not DocumentType.INVOICE:
        more["export"] = draw(EXPORTS)
    elif type_ is DocumentType.EXPORT_INVOICE:
        type_ = DocumentType.INVOICE
    if type_.is_note:
        more |= reference(KNOWN_CUFE, "2025-12-31T23:59:59-05:00")
    elif draw(st.booleans()):
        more |= on_credit(str(total), *sorted(draw(st.lists(DAYS, min_size=1, max_size=4))))
    if draw(st.booleans()):
        more["withholding"] = Withholding(code=draw(st.sampled_from("123478")), amount=draw(MONEY))
    return document(
        receiver,
        *own,
        type=type_,
        number=str(draw(st.integers(1, 9_999_999_999))),
        emitted_at=draw(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))).isoformat(),
        branch=draw(st.text("0123456789ABCXYZ", min_size=4, max_size=4)),
        billing_point=f"{draw(st.integers(1, 999)):03}",
        notes=draw(st.none() | TEXTS),
        purchase_order=draw(st.none() | st.text("0123456789OC-", min_size=1, max_size=20)),
        sale_type=draw(st.sampled_from(SaleType)),
        **more,
    )

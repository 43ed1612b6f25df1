"""Demonstration data: 200 customers and 1,000 invoices, the same for the same seed.

Names are invented; RUCs are well formed and have their right DV. Everything is created by the
same functions as a client's requests, under idempotency keys, so that a second run adds nothing.

The invoices of the past year are on paper. The last ones are today's: where the account has the sandbox, these are
electronic, for customers without an address, since nobody is to get a mail.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Final

from db import models, tenant
from pac.providers import SANDBOXES
from resolvers import customers, invoices, voiding
from resolvers.customer_preparation import NewCustomer
from resolvers.invoices import CreateInvoice
from resolvers.transactions import IdempotentRequest, run_once
from rules.calendar import today
from rules.customer import AssociatedPerson, CustomerDraft, ForeignId
from rules.customer_check import clean_customer
from rules.invoice import InvoiceData, LineData
from rules.printing import Printable
from rules.vocabulary import Currency, ForeignIdType, ItbmsRate, OnDuplicate, ReceiverType, TaxpayerType

CUSTOMERS: Final = 200
INVOICES: Final = 1000
TODAYS: Final = 20

_TRADES: Final = [
    *("Ferretería", "Farmacia", "Panadería", "Distribuidora", "Inversiones", "Constructora", "Transporte", "Clínica"),
    *("Hotel", "Restaurante", "Taller", "Almacén", "Agropecuaria", "Consultores", "Imprenta", "Óptica", "Librería"),
]
_PLACES: Final = [
    *("del Istmo", "La Estrella", "Tres Hermanos", "El Ñandú", "San Blas", "Cerro Ancón", "Barú", "Río Chagres"),
    *("Punta Chame", "El Cangrejo", "Santa Librada", "Bahía Piñas", "Volcán", "Las Tablas", "Taboga", "Coiba"),
]
_GIVEN: Final = [
    *("Ana", "José", "María", "Luis", "Itzel", "Rubén", "Yadira", "Óscar", "Zuleika", "Ángel", "Iñaki", "Nayeli"),
    *("Eric", "Maritza", "Ricardo", "Noemí", "Aurelio", "Xiomara"),
]
_FAMILY: Final = [
    *("Pérez", "González", "Núñez", "De León", "Arosemena", "Quintero", "Batista", "Castillo", "Ortega", "Miranda"),
    *("Ábrego", "Muñoz", "Santos", "Valdés", "Ríos", "Del Cid", "Chiari", "Urriola"),
]
_STATE: Final = [
    *("Ministerio de Obras Comunales", "Junta Comunal", "Alcaldía", "Instituto de Acueductos", "Escuela Bilingüe"),
    *("Centro de Salud", "Biblioteca Municipal", "Autoridad del Litoral"),
]
_AREAS: Final = ["223", "236", "263", "302", "390", "430", "775", "998"]
_ABROAD: Final = [
    *(("Comercializadora Andina S.A.S.", "CO"), ("Importadora del Pacífico", "CR"), ("Gulf Trading LLC", "US")),
    *(("Distribuciones Ibéricas S.L.", "ES"), ("Grupo Maya", "GT"), ("Caribbean Foods Ltd.", "JM")),
]
_GOODS: Final = [
    *(("Cemento gris, saco 42.5 kg", "9.85", ItbmsRate.RATE_7), ("Arroz primera, quintal", "47.50", ItbmsRate.EXEMPT)),
    *(("Hora de consultoría", "65.00", ItbmsRate.RATE_7), ("Café molido, libra", "5.55", ItbmsRate.EXEMPT)),
    *(("Noche de alojamiento", "89.90", ItbmsRate.RATE_10), ("Ron añejo, botella", "14.25", ItbmsRate.RATE_10)),
    *(
        ("Cigarrillos, cartón", "38.00", ItbmsRate.RATE_15),
        ("Cable eléctrico n.º 12, metro", "0.685", ItbmsRate.RATE_7),
    ),
    *(("Pintura látex, galón", "21.40", ItbmsRate.RATE_7), ("Acetaminofén 500 mg", "0.075", ItbmsRate.EXEMPT)),
    *(("Servicio de transporte", "120.00", ItbmsRate.EXEMPT), ("Impresión a color, página", "0.35", ItbmsRate.RATE_7)),
]
_ANY_DAY: Final = 36500  # days, since the account may have newer invoices
_VOID_REASON: Final = "Precio equivocado; se factura de nuevo"


async def seed(number: int, printable: Printable) -> AsyncIterator[None]:
    """Create the demonstration data in the current account; yields after each customer and invoice."""
    random = Random(number)
    locations = [location.code for location in await models.Location.all()]
    ids: list[str] = []
    silent: list[str] = []  # customers without an address
    has_sandbox = await models.PacSetting.exists(account_id=tenant.current_account(), provider__in=SANDBOXES)
    for index, draft in enumerate(_customers(random, locations)):
        request = IdempotentRequest(f"demo-{number}-customer-{index}", number)
        new = NewCustomer(clean=clean_customer(draft), on_duplicate=OnDuplicate.USE_EXISTING)
        result = await run_once(request, partial(customers.create, new), models.Customer)
        ids.append(str(result.id))
        if draft.receiver_type is ReceiverType.FINAL_CONSUMER and draft.email is None:
            silent.append(str(result.id))
        yield
    for index, data in enumerate(_invoices(random)):
        fate = random.random()
        # A few customers buy most of the time.
        customer_id = ids[int(CUSTOMERS * random.random() ** 2.5)]
        is_todays = index >= INVOICES - TODAYS
        if is_todays and silent:
            customer_id, fate = silent[index % len(silent)], 0.5
        of_paper = not (is_todays and silent and has_sandbox)
        command = CreateInvoice(data=data, issue=fate > 0.08, customer_id=customer_id, of_paper=of_paper)
        request = IdempotentRequest(f"demo-{number}-invoice-{index}", number)
        create = partial(invoices.create, command, printable, backdating_days=_ANY_DAY)
        result = await run_once(request, create, models.Document)
        if fate > 0.97:
            await voiding.void_invoice(str(result.id), _VOID_REASON, printable)
        yield


def _customers(random: Random, locations: list[str]) -> Iterator[CustomerDraft]:
    for index in range(CUSTOMERS):
        # In steps through all corregimientos, so that every province has customers.
        location = locations[index * len(locations) // CUSTOMERS]
        kind = random.choices(list(ReceiverType), [55, 30, 8, 7])[0]
        yield _customer(random, kind, location, index)


def _customer(random: Random, kind: ReceiverType, location: str, index: int) -> CustomerDraft:
    family, given = random.choice(_FAMILY), random.choice(_GIVEN)
    person = f"{given} {family} {random.choice(_FAMILY)}"
    base = CustomerDraft(
        receiver_type=kind,
        address=f"Calle {random.randint(1, 80)}, edificio {random.choice(_PLACES)}, local {random.randint(1, 40)}",
        email=f"facturas{index}@example.com" if random.random() < 0.8 else None,
        phone=f"{random.choice(_AREAS)}-{random.randint(1000, 9999)}" if random.random() < 0.6 else None,
        mobile=f"6{random.randint(200, 999)}-{random.randint(1000, 9999)}" if random.random() < 0.8 else None,
    )
    company = f"{random.choice(_TRADES)} {random.choice(_PLACES)}, S.A."
    folio = f"{155600000 + random.randint(0, 140000)}-2-{random.randint(2015, 2026)}"
    cedula = f"{random.randint(1, 9)}-{random.randint(100, 999)}-{random.randint(1, 2500)}"
    match kind:
        case ReceiverType.FOREIGN:
            name, country = random.choice(_ABROAD)
            number = f"{country}{random.randint(10_000_000, 99_999_999)}"
            foreign_id = ForeignId(type=ForeignIdType.TAX_ID, number=number, country=country)
            return replace(base, name=f"{name} {index}", foreign_id=foreign_id)
        case ReceiverType.GOVERNMENT:
            name, number = f"{random.choice(_STATE)} {random.choice(_PLACES)}", f"8-NT-1-{random.randint(10000, 30000)}"
            return replace(base, name=name, ruc=number, taxpayer_type=TaxpayerType.JURIDICAL, location_code=location)
        case ReceiverType.TAXPAYER if random.random() < 0.75:
            contact = AssociatedPerson(name=person, email=f"{index}@example.com", notify=random.random() < 0.5)
            return replace(
                base,
                name=company,
                ruc=folio,
                taxpayer_type=TaxpayerType.JURIDICAL,
                location_code=location,
                associated_persons=(contact,),
            )
        case ReceiverType.TAXPAYER:
            return replace(base, name=person, ruc=cedula, taxpayer_type=TaxpayerType.NATURAL, location_code=location)
        case _:
            known = random.random() < 0.4
            return replace(
                base,
                name=person,
                ruc=cedula if known else None,
                taxpayer_type=TaxpayerType.NATURAL if known else None,
                location_code=location,
            )


def _invoices(random: Random) -> Iterator[InvoiceData]:
    """In the order of their dates, so that numbers follow the dates."""
    first = today() - timedelta(days=365)
    past = INVOICES - TODAYS
    for index in range(INVOICES):
        day: date = first + timedelta(days=min(index, past) * 365 // past)
        yield InvoiceData(
            issue_date=day,
            due_date=day + timedelta(days=30) if random.random() < 0.5 else None,
            currency=Currency.USD if random.random() < 0.2 else Currency.PAB,
            notes="Gracias por su compra." if random.random() < 0.2 else None,
            lines=tuple(_line(random) for _ in range(random.choices([1, 2, 3, 5, 12], [25, 25, 25, 20, 5])[0])),
        )


def _line(random: Random) -> LineData:
    description, price, rate = random.choice(_GOODS)
    unit_price = Decimal(price)
    return LineData(
        description=description,
        quantity=Decimal(random.choice(["1", "2", "3", "10", "0.5", "12.25", "48"])),
        unit_price=unit_price,
        discount=(unit_price / 10).quantize(Decimal("0.001")) if random.random() < 0.15 else Decimal(0),
        itbms_rate=rate,
    )

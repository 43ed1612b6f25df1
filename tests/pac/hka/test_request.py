"""Known requests re-made from our own data, member by member, and what holds for the request of any document."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings

from pac.hka import request, walk
from pac.soap import local_name
from rules.fiscal.document import Export, FiscalDocument, Instalment, PaymentForm, Receiver
from rules.vocabulary import (
    CODES,
    Currency,
    DocumentType,
    ForeignIdType,
    Incoterm,
    PaymentMethod,
    ReceiverType,
    SaleType,
    TaxpayerType,
)
from tests.pac.hka.documents import KNOWN, document, documents, line, on_credit
from tests.pac.hka.samples import FOLDER, read_documento
from tests.rules.fiscal.vectors import VECTORS

A = "enviar-a-contribuyente-plazo.synthetic"
CREDIT = "enviar-d-nota-credito-parcial.synthetic"
EXPORT = "enviar-e-exportacion-usd.synthetic"
SAME = {A, CREDIT, EXPORT}

# Where ours differs from a known request, and why. Amounts are compared as numbers: theirs have up to six decimals.
with (FOLDER / "differences.csv").open(newline="", encoding="utf-8") as file:
    DIFFERENCES = list(csv.DictReader(file))


def leaves(element: Element, path: str = "") -> Iterator[tuple[str, str]]:
    """The texts of a document by their path; items of lists are numbered."""
    counts: dict[str, int] = {}
    for child in element:
        name = local_name(child)
        counts[name] = counts.get(name, 0) + 1
        is_item = name in ("item", "formaPago", "pagoPlazo")
        inner = f"{path}{name}[{counts[name]}]" if is_item else f"{path}{name}"
        if len(child):
            yield from leaves(child, f"{inner}.")
        else:
            yield inner, child.text or ""


def as_number(text: str | None) -> Any:
    """Amounts are equal whatever their decimals."""
    return Decimal(text) if text and "." in text and text.replace(".", "").isdecimal() else text


def differences(theirs: Element, ours: Element) -> list[tuple[str, str, str]]:
    """Member, theirs and ours; empty where one hasn't it."""
    first, second = dict(leaves(theirs)), dict(leaves(ours))
    return [
        (name, first.get(name, ""), second.get(name, ""))
        for name in [*first, *(second.keys() - first.keys())]
        if as_number(first.get(name)) != as_number(second.get(name)) or (name in first) != (name in second)
    ]


@given(documents())
def test_what_was_written_is_read_as_what_an_authorised_xml_says(sent: FiscalDocument) -> None:
    read = request.read(request.write(sent))
    assert request.read_json(request.write_json(sent)) == read
    assert (read.total, read.line_count) == (f"{sent.total:.2f}", len(sent.lines))
    assert [code for code, _ in read.lines] == [line.code for line in sent.lines]
    assert [text and text.split() for _, text in read.lines] == [line.description.split() for line in sent.lines]
    assert read.receiver_ruc == request.to_content(sent)["datosTransaccion"]["cliente"].get("numeroRUC")  # type: ignore[index, call-overload, union-attr]


@pytest.mark.parametrize("name", KNOWN)
def test_a_known_request_is_re_made_member_by_member_but_for_the_listed_differences(name: str) -> None:
    found = differences(read_documento(name), fromstring(request.write(KNOWN[name])))
    listed = [(row["member"], row["theirs"], row["ours"]) for row in DIFFERENCES if row["request"] == name]
    assert sorted(found) == sorted(listed)


def test_every_difference_has_a_reason_and_three_requests_have_none() -> None:
    assert all(row["reason"] for row in DIFFERENCES)
    assert {row["request"] for row in DIFFERENCES} == KNOWN.keys() - SAME


@pytest.mark.parametrize("name", KNOWN)
def test_a_re_made_request_breaks_nothing_in_the_table(name: str) -> None:
    assert walk.check(request.to_content(KNOWN[name])) == ()


@settings(deadline=None)
@given(documents())
def test_the_request_of_any_document_breaks_nothing_and_is_the_same_each_time(document: FiscalDocument) -> None:
    written = request.write(document)
    reading = walk.read(fromstring(written))
    assert reading.skipped == ()
    assert walk.check(reading.content) == ()
    assert request.write(document) == written


@settings(deadline=None)
@given(documents())
def test_sums_of_forms_instalments_and_lines_are_the_total(document: FiscalDocument) -> None:
    content: Any = request.to_content(document)
    totals = content["totalesSubTotales"]
    total = Decimal(totals["totalFactura"])
    assert sum(Decimal(form["valorCuotaPagada"]) for form in totals["listaFormaPago"]) == total
    assert sum(Decimal(item["valorTotal"]) for item in content["listaItems"]) == total
    assert Decimal(totals["totalPrecioNeto"]) + Decimal(totals["totalMontoGravado"]) == total
    instalments = totals.get("listaPagoPlazo", [])
    assert sum((Decimal(each["valorCuota"]) for each in instalments), Decimal(0)) in (0, total)
    assert (totals["tiempoPago"] == "1") == (not instalments)


def members_of(document: FiscalDocument) -> Any:
    return request.to_content(document)


def customer(receiver: Receiver) -> Any:
    written = document(receiver, line("Artículo", "1", "1"), number="1", emitted_at="2026-11-23T10:00:00-05:00")
    return members_of(written)["datosTransaccion"]["cliente"]


TAXPAYER = KNOWN[A].receiver


def test_the_ruc_is_in_the_dgis_spelling_and_the_dv_has_two_digits() -> None:
    person = replace(TAXPAYER, taxpayer_type=TaxpayerType.NATURAL, ruc="8AV-1-196", dv="5")
    assert customer(person)["numeroRUC"] == "8-AV-1-196"
    assert customer(person)["digitoVerificadorRUC"] == "05"


def test_a_final_consumer_without_ruc_has_name_and_mail_only() -> None:
    consumer = replace(TAXPAYER, type=ReceiverType.FINAL_CONSUMER, ruc=None, dv=None)
    assert customer(consumer) == {
        "tipoClienteFE": "02",
        "razonSocial": "Ejemplo & Hijos, S.A.",
        "correoElectronico1": "compras@example.com",
        "pais": "PA",
    }


def test_a_final_consumer_is_never_a_company() -> None:
    consumer = replace(TAXPAYER, type=ReceiverType.FINAL_CONSUMER)
    assert "numeroRUC" not in customer(consumer)
    assert "tipoContribuyente" not in customer(consumer)


def test_a_final_consumers_ruc_may_be_without_dv() -> None:
    person = replace(
        TAXPAYER, type=ReceiverType.FINAL_CONSUMER, taxpayer_type=TaxpayerType.NATURAL, ruc="8-769-1080", dv=None
    )
    assert customer(person)["numeroRUC"] == "8-769-1080"
    assert customer(person)["tipoContribuyente"] == "1"
    assert "digitoVerificadorRUC" not in customer(person)


def test_a_foreigner_has_neither_ruc_nor_location_and_a_country_only_with_a_passport() -> None:
    foreigner = KNOWN["enviar-10-factura-cliente-extranjero"].receiver
    members = customer(replace(foreigner, ruc="8-769-1080", dv="12", location=TAXPAYER.location))
    assert members.keys().isdisjoint({"numeroRUC", "tipoContribuyente", "digitoVerificadorRUC", "codigoUbicacion"})
    assert (members["paisExtranjero"], members["pais"]) == ("Colombia", "PA")
    from_abroad = replace(foreigner, foreign_id_type=ForeignIdType.TAX_ID)
    assert "paisExtranjero" not in customer(from_abroad)


def test_phones_and_addresses_that_do_not_fit_are_left_out() -> None:
    members = customer(
        replace(TAXPAYER, phones=("+573001234567", "+50766778899", "+5072223456"), email="ana+istmo@example.com")
    )
    assert (members["telefono1"], members["telefono2"]) == ("6677-8899", "222-3456")
    assert members.keys().isdisjoint({"telefono3", "correoElectronico1"})


def test_the_cafe_is_mailed_only_where_the_address_is_sent() -> None:
    with_mail, without = KNOWN[A], replace(KNOWN[A], receiver=replace(TAXPAYER, email="a+b@example.com"))
    entrega = [members_of(each)["datosTransaccion"]["entregaCAFE"] for each in (with_mail, without)]
    assert entrega == ["3", "2"]


def content(**more: Any) -> Any:
    return members_of(replace(KNOWN[A], **more))


@pytest.mark.parametrize(
    ("order", "notes", "member", "information"),
    [
        ("4711", None, "4711", None),
        ("OC-4711", None, None, "Orden de compra: OC-4711."),
        ("OC-4711", "Gracias\npor su compra", None, "Orden de compra: OC-4711. Gracias por su compra"),
        ("1234567890123", None, None, "Orden de compra: 1234567890123."),
        (None, "Gracias", None, "Gracias"),
        (None, None, None, None),
    ],
)
def test_an_order_number_stands_where_it_fits(
    order: str | None, notes: str | None, member: str | None, information: str | None
) -> None:
    made = content(purchase_order=order, notes=notes)
    assert made.get("pedidoComercialGlobal") == ({"nroPedidoCompraGlobal": member} if member else None)
    assert made["datosTransaccion"].get("informacionInteres") == information


def test_another_form_of_payment_is_described_and_a_known_one_is_not() -> None:
    forms = (
        PaymentForm(method=PaymentMethod.OTHER, amount=Decimal("30.00"), description="Intercambio de bienes"),
        PaymentForm(method=PaymentMethod.CHECK, amount=Decimal("5.68"), description="Cheque número 12"),
    )
    totals = content(payment_forms=forms, instalments=())["totalesSubTotales"]
    assert totals["listaFormaPago"] == [
        {"formaPagoFact": "99", "descFormaPago": "Intercambio de bienes", "valorCuotaPagada": "30.00"},
        {"formaPagoFact": "09", "valorCuotaPagada": "5.68"},
    ]
    assert totals["totalValorRecibido"] == "35.68"
    assert totals["tiempoPago"] == "1"


@pytest.mark.parametrize(
    ("method", "instalments", "expected"),
    [
        (PaymentMethod.CREDIT, 1, "2"),
        (PaymentMethod.CREDIT, 3, "2"),
        (PaymentMethod.CASH, 1, "3"),
        (PaymentMethod.CASH, 0, "1"),
        (PaymentMethod.CREDIT, 0, "1"),
    ],
)
def test_the_time_of_payment_follows_from_forms_and_instalments(
    method: PaymentMethod, instalments: int, expected: str
) -> None:
    due = [date(2026, 12, 1 + day) for day in range(instalments)]
    more: dict[str, Any] = on_credit("35.68", *due) if due else {"instalments": ()}
    more["payment_forms"] = (PaymentForm(method=method, amount=Decimal("35.68")),)
    assert content(**more)["totalesSubTotales"]["tiempoPago"] == expected


def test_an_instalment_is_due_at_the_beginning_of_its_day_in_panama() -> None:
    made = content(instalments=(Instalment(due_date=date(2026, 11, 24), amount=Decimal("35.68")),))
    assert made["totalesSubTotales"]["listaPagoPlazo"] == [
        {
            "fechaVenceCuota": "2026-11-24T00:00:00-05:00",
            "valorCuota": "35.68",
            "infoPagoCuota": "Cuota 1 de 1, a 1 día",
        }
    ]


def test_the_instant_is_panamas_without_fractions() -> None:
    made = content(emitted_at=datetime.fromisoformat("2026-12-01T02:30:00.999999+00:00"))
    assert made["datosTransaccion"]["fechaEmision"] == "2026-11-30T21:30:00-05:00"


@pytest.mark.parametrize("vector", VECTORS["format"], ids=str)
def test_formats_are_those_of_the_vectors(vector: dict[str, Any]) -> None:
    made: Any
    match vector["in"]:
        case {"instant": instant}:
            made = content(emitted_at=datetime.fromisoformat(instant))["datosTransaccion"]
        case {"number": number}:
            made = {"numeroDocumentoFiscal": document(TAXPAYER, number=str(number), emitted_at="2026-11-23").key.number}
        case {"quantity": quantity}:
            made = members_of(one_line_document(quantity=Decimal(quantity)))["listaItems"][0]
        case {"unitPrice": price}:
            made = members_of(one_line_document(unit_price=Decimal(price)))["listaItems"][0]
        case {"dueDate": day}:
            more = on_credit("35.68", date.fromisoformat(day))
            made = content(**more)["totalesSubTotales"]["listaPagoPlazo"][0]
    [(member, expected)] = [(name, value) for name, value in vector.items() if name != "in"]
    assert made[member] == expected


def one_line_document(**amounts: Any) -> FiscalDocument:
    return replace(KNOWN[A], lines=(replace(KNOWN[A].lines[0], **amounts),))


@pytest.mark.parametrize(("sale", "code"), [(SaleType.ORDINARY, "1"), (SaleType.SERVICE, "4")])
def test_the_kind_of_sale_is_sent(sale: SaleType, code: str) -> None:
    assert content(sale_type=sale)["datosTransaccion"]["tipoVenta"] == code


# Notes and exports


def transaction(name: str, **more: Any) -> Any:
    return members_of(replace(KNOWN[name], **more))["datosTransaccion"]


def with_type(name: str, type_: DocumentType) -> Any:
    return transaction(name, key=replace(KNOWN[name].key, type=type_))


@pytest.mark.parametrize(
    ("type_", "code", "nature"),
    [(DocumentType.CREDIT_NOTE, "04", "11"), (DocumentType.DEBIT_NOTE, "05", "01")],
)
def test_a_note_says_no_kind_of_sale_and_refers_to_its_invoice(type_: DocumentType, code: str, nature: str) -> None:
    made = with_type(CREDIT, type_)
    assert (made["tipoDocumento"], made["naturalezaOperacion"], made["destinoOperacion"]) == (code, nature, "1")
    assert made.keys().isdisjoint({"tipoVenta", "datosFacturaExportacion"})
    assert made["listaDocsFiscalReferenciados"] == [
        {
            "fechaEmisionDocFiscalReferenciado": "2026-11-23T10:15:00-05:00",
            "cufeFEReferenciada": "FE0120000999999101-2-2026-8100002026112300000000010010122718281827",
        }
    ]


@pytest.mark.parametrize("type_", [DocumentType.CREDIT_NOTE, DocumentType.DEBIT_NOTE])
def test_a_note_of_an_export_goes_abroad_to_the_same_receiver(type_: DocumentType) -> None:
    key = replace(KNOWN[EXPORT].key, type=type_)
    note = replace(KNOWN[EXPORT], key=key, references=KNOWN[CREDIT].references)
    assert walk.check(request.to_content(note)) == ()
    made, invoice = members_of(note)["datosTransaccion"], transaction(EXPORT)
    assert made["destinoOperacion"] == invoice["destinoOperacion"] == "2"
    assert made["cliente"] == invoice["cliente"]
    assert made["datosFacturaExportacion"] == invoice["datosFacturaExportacion"]


@pytest.mark.parametrize("currency", Currency)
def test_an_export_has_its_currency_without_a_rate_and_its_port_only_where_there_is_one(currency: Currency) -> None:
    made = transaction(EXPORT, export=Export(country="US", incoterm=Incoterm.CIF, currency=currency))
    assert made["datosFacturaExportacion"] == {"condicionesEntrega": "CIF", "monedaOperExportacion": currency}


def test_a_foreigner_with_a_passport_keeps_its_country_on_an_export_to_another() -> None:
    receiver = replace(
        KNOWN[EXPORT].receiver, foreign_id_type=ForeignIdType.PASSPORT, foreign_id_country="CO", foreign_id_number="AB1"
    )
    made = transaction(EXPORT, receiver=receiver)["cliente"]
    assert (made["paisExtranjero"], made["pais"]) == ("Colombia", "US")


@pytest.mark.parametrize("type_", DocumentType)
def test_each_type_is_looked_for_under_its_code(type_: DocumentType) -> None:
    key = replace(KNOWN[A].key, type=type_)
    assert request.key_members(key)["tipoDocumento"] == CODES[type_]

"""Catalogues of the DGI over the API, and classes suggested by earlier lines."""

from typing import Any

import pytest

from db.asyncpg_engine import Session
from resolvers import suggestions
from rules.fiscal import catalogues
from rules.vocabulary import Scope
from tests.builders import Input, create_invoice, customer_id, invoice, line, taxpayer
from tests.conftest import ON_ONE_NODE, Api

_CATALOGUES = """
    query ($search: String, $first: Int! = 100) {
        units(search: $search, first: $first) { code name }
        cpbs(search: $search, first: $first) { code name family }
        paymentForms(search: $search, first: $first) { method code name }
    }
"""


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements sent."""
    found: list[str] = []
    execute, get_statement = Session.execute, Session._get_statement

    async def executed(session: Session, query: str, *arguments: Any, **options: Any) -> Any:
        found.append(query)
        return await execute(session, query, *arguments, **options)

    async def prepared(session: Session, query: str, *arguments: Any, **options: Any) -> Any:
        found.append(query)
        return await get_statement(session, query, *arguments, **options)

    monkeypatch.setattr(Session, "execute", executed)
    monkeypatch.setattr(Session, "_get_statement", prepared)
    return found


async def test_catalogues_are_public_and_take_no_statement(api: Api, electronic: Api, statements: list[str]) -> None:
    reader = Api(electronic.account_id, Scope.READ)
    found = await api.ask(_CATALOGUES)
    assert found == await reader.ask(_CATALOGUES)
    assert [len(found[name]) for name in ("units", "cpbs", "paymentForms")] == [100, 100, 10]
    assert found["paymentForms"][7] == {"method": "TRANSFER", "code": "08", "name": "Transferencia o depósito"}
    await api.ask(_CATALOGUES, search="papel")
    assert statements == []


@pytest.mark.parametrize(
    ("field", "search", "code"),
    [
        ("units", "KILÓGRAMO", "kg"),
        ("units", "onza uk líquida", "fl oz UK"),
        ("units", "MW", "MW"),
        ("units", "minuto", "Min"),
        ("cpbs", "informatico EQUIPO", "4321"),
        ("cpbs", "4321", "4321"),
        ("cpbs", "oficina 4412", "4412"),
        ("paymentForms", "credito tarj", "03"),
        ("paymentForms", "card debit", "04"),
        ("paymentForms", "9", "99"),
    ],
)
async def test_entries_are_found_by_words_in_any_order_without_accents_and_by_codes(
    api: Api, field: str, search: str, code: str
) -> None:
    assert (await api.ask(_CATALOGUES, search=search))[field][0]["code"] == code


async def test_names_of_forms_of_payment_are_in_the_language_of_the_request(api: Api) -> None:
    english = Api(api.account_id, language="en")
    for client, name in ((api, "Cheque"), (english, "Cheque"), (api, "Vale"), (english, "Voucher")):
        assert name in {each["name"] for each in (await client.ask(_CATALOGUES))["paymentForms"]}
    assert (await english.ask(_CATALOGUES, search="efectivo"))["paymentForms"][0]["name"] == "Cash"


@pytest.mark.parametrize(
    "arguments",
    [
        {"first": 0},
        {"first": 101},
        {"search": "x" * 201},
        {"search": " ".join(map(str, range(21)))},
    ],
)
@pytest.mark.parametrize("field", ["units", "cpbs", "paymentForms"])
async def test_searches_of_catalogues_are_bounded(api: Api, field: str, arguments: dict[str, Any]) -> None:
    query = f"query ($search: String, $first: Int! = 9) {{ {field}(search: $search, first: $first) {{ code }} }}"
    assert await api.refused(query, **arguments) == ["BAD_USER_INPUT"]


# Suggestions

_SUGGEST = """
    query ($description: String!, $customer: ID, $first: Int! = 3) {
        cpbsSuggestions(description: $description, customerId: $customer, first: $first) {
            cpbs { code name family } description uses lastUsed
        }
    }
"""


async def suggested(api: Api, description: str, **arguments: Any) -> list[tuple[str, str, int]]:
    found = (await api.ask(_SUGGEST, description=description, **arguments))["cpbsSuggestions"]
    return [(each["cpbs"]["code"], each["description"], each["uses"]) for each in found]


async def sell(api: Api, customer: str, *lines: Input, **fields: Any) -> str:
    payload = await create_invoice(api, invoice(*lines, **{"issue": True, **fields}), customerId=customer)
    assert payload["userErrors"] == []
    id: str = payload["invoice"]["id"]
    return id


@pytest.fixture
async def shop(api: Api) -> tuple[Api, str]:
    """An account that sold the same and similar things under several classes."""
    one, other = await customer_id(api), await customer_id(api, taxpayer(name="Otra"))
    paper = line(description="Papel bond, tamaño carta", cpbs="1411")
    await sell(
        api, one, paper, paper, line(description="Resma de papel bond carta", cpbs="4412"), issueDate="2026-01-05"
    )
    await sell(api, other, line(description="Limpieza de oficinas, marzo", cpbs="7611"), issueDate="2026-01-06")
    await sell(api, one, line(description="Café en grano"), line(description="Alquiler", cpbs="8013"))
    return api, one


@pytest.mark.parametrize(
    ("description", "found"),
    [
        (
            "Papel bond, tamaño carta",
            [("1411", "Papel bond, tamaño carta", 2), ("4412", "Resma de papel bond carta", 1)],
        ),
        (
            "CARTA, papel bond (resma)",
            [("4412", "Resma de papel bond carta", 1), ("1411", "Papel bond, tamaño carta", 2)],
        ),
        (
            "PAPÉL bónd, TAMANO carta",
            [("1411", "Papel bond, tamaño carta", 2), ("4412", "Resma de papel bond carta", 1)],
        ),
        ("limpieza de oficina abril", [("7611", "Limpieza de oficinas, marzo", 1)]),
        ("Café en grano", []),  # had no class
        ("Computadora", []),
        ("", []),
        (" % _ ", []),
    ],
)
async def test_classes_of_the_most_similar_lines_come_first(
    shop: tuple[Api, str], description: str, found: list[tuple[str, str, int]]
) -> None:
    assert await suggested(shop[0], description) == found
    assert await suggested(shop[0], description, first=1) == found[:1]


async def test_a_suggestion_has_its_class_and_its_last_day(shop: tuple[Api, str]) -> None:
    [found] = (await shop[0].ask(_SUGGEST, description="limpieza de oficinas"))["cpbsSuggestions"]
    assert found["lastUsed"] == "2026-01-06"
    assert found["cpbs"] == {
        "code": "7611",
        "name": catalogues.CLASSES["7611"],
        "family": catalogues.FAMILIES["76"],
    }


async def test_of_the_same_description_the_class_used_last_comes_first(shop: tuple[Api, str]) -> None:
    api, one = shop
    await sell(api, one, line(description="Alquiler", cpbs="8010"))
    assert [code for code, *_ in await suggested(api, "alquiler")] == ["8010", "8013"]


async def test_drafts_and_void_invoices_suggest_nothing(shop: tuple[Api, str]) -> None:
    api, one = shop
    await sell(api, one, line(description="Borrador", cpbs="5020"), issue=False)
    assert await suggested(api, "Borrador") == []
    id = await sell(api, one, line(description="Anulado", cpbs="5020"))
    assert len(await suggested(api, "Anulado")) == 1
    await api.ask(
        'mutation ($id: ID!) { voidInvoice(id: $id, reason: "Precio equivocado") { userErrors { code } } }', id=id
    )
    assert await suggested(api, "Anulado") == []


async def test_what_only_the_customer_bought_long_ago_is_suggested_to_it(
    shop: tuple[Api, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    api, one = shop
    statement = suggestions._SUGGEST_CPBS.replace("LIMIT 3000", "LIMIT 1")
    assert statement != suggestions._SUGGEST_CPBS
    monkeypatch.setattr(suggestions, "_SUGGEST_CPBS", statement)
    await sell(api, await customer_id(api, taxpayer(name="Tercera")), line(description="Otra cosa"))
    assert await suggested(api, "Papel bond, tamaño carta") == []
    assert await suggested(api, "Papel bond, tamaño carta", customer=one, first=1) == [
        ("1411", "Papel bond, tamaño carta", 2)
    ]


@ON_ONE_NODE
async def test_suggestions_take_one_statement_and_are_of_the_own_account(
    shop: tuple[Api, str], electronic: Api, statements: list[str]
) -> None:
    api, one = shop
    await suggested(api, "Papel bond")
    await suggested(electronic, "Papel bond")
    statements.clear()
    assert len(await suggested(api, "Papel bond", customer=one)) == 2
    assert await suggested(electronic, "Papel bond", customer=one) == []
    assert [query for query in statements if "document_line" not in query and "set_config" not in query] == []
    assert len([query for query in statements if "document_line" in query]) == 2


async def test_of_long_descriptions_the_beginnings_are_compared(shop: tuple[Api, str]) -> None:
    api, one = shop
    long = "Ñandúes " * 40
    await sell(api, one, line(description=f"{long} vivos", cpbs="1010"))
    assert await suggested(api, f"{long} disecados") == [("1010", f"{long} vivos", 1)]


@pytest.mark.parametrize("arguments", [{"first": 0}, {"first": 101}, {"description": "x" * 501}])
async def test_suggestions_of_classes_are_bounded(api: Api, arguments: dict[str, Any]) -> None:
    assert await api.refused(_SUGGEST, **{"description": "Papel", **arguments}) == ["BAD_USER_INPUT"]


async def test_no_other_customer_or_a_malformed_id_changes_nothing(shop: tuple[Api, str]) -> None:
    api, _ = shop
    assert await suggested(api, "alquiler", customer="no") == await suggested(api, "alquiler") != []

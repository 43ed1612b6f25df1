"""`customerForm` and the mutations agree about required and forbidden fields."""

from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rules.vocabulary import ReceiverType, TaxpayerType
from tests.builders import FINCA, Input, create_customer, foreigner
from tests.conftest import Answer, Api

TYPES = [None, *TaxpayerType]

# RUCs that tell the type by themselves: what a RUC adds to the form's rules is proved in tests/rules.
RUCS = {TaxpayerType.NATURAL: ("PE-5-687", "39"), TaxpayerType.JURIDICAL: ("155596713-2-2015", "59")}

VALUES: Input = {
    "name": "Hoteles Istmo, S.A.",
    "locationCode": "8-8-7",
    "address": "Calle 50, local 4",
    "email": "cobros@example.com",
    "phone": "6677-8899",
    "mobile": "6677-8800",
    "foreignId": foreigner()["foreignId"],
    "associatedPersons": [{"name": "Ana Ríos"}],
}

FORM = """
    query ($receiver: ReceiverType!, $taxpayer: TaxpayerType) {
        customerForm(receiverType: $receiver, taxpayerType: $taxpayer) { name required forbidden }
    }
"""


@st.composite
def filled_in(draw: st.DrawFn) -> tuple[TaxpayerType | None, Input]:
    """A customer that may be of a type, with a right value in some fields; a field is left out in different ways."""
    taxpayer_type = draw(st.sampled_from(TYPES))
    given = draw(st.sets(st.sampled_from(["taxpayerType", "ruc", "dv", *VALUES])))
    ruc, dv = RUCS[taxpayer_type] if taxpayer_type else (FINCA, "68")
    values = {**VALUES, "ruc": ruc, "dv": dv, "taxpayerType": taxpayer_type and taxpayer_type.value}
    input: Input = {"receiverType": draw(st.sampled_from(list(ReceiverType))).value}
    for name, value in values.items():
        if name in given and not (name == "dv" and "ruc" not in given):  # a DV requires its RUC
            input[name] = value
        elif draw(st.booleans()):
            texts = ["", " \t"] if isinstance(value, str) and name != "taxpayerType" else []
            input[name] = draw(st.sampled_from([None, *texts, *([[]] if name == "associatedPersons" else [])]))
    return taxpayer_type, input


def is_given(input: Input, name: str) -> bool:
    value = input.get(name)
    return bool(value.strip() if isinstance(value, str) else value)


def expected(form: list[Answer], input: Input) -> set[tuple[str, str]]:
    """What the form alone says of the input."""
    missing = {field["name"] for field in form if field["required"] and not is_given(input, field["name"])}
    forbidden = {field["name"] for field in form if field["forbidden"] and is_given(input, field["name"])}
    return {(name, "REQUIRED") for name in missing} | {(name, "FORBIDDEN_FIELD") for name in forbidden}


ALL: dict[str, Any] = {**VALUES, "ruc": RUCS[TaxpayerType.JURIDICAL][0], "dv": "59", "taxpayerType": "JURIDICAL"}


@given(filled_in())
@example((TaxpayerType.JURIDICAL, {"receiverType": "TAXPAYER", **ALL}))
@example((TaxpayerType.JURIDICAL, {"receiverType": "FINAL_CONSUMER", **ALL}))
@example((TaxpayerType.JURIDICAL, {"receiverType": "GOVERNMENT", **ALL}))
@example((TaxpayerType.JURIDICAL, {"receiverType": "FOREIGN", **ALL}))
@example((None, {"receiverType": "TAXPAYER"}))
@example((None, {"receiverType": "FOREIGN"}))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_form_and_a_dry_run_agree_on_what_is_required_and_forbidden(
    api: Api, electronic: Api, filled_in: tuple[TaxpayerType | None, Input]
) -> None:
    taxpayer_type, input = filled_in
    # A natural person's RUC makes it one, and the form for natural persons applies, also where the type is left out.
    known = taxpayer_type if is_given(input, "taxpayerType") or is_given(input, "ruc") else None
    for client in (api, electronic):
        form = (await client.ask(FORM, receiver=input["receiverType"], taxpayer=known))["customerForm"]
        payload = await create_customer(client, input, dryRun=True)
        found = {
            (".".join(error["path"][1:]), error["code"])
            for error in payload["userErrors"]
            if error["code"] in ("REQUIRED", "FORBIDDEN_FIELD")
        }
        # The DV that no rule computes is required beyond the form.
        if is_given(input, "ruc") and input["ruc"] == FINCA and not is_given(input, "dv"):
            found.discard(("dv", "REQUIRED"))
        assert found == expected(form, input)

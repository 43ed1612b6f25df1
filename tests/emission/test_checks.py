"""What the provider of an account is asked to find out how it answers, by calls that change nothing there."""

from typing import Any

import pytest

from emission import checks
from emission.checks import Check, Verdict, check_provider
from pac.emission import Evidence, File, Folios, Found, Unavailable
from tests.emission.conftest import Bench

_LEFT = Folios(available=3, used=7, total=10, licence_until="2027-01-31")
_SILENT = Unavailable(evidence=Evidence(code="999", message="algo\x1b\n falló"))


class _Provider:
    """A provider that has answers for each question of its own, and otherwise those of the bench."""

    def __init__(self, bench: Bench, **answers: Any) -> None:
        self._answers = {"count_folios": _LEFT, **answers}
        self._other = bench.provider
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name == "read_xml":
            return self._other.read_xml

        async def answer(*arguments: Any) -> Any:
            self.asked.append(name)
            return self._answers[name] if name in self._answers else await getattr(self._other, name)(*arguments)

        return answer


async def ask(bench: Bench, **answers: Any) -> dict[str, Check]:
    provider = _Provider(bench, **answers)
    with bench.acting():
        found = {check.name: check async for check in check_provider(provider, "fake", 5)}
    assert not {"send", "void"} & set(provider.asked)
    return found


def verdicts(found: dict[str, Check]) -> dict[str, str]:
    return {name: check.verdict.value for name, check in found.items()}


async def authorised(bench: Bench) -> None:
    await bench.work_until(await bench.queue(), "AUTHORIZED")


async def test_a_provider_that_answers_as_expected_is_told_so_line_by_line(bench: Bench) -> None:
    await authorised(bench)
    found = await ask(bench)
    assert (checks.ISSUER, *found) == checks.NAMES
    assert set(verdicts(found).values()) == {"ok"}
    assert found[checks.FOLIOS].found == "Documents left: 3, used: 7, of 10. The licence ends 2027-01-31."
    assert found[checks.UNKNOWN_DOCUMENT].found == "not found: 102 no existe"
    assert "protocol" in found[checks.XML].found


async def test_before_the_first_authorised_invoice_three_lines_are_not_tried(bench: Bench) -> None:
    await bench.queue()
    found = await ask(bench)
    assert [name for name, verdict in verdicts(found).items() if verdict == "not tried"] == [*checks.NAMES[3:]]


async def test_without_credentials_nothing_else_is_asked(bench: Bench) -> None:
    found = await ask(bench, count_folios=_SILENT)
    assert [*found] == [checks.FOLIOS]
    assert found[checks.FOLIOS] == Check(checks.FOLIOS, Verdict.UNEXPECTED, "no usable answer: 999 algo falló")


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        (checks.KNOWN_DOCUMENT, {"look": Found(cufe="FE012", is_voided=False, evidence=Evidence())}),
        (checks.KNOWN_DOCUMENT, {"look": _SILENT}),
        (checks.UNKNOWN_DOCUMENT, {"look": _SILENT}),
        (checks.UNKNOWN_DOCUMENT, {"look": Found(cufe=None, is_voided=False, evidence=Evidence())}),
        (checks.XML, {"fetch_xml": _SILENT}),
        (checks.XML, {"fetch_xml": File(content=b"<html/>", evidence=Evidence())}),
        (checks.PDF, {"fetch_pdf": _SILENT}),
    ],
)
async def test_an_answer_that_istmo_can_not_work_with_is_unexpected(
    bench: Bench, name: str, answers: dict[str, Any]
) -> None:
    await authorised(bench)
    assert (await ask(bench, **answers))[name].verdict is Verdict.UNEXPECTED


async def test_a_document_of_another_provider_is_not_asked_for(bench: Bench) -> None:
    await authorised(bench)
    with bench.acting():
        found = [check async for check in check_provider(_Provider(bench), "other", 5)]
    assert [check.verdict for check in found[2:]] == [Verdict.NOT_TRIED] * 3

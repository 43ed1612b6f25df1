"""Tables that leave while they are read, as spreadsheets and our own reader open them."""

import csv
import io
import tracemalloc
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spreadsheets import streams
from spreadsheets.csv_file import read_csv
from spreadsheets.streams import CsvStream, TableStream, TooManyRows, XlsxStream
from spreadsheets.xlsx_file import read_xlsx

HEADER = ["Nombre", "RUC"]
DANGEROUS = ['=HYPERLINK("http://x")', "+507 6677-8899", "-1+1", "@SUM(A1)", "\t=1", "\r=1"]


def whole(stream: TableStream, *pages: Any) -> bytes:
    return b"".join([*[stream.write(page) for page in pages], stream.end()])


@pytest.mark.parametrize("delimiter", [";", ","])
def test_a_csv_file_has_the_mark_of_utf8_once_and_no_formulas(delimiter: str, tmp_path: Path) -> None:
    rows = [[text, "8-1-1"] for text in (*DANGEROUS, "Peña; Ávila, S.A.", 'Dice "sí"', "dos\nlíneas")]
    file = tmp_path / "t.csv"
    file.write_bytes(whole(CsvStream(HEADER, delimiter), *[[row] for row in rows]))
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfNombre" + delimiter.encode())
    assert content.count(b"\xef\xbb\xbf") == 1
    origin, read = read_csv(file)
    assert (origin.encoding, origin.delimiter) == ("UTF-8", delimiter)
    assert [row[0].removeprefix("'") for row in read][1:] == [row[0] for row in rows]
    cells = [row[0] for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter)]
    assert not [cell for cell in cells if cell[0] in "=+-@\t\r"]


def test_an_xlsx_file_keeps_texts_as_texts_and_counts_numbers_and_days(tmp_path: Path) -> None:
    rows: Any = [[text, Decimal("-1.50"), date(2026, 1, 31)] for text in (*DANGEROUS, "Peña & <Ávila>")]
    file = tmp_path / "t.xlsx"
    file.write_bytes(whole(XlsxStream("Clientes", ["Nombre", "Total", "Día"]), rows[:3], rows[3:], [[None, "", None]]))
    sheet = openpyxl.load_workbook(file).worksheets[0]
    assert (sheet.title, sheet.freeze_panes) == ("Clientes", "A2")
    read = list(sheet.iter_rows(min_row=2))
    assert [row[0].value for row in read[:-1]] == [str(row[0]).replace("\r", "\n") for row in rows]
    assert {row[0].data_type for row in read[:-1]} == {"s"}
    assert {(row[1].value, row[2].value.date()) for row in read[:-1]} == {(-1.5, date(2026, 1, 31))}  # type: ignore[union-attr]
    assert [cell.value for cell in read[-1]] == [None, None, None]
    _, ours = read_xlsx(file)
    assert list(ours)[1][0] == DANGEROUS[0]


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_any_text_can_stand_in_an_xlsx_file(texts: list[str]) -> None:
    content = whole(XlsxStream("A", ["a"]), [[text] for text in texts])
    assert openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].max_row >= 1


def test_a_long_table_takes_no_memory_that_grows_with_it() -> None:
    page: Any = [["Hoteles del Istmo, S.A. " * 4, Decimal("12.50")] for _ in range(100)]
    for make in (lambda: CsvStream(HEADER, ";"), lambda: XlsxStream("A", HEADER)):
        stream: TableStream = make()
        tracemalloc.start()
        size = sum(len(stream.write(page)) for _ in range(500))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        stream.end()
        assert size > 20_000
        assert most < 1_500_000


def test_a_sheet_has_no_more_rows_than_excel_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST_XLSX_ROWS", 2)
    stream = XlsxStream("A", HEADER)
    stream.write([["a"], ["b"]])
    with pytest.raises(TooManyRows):
        stream.write([["c"]])
    stream.end()

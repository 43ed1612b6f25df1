import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from spreadsheets import limits
from spreadsheets.csv_file import find_encoding
from spreadsheets.reading import read_table
from spreadsheets.table import Origin, Unreadable

NAMES = "Nombre;RUC;Dirección\nPanadería Ñandú;155596713-2-2015 DV 59;Vía España\n"
ROWS = [["Nombre", "RUC", "Dirección"], ["Panadería Ñandú", "155596713-2-2015 DV 59", "Vía España"]]


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes | str], Path]:
    def write(content: bytes | str) -> Path:
        path = tmp_path / "file"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


async def read(path: Path) -> tuple[Origin, list[list[str]]]:
    async with read_table(path) as table:
        return table.origin, [row.cells async for row in table.rows]


async def refused(path: Path) -> str:
    with pytest.raises(Unreadable) as caught:
        await read(path)
    assert caught.value.message.es != caught.value.message.en
    return caught.value.message.en


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("cp1252", "Windows-1252"),
        ("cp850", "MS-DOS (850)"),
    ],
)
async def test_csv_is_read_in_every_encoding_of_excel(
    written: Callable[[bytes], Path], encoding: str, name: str
) -> None:
    assert await read(written(NAMES.encode(encoding))) == (Origin("CSV", name, ";"), ROWS)


@pytest.mark.parametrize("damage", [b"Mar\xeda;8-1-1\n", "Ñandú".encode()[:-1], b"Mu\xa4oz;8-1-1\n"])
async def test_utf_8_with_other_bytes_in_it_is_refused_and_not_read_as_another_encoding(
    written: Callable[[bytes], Path], damage: bytes
) -> None:
    assert "isn't valid UTF-8" in await refused(written(NAMES.encode() + damage))


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("declared", [True, False])
async def test_the_delimiter_is_found_or_declared(
    written: Callable[[str], Path], delimiter: str, declared: bool
) -> None:
    rows = [["Nombre", "RUC", "Plazo"], ["Hoteles; del, Istmo", "8-1-1", "30,5"], ['Casa "Ana"', "8-1-2", "15"]]
    lines = [delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    first = f"sep={delimiter}\r\n" if declared else ""
    origin, found = await read(written(first + "\r\n".join(lines)))
    assert (origin.delimiter, found) == (delimiter, rows)


async def test_names_with_commas_do_not_make_a_comma_the_delimiter(written: Callable[[str], Path]) -> None:
    text = "Razón social;RUC\n" + "".join(f"Hoteles {n}, S.A.;8-1-{n}\n" for n in range(9))
    origin, rows = await read(written(text))
    assert origin.delimiter == ";"
    assert rows[1] == ["Hoteles 0, S.A.", "8-1-0"]


async def test_rows_keep_their_numbers_and_blank_ones_are_left_out(written: Callable[[str], Path]) -> None:
    async with read_table(written('A;B\n;\n\n"x\ny";="007";;;\n')) as table:
        assert [tuple(row) async for row in table.rows] == [(1, ["A", "B"]), (4, ["x\ny", "007"])]


async def test_xlsx_is_read_as_a_person_would_type_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    hidden = book.worksheets[0]
    hidden.sheet_state = "hidden"
    hidden["A1"] = "secret"
    sheet = book.create_sheet("Clientes")
    sheet.append([])
    sheet.append(["Nombre", "Teléfono", "Plazo", "Desde", "Tasa"])
    sheet.append(["Ana", 66778899, 30.0, date(2026, 1, 31), 0.07])
    book.save(tmp_path / "a.xlsx")
    origin, rows = await read(tmp_path / "a.xlsx")
    assert origin == Origin("XLSX", sheet="Clientes")
    assert rows == [["Nombre", "Teléfono", "Plazo", "Desde", "Tasa"], ["Ana", "66778899", "30", "2026-01-31", "0.07"]]


async def test_a_formula_without_a_saved_result_is_refused_with_its_cell(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Nombre"])
    sheet.append(['=HYPERLINK("http://example.com")'])
    book.save(tmp_path / "a.xlsx")
    assert "The cell A2 has a formula" in await refused(tmp_path / "a.xlsx")


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!"])
async def test_a_cell_with_an_error_of_excel_is_refused_and_not_read_as_blank(tmp_path: Path, error: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Nombre", "RUC"])
    sheet.append(["Panadería Ñandú", error])
    assert sheet["B2"].data_type == "e"
    book.save(tmp_path / "a.xlsx")
    assert "The cell B2 has an error of Excel" in await refused(tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7\n\x00\x01\x02", "is no table"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "is no table"),
        (b"<html><table><tr><td>Ana</td></tr></table>", "is a web page"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(100), "an old Excel"),
        ("\ufeffNombre\n".encode() + b"Mar\xeda\n", "isn't valid UTF-8"),
        (b"\xff\xfeA\x00B", "isn't valid UTF-16"),
        (b"Nombre\nMar\x8d\n\x8d\x8d\n", "isn't valid Windows-1252"),
        (b"PK\x03\x04 nothing else", "is damaged"),
        (b"a;b\n" + b"x" * 6000, "Row 2, column 1: a cell"),
        (b'a;b\n"x;y\n' + b"z;z\n" * 6000, "Row 2: a cell has more than"),
        (b";".join([b"x"] * 1000), "Columns of row 1: 1000"),
        (b"a;b\n" * (limits.MOST_ROWS + 1), "more than 200000 rows"),
    ],
)
async def test_what_is_no_table_or_too_large_is_refused_clearly(
    written: Callable[[bytes], Path], content: bytes, sentence: str
) -> None:
    assert sentence in await refused(written(content))


def archive(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in {"xl/workbook.xml": b"<workbook/>", **parts}.items():
            made.writestr(name, content)
    return file.getvalue()


async def test_a_zip_bomb_is_refused_before_it_is_opened(written: Callable[[bytes], Path]) -> None:
    bomb = archive(**{"xl/worksheets/sheet1.xml": bytes(limits.MOST_UNPACKED + 1)})
    assert len(bomb) < 1_000_000
    assert "500 MB when it is unpacked" in await refused(written(bomb))


async def test_an_archive_that_lies_about_its_size_is_refused(written: Callable[[bytes], Path]) -> None:
    bomb = archive(**{"xl/worksheets/sheet1.xml": bytes(limits.MOST_UNPACKED + 1)})
    size = (limits.MOST_UNPACKED + 1).to_bytes(4, "little")
    assert bomb.count(size) == 2
    assert await refused(written(bomb.replace(size, (1000).to_bytes(4, "little"))))


async def test_another_archive_and_too_many_parts_are_refused(written: Callable[[bytes], Path]) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("word/document.xml", "x")
    assert "not one of Excel" in await refused(written(file.getvalue()))
    assert "unpacked" in await refused(written(archive(**{f"x{n}": b"" for n in range(1001)})))


async def test_a_sheet_whose_cells_lie_far_apart_is_refused_within_its_memory(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"] = "Nombre"
    sheet["XFD1048576"] = "x"
    book.save(tmp_path / "a.xlsx")
    assert "too much memory" in await refused(tmp_path / "a.xlsx")


async def test_one_long_text_that_many_cells_share_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for _ in range(600):
        sheet.append(["x" * 5000] * 100)
    book.save(tmp_path / "a.xlsx")
    assert "too much text" in await refused(tmp_path / "a.xlsx")


async def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("wb") as file:
        file.truncate(limits.MOST_BYTES + 1)
    assert "more than 50 MB" in await refused(tmp_path / "a.csv")


def test_a_few_words_are_enough_to_tell_the_two_old_encodings_apart(written: Callable[[bytes], Path]) -> None:
    for word in (
        "Panamá",
        "Bogotá",
        "Colón",
        "Señor",
        "AÑO",
        "Güi",
        "JOSÉ",
        "ÁLVAREZ",
        "PEÑA",
        "Ángel",
    ):
        for encoding in ("cp1252", "cp850"):
            assert find_encoding(written(word.encode(encoding))) == encoding, (word, encoding)

"""The DGI's locations, which ``db.migrate`` loads from ``db/seeds/locations.csv``."""

import csv
from pathlib import Path
from typing import Any, Final

from rules import keys

_FILE: Final = Path(__file__).parent / "seeds" / "locations.csv"

_LOAD: Final = """
    INSERT INTO location (code, corregimiento, district_name, province_name, province_kind, district_code,
                          province_code, position, search)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                         $8::int[], $9::text[])
    ON CONFLICT (code) DO UPDATE SET
        corregimiento = excluded.corregimiento, district_name = excluded.district_name,
        province_name = excluded.province_name, province_kind = excluded.province_kind,
        district_code = excluded.district_code, province_code = excluded.province_code,
        position = excluded.position, search = excluded.search
    WHERE (location.*) IS DISTINCT FROM (excluded.*)
"""

# Other names of places, by their code or the beginning of it: today's spelling of the comarcas, and well-known quarters
# of the capital. Costa del Este lies in two corregimientos.
_OTHER_NAMES: Final = {
    "10": "Guna Yala",
    "8-5-7": "Guna de Madugandí",
    "5-2-9": "Guna de Wargandí",
    "12": "Ngobe Buglé",
    "8-8-1": "Casco Antiguo Casco Viejo",
    "8-8-6": "Bethania",
    "8-8-7": "El Cangrejo Obarrio Marbella Campo Alegre",
    "8-8-9": "Paitilla Punta Paitilla Punta Pacífica",
    "8-8-10": "Costa del Este",
    "8-8-12": "Costa del Este",
    "8-8-14": "Albrook Clayton Amador",
}


async def load(connection: Any) -> None:
    """Insert the locations of the file and update those that have changed; ``connection`` is asyncpg's."""
    await connection.execute(_LOAD, *map(list, zip(*_LOCATIONS, strict=True)))


def _read_file() -> list[tuple[str, str, str, str, str, str, str, int, str]]:
    """The DGI's codes with INEC's spelling (db/seeds/README.md), in the DGI's order."""
    with _FILE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        (
            row["code"],
            row["corregimiento"],
            row["district"],
            row["province"],
            row["province_kind"],
            f"{row['province_code']}-{row['district_code']}",
            row["province_code"],
            position,
            keys.search_column(
                f"{row['corregimiento']} {row['district']} {row['province']} {_other_names(row['code'])}"
            ),
        )
        for position, row in enumerate(rows)
    ]


def _other_names(code: str) -> str:
    """
    >>> _other_names("10-1-2"), _other_names("8-8-10")
    ('Guna Yala', 'Costa del Este')
    """
    return " ".join(names for part, names in _OTHER_NAMES.items() if f"{code}-".startswith(f"{part}-"))


_LOCATIONS: Final = _read_file()
_BY_NAME: Final[dict[str, list[tuple[str, str, str]]]] = {}
for _code, _corregimiento, _district, _province, *_ in _LOCATIONS:
    _BY_NAME.setdefault(keys.search_key(_corregimiento), []).append(
        (keys.search_key(_district), keys.search_key(_province), _code)
    )


def find_code(corregimiento: str, district: str, province: str) -> str | None:
    """The code of the only corregimiento of this name, there where district and province are given.

    >>> find_code("bella vista", "Panamá", ""), find_code("Bella Vista", "", "")
    ('8-8-7', None)
    """
    district, province = keys.search_key(district), keys.search_key(province)
    found = [
        code
        for in_district, in_province, code in _BY_NAME.get(keys.search_key(corregimiento), ())
        if district in ("", in_district) and province in ("", in_province)
    ]
    return found[0] if len(found) == 1 else None


LOCATION_CODES: Final = frozenset(row[0] for row in _LOCATIONS)

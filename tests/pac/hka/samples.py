"""The published and invented requests and answers in ``tests/pac/data/hka``."""

from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from pac.soap import local_name

FOLDER = Path(__file__).parents[1] / "data" / "hka"
PUBLISHED = sorted(path.stem for path in FOLDER.glob("enviar-[01]*.xml"))
INVENTED = sorted(path.stem for path in FOLDER.glob("enviar-[a-e]-*.xml"))


def read_bytes(name: str) -> bytes:
    return (FOLDER / f"{name}.xml").read_bytes()


def read_documento(name: str) -> Element:
    """The ``documento`` of a request."""
    root: Element = fromstring(read_bytes(name))
    return next(element for element in root.iter() if local_name(element) == "documento")

"""nginx with docker/nginx.conf, in front of a server on this machine."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.processes import free_port

CONFIGURATION: Final = Path(__file__).parents[1] / "docker" / "nginx.conf"
NGINX: Final = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")

_TEMPORARY: Final = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def write_configuration(folder: Path, upstream: str, port: int, nodes: Mapping[str, str] | None = None) -> list[str]:
    """Write docker/nginx.conf into the folder, with these addresses, and return nginx's command line. ``nodes`` are
    further upstreams by their names; the map of accounts is ``folder``/nodes/accounts.map.
    """
    text = CONFIGURATION.read_text(encoding="utf-8")
    paths = "".join([f"    {name}_temp_path {folder}/{name};\n" for name in _TEMPORARY])
    for old, new in (
        ("server istmo:8000;", f"server {upstream};"),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("http {\n", f"http {{\n{paths}"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    if nodes is not None:
        (folder / "nodes").mkdir()
        upstreams = "".join([f"upstream {name} {{ server {each}; keepalive 256; }}\n" for name, each in nodes.items()])
        (folder / "nodes" / "upstreams.conf").write_text(upstreams, encoding="utf-8")
    directives = f"daemon off; pid {folder}/nginx.pid;" + (" user root;" if os.geteuid() == 0 else "")
    assert NGINX is not None
    return [NGINX, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf"), "-g", directives]


@contextmanager
def run_nginx(upstream: str) -> Iterator[str]:
    """The URL of nginx in front of the server at ``upstream``, a host and port."""
    with run_nginx_before_nodes(upstream, {}) as proxy:
        yield proxy.url


@dataclass(frozen=True)
class Proxy:
    """An nginx before several nodes: its URL, its map of accounts, and the command that makes it read the map again."""

    url: str
    map: Path
    reload: str


@contextmanager
def run_nginx_before_nodes(upstream: str, nodes: Mapping[str, str]) -> Iterator[Proxy]:
    """nginx in front of the server at ``upstream`` and of further nodes, by their names."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="istmo-nginx-") as name:
        folder = Path(name)
        command = write_configuration(folder, upstream, port, nodes)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stderr=log)
        try:
            _wait_for(port, process)
            reload = f"{command[0]} -p {folder} -e stderr -c {folder}/nginx.conf -g 'pid {folder}/nginx.pid;' -s reload"
            yield Proxy(f"http://127.0.0.1:{port}", folder / "nodes" / "accounts.map", reload)
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(100):
        if process.poll() is not None:
            break
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError("nginx did not start")

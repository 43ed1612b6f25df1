"""nginx with docker/nginx.conf, in front of a server on this machine."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from bench.processes import free_port

CONFIGURATION: Final = Path(__file__).parents[1] / "docker" / "nginx.conf"
NGINX: Final = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")

_TEMPORARY: Final = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def write_configuration(folder: Path, upstream: str, port: int) -> list[str]:
    """Write docker/nginx.conf into the folder, with these addresses, and return nginx's command line."""
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
    directives = f"daemon off; pid {folder}/nginx.pid;" + (" user root;" if os.geteuid() == 0 else "")
    assert NGINX is not None
    return [NGINX, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf"), "-g", directives]


@contextmanager
def run_nginx(upstream: str) -> Iterator[str]:
    """The URL of nginx in front of the server at ``upstream``, a host and port."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="istmo-nginx-") as folder:
        command = write_configuration(Path(folder), upstream, port)
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(command, stderr=log)
        try:
            _wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
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

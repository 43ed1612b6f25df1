"""The Dockerfile and the compose file fit the checkout. (Nothing here builds an image.)"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from service.commands import main
from service.settings import Settings
from tests.conftest import CHECKOUT

OF_POSTGRES = {"POSTGRES_DB", "POSTGRES_PASSWORD", "ISTMO_PASSWORD"}


def instructions(name: str) -> list[str]:
    """The arguments of the Dockerfile's instructions of this name."""
    text = (CHECKOUT / "Dockerfile").read_text().replace("\\\n", " ")
    return re.findall(rf"^{name} +(.*)$", text, re.MULTILINE)


def copied_from_checkout() -> list[tuple[str, str]]:
    """What is copied, and where to."""
    pairs = []
    for arguments in instructions("COPY"):
        *sources, target = shlex.split(arguments)
        if not sources[0].startswith("--from"):
            pairs += [(source.rstrip("/"), target) for source in sources]
    return pairs


@pytest.fixture
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((CHECKOUT / "compose.yaml").read_text()))


def test_what_is_copied_is_there_and_no_secret_of_docker_ignore() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True)
    let_in = {line[1:] for line in (CHECKOUT / ".dockerignore").read_text().split() if line.startswith("!")}
    sources = [source for source, _ in copied_from_checkout()]
    assert len(sources) > 10
    for source in sources:
        assert (CHECKOUT / source).exists(), source
        assert source.partition("/")[0] in let_in, source
        if tracked.returncode == 0:
            assert any(file == source or file.startswith(f"{source}/") for file in tracked.stdout.splitlines()), source
    assert let_in == {source.partition("/")[0] for source in sources}


def test_what_is_copied_is_enough_to_run(tmp_path: Path) -> None:
    """The last stage's files, and no others, in a folder that can't be written to."""
    ignored = shutil.ignore_patterns("__pycache__")
    for source, target in copied_from_checkout():
        if target == f"{source}/":
            shutil.copytree(CHECKOUT / source, tmp_path / source, ignore=ignored)
    shutil.copy(CHECKOUT / "server.py", tmp_path)
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    # All in one process, which compiles everything anew and so takes its time. The image has no pip and no setuptools.
    absent = "import sys\nsys.modules.update(dict.fromkeys(['pip', 'setuptools', 'pkg_resources', 'ensurepip']))\n"
    script = f"{absent}import server\nfrom service.commands import main\n" + "".join(
        f"main([{command!r}], standalone_mode=False)\n" for command in ("settings", "schema", "--help")
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Usage: " in done.stdout
    (settings,) = instructions("ENV")
    for pair in shlex.split(settings):
        name, _, _ = pair.partition("=")
        assert name == "PATH" or name.lower() in Settings.model_fields


def test_the_image_runs_as_nobody_special_and_is_looked_after() -> None:
    assert instructions("USER") == ["10001"]
    assert "/healthz" in instructions("HEALTHCHECK")[0]
    assert "--require-hashes" in instructions("RUN")[2]


def test_pip_and_setuptools_are_taken_out_of_the_environment(tmp_path: Path) -> None:
    (install,) = [run for run in instructions("RUN") if "--require-hashes" in run]
    take_out = install.rpartition("&&")[2].strip()
    subprocess.run([sys.executable, "-m", "venv", tmp_path / ".venv"], check=True)
    assert list(tmp_path.rglob("pip-*.dist-info"))
    subprocess.run(take_out, shell=True, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    assert {path.name for path in tmp_path.rglob("site-packages/*")} <= {"_distutils_hack", "distutils-precedence.pth"}


def test_compose_sets_what_is_a_setting_and_runs_what_is_a_command(compose: dict[str, Any]) -> None:
    assert compose["services"].keys() == {"nginx", "postgres", "migrate", "istmo", "worker"}
    assert compose["services"]["postgres"]["environment"].keys() == OF_POSTGRES
    for name in ("migrate", "istmo", "worker"):
        service = compose["services"][name]
        for setting in service["environment"]:
            assert setting.lower() in Settings.model_fields, f"{name}: {setting}"
        if "command" in service:
            assert service["command"][:2] == ["python", "server.py"]
            assert service["command"][2] in main.commands
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


def test_compose_holds_no_password(compose: dict[str, Any]) -> None:
    """Each comes from outside, and without it nothing starts."""
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name or "URL" in name:
                assert re.search(r"\$\{[A-Z_]+:[?-]\}", value), name


def test_compose_mounts_what_is_there(compose: dict[str, Any]) -> None:
    mounts = [mount.split(":")[0] for service in compose["services"].values() for mount in service["volumes"]]
    for mount in mounts:
        if mount.startswith("./"):
            assert os.access(CHECKOUT / mount, os.X_OK if mount.endswith(".sh") else os.R_OK), mount
        else:
            assert mount in compose["volumes"], mount


def test_istmo_is_reached_through_nginx_alone_and_believes_it(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    address = services["nginx"]["networks"]["default"]["ipv4_address"]
    [network] = compose["networks"]["default"]["ipam"]["config"]
    assert ip_address(address) in ip_network(network["subnet"])
    assert services["istmo"]["environment"]["FORWARDED_ALLOW_IPS"] == address
    assert "server istmo:8000;" in (CHECKOUT / "docker" / "nginx.conf").read_text()

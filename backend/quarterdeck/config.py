"""The settings, read once from a TOML file and QUARTERDECK_* variables."""

from __future__ import annotations

import difflib
import ipaddress
import json
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from .problems import Problem

Count = Annotated[int, Field(ge=1)]
Port = Annotated[int, Field(ge=1, le=65535)]
DEFAULT_FILE = Path("/etc/quarterdeck/quarterdeck.toml")
PREFIX = "QUARTERDECK_"


class HostSetting(BaseModel):
    """A libvirt host besides the local one. `address` is a host name or an IP address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    transport: Literal["ssh", "tls", "tcp"]
    address: str
    port: Port | None = None
    user: str | None = None


class InstanceType(BaseModel):
    """Sizes of a machine under one name, to pick from instead of choosing each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    vcpus: Count
    memory_mib: Count
    disk_gib: Count | None = None


class Config(BaseModel):
    """Every setting. Each is also QUARTERDECK_<NAME>; lists are then separated by commas, tables JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str = "::"
    """Address the TLS front listens on."""
    port: Port = 9090
    """Port of the page, the API and the consoles."""
    run_dir: Path = Path("/run/quarterdeck")
    """Sockets; gone at the next boot."""
    state_dir: Path = Path("/var/lib/quarterdeck")
    """The database of jobs, history and audit; keys for other hosts."""
    log_dir: Path = Path("/var/log/quarterdeck")
    """Logs where no journal takes them."""
    certificate_dir: Path = Path("/etc/quarterdeck/tls")
    """*.crt with *.key of the same name; the last by name wins; a self-signed one is made when none is there."""
    tls: bool = True
    """False leaves the TLS front out: for an own proxy that talks to the web socket in run_dir."""
    server_names: tuple[str, ...] = ()
    """Further names and addresses by which people reach this host (own names are known)."""
    local_uri: str = "qemu:///system"
    """The libvirt of the host `local`. Only the settings file may name one."""
    hosts: tuple[HostSetting, ...] = ()
    """Hosts besides the local one."""
    host_certificate_dir: Path = Path("/etc/quarterdeck/hosts")
    """cacert.pem, clientcert.pem and clientkey.pem for hosts reached by TLS; without, libvirt's own folders count."""
    instance_types: tuple[InstanceType, ...] = (
        InstanceType(name="Small", vcpus=1, memory_mib=1024, disk_gib=10),
        InstanceType(name="Medium", vcpus=2, memory_mib=4096, disk_gib=20),
        InstanceType(name="Large", vcpus=4, memory_mib=8192, disk_gib=40),
        InstanceType(name="Very large", vcpus=8, memory_mib=16384, disk_gib=80),
    )
    """Sizes to pick from for a new machine."""
    allow_tcp_hosts: bool = False
    """Permit unencrypted `tcp` hosts. For test beds only."""
    administrator_groups: tuple[str, ...] = ("sudo", "wheel", "libvirt")
    """Unix groups whose members may do everything."""
    viewer_groups: tuple[str, ...] = ("quarterdeck-viewer",)
    """Unix groups whose members may look but not touch."""
    allow_root: bool = False
    """Whether the account root may log in."""
    session_idle_minutes: Count = 15
    """A session ends after so long without an act of the person."""
    session_hours: Count = 12
    """A session ends after so long in any case."""
    accelerator: Literal["auto", "kvm", "qemu"] = "auto"
    """Domain type of new machines; `auto` uses KVM where a guest really starts with it."""
    history_per_domain: Count = 200
    """How many definitions of each machine are kept."""
    jobs_kept: Count = 500
    """How many finished jobs are kept."""
    audit_days: Count = 400
    """For how many days the log of who did what is kept."""
    upload_limit: Count = 4
    """How many uploads may run at once."""
    errand_limit: Count = 4
    """How many downloads and conversions may run at once."""
    download_limit_gib: int = Field(200, ge=0)
    """How large a file fetched from another server may be."""
    download_hours: Count = 12
    """How long fetching a file may take."""
    download_redirects: int = Field(5, ge=0)
    """How often an address may lead to another one."""
    download_allow: tuple[str, ...] = ()
    """Address ranges that may be fetched from although they are this server's own, link-local or of metadata."""
    download_proxy: str = ""
    """http://[name:password@]host:port of a proxy through which all is fetched; it must itself keep to addresses
    that are allowed, since this server cannot see what names lead to there."""
    demo: bool = False
    """libvirt's test driver, the account demo/demo, this machine only."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """How much the log tells."""

    @field_validator("hosts")
    @classmethod
    def _once(cls, given: tuple[HostSetting, ...]) -> tuple[HostSetting, ...]:
        names = ["local", *(host.name for host in given)]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"The name {twice} is given twice; local is always the host that the service runs on.")
        return given

    @field_validator("download_allow")
    @classmethod
    def _ranges(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(str(ipaddress.ip_network(text, strict=False)) for text in given)
        except ValueError:
            raise ValueError("Each must be a range of addresses, for example 192.0.2.0/24 or 2001:db8::/32.") from None

    @field_validator("download_proxy")
    @classmethod
    def _proxy(cls, given: str) -> str:
        try:
            parts = urlsplit(given)
            good = parts.port != 0 and parts.scheme == "http" and parts.hostname and not parts.path.strip("/")
        except ValueError:
            good = False
        if given and not good:
            raise ValueError("It must be a proxy as http://host:port, for example http://proxy.example.org:3128.")
        return given

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.state_dir / "quarterdeck.sqlite"

    @property
    def web_socket(self) -> Path:
        """UNIX socket between the TLS front and the web process."""
        return self.run_dir / "web.sock"

    @property
    def auth_socket(self) -> Path:
        """UNIX socket of the login helper."""
        return self.run_dir / "auth.sock"

    @property
    def lock_socket(self) -> Path:
        """UNIX socket of the lock helper."""
        return self.run_dir / "lock.sock"

    @property
    def job_socket(self) -> Path:
        """UNIX socket that starts a process for long work which needs no network."""
        return self.run_dir / "job.sock"

    @property
    def download_socket(self) -> Path:
        """UNIX socket that starts a process for long work which needs the network."""
        return self.run_dir / "download.sock"

    @property
    def errand_dir(self) -> Path:
        """Where those processes tell how far they are."""
        return self.state_dir / "errands"


def _value(text: str, kind: str) -> Any:
    return [part.strip() for part in text.split(",") if part.strip()] if "tuple" in kind else text


LISTED = ("hosts", "instance_types")
"""Settings that are tables in the file, and JSON in the environment."""


def _listed(name: str, text: str) -> Any:
    try:
        return json.loads(text or "[]")
    except ValueError as error:
        raise _wrong([f"{PREFIX}{name.upper()}: It must be JSON, a list of tables: {error}."]) from error


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except OSError as error:
        raise Problem("invalid-input", f"The settings file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Problem("invalid-input", f"The settings file {path} is not text in UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        cure = 'Each line is: name = value, with texts in quotes, for example log_level = "INFO".'
        raise Problem("invalid-input", f"The settings file {path} is not TOML: {error}.", cure=cure) from error


def load(environ: Mapping[str, str] = os.environ, **overrides: Any) -> Config:
    """The settings: defaults, then the file, then the environment, then `overrides`.

    Raises Problem `invalid-input` that says of each setting at fault where it was given and what it must be.
    """
    named = environ.get(PREFIX + "CONFIG")
    path = Path(named) if named else DEFAULT_FILE
    values = _from_file(path) if named or path.exists() else {}
    given_by = {name: f"{path}: {name}" for name in values}
    for name, field in Config.model_fields.items():
        text = environ.get(PREFIX + name.upper())
        if text is not None:
            values[name] = _listed(name, text) if name in LISTED else _value(text, str(field.annotation))
            given_by[name] = PREFIX + name.upper()
    chosen = {name: value for name, value in overrides.items() if value is not None}
    given_by |= {name: f"--{name}" for name in chosen}
    try:
        return Config.model_validate(values | chosen)
    except ValidationError as error:
        raise _wrong([*_told(error, given_by)]) from error


def _told(error: ValidationError, given_by: Mapping[str, str]) -> Iterator[str]:
    # What only starts the parts stays small: it has no use for the model.
    from .model.faults import in_words

    for fault in error.errors(include_url=False):
        name, *steps = fault["loc"]
        place = given_by[str(name)]
        place += "".join(f", entry {step + 1}" if isinstance(step, int) else f", {step}" for step in steps)
        close = difflib.get_close_matches(str(name), Config.model_fields, 1)
        if fault["type"] == "extra_forbidden" and not steps:
            yield f"{place}: There is no such setting.{f' Is {close[0]} meant?' if close else ''}"
        else:
            yield f"{place}: {in_words(fault, Config)}"


def _wrong(told: Sequence[str]) -> Problem:
    return Problem("invalid-input", "\n".join(["The settings cannot be used:", *(f"  {line}" for line in told)]))

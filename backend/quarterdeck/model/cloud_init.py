"""What cloud-init does at the first boot of a machine: the wish, and the files that it reads.

NoCloud (cloud-init's documentation, "NoCloud"): a disc labelled cidata with `meta-data`, `user-data` and, where the
network is not left to DHCP, `network-config` (version 2). All are JSON, which YAML contains.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator
from typing import Annotated, Any

import yaml
from passlib.hash import sha512_crypt
from pydantic import AfterValidator, Field, SecretStr

from quarterdeck.model.network_config import network_faults, network_warnings, slips, words_of
from quarterdeck.model.patterns import FULL_HOST_NAME, LOGIN, PACKAGE, ip_address, names_network
from quarterdeck.model.ssh_key import SshKey
from quarterdeck.model.strict import Strict
from quarterdeck.problems import FieldError

HASH_ROUNDS = 5000
"""What glibc takes where nothing is said (crypt(5)); every guest of twenty years knows it."""
SECRET = "*****"  # noqa: S105 - what is shown instead of one
SETTINGS_KIND = "#cloud-config"
KINDS = (
    "#cloud-config-archive",
    "#cloud-config-jsonp",
    SETTINGS_KIND,
    "#!",
    "#include",
    "#cloud-boothook",
    "#part-handler",
    "## template:",
    "content-type:",
    "mime-",
)
"""By what cloud-init tells kinds of user data, in whatever case, and after empty lines."""
MIME = "mime-version:"
MIME_WITHIN = 4096
"""Where cloud-init looks for that: anything with it is a message of several parts."""
MOST_BYTES = 256 * 1024
SETTINGS = words_of(
    "allow_public_ssh_keys ansible apk_repos apt apt_pipelining apt_reboot_if_required apt_update apt_upgrade "
    "authkey_hash autoinstall bootcmd byobu_by_default ca-certs ca_certs chef chpasswd cloud_config_modules "
    "cloud_final_modules cloud_init_modules create_hostname_file datasource datasource_list debug device_aliases "
    "disable_ec2_metadata disable_root disable_root_opts disk_setup drivers fan final_message fqdn fs_setup groups "
    "growpart grub-dpkg grub_dpkg hostname keyboard landscape launch-index locale locale_configfile lxd "
    "manage-resolv-conf manage_etc_hosts manage_resolv_conf mcollective merge_how merge_type migrate "
    "mount_default_fields mounts network no_ssh_fingerprints ntp output package_reboot_if_required package_update "
    "package_upgrade packages password phone_home power_state prefer_fqdn_over_hostname preserve_hostname puppet "
    "random_seed reporting resize_rootfs resolv_conf rh_subscription rpi rsyslog runcmd salt_minion snap spacewalk "
    "ssh ssh_authorized_keys ssh_deletekeys ssh_fp_console_blacklist ssh_genkeytypes ssh_import_id "
    "ssh_key_console_blacklist ssh_keys ssh_publish_hostkeys ssh_pwauth ssh_quiet_keygen swap system_info timezone "
    "ubuntu_advantage ubuntu_pro updates user users vendor_data wireguard write_files yum_repo_dir yum_repos "
    "zypper"
)
"""What cloud-init (25.1, its module reference) reads in a #cloud-config; it passes over everything else in silence."""


def _interface(text: str) -> str:
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        raise ValueError("It must be an address with the length of its network, such as 192.0.2.10/24.") from None
    if "/" not in text:
        raise ValueError("Say the length of the network too, for example 192.0.2.10/24.")
    return text


IpInterface = Annotated[str, AfterValidator(_interface)]
Package = Annotated[str, Field(pattern=PACKAGE, max_length=200)]
IpAddress = Annotated[str, AfterValidator(ip_address)]


class CloudNetwork(Strict):
    """A fixed address of the first card; without it the guest asks DHCP."""

    address: IpInterface
    gateway: IpAddress | None = None
    dns: list[IpAddress] = Field([])


class CloudInit(Strict):
    """First settings of a guest. `user_data` and `network_config` are one's own files, instead of the made ones."""

    user: str | None = Field(None, pattern=LOGIN)
    password: SecretStr | None = Field(None, min_length=1, max_length=512)
    ssh_keys: list[SshKey] = Field([])
    hostname: str | None = Field(None, pattern=FULL_HOST_NAME)
    packages: list[Package] = Field([])
    network: CloudNetwork | None = None
    user_data: SecretStr | None = Field(None, max_length=MOST_BYTES)
    network_config: str | None = Field(None, max_length=MOST_BYTES)


def faults(wish: CloudInit) -> Iterator[FieldError]:
    """What is wrong with a wish beyond its single values."""
    own = wish.user_data.get_secret_value() if wish.user_data else None
    if own is not None:
        for name in ("user", "password", "ssh_keys", "packages"):
            if getattr(wish, name):
                yield FieldError(f"/{name}", "Your own user data takes the place of this: put it there.")
        yield from _own_faults(own)
    elif (wish.password or wish.ssh_keys) and not wish.user:
        yield FieldError("/user", "Whose password or key is it? Name the user.")
    if wish.network is not None:
        yield from _address_faults(wish.network)
    if wish.network_config is not None:
        if wish.network:
            yield FieldError("/network", "Your own network configuration takes the place of this.")
        known, fault = _read(wish.network_config)
        if fault or not isinstance(known, dict):
            yield FieldError("/network_config", fault or "It must be a list of settings: name, colon, value.")
        else:
            yield from (FieldError("/network_config", detail) for detail in network_faults(wish.network_config))


def _address_faults(wish: CloudNetwork) -> Iterator[FieldError]:
    own = ipaddress.ip_interface(wish.address)
    if names_network(own.ip, own.network):
        yield FieldError("/network/address", f"{own.ip} names the network {own.network} itself.")
    gateway = ipaddress.ip_address(wish.gateway) if wish.gateway else None
    if gateway is None or (gateway.is_link_local and own.version == gateway.version == 6):
        return
    if gateway == own.ip:
        yield FieldError("/network/gateway", "This is the machine's own address.")
    elif gateway not in own.network:
        yield FieldError("/network/gateway", f"{gateway} lies outside of {own.network}: no guest reaches it there.")


def _kind(text: str) -> str | None:
    """The kind of user data; None where cloud-init takes it for none."""
    start = text.lower()
    if MIME in start[:MIME_WITHIN]:
        return MIME
    return next((kind for kind in KINDS if start.lstrip().startswith(kind)), None)


def _own_faults(text: str) -> Iterator[FieldError]:
    kind = _kind(text)
    if kind is None:
        yield FieldError(
            "/user_data", "cloud-init ignores what does not begin with a line such as #cloud-config or #!."
        )
    elif kind == SETTINGS_KIND:
        known, fault = _read(text)
        if fault:
            yield FieldError("/user_data", fault)
        elif known is not None and not isinstance(known, dict):
            yield FieldError("/user_data", "It must be a list of settings: name, colon, value.")


def _read(text: str) -> tuple[Any, str | None]:
    try:
        return yaml.safe_load(text), None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"Line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        return None, f"{where}{error.problem or 'this is no YAML'}"
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        return None, f"This is no YAML: {error}"


def warnings(wish: CloudInit) -> Iterator[str]:
    """What somebody may regret."""
    own = wish.user_data.get_secret_value() if wish.user_data else ""
    if _kind(own) == SETTINGS_KIND and not any(_own_faults(own)):
        yield from slips(own, SETTINGS)
    if wish.network_config is not None and isinstance(_read(wish.network_config)[0], dict):
        yield from network_warnings(wish.network_config)
    if wish.user_data is None and not wish.user:
        yield "Nobody can log in, unless the image has a user of its own: name a user with a key or a password."
    elif wish.user_data is None and not (wish.password or wish.ssh_keys):
        yield f"{wish.user} gets neither a password nor a key, and cannot log in."


def files(wish: CloudInit, name: str, instance: str, macs: tuple[str, ...]) -> dict[str, str]:
    """The files of the disc, by name. `instance` tells cloud-init whether it has seen this machine before."""
    found = {
        "meta-data": _json({"instance-id": instance, "local-hostname": wish.hostname or host_name(name)}),
        "user-data": wish.user_data.get_secret_value() if wish.user_data else _user_data(wish),
    }
    if wish.network_config is not None:
        found["network-config"] = wish.network_config
    elif wish.network is not None and macs:
        found["network-config"] = _json(_network(wish.network, macs[0]))
    return found


def preview(wish: CloudInit, name: str) -> dict[str, str]:
    """The files as they would be, without secrets."""
    masked = wish.model_copy(update={"password": SecretStr(SECRET) if wish.password else None})
    return {file: _masked(text, masked) for file, text in files(masked, name, "(new)", ("52:54:00:00:00:00",)).items()}


def _masked(text: str, wish: CloudInit) -> str:
    if wish.user_data is not None or not wish.password:
        return text
    return re.sub(r'("passwd": )"[^"]*"', rf'\1"{SECRET}"', text)


def _user_data(wish: CloudInit) -> str:
    settings: dict[str, Any] = {}
    if wish.user:
        user: dict[str, Any] = {"name": wish.user, "sudo": "ALL=(ALL) NOPASSWD:ALL", "shell": "/bin/bash"}
        if wish.password:
            user |= {"passwd": hashed(wish.password.get_secret_value()), "lock_passwd": False}
        if wish.ssh_keys:
            user["ssh_authorized_keys"] = list(wish.ssh_keys)
        settings["users"] = [user]
        settings["ssh_pwauth"] = wish.password is not None
    if wish.hostname:
        settings["hostname"] = wish.hostname.partition(".")[0]
        settings["fqdn"] = wish.hostname
    if wish.packages:
        settings |= {"package_update": True, "packages": list(wish.packages)}
    settings["growpart"] = {"mode": "auto", "devices": ["/"]}
    return "#cloud-config\n" + _json(settings)


def _network(wish: CloudNetwork, mac: str) -> dict[str, Any]:
    card: dict[str, Any] = {"match": {"macaddress": mac}, "dhcp4": False, "addresses": [wish.address]}
    if wish.gateway:
        everywhere = "::/0" if ":" in wish.gateway else "0.0.0.0/0"
        card["routes"] = [{"to": everywhere, "via": wish.gateway}]
    if wish.dns:
        card["nameservers"] = {"addresses": list(wish.dns)}
    return {"version": 2, "ethernets": {"first": card}}


def hashed(password: str) -> str:
    """A password as /etc/shadow has it."""
    return str(sha512_crypt.using(rounds=HASH_ROUNDS).hash(password))


def host_name(name: str) -> str:
    """The name of a machine as far as a host may be called so."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-").lower() or "machine"


def _json(value: Any) -> str:
    return json.dumps(value, indent=2) + "\n"

"""What Ubuntu's installer of today (subiquity) reads instead of asking: user data of cloud-init on a disc.

The names are those of "Autoinstall configuration reference manual"; all is JSON, which YAML contains. The installer
asks for a last yes unless the kernel is told `autoinstall` too.
"""

from __future__ import annotations

import json

import yaml

from quarterdeck.model.cloud_init import hashed, host_name
from quarterdeck.model.unattended import Unattended

ARGUMENTS = "autoinstall noprompt"
"""For the kernel: no last question, and none to take the medium out (casper(7))."""
HEAD = "#cloud-config\n"


def autoinstall(wish: Unattended, name: str, *, disk: str, keyboard: str, instance: str) -> dict[str, str]:
    """The files of the disc, by name, for a machine of this name; all goes to its `disk`, such as /dev/vda."""
    meta = {"instance-id": instance, "local-hostname": wish.hostname or host_name(name)}
    own = wish.answer_file.get_secret_value() if wish.answer_file else None
    return {
        "meta-data": json.dumps(meta, indent=2) + "\n",
        "user-data": _whole(own) if own is not None else _made(wish, name, disk, keyboard),
    }


def _whole(own: str) -> str:
    """One's own settings as a part of cloud-init's."""
    found = yaml.safe_load(own)
    if "autoinstall" in found:
        return own if own.startswith(HEAD.strip()) else HEAD + own
    return HEAD + yaml.safe_dump({"autoinstall": found}, sort_keys=False)


def _made(wish: Unattended, name: str, disk: str, keyboard: str) -> str:
    settings = {
        "version": 1,
        "locale": f"{wish.locale.replace('-', '_')}.UTF-8",
        "keyboard": {"layout": keyboard},
        "timezone": wish.timezone,
        "identity": {
            "realname": wish.full_name or wish.user,
            "username": wish.user,
            "hostname": wish.hostname or host_name(name),
            "password": hashed(wish.password.get_secret_value() if wish.password else ""),
        },
        "ssh": {"install-server": True, "allow-pw": True},
        "storage": {"layout": {"name": "direct", "match": {"path": disk}}},
        "shutdown": "reboot",
    }
    return HEAD + json.dumps({"autoinstall": settings}, indent=2) + "\n"

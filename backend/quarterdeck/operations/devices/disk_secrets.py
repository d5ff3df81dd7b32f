"""Encrypted disks: a passphrase that is typed becomes a secret of libvirt, and is nowhere else."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Mapping
from typing import Any

from ...hypervisor.hosts import Host
from ...model.secret import disk_secret
from ...problems import Problem
from ..changing.changing import Draft
from ..changing.fit import Values
from ..storage.encrypted import keeping


def encryption(draft: Draft, host: Host, body: Any, before: Mapping[str, Any], disk: str) -> Values | None:
    """How a disk is encrypted after this change; None where nothing is asked of it.

    A passphrase gets a secret of its own, also where there was one: older definitions still name that.
    """
    asked: Values = body.encryption.model_dump(exclude_unset=True) if body.encryption else {}
    if not asked and body.passphrase is None:
        return None
    after: Values = {"format": "luks", "secret_type": "passphrase"} | _kept(before) | _kept(asked)
    if body.passphrase is not None:
        after |= {"secret": _keep(draft, host, body, asked, disk), "secret_usage": None}
    elif bool(after.get("secret")) == bool(after.get("secret_usage")):
        draft.fault("/encryption/secret", "Give the passphrase, or name a secret of libvirt by its UUID or its usage.")
    elif after.get("secret") and not host.is_test:
        _look(draft, host, after["secret"])
    _check_engine(draft, after, _protocol(body, before))
    return after


def _kept(values: Mapping[str, Any]) -> Values:
    return {name: value for name, value in values.items() if value is not None}


def _keep(draft: Draft, host: Host, body: Any, asked: Values, disk: str) -> str:
    if asked.get("secret") or asked.get("secret_usage"):
        draft.fault("/passphrase", "Leave the secret empty: then the passphrase gets one of its own.")
    if host.is_test:
        draft.fault("/passphrase", "A made-up host keeps no secrets.", slug="unsupported")
    secret = str(uuids.uuid4())
    xml = disk_secret(secret, f"{disk} of {draft.row.name}")
    define, forget, commands = keeping(host, secret, xml, body.passphrase)
    draft.first.append((define, forget))
    draft.commands += commands
    draft.warnings.append(
        "Keep the passphrase elsewhere too: without it nobody reads the disk again, and another host needs it before "
        "the machine can move there."
    )
    return secret


def _look(draft: Draft, host: Host, secret: str) -> None:
    try:
        host.secrets.usage(secret)
    except Problem:
        cure = "Make it first (virsh secret-define), or give the passphrase."
        draft.fault("/encryption/secret", "The host has no secret of this UUID.", cure=cure)


def _protocol(body: Any, before: Mapping[str, Any]) -> str | None:
    given = getattr(body.source, "protocol", None)
    return given or before.get("protocol")


def _check_engine(draft: Draft, after: Values, protocol: str | None) -> None:
    """The rules of libvirt's qemuDomainValidateStorageSource."""
    if after.get("engine") == "librbd" and protocol != "rbd":
        draft.fault("/encryption/engine", "librbd opens images at a Ceph cluster only (RBD).", cure="Choose qemu.")
    if after["format"] == "luks2" and after.get("engine") != "librbd":
        draft.fault("/encryption/format", "QEMU itself opens luks, not luks2.", cure="Choose the engine librbd.")

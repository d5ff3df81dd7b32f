"""Encrypted volumes: made by a job, since their keys take seconds; libvirt finds their secret by their path."""

from __future__ import annotations

import posixpath
import uuid as uuids
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import SecretStr

from ...access import User
from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...jobs import Job, JobHandle, Jobs
from ...model.secret import opens_with, volume_secret
from ...model.storage import Volume, VolumeCreate, read_pool, read_volume
from ...plan import Change, Plan
from ...problems import Problem, field_problem
from ..changing.changing import Act, here_document
from ..patience import connected
from .copying import remove
from .storage import Storage

Made = TypeVar("Made")
KIND = "volume-encrypt"
TRIES, PAUSE_SECONDS = 30, 1
FOLDERS = ("dir", "fs", "netfs")
KEEP = "Keep the passphrase elsewhere too: without it nobody reads the {} again, and another host needs it."


class EncryptedVolumes:
    """Makes such volumes, and deletes them with their secrets."""

    def __init__(self, hosts: Hosts, storage: Storage, jobs: Jobs) -> None:
        self._hosts = hosts
        self._storage = storage
        self._jobs = jobs
        jobs.adopt(KIND, self._adopt)

    def create(self, host: str, pool: str, body: VolumeCreate, user: User) -> Change[Job]:
        """A new, empty volume that opens with a passphrase, which becomes a secret of libvirt."""
        found, row = self._hosts.get(host), self._storage.running(host, pool)
        passphrase = body.passphrase or SecretStr("")
        facts = read_pool(found.pools.xml(pool))
        if found.is_test:
            raise field_problem("/passphrase", "A made-up host keeps no secrets.")
        if body.backing:
            raise field_problem("/passphrase", "What stands on another image is as open as that.")
        if facts.type not in FOLDERS or not facts.path:
            raise field_problem("/passphrase", "Only files in a folder of the host are encrypted here.")
        if body.allocate and body.format == "raw":
            raise field_problem("/allocate", "Of encrypted volumes, libvirt lets only qcow2 take all space at once.")
        secret = str(uuids.uuid4())
        define, forget, commands = keeping(
            found, secret, volume_secret(secret, posixpath.join(facts.path, body.name)), passphrase
        )
        making = self._storage.create(host, pool, body, secret=secret)

        def work(handle: JobHandle) -> dict[str, str]:
            handle.undo.callback(forget)
            define()
            make_keys(making.apply, handle, body.name)
            handle.undo.callback(remove, found, row.name, body.name)
            handle.check()
            return {"pool": row.name, "volume": body.name}

        def apply() -> Job:
            params = {"pool": row.name, "volume": body.name, "secret": secret}
            target = f"{row.name}/{body.name}"
            return self._jobs.start(
                KIND, host=host, target=target, target_name=body.name, user=user.name, work=work, params=params
            )

        plan = making.plan
        warnings = [*plan.warnings, KEEP.format("volume")]
        return Change(Plan(xml_diff=plan.xml_diff, commands=[*commands, *plan.commands], warnings=warnings), apply)

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> None:
        """After a restart: nobody knows whether it was whole, so it goes, with its secret."""
        found = self._hosts.get(job.host)
        connected(handle, found)
        other = opens_otherwise(found, params["pool"], params["volume"], params["secret"])
        if not other:
            remove(found, params["pool"], params["volume"], handle)
        forget_secret(found, params["secret"])
        words = "Somebody else's of that name stays." if other else "It was removed."
        raise Problem("interrupted", f"Quarterdeck was restarted while the volume was made. {words}")

    def delete(self, host: str, volume: Volume, deletion: Change[None], *, secret: bool) -> Change[None]:
        """The same deletion of a volume, which takes its secret along where that is asked."""
        if not volume.secret:
            if secret:
                raise Problem("invalid-input", f"libvirt knows no secret of {volume.name}.", cure="Leave out secret.")
            return deletion
        found, uuid, plan = self._hosts.get(host), volume.secret, deletion.plan
        if not secret:
            kept = f"Its passphrase stays with libvirt, as the secret {uuid}."
            return Change(plan.model_copy(update={"warnings": [*plan.warnings, kept]}), deletion.apply)
        if users := opened_by(found, uuid):
            detail = f"Disks of {', '.join(users)} open with its secret too."
            raise Problem("in-use", detail, cure="Leave the secret.", used_by=users)

        def apply() -> None:
            deletion.apply()
            forget_secret(found, uuid)

        commands = [*plan.commands, f"virsh secret-undefine {uuid}"]
        warnings = [*plan.warnings, "Its passphrase is forgotten: copies of the volume open only for who knows it."]
        return Change(plan.model_copy(update={"commands": commands, "warnings": warnings}), apply)


def opens_otherwise(host: Host, pool: str, name: str, secret: str) -> bool:
    """Whether there is a volume of this name that this secret does not open: somebody else made it."""
    try:
        return read_volume(host.volumes.xml(pool, name)).secret != secret
    except Problem as problem:
        if problem.slug != "not-found":
            raise
        return False


def make_keys(make: Callable[[], Made], handle: JobHandle, name: str) -> Made:
    """Make it; QEMU gives up where the host is too busy to measure how long a passphrase takes, and is asked again."""
    for _ in range(TRIES - 1):
        handle.progress(None, f"Making the keys of {name}", phase="create")
        try:
            return make()
        except Problem as problem:
            if problem.slug != "busy":
                raise
        handle.progress(None, "The host is busy; the keys are made again")
        handle.wait(PAUSE_SECONDS)
        handle.check()
    return make()


def keeping(host: Host, secret: str, xml: str, passphrase: SecretStr) -> tuple[Act, Act, list[str]]:
    """How libvirt gets a passphrase as a secret, how it forgets it, and the equal commands without it."""

    def define() -> None:
        host.secrets.define(xml)
        try:
            host.secrets.set_value(secret, passphrase.get_secret_value().encode())
        except Problem:
            host.secrets.remove(secret)
            raise

    make = here_document("virsh secret-define /dev/stdin", xml)
    return define, lambda: forget_secret(host, secret), [make, f"virsh secret-set-value {secret} --interactive"]


def forget_secret(host: Host, secret: str) -> None:
    """Let libvirt forget a passphrase; one that it has forgotten already is no fault."""
    try:
        host.secrets.remove(secret)
    except Problem as problem:
        if problem.slug != "not-found":
            raise


def opened_by(host: Host, secret: str) -> list[str]:
    """The machines that have a disk which opens with this secret."""
    sides = [(row, live) for row in host.domains.rows() for live in {False, row.active}]
    return sorted({row.name for row, live in sides if opens_with(host.domains.xml(row.uuid, live=live), secret)})

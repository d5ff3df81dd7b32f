"""Jobs and the audit log."""

from __future__ import annotations

import shlex

from pydantic import ConfigDict, Field

from ...access import Permission, User
from ...jobs import Job, Jobs
from ...model.strict import Value
from ...operations.domains.undoing import AuditEntry, Undoing, Undone
from ...operations.migration.run import KIND as MIGRATION
from ...plan import Change, Effect, Plan
from ..route import route


class JobQuery(Value):
    """Which jobs."""

    host: str | None = Field(None, description="Only those of this host")
    target: str | None = Field(None, description="Only those about this object: a machine's UUID, or pool/volume")


class JobTune(Value):
    """New settings of a running migration. Bandwidths are in MiB/s, 0 for no limit.

    `post_copy` true switches over, `pause` true stops the machine until it has arrived.
    """

    model_config = ConfigDict(extra="forbid")

    bandwidth_mib_s: int | None = Field(None, ge=0, le=1_000_000)
    post_copy_bandwidth_mib_s: int | None = Field(None, ge=0, le=1_000_000)
    max_downtime_ms: int | None = Field(None, ge=1, le=2_000_000)
    post_copy: bool | None = None
    pause: bool | None = None


class AuditQuery(Value):
    """Which entries: before an id, about one host or target, with each word of `search` in them, or that failed."""

    before: int | None = Field(None, ge=1, lt=1 << 53, description="Only entries older than this id, for the next page")
    host: str | None = Field(None, description="Only those of this host")
    target: str | None = Field(None, description="Only those about this object: a machine's UUID, or pool/volume")
    search: str = Field("", max_length=200, description="Words that each entry must hold")
    failed: bool = Field(False, description="Only what failed")
    limit: int = Field(100, ge=1, le=1000, description="So many at most, newest first")


class JobRoutes:
    """Running and recent jobs."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    @route("GET", "/jobs", needs=Permission.JOB_VIEW)
    def all(self, query: JobQuery) -> list[Job]:
        """Running and recent jobs, newest first."""
        found = self._jobs.list()
        return [j for j in found if query.host in (None, j.host) and query.target in (None, j.target)]

    @route("GET", "/jobs/<id>", needs=Permission.JOB_VIEW)
    def one(self, id: str) -> Job:
        """One job."""
        return self._jobs.get(id)

    @route("DELETE", "/jobs/<id>", needs=Permission.JOB_EDIT)
    def cancel(self, id: str) -> Change[Job]:
        """Ask a job to stop; the answer is the job, which ends in its own time."""
        job = self._jobs.get(id)
        commands = [f"virsh domjobabort {shlex.quote(job.target_name)}"] if _is_libvirts(job) else []
        plan = Plan(commands=commands, warnings=["It stops, and what it has begun is undone."])
        return Change(plan, lambda: self._jobs.cancel(id))

    @route("PATCH", "/jobs/<id>", needs=Permission.JOB_EDIT)
    def tune(self, id: str, body: JobTune) -> Change[Job]:
        """Change a running migration's limits, let it finish by post-copy, or change the bandwidth of a disk's copy."""
        job = self._jobs.get(id)
        plan = tune_plan(job.target_name, body, disk=job.details.get("disk"))
        if job.kind == MIGRATION and not _is_libvirts(job):
            plan = plan.model_copy(update={"commands": []})
        return Change(plan, lambda: self._jobs.tune(id, body.model_dump(exclude_none=True)))


def _is_libvirts(job: Job) -> bool:
    """Whether it is a move of which libvirt has a job, that virsh ends and changes: of an offline one it has none."""
    return job.kind == MIGRATION and job.details.get("asked", {}).get("mode") != "offline"


def tune_plan(name: str, body: JobTune, disk: str | None) -> Plan:
    """What new settings of a migration, or of the copy or merge of a disk, are in virsh's words."""
    settings = body.model_dump(exclude_none=True)
    if disk:
        command = shlex.join(["virsh", "blockjob", name, disk, "--bandwidth", str(body.bandwidth_mib_s)])
        return Plan(commands=[command], effects=[Effect(field=field, when="live") for field in settings])
    verbs = {
        "bandwidth_mib_s": ("migrate-setspeed", ""),
        "post_copy_bandwidth_mib_s": ("migrate-setspeed", " --postcopy"),
        "max_downtime_ms": ("migrate-setmaxdowntime", ""),
    }
    commands = [
        f"virsh {verb} {shlex.quote(name)} {settings[key]}{more}"
        for key, (verb, more) in verbs.items()
        if key in settings
    ]
    commands += [f"virsh suspend {shlex.quote(name)}"] if body.pause else []
    commands += [f"virsh migrate-postcopy {shlex.quote(name)}"] if body.post_copy else []
    return Plan(commands=commands, effects=[Effect(field=field, when="live") for field in settings])


class AuditRoutes:
    """The audit log."""

    def __init__(self, undoing: Undoing) -> None:
        self._undoing = undoing

    @route("GET", "/audit", needs=Permission.AUDIT_VIEW)
    def entries(self, query: AuditQuery) -> list[AuditEntry]:
        """Who did what, newest first, and whether it can be undone."""
        return self._undoing.entries(**query.model_dump())

    @route("POST", "/audit/<int:number>/undo", needs=Permission.DOMAIN_EDIT)
    def undo(self, number: int, user: User) -> Change[Undone]:
        """Take back what an entry tells of, for as long as nobody changed the same again."""
        return self._undoing.undo(number, user)

    @route("POST", "/jobs/<id>/undo", needs=Permission.DOMAIN_EDIT, act="job undo")
    def undo_job(self, id: str, user: User) -> Change[Undone]:
        """Take back what a job did: a snapshot that it took goes, a device that it waited for comes back."""
        return self._undoing.undo_job(id, user)

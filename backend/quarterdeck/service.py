"""What runs behind the app: stores, hosts and what keeps step with them, built and joined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import flask
import flask_socketio

from .audit import Audit
from .config import Config
from .history import History
from .hypervisor.hosts import Hosts
from .hypervisor.spec import HostSpec
from .hypervisor.watch import News
from .jobs import Job, Jobs
from .operations.domains.first_boot import FirstBoots
from .operations.hosts.hosts import HostDirectory, HostRows, reach, ssh_trust
from .operations.inventory.figures import Figures
from .operations.inventory.inventory import Inventory
from .operations.inventory.last_changes import LastChanges
from .operations.inventory.last_seen import LastSeen
from .operations.inventory.sweep import Sweep
from .operations.inventory.why import Incidents, Why
from .operations.storage.lending import Lending
from .osinfo.database import Database
from .store import JobRows, Store
from .web.console import Consoles
from .web.live import Live
from .web.session import Sessions

OF_STORAGE = ("upload", "pool-", "volume-", "network-")
"""Kinds of jobs whose target is no machine."""


class Inbox:
    """Hands libvirt's news to everybody who keeps step with them; each of them only queues."""

    def __init__(self) -> None:
        self._takers: list[Callable[[News], None]] = []

    def add(self, taker: Callable[[News], None]) -> None:
        """Give all news to this one too."""
        self._takers.append(taker)

    def __call__(self, news: News) -> None:
        """Hand over one piece of news."""
        for taker in self._takers:
            taker(news)


@dataclass(frozen=True)
class Service:
    """What runs behind the app; the server closes it."""

    config: Config
    store: Store
    audit: Audit
    hosts: Hosts
    jobs: Jobs
    history: History
    inventory: Inventory
    first_boots: FirstBoots
    lending: Lending
    last_changes: LastChanges
    figures: Figures
    directory: HostDirectory
    sweep: Sweep
    live: Live
    sessions: Sessions
    consoles: Consoles
    socketio: flask_socketio.SocketIO

    def start(self) -> None:
        """Begin to connect, to watch, and to go on with what the last process left."""
        self.figures.start()
        self.sweep.start()
        self.inventory.start()
        self.first_boots.open()
        self.hosts.start()
        self.jobs.resume()

    def close(self) -> None:
        """End threads and connections; machines and what libvirt carries on run on."""
        self.jobs.close()
        self.figures.close()
        self.sweep.close()
        self.first_boots.close()
        self.inventory.close()
        self.hosts.close()
        self.store.close()


def service_of(app: flask.Flask, config: Config, database: Database) -> Service:
    """All that runs behind an app, built and joined; it runs from `start` on."""
    store = Store(config.database)
    audit, host_rows = Audit(store, config.audit_days), HostRows(store)
    jobs, history = Jobs(JobRows(store, config.jobs_kept)), History(store, config.history_per_domain)
    inbox = Inbox()
    hosts = Hosts(_specs(config, host_rows), config.local_uri, inbox, reach=reach(config))
    incidents = Incidents()
    inventory = Inventory(hosts, jobs, history, LastSeen(store), why=Why(hosts, incidents), os_name=database.name_of)
    first_boots, last_changes = FirstBoots(hosts, inventory, jobs, history), LastChanges(audit, store)
    lending = Lending(hosts, jobs, store)
    for hears in (incidents, inventory, first_boots, last_changes, lending):
        inbox.add(hears.news)
    figures, directory = Figures(hosts), HostDirectory(hosts, inventory, jobs, host_rows, ssh_trust(config))
    sessions = Sessions(config, store, audit)
    socketio = flask_socketio.SocketIO(app, async_mode="threading", cors_allowed_origins=None, manage_session=False)
    live = Live(socketio, sessions.socket_user, inventory=inventory, directory=directory, figures=figures, jobs=jobs)
    sweep = Sweep(hosts, inventory, live.watched_hosts)
    live.on_watch(sweep.wake)
    sessions.on_end(live.end_session)
    jobs.listen(lambda job: _job_changed(job, live, inventory))
    return Service(
        config=config,
        store=store,
        audit=audit,
        hosts=hosts,
        jobs=jobs,
        history=history,
        inventory=inventory,
        first_boots=first_boots,
        lending=lending,
        last_changes=last_changes,
        figures=figures,
        directory=directory,
        sweep=sweep,
        live=live,
        sessions=sessions,
        consoles=Consoles(hosts, sessions, audit),
        socketio=socketio,
    )


def _specs(config: Config, rows: HostRows) -> list[HostSpec]:
    given = [HostSpec(h.name, h.transport, h.address, h.port, h.user) for h in config.hosts]
    added = [HostSpec(**spec) for spec in rows.all()]
    known = {spec.name for spec in given}
    return [*given, *(spec for spec in added if spec.name not in known)]


def _job_changed(job: Job, live: Live, inventory: Inventory) -> None:
    live.job(job)
    if job.kind.startswith(OF_STORAGE) or "/" in job.target:  # a volume, not a machine
        return
    if job.target and (job.over or job.progress is None or not job.message):
        inventory.news(News("domain", job.host, job.target, "job"))

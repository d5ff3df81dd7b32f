"""create_app: the only place that builds objects and joins them."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path

import flask
import flask_socketio

from .config import Config
from .hypervisor.hosts import Hosts
from .hypervisor.spec import HostSpec, Reach
from .hypervisor.watch import News
from .jobs import Job, Jobs
from .operations.deletion import Deletion
from .operations.domains import DomainActs
from .operations.figures import Figures
from .operations.hosts import HostDirectory
from .operations.inventory import Inventory
from .operations.screens import Screens
from .operations.sweep import Sweep
from .osinfo.database import Database
from .problems import Problem
from .store import Audit, History, HostRows, JobRows, Store
from .web import problems
from .web.api.domains import DomainRoutes
from .web.api.hosts import HostRoutes
from .web.api.jobs import AuditRoutes, JobRoutes
from .web.assets import Assets
from .web.door import Door
from .web.live import ChangedMessage, Live
from .web.openapi import ApiRoutes, document
from .web.route import BASE, mount
from .web.session import SessionRoutes, Sessions

log = logging.getLogger(__name__)
STATIC = Path(__file__).parent / "static"
ROUTES: tuple[type, ...] = (SessionRoutes, HostRoutes, DomainRoutes, JobRoutes, AuditRoutes)


def openapi() -> bytes:
    """The OpenAPI document as JSON."""
    return (json.dumps(document(ROUTES, [ChangedMessage]), indent=1, sort_keys=True) + "\n").encode()


@dataclass(frozen=True)
class Service:
    """What runs behind the app; the server closes it."""

    store: Store
    hosts: Hosts
    jobs: Jobs
    inventory: Inventory
    figures: Figures
    sweep: Sweep
    live: Live
    sessions: Sessions
    socketio: flask_socketio.SocketIO

    def close(self) -> None:
        """End threads and connections; machines and what libvirt carries on run on."""
        self.jobs.close()
        self.figures.close()
        self.sweep.close()
        self.inventory.close()
        self.hosts.close()
        self.store.close()


def create_app(config: Config) -> flask.Flask:
    """The WSGI app with everything behind it running; `app.extensions["quarterdeck"]` is the Service."""
    store = Store(config.database)
    audit, host_rows = Audit(store), HostRows(store)
    jobs = Jobs(JobRows(store, config.jobs_kept))
    database = Database()
    inbox: list[Inventory] = []
    hosts = Hosts(_specs(config, host_rows), config.local_uri, lambda news: inbox[0].news(news), reach=_reach(config))
    inventory = Inventory(
        hosts, jobs, History(store, config.history_per_domain), lambda system: _name(database, system)
    )
    inbox.append(inventory)
    figures = Figures(hosts)
    directory = HostDirectory(hosts, inventory, host_rows)
    sessions = Sessions(config, store, audit)

    app = flask.Flask("quarterdeck", static_folder=None)
    socketio = flask_socketio.SocketIO(app, async_mode="threading", cors_allowed_origins=None, manage_session=False)
    live = Live(socketio, sessions.socket_user, inventory=inventory, directory=directory, figures=figures, jobs=jobs)
    sweep = Sweep(hosts, inventory, live.watched_hosts)
    live.on_watch(sweep.wake)
    sessions.on_end(live.end_session)
    jobs.listen(lambda job: _job_changed(job, live, inventory))
    service = Service(store, hosts, jobs, inventory, figures, sweep, live, sessions, socketio)
    app.extensions["quarterdeck"] = service

    door = Door(sessions, audit, inventory)
    resources = (
        SessionRoutes(sessions),
        HostRoutes(directory),
        DomainRoutes(
            inventory, DomainActs(hosts, inventory, jobs), Deletion(hosts, inventory), Screens(hosts), figures
        ),
        JobRoutes(jobs),
        AuditRoutes(audit),
    )
    for resource in resources:
        mount(app, resource, door)
    problems.install(app)
    ApiRoutes(openapi()).install(app)
    app.add_url_rule("/healthz", "healthz", lambda: {"status": "ok"})
    Assets(STATIC).install(app)

    figures.start()
    sweep.start()
    inventory.start()
    hosts.start()
    jobs.resume()
    return app


def _name(database: Database, system: str) -> str | None:
    found = database.get(system)
    return found.name if found else None


def _specs(config: Config, rows: HostRows) -> list[HostSpec]:
    given = [HostSpec(h.name, h.transport, h.address, h.port, h.user) for h in config.hosts]
    added = [HostSpec(**spec) for spec in rows.all()]
    known = {spec.name for spec in given}
    return [*given, *(spec for spec in added if spec.name not in known)]


def _reach(config: Config) -> Reach:
    key = config.state_dir / "ssh" / "id_ed25519"
    return Reach(allow_tcp=config.allow_tcp_hosts, ssh_key=key if key.exists() else None)


def _job_changed(job: Job, live: Live, inventory: Inventory) -> None:
    live.job(job)
    if job.target and (job.over or job.progress is None or not job.message):
        inventory.news(News("domain", job.host, job.target, "job"))


__all__ = ["BASE", "Problem", "Service", "create_app", "openapi"]

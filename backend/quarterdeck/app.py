"""create_app: the service and its routes as one WSGI app."""

from __future__ import annotations

import json
from pathlib import Path

import flask

from .config import Config
from .osinfo.database import Database
from .resources import ROUTES, resources
from .service import Service, service_of
from .web import problems
from .web.assets import Assets
from .web.door import Door
from .web.live import ChangedMessage
from .web.openapi import ApiRoutes, document
from .web.route import mount

STATIC = Path(__file__).parent / "static"


def openapi() -> bytes:
    """The OpenAPI document as JSON."""
    return (json.dumps(document(ROUTES, [ChangedMessage]), indent=1, sort_keys=True) + "\n").encode()


def create_app(config: Config) -> flask.Flask:
    """The WSGI app with everything behind it running; `app.extensions["quarterdeck"]` is the Service."""
    app = flask.Flask("quarterdeck", static_folder=None)
    database = Database()
    service = service_of(app, config, database)
    app.extensions["quarterdeck"] = service
    door = Door(service.sessions, service.audit, service.inventory, service.last_changes)
    for resource in resources(service, database):
        mount(app, resource, door)
    service.consoles.install(app)
    problems.install(app)
    ApiRoutes(openapi).install(app)
    app.add_url_rule("/healthz", "healthz", lambda: {"status": "ok"})
    Assets(STATIC).install(app)
    service.start()
    return app


__all__ = ["ROUTES", "Service", "create_app", "openapi"]

"""A small application behind the real worker and gate, with less patience: `python tiny_web.py SOCKET THREADS`."""

import sys
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from flask_socketio import SocketIO

from quarterdeck.server import gate, web_process, worker
from quarterdeck.server.gate import Engine, Gate, Names
from quarterdeck.server.worker import Worker

PATIENCE_SECONDS = 4.0
worker.HEADER_SECONDS = worker.STRANGER_SECONDS = gate.CONNECT_SECONDS = PATIENCE_SECONDS


def known(environ: dict[str, Any]) -> bool:
    return "sid=good" in environ.get("HTTP_COOKIE", "")


def load(worker: Worker) -> Gate:
    app = Flask(__name__)
    socketio = SocketIO(app, async_mode="threading")

    @app.get("/who")
    def who() -> dict[str, Any]:
        return {"address": request.remote_addr, "url": request.url, "forwarded": request.headers.get("X-Forwarded-For")}

    @app.put("/body")
    def body() -> dict[str, Any]:
        return {"bytes": sum(map(len, iter(lambda: request.stream.read(65536), b"")))}

    @app.get("/big/<int:mib>")
    def big(mib: int) -> Response:
        return Response(b"x" * 65536 for _ in range(mib * 16))

    @socketio.on("connect")
    def connect(auth: dict[str, str] | None = None) -> bool:
        good = known(request.environ) or (auth or {}).get("token") == "good"
        if good:
            request.environ["quarterdeck.deadline"](None)
        return good

    engine = Engine(socketio.server)
    engine.start()
    worker.on_stop.append(engine.end_all)
    return Gate(app.wsgi_app, known, Names(["deck.example"]), int(sys.argv[2]) - 4, engine)


options = web_process.settings(Path(sys.argv[1]), "info", handed_over=False) | {"threads": int(sys.argv[2])}
web_process.Web(options, load).run()

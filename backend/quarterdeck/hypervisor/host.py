"""One libvirt host: its connections, kept open, and everything that can be asked of it."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import libvirt

from ..model.host import HostFacts, HostState
from ..problems import Problem
from . import loop
from .agents import Agents
from .blockjobs import BlockJobs
from .capabilities import Capabilities
from .connection import Link, close_connection, dial, is_test_driver, open_connection, open_within
from .domains import Domains
from .errors import explained
from .migrations import Migrations
from .networks import Networks
from .nodedevs import NodeDevices
from .nwfilters import NwFilters
from .overlays import Overlays
from .pools import Pools
from .pulse import Pulse, own_pulse, pulse
from .questions import Questions
from .secrets import Secrets
from .silent import StorageCalls
from .snapshots import Snapshots
from .spec import HostSpec, Reach, ssh_command
from .ssh import explained_key
from .stats import Stats
from .streams import Streams
from .tls import explained_tls
from .tuning import Tuning
from .volumes import Volumes
from .watch import News, Publish, Watch

log = logging.getLogger(__name__)
PAUSES = (1.0, 2.0, 5.0, 10.0)
REFUSED_PAUSE = 60.0  # a host that refuses is not asked often: it may count failures and lock us out
STORAGE_CALLS = 3


@dataclass
class _Links:
    """The shared connections of a host while it is connected."""

    events: Link
    requests: Link
    storage: Link
    watch: Watch

    def close(self) -> None:
        self.watch.deregister()
        for link in {id(each): each for each in (self.events, self.requests, self.storage)}.values():
            link.close()


class Host:
    """A host that is kept connected by a thread of its own.

    Events have a connection, requests another, storage acts (which a dead file server can hang) a third;
    a long act opens its own with `fresh()`. `publish` gets all news and must only queue them.
    """

    def __init__(self, host_id: str, spec: HostSpec, uri: str, publish: Publish, reach: Reach) -> None:
        self.id = host_id
        self.spec = spec
        self.uri = uri
        self._reach = reach
        self.questions = Questions()
        self.agents = Agents()
        self.domains = Domains(self)
        self.tuning = Tuning(self)
        self.migrations = Migrations(self)
        self.overlays = Overlays(self)
        self.secrets = Secrets(self)
        self.snapshots = Snapshots(self)
        self.block_jobs = BlockJobs(self)
        calls = StorageCalls(self._renew_storage)
        self.pools = Pools(self, calls)
        self.volumes = Volumes(self, calls)
        self.networks = Networks(self)
        self.nodedevs = NodeDevices(self)
        self.nwfilters = NwFilters(self)
        self.stats = Stats(self)
        self.streams = Streams(self)
        self.capabilities = Capabilities(self)
        self.pulse = Pulse(0.0 if spec.transport == "local" else None)
        self.refuses_root = False  # seen since it was connected; each try leaves a line in its log
        self._publish = publish
        self._state: HostState = "connecting"
        self._problem: Problem | None = None
        self._links: _Links | None = None
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._disturbed = threading.Event()  # lost, closing, or asked to try at once
        self._lost = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._keep, name=f"host-{host_id}", daemon=True)

    @property
    def state(self) -> HostState:
        """Whether the host is connected."""
        return self._state

    @property
    def problem(self) -> Problem | None:
        """Why the host is not connected."""
        return self._problem

    @property
    def facts(self) -> HostFacts:
        """What the host tells about itself, as last read."""
        return self.capabilities.facts

    @property
    def is_test(self) -> bool:
        """Whether this is libvirt's test driver."""
        return is_test_driver(self.uri)

    def start(self) -> None:
        """Begin to connect, in the background."""
        loop.ensure_running()
        self._thread.start()

    def wait_connected(self, seconds: float) -> bool:
        """Whether the host is connected, after waiting at most so long."""
        return self._ready.wait(seconds)

    def retry(self) -> None:
        """Try to connect now instead of after the pause."""
        if self._state != "connected":
            self._disturbed.set()

    def reach_by(self, spec: HostSpec, uri: str) -> None:
        """Leave the connections that stand, and connect in another way."""
        self.spec, self.uri = spec, uri
        self._on_loss()

    def close(self) -> None:
        """Close all shared connections. An opening that hangs is left behind; it ends with the process."""
        self._closing = True
        self._disturbed.set()
        if self._thread.is_alive():
            self._thread.join(3)
        self._drop()

    @contextlib.contextmanager
    def connection(self) -> Iterator[libvirt.virConnect]:
        """The connection for quick calls; Problem `host-lost` or `host-refused` while there is none."""
        with self._current().requests.call() as conn:
            yield conn

    @contextlib.contextmanager
    def storage(self) -> Iterator[libvirt.virConnect]:
        """The connection for calls about pools and volumes."""
        with self._current().storage.call() as conn:
            yield conn

    def _renew_storage(self) -> None:
        """Use another connection for storage; the one in use is closed when its last call is over."""
        links = self._current()
        if self.is_test:
            return
        fresh = Link(self.own(), self._on_loss, STORAGE_CALLS)
        with self._lock:
            old = links.storage if self._links is links else fresh
            links.storage = fresh
        old.close()

    @contextlib.contextmanager
    def fresh(self) -> Iterator[libvirt.virConnect]:
        """A connection of one's own for a long act. Keep no libvirt object of it beyond the block."""
        links = self._current()
        if self.is_test:  # another opening would be another world
            with links.requests.call() as shared:
                yield shared
            return
        conn = self.own()
        try:
            with explained():
                yield conn
        finally:
            close_connection(conn)

    def own(self) -> libvirt.virConnect:
        """A new connection that the caller closes with `close_connection`."""
        self._current()
        return open_within(self.uri)

    @property
    def is_here(self) -> bool:
        """Whether this process runs on the host that libvirt serves, not beside it in a container."""
        named, own = (name.partition(".")[0] for name in (self.facts.hostname, socket.gethostname()))
        return self.spec.transport == "local" and not self.is_test and named == own

    def look(self) -> None:
        """Feel its pulse anew, where it has one to feel."""
        if self.spec.transport == "ssh":
            self.pulse = pulse(self.ssh_command())
        elif self.is_here:
            self.pulse = own_pulse()

    @property
    def ssh_key(self) -> Path | None:
        """The private key by which this server reaches hosts."""
        return self._reach.key

    @property
    def known_hosts(self) -> list[Path]:
        """The files of host keys that this server trusts, its own first."""
        own = self._reach.known_hosts
        return [*([own] if own else []), Path.home() / ".ssh/known_hosts"]

    def ssh_command(self) -> list[str]:
        """The ssh call that reaches the host; its last part is the destination."""
        return ssh_command(self.spec, self._reach)

    def _current(self) -> _Links:
        links = self._links
        if links is None:
            problem = self._problem
            if problem is None:
                raise Problem(
                    "host-lost", f"The host {self.spec.name} is still being connected.", cure="Try again soon."
                )
            raise Problem(problem.slug, problem.detail, cure=problem.cure, raw=problem.raw)
        return links

    def _keep(self) -> None:
        failures, spec = 0, self.spec
        while not self._closing:
            self._disturbed.clear()
            self._lost.clear()
            if self.spec is not spec:
                failures, spec = 0, self.spec
                self._tell("connecting", None)
            links = self._try_to_open()
            if links is None:
                pause = REFUSED_PAUSE if self._state == "refused" else PAUSES[min(failures, len(PAUSES) - 1)]
                failures += 1
                self._disturbed.wait(pause)
                continue
            failures = 0
            self._connected(links)
            while not self._lost.is_set() and not self._closing:
                self._disturbed.wait()
                self._disturbed.clear()
            self._drop()
            if not self._closing and self.spec is spec:
                self._tell("lost", Problem("host-lost", f"The connection to {self.spec.name} broke."))

    def _try_to_open(self) -> _Links | None:
        try:
            return self._open()
        except Problem as caught:
            problem = explained_key(explained_tls(caught, self.spec, self._reach), self.spec, self.known_hosts)
            self._tell("refused" if problem.slug in ("host-refused", "host-key-changed") else "lost", problem)
        except Exception as error:  # whatever it is, the host must be tried again
            log.exception("host %s cannot be opened", self.id)
            self._tell("lost", Problem("internal", f"{type(error).__name__}: {error}"))
        return None

    def _connected(self, links: _Links) -> None:
        with self._lock:
            if self._closing:
                links.close()
                return
            self._links = links
        self.refuses_root = False
        try:
            self.capabilities.refresh()
        except Exception as error:  # a host lost again at once is told as lost in a moment
            log.warning("host %s does not tell its facts: %s", self.id, error)
        self.look()
        self._tell("connected", None)

    def _open(self) -> _Links:
        dial(self.spec)
        watch = Watch(self.id, self._publish)
        opened: list[Link] = []
        try:
            for slots in (4, 4, STORAGE_CALLS):
                if not (self.is_test and opened):
                    opened.append(Link(open_connection(self.uri), self._on_loss, slots))
            links = _Links(opened[0], opened[-2 if len(opened) > 1 else 0], opened[-1], watch)
            with explained():
                watch.register(links.events.conn)
        except Problem:
            watch.deregister()
            for link in opened:
                link.close()
            raise
        return links

    def _on_loss(self) -> None:
        self._lost.set()
        self._disturbed.set()

    def _drop(self) -> None:
        with self._lock:
            links, self._links = self._links, None
        self._ready.clear()
        if links:
            links.close()

    def _tell(self, state: HostState, problem: Problem | None) -> None:
        changed = state != self._state or (problem and problem.detail) != (self._problem and self._problem.detail)
        self._state, self._problem = state, problem
        if state == "connected":
            self._ready.set()
        if changed:
            log.info("host %s is %s%s", self.id, state, f": {problem.detail} ({problem.raw})" if problem else "")
            self._publish(News("host", self.id, "", state))

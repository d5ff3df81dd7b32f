"""The routes of the API with the operations behind each, built and joined."""

from __future__ import annotations

from collections.abc import Iterator

from .hypervisor.hosts import Hosts
from .hypervisor.schema import Schema
from .jobs import Jobs
from .operations.accounts.presets import Presets
from .operations.accounts.ssh_keys import SshKeys
from .operations.appliances.appliances import Appliances
from .operations.appliances.exports import Exports
from .operations.changing.changing import Changing
from .operations.changing.definitions import Definitions
from .operations.changing.discarding import Discarding
from .operations.changing.metadata import MetadataChanges
from .operations.changing.offered import Offered
from .operations.cloning.run import Clones
from .operations.creating.facts import Gatherer
from .operations.creating.install import Installer
from .operations.creating.systems import Systems
from .operations.devices.devices import Devices, kinds
from .operations.devices.removals import Removals
from .operations.domains.acts import DomainActs
from .operations.domains.deleted import Deleted
from .operations.domains.deletion import Deletion
from .operations.domains.made_undo import MadeUndo
from .operations.domains.object_undo import ObjectUndo
from .operations.domains.power_cycle import PowerCycles
from .operations.domains.timeline import Timeline
from .operations.domains.undoing import Undoing
from .operations.errand_kinds import ERRANDS
from .operations.errands import Errands
from .operations.hosts.lock_helper import LockHelper
from .operations.hosts.locking import HostLocking
from .operations.hosts.trust import Trust
from .operations.hosts.twins import Twins
from .operations.inventory.last_changes import LastChanges
from .operations.inventory.screens import Screens
from .operations.migration.checks import MigrationChecks
from .operations.migration.disk_move import DiskMoves
from .operations.migration.evacuation import Evacuation
from .operations.migration.forecasts import Forecasts, Links, Moves
from .operations.migration.rules import rules
from .operations.migration.run import Migration
from .operations.networks.clients import Clients
from .operations.networks.networks import HostNetworks
from .operations.networks.nwfilters import NwFilters
from .operations.networks.object_xml import ObjectXml
from .operations.networks.restart import NetworkRestart
from .operations.networks.turns import Turns
from .operations.pools.making import PoolMaking
from .operations.pools.pools import Pools
from .operations.settings.edit import Editing
from .operations.settings.forms import SettingsForms
from .operations.settings.machine_forms import MachineForms
from .operations.settings.offers import Offers
from .operations.settings.part_xml import PartXml
from .operations.snapshots.preview import Previews
from .operations.snapshots.reading import Machines
from .operations.snapshots.remove import Deletes
from .operations.snapshots.revert import Reverts
from .operations.snapshots.take import Takes
from .operations.storage.download import Downloads
from .operations.storage.states import States
from .operations.storage.storage import Storage
from .operations.storage.transfer import Transfers
from .operations.storage.volumes import VolumeActs
from .operations.templates.templates import Templates
from .operations.templates.versions import TemplateVersions
from .osinfo.database import Database
from .service import Service
from .web.api.appliances import ApplianceRoutes
from .web.api.clone import CloneRoutes
from .web.api.create import CreateRoutes
from .web.api.definition import DefinitionRoutes
from .web.api.deleted import DeletedRoutes
from .web.api.devices import DeviceRoutes
from .web.api.disks import DiskRoutes
from .web.api.domains import DomainRoutes
from .web.api.hosts import HostRoutes
from .web.api.jobs import AuditRoutes, JobRoutes
from .web.api.metadata import MetadataRoutes
from .web.api.migration import MigrationRoutes
from .web.api.networks import NetworkRoutes, NwFilterRoutes
from .web.api.object_xml import ObjectXmlRoutes
from .web.api.pools import PoolRoutes
from .web.api.presets import PresetRoutes
from .web.api.sessions import SessionRoutes
from .web.api.settings import SettingsRoutes
from .web.api.snapshots import SnapshotRoutes
from .web.api.ssh_keys import SshKeyRoutes
from .web.api.storage import StorageRoutes
from .web.api.templates import TemplateRoutes
from .web.api.tokens import TokenRoutes
from .web.console import ConsoleRoutes

ROUTES: tuple[type, ...] = (
    SessionRoutes,
    TokenRoutes,
    HostRoutes,
    DomainRoutes,
    DefinitionRoutes,
    MetadataRoutes,
    SettingsRoutes,
    DeletedRoutes,
    ObjectXmlRoutes,
    DeviceRoutes,
    DiskRoutes,
    SnapshotRoutes,
    ConsoleRoutes,
    CreateRoutes,
    SshKeyRoutes,
    PresetRoutes,
    CloneRoutes,
    ApplianceRoutes,
    TemplateRoutes,
    PoolRoutes,
    StorageRoutes,
    NetworkRoutes,
    NwFilterRoutes,
    MigrationRoutes,
    JobRoutes,
    AuditRoutes,
)


def resources(service: Service, database: Database) -> Iterator[object]:
    """One object of each class of routes, with the operations that it calls."""
    hosts, inventory, jobs, config = service.hosts, service.inventory, service.jobs, service.config
    storage, changes = Storage(hosts, inventory, jobs, service.store), service.last_changes
    service.sweep.add(storage.refresh_looked, daily=storage.note_day)
    service.sweep.add(lambda host: hosts.get(host).look())
    transfers = Transfers(hosts, storage, jobs, config.upload_limit)
    errands = Errands(config, hosts, jobs, ERRANDS, storage.touched)
    systems, lending = Systems(database, hosts, transfers, service.lending), service.lending
    acts = DomainActs(hosts, inventory, jobs, service.first_boots)
    yield SessionRoutes(service.sessions)
    yield TokenRoutes(service.sessions)
    locking = HostLocking(hosts, LockHelper(config.lock_socket))
    yield HostRoutes(service.directory, Trust(service.directory.ssh, hosts), locking, Twins(hosts))
    yield DomainRoutes(
        inventory,
        acts,
        PowerCycles(hosts, inventory, jobs, service.first_boots),
        deletion=Deletion(hosts, inventory, storage.guard, service.history, service.store),
        screens=Screens(hosts),
        figures=service.figures,
    )
    changing = Changing(hosts, inventory, service.history)
    offered = Offered(hosts)
    devices = Devices(changing, kinds(hosts, storage, offered), Removals(hosts, inventory, jobs))
    machines = Machines(hosts, inventory, jobs, lending, storage.guard.standing)
    undo, deletes = _object_undo(hosts, jobs, storage), Deletes(machines, jobs)
    made = MadeUndo(hosts, storage, deletes)
    yield from _definitions(service, changing, devices, undo, made)
    yield DeviceRoutes(devices, MachineForms(hosts, offered))
    yield from _snapshots_and_clones(service, storage, errands, deletes, changing)
    yield SettingsRoutes(SettingsForms(hosts, inventory, offered), Discarding(changing))
    yield ConsoleRoutes(service.consoles, service.sessions, hosts)
    yield from _new_machines(service, storage, errands, systems)
    exports = Exports(hosts, inventory, storage, errands, lending, database.name_of)
    yield ApplianceRoutes(Appliances(hosts, storage, errands, lending, database), exports)
    yield PoolRoutes(storage, Pools(hosts, storage), PoolMaking(hosts, storage, jobs), changes, undo)
    yield StorageRoutes(storage, VolumeActs(hosts, storage, jobs), transfers, Downloads(hosts, storage, errands), made)
    yield from _network_routes(hosts, jobs, storage, changes, undo)
    yield _migration_routes(service, devices, changing, locking)
    yield JobRoutes(jobs)


def _new_machines(service: Service, storage: Storage, errands: Errands, systems: Systems) -> Iterator[object]:
    hosts, inventory, config, lending = service.hosts, service.inventory, service.config, service.lending
    gatherer = Gatherer(hosts, storage, systems, lending, config.accelerator)
    installer = Installer(
        hosts, inventory, service.jobs, storage, gatherer, errands, first_boots=service.first_boots, lending=lending
    )
    yield CreateRoutes(installer, systems, Offers(hosts), config.instance_types)
    yield PresetRoutes(Presets(service.store, service.sessions.roles.may_make))
    yield SshKeyRoutes(SshKeys(service.store))


def _object_undo(hosts: Hosts, jobs: Jobs, storage: Storage) -> ObjectUndo:
    networks = HostNetworks(hosts, Clients(hosts, storage.usage), Turns(jobs))
    schemas = {"pool": Schema("storagepool"), "network": Schema("network")}
    return ObjectUndo(hosts, storage, Pools(hosts, storage), networks, ObjectXml(hosts, storage, networks, schemas))


def _definitions(
    service: Service, changing: Changing, devices: Devices, undo: ObjectUndo, made: MadeUndo
) -> Iterator[object]:
    hosts, history, editing = service.hosts, service.history, Editing(service.hosts, changing)
    domain = Schema("domain")
    timeline = Timeline(changing, history)
    yield DefinitionRoutes(editing, Definitions(hosts, service.inventory, changing, domain), timeline)
    yield MetadataRoutes(MetadataChanges(hosts, changing))
    yield AuditRoutes(
        Undoing(hosts, service.audit, timeline, editing, devices, objects=undo, made=made, jobs=service.jobs)
    )
    yield ObjectXmlRoutes(PartXml(hosts, changing, domain, devices, editing), undo.texts, undo)
    yield DeletedRoutes(Deleted(hosts, service.inventory, history))


def _snapshots_and_clones(
    service: Service, storage: Storage, errands: Errands, deletes: Deletes, changing: Changing
) -> Iterator[object]:
    hosts, inventory, jobs = service.hosts, service.inventory, service.jobs
    machines = Machines(hosts, inventory, jobs, service.lending, storage.guard.standing)
    yield DiskRoutes(DiskMoves(machines, storage, jobs))
    takes, reverts = Takes(machines, jobs), Reverts(machines, jobs)
    clones = Clones(hosts, inventory, jobs, storage, service.first_boots, errands=errands, lending=service.lending)
    previews = Previews(machines, jobs, reverts, deletes)
    yield SnapshotRoutes(machines, takes, reverts, deletes, previews=previews, clones=clones)
    yield CloneRoutes(clones)
    versions = TemplateVersions(
        hosts, service.history, service.store, Timeline(changing, service.history), storage, clones
    )
    yield TemplateRoutes(Templates(hosts, inventory, service.history, storage.usage, storage.guard), versions)


def _migration_routes(service: Service, devices: Devices, changing: Changing, locking: HostLocking) -> MigrationRoutes:
    forecasts = Forecasts(Moves(service.store), Links(service.store))
    checks = MigrationChecks(service.hosts, rules(locking.of), devices, changing, forecasts)
    states = States(service.lending)
    migration = Migration(service.hosts, service.inventory, service.jobs, checks, forecasts, states=states)
    return MigrationRoutes(migration, checks, Evacuation(service.hosts, migration, service.jobs))


def _network_routes(
    hosts: Hosts, jobs: Jobs, storage: Storage, changes: LastChanges, undo: ObjectUndo
) -> Iterator[object]:
    networks = undo.networks
    yield NetworkRoutes(networks, NetworkRestart(hosts, jobs, networks.turns), changes, undo)
    yield NwFilterRoutes(NwFilters(hosts, storage.usage, Schema("nwfilter")))

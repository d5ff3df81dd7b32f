"""Folders that are lent to looks and jobs."""

from __future__ import annotations

import contextlib
import threading

from quarterdeck.app import Service
from quarterdeck.hypervisor.spec import HostSpec
from quarterdeck.model.storage import volume_xml
from quarterdeck.operations.storage.lending import lend, stop_lending
from quarterdeck.problems import Problem
from tests.conftest import Client
from tests.waiting import PATIENCE_SECONDS

FOLDER = "/lent"


def pools(service: Service) -> set[str]:
    return {row.name for row in service.hosts.get("local").pools.rows()}


def test_look_on_one_host_holds_up_no_other(service: Service) -> None:
    service.hosts.add(HostSpec("away", "ssh", "127.0.0.1", 1, "root"))

    def look() -> None:
        with contextlib.suppress(Problem), service.lending.look("away", FOLDER):
            pass

    other = threading.Thread(target=look, daemon=True)
    with service.lending.look("local", FOLDER):
        other.start()
        other.join(PATIENCE_SECONDS)
        assert not other.is_alive(), "it waits for the look on another host"


def test_files_in_a_lent_folder_are_not_offered_as_unused(client: Client, service: Service) -> None:
    with service.lending.look("local", FOLDER) as pool:
        service.hosts.get("local").volumes.create(pool, volume_xml("of-others.img", 1 << 20, "raw"))
        unused = client.get("/api/v1/hosts/local/unused-volumes").json
        assert unused, "the host has some in its own pools"
        assert pool not in {volume["pool"] for volume in unused}, unused


def test_folder_is_lent_again_when_the_job_that_it_was_lent_to_is_forgotten(service: Service) -> None:
    before = pools(service)
    job = service.jobs.start("export", host="local", target="", user="demo", work=lambda _handle: None)
    service.jobs.wait(job.id, PATIENCE_SECONDS)
    service.lending.start("local", FOLDER, lambda: job.model_copy(update={"id": "forgotten"}))
    with service.lending.look("local", FOLDER) as pool:
        assert pools(service) == before | {pool}
    assert pools(service) == before


def test_a_folder_that_several_need_stays_lent_until_the_last_of_them_ends(service: Service) -> None:
    before, host = pools(service), service.hosts.get("local")
    with service.lending.look("local", FOLDER) as pool:
        lend(host, [FOLDER], "one")
        lend(host, [FOLDER], "two")
    stop_lending(host, [FOLDER], "one")
    stop_lending(host, [FOLDER], "one")
    assert pools(service) == before | {pool}
    with service.lending.look("local", FOLDER):
        stop_lending(host, [FOLDER], "two")
        assert pools(service) == before | {pool}
    assert pools(service) == before


def test_a_folder_that_is_lent_is_no_pool_for_anybody(client: Client, service: Service) -> None:
    before = client.get("/api/v1/hosts/local/pools").json
    with service.lending.look("local", FOLDER) as pool:
        assert pool in pools(service)
        assert client.get("/api/v1/hosts/local/pools").json == before

"""What is refused, and what is only warned of, between settings and what a host can."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.model.capabilities import (
    DomainCapabilities,
    HostCapabilities,
    read_capabilities,
    read_domain_capabilities,
)
from quarterdeck.model.cpusets import members, written
from quarterdeck.model.definition import Definition, describe
from quarterdeck.model.forms import Offer, fields_of
from quarterdeck.model.remarks import Fault, Site
from quarterdeck.model.settings_rules import remarks
from quarterdeck.model.xml import parse
from tests.model.goldens import DATA

HOST = """<capabilities><host><uuid>1</uuid><cpu><arch>x86_64</arch><pages unit='KiB' size='4'/>
<pages unit='KiB' size='2048'/></cpu><topology><cells num='2'>
<cell id='0'><memory unit='KiB'>4194304</memory><pages unit='KiB' size='2048'>100</pages>
<cpus num='2'><cpu id='0' socket_id='0' die_id='0' core_id='0' siblings='0'/><cpu id='1'/></cpus></cell>
<cell id='1'><memory unit='KiB'>4194304</memory><cpus num='1'><cpu id='4'/></cpus></cell></cells></topology>
<secmodel><model>apparmor</model></secmodel></host></capabilities>"""
DOMAIN = """<domainCapabilities><arch>x86_64</arch><cpu><mode name='maximum' supported='yes'/>
<mode name='host-passthrough' supported='no'/><mode name='custom' supported='yes'>
<model usable='yes'>Nehalem</model><model usable='no'>EPYC</model>
<blockers model='EPYC'><feature name='svm'/><feature name='avx2'/></blockers></mode></cpu>
<memoryBacking supported='yes'><enum name='sourceType'><value>memfd</value></enum></memoryBacking>
<features><sev supported='no'/><hyperv supported='yes'><enum name='features'><value>relaxed</value></enum></hyperv>
</features></domainCapabilities>"""


def site() -> Site:
    return Site(read_capabilities(HOST), read_domain_capabilities(DOMAIN))


def told(changes: dict[str, Any], machine: str = "debian", **facts: Any) -> tuple[list[str], list[str]]:
    """Pointers of the faults, and the warnings."""
    root = parse((DATA / f"{machine}.xml").read_text())
    Definition.patch(root, changes)
    known = site()
    found = remarks(describe(root), changes, Site(known.host, known.domain, **facts))
    faults = [each.pointer for each in found if isinstance(each, Fault)]
    return faults, [each for each in found if isinstance(each, str)]


CONTROLS = """<cache><bank id='0' level='3' type='both' size='15' unit='MiB' cpus='0-5'>
<control granularity='768' unit='KiB' type='both' maxAllocs='4'/></bank></cache>
<memory_bandwidth><node id='0' cpus='0-5'><control granularity='10' min='10' maxAllocs='4'/></node>
</memory_bandwidth>"""


@pytest.mark.parametrize(
    ("tune", "faults"),
    [
        ({"caches": ({"vcpus": "0", "caches": ({"id": 0, "size_kib": 1536},)},)}, []),
        ({"caches": ({"vcpus": "0", "caches": ({"id": 0, "size_kib": 1000},)},)}, ["/caches/0/caches/0/size_kib"]),
        ({"caches": ({"vcpus": "0", "caches": ({"id": 1, "size_kib": 768},)},)}, ["/caches/0/caches/0/id"]),
        (
            {"caches": ({"vcpus": "0", "caches": ({"id": 0, "kind": "code", "size_kib": 768},)},)},
            ["/caches/0/caches/0/kind"],
        ),
        ({"caches": ({"vcpus": "0", "monitors": ({"vcpus": "1"},)},)}, ["/caches/0/monitors/0/vcpus"]),
        ({"caches": ({"vcpus": "0"},)}, ["/caches/0"]),
        ({"bandwidths": ({"vcpus": "9", "nodes": ({"node": 0, "percent": 50},)},)}, ["/bandwidths/0/vcpus"]),
        ({"bandwidths": ({"vcpus": "0", "nodes": ({"node": 3, "percent": 50},)},)}, ["/bandwidths/0/nodes/0/node"]),
        (
            {
                "caches": ({"vcpus": "0-1", "monitors": ({"vcpus": "0"},)},),
                "bandwidths": ({"vcpus": "1", "nodes": ({"node": 0, "percent": 50},)},),
            },
            ["/bandwidths/0/vcpus"],
        ),
    ],
)
def test_shares_of_caches_and_bandwidth_are_what_the_host_can_share_out(
    tune: dict[str, Any], faults: list[str]
) -> None:
    able = read_capabilities(HOST.replace("</host>", f"{CONTROLS}</host>"))
    root = parse((DATA / "debian.xml").read_text())
    Definition.patch(root, {"cputune": tune, "type": "kvm"})
    found = remarks(describe(root), {"cputune": tune}, Site(able, site().domain))
    assert [each.pointer for each in found if isinstance(each, Fault)] == [f"/cputune{pointer}" for pointer in faults]
    section = next(iter(tune))
    assert f"/cputune/{section}" in told({"cputune": tune})[0]  # where the host shares nothing out


def test_ways_between_cells_lead_to_cells_and_stand_once() -> None:
    way = {"initiator": 0, "target": 7, "kind": "read", "value_ns": 5}
    assert told({"cpu": {"latencies": (way,)}}, "finetuned")[0] == ["/cpu/latencies/0/target"]
    same = way | {"target": 1, "cache": None}
    assert told({"cpu": {"latencies": (same, same)}}, "finetuned")[0] == ["/cpu/latencies/1"]
    back = same | {"initiator": 1, "target": 0}
    assert told({"cpu": {"latencies": (same, back)}}, "finetuned")[0] == ["/cpu/latencies/1"]
    deep = same | {"cache": 2}
    assert told({"cpu": {"latencies": (deep,), "bandwidths": ()}}, "finetuned")[0] == ["/cpu/latencies/0/cache"]


def test_what_a_host_lacks_of_a_group_it_lacks_of_each_field_in_it() -> None:
    forms = {field.name: field for field in fields_of(Definition, Offer(site().domain.lists, "9.0.0"))}
    assert {field.reason for field in forms["key_wrap"].fields} == {
        "QEMU on this host has no such thing for this machine."
    }
    (kind,) = (field for field in forms["launch_security"].fields if field.name == "type")
    assert all(choice.reason for choice in kind.choices if choice.value != "sev")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"cputune": {"vcpu_pins": ({"vcpu": 0, "cpuset": "2"},)}}, "/cputune/vcpu_pins/0/cpuset"),
        ({"numatune": {"mode": "strict", "nodeset": "2"}}, "/numatune/nodeset"),
        ({"cpu": {"mode": "host-passthrough"}}, "/cpu/mode"),
        ({"cpu": {"mode": "custom", "model": "Pony"}}, "/cpu/model"),
        (
            {"memory_backing": {"hugepages": True, "pages": ({"size_kib": 1048576},)}},
            "/memory_backing/pages/0/size_kib",
        ),
        ({"memory_backing": {"source": "file"}}, "/memory_backing/source"),
        ({"memory_backing": {"hugepages": True, "allocation": "ondemand"}}, "/memory_backing/allocation"),
        ({"launch_security": {"type": "sev", "policy": "3"}}, "/launch_security/type"),
        ({"launch_security": {"type": "sev-snp"}}, "/launch_security/policy"),
        ({"launch_security": {"type": "tdx"}}, "/launch_security/type"),
        ({"launch_security": {"type": "tdx", "id_block": "AAAA"}}, "/launch_security/id_block"),
        ({"key_wrap": {"aes": True}}, "/key_wrap"),
        ({"perf": {"events": ({"name": "cmt", "enabled": True},) * 2}}, "/perf/events/1/name"),
        ({"security_labels": ({"type": "none", "model": "selinux"},)}, "/security_labels/0/model"),
        ({"security_labels": ({"type": "none"},) * 2}, "/security_labels/1/model"),
    ],
)
def test_what_the_host_cannot_is_refused(changes: dict[str, Any], pointer: str) -> None:
    assert pointer in told(changes)[0]


def test_a_model_that_does_not_run_here_is_kept_with_a_warning_that_names_the_missing_flags() -> None:
    faults, warnings = told({"cpu": {"mode": "custom", "model": "EPYC"}})
    assert faults == []
    assert warnings == ["The model EPYC does not run on this host. It lacks svm, avx2."]


def test_too_few_pages_and_unshared_folders_are_warned_of() -> None:
    changes = {"memory_backing": {"hugepages": True, "pages": ({"size_kib": 2048},)}}
    faults, warnings = told(changes, shared_folders=True)
    assert faults == []
    assert any("set aside 200 MiB" in each for each in warnings)
    assert any("virtiofs" in each for each in warnings)


def test_threads_in_use_stay() -> None:
    assert told({"iothreads": 1}, threads_in_use=frozenset({2}))[0] == ["/iothreads"]


def test_what_was_wrong_before_does_not_stand_in_the_way() -> None:
    assert told({"events": {"on_crash": "restart"}}, "windows") == ([], [])


@given(st.sets(st.integers(0, 300), min_size=1))
def test_a_set_of_cpus_is_written_as_it_is_read(numbers: set[int]) -> None:
    assert members(written(numbers)) == numbers


def test_sets_of_cpus() -> None:
    assert members("0-3,^2,8") == {0, 1, 3, 8}
    assert written({0, 1, 2, 5, 7, 8}) == "0-2,5,7-8"
    assert members("a") == set()


def test_a_host_tells_its_nodes() -> None:
    host = read_capabilities(HOST)
    assert [(node.id, node.memory_mib, [cpu.id for cpu in node.cpus]) for node in host.nodes] == [
        (0, 4096, [0, 1]),
        (1, 4096, [4]),
    ]
    assert Site(HostCapabilities(), DomainCapabilities(assumed=True)).cpus == set()


def test_enlightenments_of_the_host_are_all_or_chosen() -> None:
    assert told({"features": {"hyperv": {"mode": "passthrough"}}})[0] == []
    assert told({"features": {"hyperv": {"mode": "passthrough", "avic": False}}})[0] == ["/features/hyperv/mode"]

"""Memory and vCPUs of a machine that is made of a definition."""

from __future__ import annotations

import pytest

from quarterdeck.model.definition import describe
from quarterdeck.model.sizing import resize, size_faults
from quarterdeck.model.xml import Element, parse

MODULE = "<memory model='dimm'><target><size unit='MiB'>512</size><node>0</node></target></memory>"


def machine(cpu: str = "", more: str = "", devices: str = "") -> Element:
    return parse(
        f"""<domain type='kvm'><name>web</name>{more}<memory unit='KiB'>2097152</memory>
        <currentMemory unit='KiB'>1048576</currentMemory><vcpu placement='static' current='1'>2</vcpu>
        <cpu mode='host-model'>{cpu}</cpu><devices>{devices}</devices></domain>"""
    )


def test_size_is_its_maximum_too_and_only_what_is_asked_changes() -> None:
    root = machine()
    resize(root, 4096, None)
    now = describe(root)
    assert (now.memory_mib, now.memory_max_mib, now.vcpus, now.vcpus_max) == (4096, 4096, 1, 2)
    resize(root, None, 4)
    now = describe(root)
    assert (now.memory_mib, now.vcpus, now.vcpus_max) == (4096, None, 4)
    assert root.find("vcpu").get("placement") == "static"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("before", "count", "after"),
    [
        ((2, 1, 1), 4, (1, 4, 1)),
        ((1, 1, 2), 6, (1, 3, 2)),
        ((1, 1, 2), 3, (1, 3, 1)),
        ((2, 1, 1), 2, (2, 1, 1)),
    ],
)
def test_topology_makes_as_many_vcpus(before: tuple[int, ...], count: int, after: tuple[int, ...]) -> None:
    shape = " ".join(f"{name}='{n}'" for name, n in zip(("sockets", "cores", "threads"), before, strict=True))
    root = machine(f"<topology {shape}/>")
    resize(root, None, count)
    topology = describe(root).cpu.topology  # type: ignore[union-attr]
    assert topology is not None
    assert (topology.sockets, topology.cores, topology.threads) == after
    assert topology.product == count


def test_the_only_cell_gets_all_but_what_modules_have() -> None:
    cells = "<numa><cell id='0' cpus='0-1' memory='1572864' unit='KiB'/></numa>"
    root = machine(cells, "<maxMemory slots='4' unit='KiB'>3145728</maxMemory>", MODULE)
    assert list(size_faults(root, 4096, 4)) == []
    resize(root, 4096, 4)
    now, cell = describe(root), describe(root).cpu.cells[0]  # type: ignore[union-attr]
    assert (cell.cpus, cell.memory_mib, now.memory_max_mib, now.memory_hotplug_max_mib) == ("0-3", 3584, 4096, 4096)
    assert [fault.pointer for fault in size_faults(root, 512, None)] == ["/memory_mib"]


def test_what_several_cells_share_out_is_kept() -> None:
    cells = "".join(f"<cell id='{n}' cpus='{n}' memory='1048576' unit='KiB'/>" for n in range(2))
    faults = list(size_faults(machine(f"<numa>{cells}</numa>"), 4096, 4))
    assert [fault.pointer for fault in faults] == ["/memory_mib", "/vcpus"]
    assert "2 NUMA cells" in faults[0].detail

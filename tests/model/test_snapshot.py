"""The texts of snapshots: what is read from libvirt's, and what new ones look like."""

from __future__ import annotations

from quarterdeck.model.snapshot import (
    BROKEN,
    Kept,
    Overlay,
    described,
    free_name,
    moved_files,
    new_snapshot,
    plain,
    point,
)
from quarterdeck.model.states import StateFiles, noted, state_files
from quarterdeck.model.xml import dump, parse

DOMAIN = """<domain type='qemu'><name>m</name><devices>
<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/i/m.img'/>
<backingStore type='file'><format type='raw'/><source file='/i/base.img'/></backingStore><target dev='vda'/></disk>
<disk type='block' device='disk'><source dev='/dev/vg/x'/><target dev='vdb'/></disk>
</devices></domain>"""
EXTERNAL = f"""<domainsnapshot><name>s</name><description>words</description><state>running</state>
<parent><name>r</name></parent><creationTime>1700000000</creationTime><memory snapshot='external' file='/i/m.mem'/>
<disks><disk name='vda' snapshot='external' type='file'><driver type='qcow2'/><source file='/i/m.s'/></disk>
<disk name='vdb' snapshot='no'/></disks>{DOMAIN}</domainsnapshot>"""


def test_an_external_one_tells_its_frozen_file_and_its_memory() -> None:
    kept = Kept(EXTERNAL, current=True)
    seen = kept.view({"/i/m.img": 10, "/i/m.mem": 5})
    assert (seen.kind, seen.state, seen.parent, seen.memory_path) == ("external", "running", "r", "/i/m.mem")
    assert [(disk.target, disk.path, disk.size_bytes) for disk in seen.disks] == [("vda", "/i/m.img", 10)]
    assert (seen.size_bytes, seen.created) == (15, "2023-11-14T22:13:20+00:00")


def test_inside_and_outside_together_is_mixed() -> None:
    text = EXTERNAL.replace("<disk name='vdb' snapshot='no'/>", "<disk name='vdb' snapshot='internal'/>")
    assert Kept(text, current=False).kind == "mixed"


def test_the_definition_of_that_time_is_the_saved_one_where_it_ran() -> None:
    inactive = DOMAIN.replace("<domain", "<inactiveDomain").replace("</domain>", "</inactiveDomain>")
    text = EXTERNAL.replace("</domainsnapshot>", inactive.replace("/i/m.img", "/i/saved") + "</domainsnapshot>")
    found = Kept(text, current=False).definition()
    assert found.tag == "domain"
    assert "/i/saved" in dump(found)


def test_a_disk_points_to_another_file_and_forgets_its_chain() -> None:
    root = parse(DOMAIN)
    point(root, {"vda": "/i/new", "vdb": "/i/b"}, "qcow2")
    text = dump(root)
    assert "backingStore" not in text
    assert '<driver name="qemu" type="qcow2"/>' in text
    assert text.count('type="file"') == 2
    assert 'dev="/dev/vg/x"' not in text


def test_files_that_took_over_are_named_in_every_definition() -> None:
    found = moved_files(EXTERNAL, {"/i/m.img": "/i/lower"})
    assert "/i/m.img" not in found
    assert Kept(found, current=False).frozen == {"vda": "/i/lower"}


def test_a_merge_that_begins_is_noted_in_the_words() -> None:
    text = described(EXTERNAL, "words", broken=True)
    kept = Kept(text, current=False)
    assert kept.broken
    assert kept.xml.description == f"{BROKEN} words"
    assert kept.view({}).description == "words"
    assert Kept(described(EXTERNAL, None, broken=True), current=False).broken
    assert Kept(described(text, None, broken=False), current=False).xml.description is None


def test_new_ones_name_every_disk_and_the_file_above_it() -> None:
    overlay = Overlay("vda", "/i/m.img", "raw", "/i/m.s")
    root = parse(new_snapshot("a <b>", None, ["vda", "vdb"], overlays=[overlay], memory_file="/i/m.mem"))
    assert root.findtext("name") == "a <b>"
    assert [(d.get("name"), d.get("snapshot")) for d in root.iterfind("disks/disk")] == [
        ("vda", "external"),
        ("vdb", "no"),
    ]
    assert root.find("disks") is not None
    assert parse(new_snapshot("a", "d", ["vda"])).find("disks") is None


def test_names_become_parts_of_files() -> None:
    assert plain("a b/../c:é") == "a_b_.._c_é"
    assert free_name("a", ".qcow2", ["a.qcow2", "a-2.qcow2"]) == "a-3.qcow2"
    long = free_name("中" * 100, ".qcow2", [])
    assert long.startswith("中" * 70) and len(long.encode()) < 250, "what a file system takes"


def test_copies_of_variables_and_tpm_are_noted_and_never_get_into_a_definition() -> None:
    uefi = DOMAIN.replace("<devices>", "<uuid>u</uuid><os><nvram>/n/m_VARS.fd</nvram></os><devices>").replace(
        "</devices>", "<tpm><backend type='emulator' version='1.2'/></tpm></devices>"
    )
    files = state_files(parse(uefi))
    assert files == StateFiles("/n/m_VARS.fd", "/var/lib/libvirt/swtpm/u/tpm1.2/tpm-00.permall")
    text = noted(EXTERNAL.replace(DOMAIN, uefi), StateFiles("/i/m-s.nvram", None))
    kept = Kept(moved_files(text, {"/i/m.img": "/i/lower"}), current=True)
    assert kept.copies == StateFiles("/i/m-s.nvram", None)
    assert files.with_copies(kept.copies) == [("/n/m_VARS.fd", "/i/m-s.nvram")]
    assert kept.files == {"/i/lower", "/i/m.mem", "/i/m-s.nvram"}
    assert kept.view({"/i/m-s.nvram": 4}).nvram_path == "/i/m-s.nvram"
    assert Kept(text.replace("<name>s<", "<name>later<"), current=True).copies == StateFiles()
    assert "nvram=" not in dump(kept.definition()) and kept.definition().find("metadata") is None


def test_where_variables_and_tpm_lie_is_told_in_each_of_libvirts_forms() -> None:
    def at(os: str = "", tpm: str = "") -> StateFiles:
        return state_files(parse(f"<domain><name>m</name><uuid>u</uuid>{os}<devices>{tpm}</devices></domain>"))

    assert at("<os firmware='efi'/>").nvram == "/var/lib/libvirt/qemu/nvram/m_VARS.fd"
    assert at("<os><nvram type='file'><source file='/n'/></nvram></os>").nvram == "/n"
    assert at("<os><nvram type='network'><source protocol='nbd'/></nvram></os>").nvram is None
    assert at("<os/>") == StateFiles()
    assert at(tpm="<tpm><backend type='emulator'/></tpm>").tpm == "/var/lib/libvirt/swtpm/u/tpm2/tpm2-00.permall"
    assert at(tpm="<tpm><backend type='emulator'><source type='dir' path='/t'/></backend></tpm>").tpm is None
    assert at(tpm="<tpm><backend type='passthrough'/></tpm>").tpm is None

"""The machine that the tests start: Debian's cloud kernel and a busybox that ticks on the serial line."""

import gzip
import os
import re
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from lxml import etree
from lxml.builder import E  # type: ignore[import-not-found]  # the stubs lack it

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "quarterdeck-tests"
MODULES = [
    "virtio_pci",
    "virtio_blk",
    "virtio_scsi",
    "virtio_net",
    "virtio_balloon",
    "virtio_console",
    "virtio-rng",
    "sr_mod",
    "sd_mod",
    "ahci",
]
APPLETS = [
    "sh",
    "grep",
    "head",
    "kill",
    "mount",
    "mkdir",
    "sleep",
    "usleep",
    "dd",
    "cat",
    "echo",
    "insmod",
    "ip",
    "ifconfig",
    "udhcpc",
    "ping",
    "ls",
    "ps",
    "dmesg",
    "poweroff",
    "reboot",
    "mdev",
    "stty",
    "uname",
    "free",
]


@dataclass(frozen=True)
class GuestFiles:
    """Kernel and first file system of the test machine."""

    kernel: Path
    initrd: Path


def guest_files() -> GuestFiles:
    """Kernel and initramfs, made once and kept in the user's cache until their recipe changes."""
    here = Path(__file__)
    recipe = [here, here.with_name("guest-init"), here.with_name("guest-lease")]
    release = CACHE / f"guest-{sha256(b''.join(path.read_bytes() for path in recipe)).hexdigest()[:12]}"
    if not release.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=CACHE) as folder:
            made = _build(Path(folder))
            with suppress(OSError):  # another run was quicker
                made.rename(release)
    return GuestFiles(release / "vmlinuz", release / "initrd")


def _build(folder: Path) -> Path:
    for package in _download(folder):
        subprocess.run(["dpkg-deb", "-x", package, folder / "unpacked"], check=True)
    unpacked, root, made = folder / "unpacked", folder / "root", folder / "made"
    for name in ("bin", "dev", "proc", "sys", "run", "tmp", "var/run", "modules", "etc", "var/lib"):
        (root / name).mkdir(parents=True)
    shutil.copy("/bin/busybox", root / "bin/busybox")
    for applet in APPLETS:
        (root / "bin" / applet).symlink_to("busybox")
    found = {path.stem: path for path in unpacked.glob("lib/modules/*/kernel/**/*.ko")}
    order: list[str] = []
    for name in MODULES:
        _add_module(name, found, order)
    for name in order:
        shutil.copy(found[name], root / "modules" / f"{name}.ko")
    (root / "modules/order").write_text("\n".join(order) + "\n")
    _copy_program(unpacked / "usr/sbin/qemu-ga", root)
    for script, name in (("guest-init", "init"), ("guest-lease", "bin/lease")):
        shutil.copy(Path(__file__).with_name(script), root / name)
        (root / name).chmod(0o755)
    made.mkdir()
    files = subprocess.run(["find", "."], cwd=root, check=True, capture_output=True).stdout
    pack = ["cpio", "-o", "-H", "newc", "--quiet"]
    archive = subprocess.run(pack, cwd=root, input=files, check=True, capture_output=True).stdout
    (made / "initrd").write_bytes(gzip.compress(archive, 1))
    shutil.copy(next(unpacked.glob("boot/vmlinuz-*")), made / "vmlinuz")
    return made


def _add_module(name: str, found: dict[str, Path], order: list[str]) -> None:
    """Put a module behind what it needs."""
    if name in order or name not in found:  # not found: built in
        return
    needs = re.search(rb"\0depends=([^\0]*)\0", found[name].read_bytes())
    for need in needs[1].decode().split(",") if needs else ():
        _add_module(need, found, order)
    order.append(name)


def _download(folder: Path) -> list[Path]:
    depends = subprocess.run(
        ["apt-cache", "depends", "linux-image-cloud-amd64"], check=True, capture_output=True, text=True
    ).stdout
    image = next(line.split()[-1] for line in depends.splitlines() if "Depends: linux-image-" in line)
    command = ["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", image, "qemu-guest-agent"]
    if subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode:
        # A list older than the archive names files that are gone.
        subprocess.run(["apt-get", "update", "-q"], capture_output=True, check=True)
        return _download(folder)
    return sorted(folder.glob("*.deb"))


def _copy_program(program: Path, root: Path) -> None:
    listed = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    libraries = [word for line in listed.splitlines() for word in line.split() if word.startswith("/")]
    for library in libraries:
        target = root / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)
    shutil.copy(program, root / "bin/qemu-ga")


@dataclass(frozen=True)
class Nic:
    """A network card of the test machine on a libvirt network."""

    network: str = "default"
    mac: str | None = None


def guest_xml(
    name: str,
    *,
    memory_mib: int = 128,
    vcpus: int = 1,
    disk: Path | str | None = None,
    disk_format: str = "qcow2",
    dirty_mib: int = 0,
    agent: bool = False,
    nic: Nic | None = None,
    vnc: bool = True,
    machine: str = "q35",
) -> str:
    """Domain XML of the test machine; `dirty_mib` makes it rewrite that much memory for ever."""
    files = guest_files()
    words = f"console=ttyS0 quiet panic=1 dirty={dirty_mib} agent={int(agent)}"
    devices = [E.serial(E.target(port="0"), type="pty"), E.console(E.target(type="serial", port="0"), type="pty")]
    devices.append(E.memballoon(E.stats(period="5"), model="virtio"))  # as Quarterdeck makes machines
    if disk:
        devices.append(
            E.disk(
                E.driver(name="qemu", type=disk_format),
                E.source(file=str(disk)),
                E.target(dev="vda", bus="virtio"),
                type="file",
                device="disk",
            )
        )
    if nic:
        parts = [E.source(network=nic.network), E.model(type="virtio")]
        devices.append(E.interface(*parts, *([E.mac(address=nic.mac)] if nic.mac else []), type="network"))
    if agent:
        devices.append(E.channel(E.target(type="virtio", name="org.qemu.guest_agent.0"), type="unix"))
    if vnc:
        devices += [E.graphics(type="vnc", autoport="yes"), E.video(E.model(type="vga"))]
    domain = E.domain(
        E.name(name),
        E.memory(str(memory_mib), unit="MiB"),
        E.vcpu(str(vcpus)),
        E.os(
            E.type("hvm", arch="x86_64", machine=machine),
            E.kernel(str(files.kernel)),
            E.initrd(str(files.initrd)),
            E.cmdline(words),
        ),
        E.features(E.acpi(), E.apic()),
        E.cpu(E.model("qemu64"), mode="custom", match="exact", check="none"),
        E.on_reboot("restart"),
        E.devices(*devices),
        type="qemu",
    )
    return etree.tostring(domain, encoding="unicode")

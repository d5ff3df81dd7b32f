"""A libvirt host of the bed."""

import socket
import warnings
from contextlib import suppress
from pathlib import Path

import libvirt

from .space import Space
from .waiting import wait_for

HERE = Path(__file__).parent
DEFAULT_NETWORK = """<network>
<name>default</name><forward mode='nat'/><bridge name='virbr0' stp='on' delay='0'/>
<ip address='192.168.{subnet}.1' netmask='255.255.255.0'>
<dhcp><range start='192.168.{subnet}.2' end='192.168.{subnet}.254'/></dhcp></ip>
</network>"""
DEFAULT_POOL = "<pool type='dir'><name>default</name><target><path>/var/lib/libvirt/images</path></target></pool>"
SHARED_POOL = """<pool type='netfs'><name>shared</name>
<source><host name='{storage}'/><dir path='shared'/><format type='glusterfs'/></source>
<target><path>/var/lib/libvirt/shared</path></target></pool>"""


class BedHost:
    """One of the two hosts: its own libvirtd and QEMU, network, folders and name."""

    def __init__(self, bed: Path, letter: str, network: str, *, dies_with_us: bool) -> None:
        self.letter = letter
        self.name = f"host-{letter}"
        self.address = f"{network}.{' ab'.index(letter)}"
        self.storage = f"{network}.253"
        self._subnet = {"a": 122, "b": 123}[letter]
        uuid = str(libvirt_uuid(network, letter))
        folder = bed / letter
        self.space = Space(
            HERE / "host.sh", folder, self.name, self.address, self.storage, uuid, dies_with_us=dies_with_us
        )

    @property
    def uri(self) -> str:
        """libvirt URI over TCP, from this machine and from the other host."""
        return f"qemu+tcp://{self.address}/system"

    @property
    def socket(self) -> Path:
        """libvirtd's UNIX socket, as seen from this machine."""
        return self.space.folder / "run/libvirt/libvirt-sock"

    @property
    def local_uri(self) -> str:
        """libvirt URI over the UNIX socket: what a service on the host itself uses."""
        return f"qemu:///system?socket={self.socket}"

    @property
    def images(self) -> Path:
        """The folder of the `default` pool, as seen from this machine."""
        return self.space.folder / "lib/images"

    def open(self) -> libvirt.virConnect:
        """Give a new connection."""
        return libvirt.open(self.local_uri)

    def virsh(self, *words: str, check: bool = True) -> str:
        """Output of a virsh command on this host: what somebody else does beside the product."""
        return self.space.run("virsh", "-q", *words, check=check)

    def define(self, xml: str, *, start: bool = False) -> str:
        """Define a machine; gives its UUID."""
        connection = self.open()
        try:
            domain = connection.defineXML(xml)
            if start:
                domain.create()
            return str(domain.UUIDString())
        finally:
            connection.close()

    def state(self, name: str) -> str:
        """State of a machine in virsh's words, or "" where there is none of this name."""
        return self.virsh("domstate", name, check=False).strip()

    def make_disk(self, name: str, size: str = "64M", *, kind: str = "qcow2", folder: Path | None = None) -> Path:
        """New disk image on this host (in the `default` pool, or in `folder` as the host sees it): its path there."""
        path = (folder or Path("/var/lib/libvirt/images")) / name
        self.space.run("qemu-img", "create", "-q", "-f", kind, path, size)
        return path

    def stop_libvirtd(self, signal: str = "TERM") -> None:
        """End libvirtd; machines run on."""
        ended = "while kill -0 $p 2>/dev/null; do sleep 0.05; done"
        self.space.run(
            "sh", "-c", f"touch /run/libvirtd.stopped; p=$(cat /run/libvirtd.pid); kill -{signal} $p; {ended}"
        )
        wait_for(lambda: not self.answers(), what="libvirtd gone")

    def start_libvirtd(self) -> None:
        """Start libvirtd again."""
        join = "for group in /sys/fs/cgroup/*/; do [ -d $group ] && echo $$ > $group/cgroup.procs; done; "
        self.space.run("sh", "-c", f"{join}exec setsid sh {HERE}/libvirtd.sh")
        wait_for(self.answers, what="libvirtd back")

    def crash_libvirtd(self) -> None:
        """Let libvirtd crash as by a fault of its own; it is started anew by itself."""
        before = self.space.run("cat", "/run/libvirtd.pid")
        self.space.run("kill", "-SEGV", before)
        wait_for(lambda: self.space.run("cat", "/run/libvirtd.pid") not in ("", before) and self.answers())

    @property
    def control_groups(self) -> list[str]:
        """Of what libvirt can give machines their shares here: cpu, memory, blkio."""
        return self.space.run("ls", "/sys/fs/cgroup", check=False).split()

    def answers(self) -> bool:
        """Tell whether libvirtd answers, over TCP and on its UNIX socket."""
        try:
            for uri in (self.uri, self.local_uri):
                libvirt.open(uri).close()
        except libvirt.libvirtError:
            return False
        return True

    def revive(self, user: str) -> None:
        """Start libvirtd anew where it is gone, and warn of that and of crashes; `user` is who had the bed last."""
        log = self.space.folder / "log"
        told = [(log / "crashes").read_text()] if (log / "crashes").exists() else []
        (log / "crashes").unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as probe:
            if gone := probe.connect_ex(str(self.socket)):
                told += ["gone", *(log / "libvirtd.log").read_text(errors="replace").splitlines()[-5:]]
        if told:
            warnings.warn("\n".join([f"libvirtd of {self.name}, last used by {user}:", *told]), stacklevel=2)
        if gone:
            self.start_libvirtd()

    def furnish(self, *, shared: bool) -> None:
        """Give it what `make run` gives a host, a `default` network and pool, and where asked the `shared` pool."""
        connection = self.open()
        try:
            self._network(connection)
            self._pool(connection, "default", DEFAULT_POOL)
            if shared:
                self._pool(connection, "shared", SHARED_POOL.format(storage=self.storage))
        finally:
            connection.close()

    def _network(self, connection: libvirt.virConnect) -> None:
        names = connection.listNetworks() + connection.listDefinedNetworks()
        if "default" not in names:
            connection.networkDefineXML(DEFAULT_NETWORK.format(subnet=self._subnet))
        network = connection.networkLookupByName("default")
        if not network.isActive():
            network.create()
        network.setAutostart(1)

    def _pool(self, connection: libvirt.virConnect, name: str, xml: str) -> None:
        names = connection.listStoragePools() + connection.listDefinedStoragePools()
        pool = connection.storagePoolLookupByName(name) if name in names else connection.storagePoolDefineXML(xml)
        if not pool.isActive():
            pool.create(libvirt.VIR_STORAGE_POOL_CREATE_WITH_BUILD)
        pool.setAutostart(1)

    def reset(self) -> None:
        """Remove every machine, volume and secret, and pools and networks beyond the furnished ones."""
        if not self._cleared():
            self._force()
            self._cleared()
        for link in (path for path in self.images.iterdir() if path.is_symlink()):
            link.unlink()  # one that leads nowhere is no volume
        for said in (self.space.folder / "log/qemu").glob("*serial*"):
            said.unlink()  # a second try would read what the first one's guest said

    def _cleared(self) -> bool:
        """Remove all that can be removed; false where libvirt holds a machine by a job that does not end."""
        connection = self.open()
        try:
            _remove_domains(connection)
            if connection.listAllDomains():
                return False
            for pool in connection.listAllStoragePools():
                _empty(pool, keep=pool.name() in {"default", "shared"})
            for network in connection.listAllNetworks():
                if network.name() != "default":
                    _away(network.destroy, network.undefine)
            for secret in connection.listAllSecrets():
                secret.undefine()
            return True
        finally:
            connection.close()

    def _force(self) -> None:
        """End libvirtd and every QEMU hard, as a crash of the host would, and start anew."""
        self.stop_libvirtd("KILL")
        self.space.run("sh", "-c", "cat /run/libvirt/qemu/*.pid | xargs -r kill -KILL", check=False)
        self.start_libvirtd()


def libvirt_uuid(network: str, letter: str) -> str:
    """UUID of a host: the same name always has the same one, two beds have different ones."""
    third = int(network.split(".")[2])
    return f"0000{third:04x}-1111-4222-8333-44444444444{letter}"


def _remove_domains(connection: libvirt.virConnect) -> None:
    flags = (
        libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
        | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
        | libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
        | libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
    )
    for domain in connection.listAllDomains():
        _away(domain.abortJob)
        _away(domain.destroy, lambda domain=domain: domain.undefineFlags(flags))


def _empty(pool: libvirt.virStoragePool, *, keep: bool) -> None:
    if keep and pool.isActive():
        pool.refresh()
        for volume in pool.listAllVolumes():
            _away(volume.delete)
    if not keep:
        _away(pool.destroy, pool.undefine)


def _away(*acts: object) -> None:
    for act in acts:
        with suppress(libvirt.libvirtError):
            act()  # type: ignore[operator]  # libvirt ships no types

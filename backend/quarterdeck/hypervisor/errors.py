"""libvirt's errors in words for people: what happened, why, and what to do.

Numbers and messages are of libvirt's virterror.h; the texts were seen on libvirt 9.0 and 11.3.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import libvirt

from ..problems import Problem
from .connection_errors import CONNECTION_RULES, reach
from .error_rule import Rule
from .storage_errors import STORAGE_RULES

RPC = 7  # error domain of libvirt's own remote protocol


_NOT_FOUND = "It was removed or renamed in the meantime, or it never existed here."
_DATA_PORTS = (
    "The source sends the machine to TCP ports 49152-49215 of the destination. Open them in the destination's "
    "firewall, or name a transfer address that is reachable."
)

# The first rule that fits tells the story; special texts stand before general codes.
RULES: tuple[Rule, ...] = (
    *CONNECTION_RULES,
    Rule("forbidden", "libvirt's own access rules forbid it to Quarterdeck's account.", None, code=(29, 88)),
    # --- migration
    Rule(
        "migration-unsafe",
        "The machine's disks are not on storage that both hosts share, so the destination would see other data.",
        "Choose “Copy the disks” for the move, or put the disks into a pool that both share.",
        code=(81,),
    ),
    Rule(
        "cpu-incompatible",
        "The destination's CPU lacks features that the running machine uses: {0}.",
        "Give the machine a CPU model that both hosts have and start it anew, or move it while it is off.",
        code=(91,),
        text=r"(?:missing|does not provide required) features: ([^;\n]+)",
    ),
    Rule(
        "cpu-incompatible",
        "The destination's CPU does not have what the running machine uses.",
        "Give the machine a CPU model that both hosts have and start it anew, or move it while it is off.",
        code=(91,),
    ),
    Rule(
        "unsupported",
        "The destination's QEMU does not know the machine type “{0}”.",
        "Update QEMU on the destination, or give the machine an older machine type and start it anew.",
        text=r"does not support machine type '([^']+)'",
    ),
    Rule(
        "libvirt-refused",
        "The destination does not answer at {0}: its firewall drops or rejects the transfer.",
        _DATA_PORTS,
        text=r"unable to connect to server at '([^']+:(?:49\d{3}))'",
    ),
    Rule(
        "libvirt-refused",
        "The source cannot find the address of “{0}”.",
        "Name a transfer address (an IP address of the destination), or repair name resolution on the source.",
        text=r"Unable to resolve address '([^']+)'",
    ),
    Rule(
        "libvirt-refused",
        "The destination calls itself localhost, so the source would send the machine to itself.",
        "Name a transfer address, or give the destination a proper host name.",
        text=r"hostname on destination resolved to localhost",
    ),
    Rule(
        "wrong-state",
        "The machine has {0} snapshot(s); libvirt does not move machines with snapshots.",
        "Delete the snapshots first (their changes are merged), then move the machine.",
        text=r"cannot migrate domain with (\d+) snapshots",
    ),
    Rule(
        "libvirt-refused",
        "Both connections lead to the same host.",
        "Choose another destination; if it is another one, the two hosts have the same host UUID in libvirtd.conf.",
        text=r"Attempt to migrate guest to the same host",
    ),
    Rule(
        "libvirt-refused",
        "The destination has no active pool for the folder of the disk ({0}), so libvirt cannot make the copy there.",
        "Define a pool on the destination with exactly this folder.",
        text=r"no storage pool with matching target path '?([^'\n]*)'?",
    ),
    Rule(
        "libvirt-refused",
        "The destination has no base image and overlay to copy onto.",
        "Make them there first with the same names, or choose “Copy the disks”.",
        text=r"pre-creation of storage targets for incremental storage migration",
    ),
    Rule(
        "libvirt-refused",
        "A disk at the destination already exists with another size.",
        "Remove the file at the destination, or give it the size of the source.",
        text=r"Source and target image have different sizes",
    ),
    Rule(
        "unsupported",
        "libvirt's TLS for the transfer is not set up ({0} is missing).",
        "Both hosts need there, of one authority, ca-cert.pem, server-cert.pem, server-key.pem, client-cert.pem and "
        "client-key.pem. Or move without TLS.",
        text=r"Unable to access credentials ([^\s:]+)",
    ),
    Rule("busy", "The machine is being migrated already.", None, text=r"another migration job is already running"),
    Rule(
        "unsupported",
        "The machine uses something that QEMU cannot move: {0}.",
        "Remove the device or feature, or move the machine while it is off.",
        text=r"(?:State blocked by|cannot migrate a? ?domain (?:with|that|which)) ([^\n;]+)",
    ),
    Rule(
        "unsupported",
        "Post-copy does not go together with parallel connections in this QEMU.",
        "Leave one of the two out.",
        text=r"Postcopy is not yet compatible with multifd",
    ),
    Rule("cancelled", "It was cancelled.", None, code=(78,)),
    Rule(
        "not-cancellable",
        "Past the switch to post-copy nothing can be taken back: half of the machine is on the other host.",
        None,
        text=r"cannot abort migration in post-copy mode",
    ),
    # --- locks and concurrency
    Rule(
        "locked",
        "A disk is locked: another machine, here or on another host, uses it (lock {0}).",
        "Find the machine that uses the disk and stop it there first.",
        text=r"Lockspace resource '([^']+)' is locked",
    ),
    Rule(
        "locked",
        "A disk is in use by another machine or another program.",
        "Find the machine or program that has the image open, and stop it there first.",
        text=r"Failed to get \"?(?:write|shared \"write\"|consistent read)\"? lock|process using the image",
    ),
    Rule(
        "busy", "Another act holds the machine, and libvirt waited 30 s for it in vain.", None, code=(68,), text="lock"
    ),
    Rule(
        "timed-out",
        "The guest did not give its vCPUs back in time. It was asked, and may still do so.",
        "Look at the machine again in a while, or save it for the next start only (apply=next_start).",
        code=(68,),
        text="vcpu unplug request timed out",
    ),
    Rule("timed-out", "The host did not finish in time.", None, code=(68,)),
    Rule("busy", "A copy or merge of one of its disks is still running.", "Wait for its job to end.", code=(83,)),
    Rule("busy", "The domain is working on a block job.", None, text=r"domain has active block job"),
    Rule("busy", "The pool is busy with another long act.", None, text=r"pool '[^']+' has asynchronous jobs running"),
    Rule(
        "no-space",
        "The file system of the pool holds no files as large as that.",
        "Choose a smaller size, or the format qcow2, which grows as it is filled.",
        text=r"File too large",
    ),
    Rule("busy", "The volume is still being written.", None, text=r"still being allocated"),
    Rule(
        "busy",
        "The volume {0} is being copied or wiped just now.",
        "Wait for its end.",
        text=r"volume '([^']+)' is still in use",
    ),
    # --- names
    Rule(
        "name-taken", "A machine named “{0}” exists already.", None, text=r"domain '([^']+)' already exists with uuid"
    ),
    Rule(
        "name-taken", "A machine with this UUID exists already: {0}.", None, text=r"domain '([^']+)' is already defined"
    ),
    Rule("name-taken", "A volume of this name exists already.", None, code=(90,)),
    Rule("name-taken", "“{0}” exists already.", None, text=r"'([^']+)' (?:already exists|is already defined)"),
    Rule("name-taken", "Something of this name exists already.", None, text=r"already exists|is already defined"),
    # --- things that are not there
    Rule(
        "not-found",
        "There is no network “{0}” on this host.",
        "Create the network, or connect the machine to another one.",
        code=(43,),
        text=r"no network with matching name '([^']+)'",
    ),
    Rule("not-found", "There is no such machine on this host.", _NOT_FOUND, code=(42,)),
    Rule("not-found", "There is no such network on this host.", _NOT_FOUND, code=(43,)),
    Rule("not-found", "There is no such pool on this host.", _NOT_FOUND, code=(49,)),
    Rule("not-found", "There is no such volume in the pool.", _NOT_FOUND, code=(50,)),
    Rule("not-found", "There is no such host device.", _NOT_FOUND, code=(53,)),
    Rule("not-found", "There is no such secret.", _NOT_FOUND, code=(66,)),
    Rule("not-found", "There is no such snapshot.", _NOT_FOUND, code=(72,)),
    Rule("not-found", "The machine has no such device.", "Load the machine again: it may be gone.", code=(99,)),
    Rule(
        "wrong-state",
        "The network “{0}” is not running.",
        "Start the network (and let it start with the host), then try again.",
        text=r"network '([^']+)' is not active",
    ),
    Rule(
        "libvirt-refused",
        "The host has no folder {0} that TFTP could give files out of.",
        "Make the folder on the host, or name another one.",
        text=r"TFTP directory (\S+) inaccessible",
    ),
    Rule(
        "wrong-state",
        "The pool “{0}” is not running.",
        "Start the pool, then try again.",
        text=r"storage pool '([^']+)' is not active",
    ),
    Rule(
        "libvirt-refused",
        "The bridge “{0}” does not exist on the host.",
        "Create the bridge there, or connect the machine to another network.",
        text=r"Cannot get interface MTU on '([^']+)'",
    ),
    Rule(
        "libvirt-refused",
        "The file {0} cannot be opened on the host.",
        "Eject it if it is a CD, put the file there, or choose another. The pool may also need a refresh or a mount.",
        text=r"Cannot access (?:storage file|backing file) '?([^'\n]+?)'?(?: of storage file.*| \(as uid.*)?(?:: |$)",
    ),
    *STORAGE_RULES,
    Rule(
        "busy",
        "The host was too busy to measure how long a passphrase takes, so nothing was encrypted.",
        "Try again.",
        text=r"Unable to get accurate CPU usage",
    ),
    Rule(
        "libvirt-refused",
        "QEMU at the destination ended before it had taken over.",
        "Its log there says why: /var/log/libvirt/qemu.",
        text=r"load of migration failed",
    ),
    # --- space
    Rule(
        "no-space",
        "The destination has no space left for the copy of the disk {0}.",
        "Make room there, or choose another pool for the copy.",
        text=r"migration of disk (\S+) failed: No space left on device",
    ),
    Rule("no-space", "There is not enough space.", None, text=r"No space left on device|not enough (?:free )?space"),
    Rule(
        "no-space",
        "The host has not enough free memory for the machine.",
        None,
        text=r"cannot set up guest memory|Cannot allocate memory",
    ),
    # --- state
    Rule(
        "wrong-state",
        "The machine ended in that moment.",
        "Look whether it is off, and why.",
        text=r"Unable to (?:read from|write to) monitor|guest unexpectedly quit|domain is no longer running",
    ),
    Rule(
        "libvirt-refused",
        "QEMU ended without a word.",
        "The machine's log on the host may tell why, or the kernel's: memory may have run out.",
        text=r"qemu unexpectedly closed the monitor\s*$",
    ),
    Rule(
        "wrong-state",
        "The machine is not running.",
        None,
        text=r"domain is not running|domain '?\S+'? (?:is )?not running",
    ),
    Rule(
        "wrong-state",
        "The machine is running already.",
        None,
        text=r"domain (?:'\S+' )?is already (?:running|active)|already active",
    ),
    Rule("wrong-state", "The machine is a passing one: nothing of it is saved.", None, text=r"transient domain"),
    Rule("agent-unavailable", "The guest agent does not answer.", None, code=(86,)),
    Rule(
        "agent-unavailable",
        "The machine has no guest agent configured.",
        None,
        text=r"QEMU guest agent is not configured",
    ),
    Rule(
        "wrong-state",
        "Somebody else has the serial console open.",
        "Close it there, or take it over.",
        text=r"Active console session exists",
    ),
    # --- hardware
    Rule(
        "unsupported",
        "The host's kernel has no vhost-vsock, which a socket between host and guest needs.",
        "Load it on the host (modprobe vhost_vsock), then try again.",
        text=r"unable to open vhost-vsock device",
    ),
    Rule(
        "unsupported",
        "The running machine has no free slot for another device.",
        "Save it for the next start, or give the machine more PCIe root ports while it is off.",
        text=r"No more available PCI slots",
    ),
    Rule(
        "unsupported",
        "The bus “{0}” cannot take devices while the machine runs.",
        "Save it for the next start, or choose virtio, SCSI or USB.",
        text=r"Bus '([^']+)' does not support hotplugging",
    ),
    Rule(
        "unsupported",
        "“{0}” cannot change while the machine runs.",
        "Save it for the next start.",
        text=r"cannot modify field '([^']+)'",
    ),
    Rule(
        "in-use",
        "The guest holds the CD's tray locked.",
        "Eject it inside the guest, or force it.",
        text=r"tray .*is locked|Tray of device .* is not open",
    ),
    Rule(
        "unsupported",
        "KVM does not work on this host, although it offers it.",
        "Create the machine with emulation (type qemu); it is slower but runs anywhere.",
        text=r"failed to set MSR|Could not access KVM|failed to initialize kvm|KVM is not available",
    ),
    Rule("invalid-xml", "The definition does not fit libvirt's schema.", "The place is named below.", code=(92,)),
    Rule("invalid-xml", "The definition is not well-formed or not complete.", "The place is named below.", code=(27,)),
    Rule("unsupported", "This host's libvirt or QEMU cannot do that.", None, code=(3, 67, 84)),
    Rule(
        "unsupported", "libvirt does not know one of the settings, or not together with the others.", None, code=(74,)
    ),
    Rule("locked", "A resource is locked by another machine or host.", None, code=(87,)),
    Rule("wrong-state", "libvirt does not allow it in this state.", "libvirt's own words are given below.", code=(55,)),
)


def explain(code: int, domain: int, raw: str) -> Problem:
    """The problem that tells an error of libvirt; `raw` keeps libvirt's words."""
    for rule in RULES:
        groups = rule.match(code, domain, raw)
        if groups is not None:
            detail = rule.detail.format(*groups)
            return Problem(rule.slug, detail, cure=rule.cure, raw=raw, libvirt_code=code)
    if domain == RPC and code == 38:
        return Problem("host-lost", "The host cannot be reached.", cure=reach(raw), raw=raw, libvirt_code=code)
    return Problem("libvirt-refused", raw or "libvirt gave no reason.", raw=raw, libvirt_code=code)


def problem_of(error: libvirt.libvirtError) -> Problem:
    """The problem that tells this error."""
    return explain(error.get_error_code() or 0, error.get_error_domain() or 0, error.get_error_message() or str(error))


@contextmanager
def explained() -> Iterator[None]:
    """Inside, an error of libvirt becomes a Problem."""
    try:
        yield
    except libvirt.libvirtError as error:
        # Frames of the binding hold its objects, and each object keeps its connection open as long as the error lives.
        traceback.clear_frames(error.__traceback__)
        raise problem_of(error) from error

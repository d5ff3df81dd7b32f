"""Errors of pools in words; the texts were seen on libvirt 9.0 or stand in its storage drivers."""

from __future__ import annotations

from .error_rule import Rule

STORAGE_RULES: tuple[Rule, ...] = (
    Rule(
        "in-use",
        "{0} holds something already ({1}), so nothing was built.",
        "Use it as it is, choose another device, or overwrite what it holds.",
        text=r"already built: Device '([^']+)' (?:is )?already (.*)",
    ),
    Rule(
        "in-use",
        "The device holds something already, so nothing was built: {0}",
        "Use it as it is, choose another device, or overwrite what it holds.",
        text=r"Storage pool (?:probe failed|already built): ([^\n]+)",
    ),
    Rule(
        "in-use",
        "Another pool stands on the same place: {0}.",
        "Use that pool, or choose another place.",
        text=r"Storage source conflict with pool: '([^']+)'",
    ),
    Rule(
        "unsupported",
        "The host lacks the program {0}, which this needs.",
        "Install the package it belongs to on the host.",
        text=r"(?:cannot execute binary|cannot find|unable to find) '?([^\s':]+)'?(?: in path|: No such file)",
    ),
    Rule(
        "unsupported",
        "The host's libvirt has no driver for pools of this type.",
        None,
        text=r"missing backend for pool",
    ),
    Rule(
        "not-found",
        "The host has no device {0}.",
        "Look which disks it has, and whether the name is right.",
        text=r"(?:special device |block device '?|open (?:volume )?')(/dev/[^'\s]+?)'?:? ?(?:does not exist|No such)",
    ),
    Rule(
        "not-found",
        "The host has no LVM volume group “{0}”.",
        "Give the name of one that it has, or the devices of which it is to be made, and prepare these.",
        text=r"cannot find logical volume group name '([^']+)'",
    ),
    Rule(
        "not-found",
        "The host has no SCSI adapter {0}.",
        "Look which adapters it has.",
        text=r"/sys/class/scsi_host/(host\d+)/scan",
    ),
    Rule(
        "libvirt-refused",
        "{0} holds no file system that the host can mount.",
        "Prepare the device, which makes one on it, or choose another device.",
        text=r"bad superblock on ([^,\s]+)",
    ),
    Rule(
        "libvirt-refused",
        "The server does not let this host mount the folder.",
        "Add the host to the server's exports.",
        text=r"access denied by server",
    ),
    Rule(
        "libvirt-refused",
        "The host could not mount it: {0}",
        "Check the server's address, the name of its folder, and that it is exported to this host.",
        text=r"unexpected exit status \d+:? ?(?:\S*mount\S*: )?(?:libvirt: +error : )?(?=.*mount)(.*)",
    ),
    Rule(
        "not-found",
        "The host has no folder {0}.",
        "Build the pool (its folder is made), or choose another.",
        text=r"cannot open (?:directory|path) '([^']+)': No such file",
    ),
    Rule(
        "wrong-state",
        "It holds more data than would be left.",
        "Make the disk smaller inside the guest, and give the space back (discard), or copy it into a smaller one.",
        text=r"can't shrink capacity below existing allocation",
    ),
)

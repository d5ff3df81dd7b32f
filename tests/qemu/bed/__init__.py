"""Two real libvirt hosts on one machine, with shared storage: the bed of the QEMU tests.

By hand: `python -m tests.qemu.bed up FOLDER`, `python -m tests.qemu.bed down FOLDER`.
"""

from .bed import Bed
from .guest import Nic, guest_files, guest_xml
from .host import BedHost
from .waiting import wait_for

__all__ = ["Bed", "BedHost", "Nic", "guest_files", "guest_xml", "wait_for"]

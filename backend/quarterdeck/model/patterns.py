"""What texts in requests must look like."""

from __future__ import annotations

CPUS = r"^(\d{1,4}(-\d{1,4})?|\^\d{1,4})(,(\d{1,4}(-\d{1,4})?|\^\d{1,4}))*$"
"""A set of CPUs or nodes: `0-3,^2,8`."""
PATH = r"^/[^\x00-\x1f\x7f]*[^\x00-\x20\x7f]$"
"""An absolute path on the host; libvirt keeps no space at the end of what is an element's text."""
UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
WORD = r"^[A-Za-z0-9_.+][A-Za-z0-9_.+-]*$"
"""One word that no command takes for an option."""

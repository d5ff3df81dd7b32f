"""Errors of reaching a host in words for people; the texts were seen on libvirt 9.0 and 11.3."""

from __future__ import annotations

import re

from .error_rule import Rule

CONNECTION_RULES: tuple[Rule, ...] = (
    Rule(
        "host-refused",
        "The account may not use libvirt on that host.",
        "Make it a member of the group libvirt there (as root: usermod -aG libvirt USER), or connect as root.",
        text=r"Failed to connect socket to '[^']+': Permission denied",
    ),
    Rule(
        "libvirt-refused",
        "libvirt's daemon {0} does not answer on the host.",
        "On that host, as root, start its socket (systemctl start NAME.socket); its log says why it is not there.",
        text=r"Failed to connect socket to '[^']+/(virt(?:log|lock|network|storage|secret|nodedev|nwfilter|interface)d)"
        r"-[^']+': (?:No such file|Connection refused)",
    ),
    Rule(
        "host-lost",
        "No libvirt daemon answers on that host.",
        "On that host, as root, start libvirtd (or virtqemud.socket), and see in its log why it is not there.",
        text=r"Failed to connect socket to '[^']+': (?:No such file|Connection refused)",
    ),
    Rule(
        "host-refused",
        "This server has no certificate of an authority for TLS: {0} is missing.",
        "Put cacert.pem, clientcert.pem and clientkey.pem of the authority that the host trusts, readable by the "
        "service's account, into the folder of the setting host_certificate_dir, then restart the service.",
        text=r"Cannot read CA certificate '([^']+)'",
    ),
    Rule(
        "host-refused",
        "libvirt is not installed there: neither its virt-ssh-helper nor nc was found.",
        "Install libvirt's daemon on that host.",
        text=r"(?:virt-ssh-helper|nc|netcat): (?:command )?not found",
    ),
    Rule(
        "host-refused",
        "Something else than libvirt answered: the account there has no shell, or its shell prints a text at login.",
        "Connect as an account whose login works and prints nothing.",
        text=r"bytes received from server too (?:large|small)",
    ),
    Rule(
        "host-lost",
        "The connection to the host broke.",
        "It is opened again by itself.",
        text=r"client socket is closed|keepalive timeout|End of file while reading|cannot send data",
    ),
    Rule(
        "host-refused",
        "The host's SSH key is not known or has changed, so Quarterdeck does not trust it.",
        "On the page of hosts, “Look at its key” shows it, to be compared on the host itself and trusted.",
        text=r"Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED",
    ),
    Rule(
        "host-refused",
        "SSH does not let Quarterdeck in: its key is not accepted there.",
        "On the page of hosts, “Look at its key” puts this server's key there by a password used once, or tells the "
        "command that does.",
        text=r"Permission denied \(|Permission denied, please try again|Too many authentication failures",
    ),
    Rule(
        "host-refused",
        "The host does not accept Quarterdeck's TLS certificate.",
        "Put clientcert.pem and clientkey.pem of an authority that the host trusts, readable by the service's account, "
        "into the folder of the setting host_certificate_dir.",
        text=r"Unable to read TLS confirmation",
    ),
    Rule(
        "host-refused",
        "The host's TLS certificates do not fit.",
        "Both sides need certificates of one authority in /etc/pki; the name in the server's must be its address.",
        text=r"certificate|TLS handshake",
    ),
    Rule(
        "host-refused",
        "libvirt does not accept Quarterdeck's account.",
        "The account must be a member of the group libvirt; after a change restart the service.",
        code=(45, 60, 88, 94),
        text=r"authentication (?:failed|unavailable|cancelled)|no polkit agent|access denied by policy",
    ),
)


def reach(raw: str) -> str:
    """What to do about a host that cannot be reached."""
    if "Connection refused" in raw:
        return "The host answers, but nothing listens at that port. Check the port, and that its daemon runs there."
    if re.search(r"not known|resolve|No address associated", raw):
        return "No address is known for that name. Check it, or use the IP address."
    return "Check that the host is on, its address is right, and its libvirt or SSH port is open."

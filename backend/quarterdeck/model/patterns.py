"""What texts in requests must look like: each pattern with its words and an example, for people and programs alike."""

from __future__ import annotations

import ipaddress
from typing import Self


class Pattern(str):
    """A regular expression as pydantic and the page take it; `words` complete the sentence “It must be …”."""

    words: str
    example: str
    __slots__ = ("example", "words")

    def __new__(cls, expression: str, words: str = "", example: str = "") -> Self:
        """Keep the words beside the expression."""
        made = super().__new__(cls, expression)
        made.words, made.example = words, example
        return made

    @property
    def told(self) -> str:
        """The words with their example."""
        return f"{self.words}, for example {self.example}" if self.example else self.words


def told(expression: str) -> str:
    """What the text must be, in words; nothing where there is no pattern."""
    return KNOWN[expression].told if expression else ""


def ip_address(text: str) -> str:
    """The address in its usual spelling; else ValueError."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError("It must be an IP address, for example 192.0.2.10 or 2001:db8::10.") from None


def names_network(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, net: ipaddress.IPv4Network | ipaddress.IPv6Network
) -> bool:
    """Whether it is the first or the last address of an IPv4 network, which belong to nobody."""
    return net.version == 4 and net.prefixlen < 31 and address in (net.network_address, net[-1])


# Texts and words
ONE_LINE = Pattern(r"^[^\x00-\x1f\x7f]*$", "one line without control characters")
LINE = Pattern(r"^[^\x00-\x1f\x7f]+$", "one line without control characters", "laptop")
ONE_TAG = Pattern(r"^\S+$", "one word without spaces", "production")
WORD = Pattern(
    r"^[A-Za-z0-9_.+][A-Za-z0-9_.+-]*$",
    "one word of letters, digits and . _ + -, that does not begin with a dash",
    "pc-q35-9.2",
)
PLAIN_WORD = Pattern(
    r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$",
    "one word of letters, digits and . _ -, that begins with a letter or digit",
    "org.example.agent.0",
)
SHORT_WORD = Pattern(
    r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$",
    "one word of up to 64 letters, digits and . _ -, that begins with a letter or digit",
    "shared0",
)
LETTERS = Pattern(r"^[A-Za-z0-9_]+$", "one word of letters, digits and underscores", "IP")
VARIABLE = Pattern(
    r"^[A-Za-z_][A-Za-z0-9_]*$", "a word of letters, digits and underscores that begins with no digit", "SERVER_NAME"
)
LOWER_CASE = Pattern(r"^[a-z]+$", "one word of small letters", "virtio")
ALIAS = Pattern(r"^ua-[A-Za-z0-9_-]{1,60}$", "ua- and up to 60 letters, digits, dashes and underscores", "ua-stays")
DIGITS = Pattern(r"^[0-9]+$", "a number", "0")

# Names of the host and of the network
HOST = Pattern(r"^[A-Za-z0-9_.:%-]{1,255}$", "a host name or IP address", "192.0.2.10")
SERVER = Pattern(
    r"^[A-Za-z0-9_.:%\[\]-]{1,255}$", "a host name or IP address, of up to 255 characters", "storage.example.org"
)
ADDRESS = Pattern(
    r"^[A-Za-z0-9\[][A-Za-z0-9.:_\]-]*$", "a host name or IP address without user and port", "kvm2.example.org"
)
POOL_SERVER = Pattern(r"^[A-Za-z0-9][A-Za-z0-9.:_-]*$", "a host name or IP address", "storage.example.org")
IP = Pattern(r"^[0-9A-Fa-f.:]+$", "an IP address", "192.0.2.10")
LISTEN = Pattern(
    r"^(socket|none|[0-9A-Fa-f.:]+)$", "an IP address of the host, or the word socket or none", "127.0.0.1"
)
DNS_NAME = Pattern(
    r"^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$",
    "a name of letters, digits, dots and dashes that neither begins nor ends with a dot or dash",
    "db.example.org",
)
FULL_HOST_NAME = Pattern(
    r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$",
    "a host name of letters, digits, dots and dashes that begins and ends with a letter or digit",
    "web.example.org",
)
SHORT_HOST_NAME = Pattern(
    r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$",
    "a host name of up to 63 letters, digits and dashes without dots, that begins and ends with a letter or digit",
    "web-1",
)
HOST_ID = Pattern(
    r"^[A-Za-z0-9][A-Za-z0-9._-]*$", "a name of letters, digits and . _ -, that begins with a letter or digit", "kvm2"
)
INTERFACE = Pattern(
    r"^[^\s/\x00-\x1f-][^\s/\x00-\x1f]{0,14}$",
    "the name of an interface: up to 15 characters without spaces and slashes, that do not begin with a dash",
    "br0",
)
MAC = Pattern(
    r"^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$", "six pairs of hexadecimal digits with colons", "52:54:00:12:34:56"
)
DUID = Pattern(
    r"^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){1,129}$",
    "a DUID: pairs of hexadecimal digits with colons",
    "00:01:00:01:2a:fe:52:54:00:12:34:56",
)
ACCOUNT = Pattern(
    r"^[A-Za-z_][A-Za-z0-9_.-]*$",
    "the name of an account: letters, digits and . _ -, beginning with a letter or underscore",
    "root",
)
LOGIN = Pattern(
    r"^[a-z_][a-z0-9_-]{0,31}$",
    "the name of an account: up to 32 small letters, digits, dashes and underscores, beginning with a letter",
    "admin",
)
OWNER = Pattern(
    r"^(\+?[0-9]{1,10}|[a-z_][a-z0-9_-]{0,31})$", "the name of an account, or its number with or without +", "qemu"
)
FINGERPRINT = Pattern(
    r"^SHA256:[A-Za-z0-9+/=]+$",
    "a fingerprint as ssh-keygen -l shows it",
    "SHA256:uNiVztksCsDhcc0u9e8BrkXnUodT7k5d4rpBYlrUPQk",
)
FILTER = Pattern(r"^[A-Za-z0-9_.:+][A-Za-z0-9_.:+-]*$", "the name of a network filter, without spaces", "clean-traffic")
FILTER_VALUE = Pattern(r"^[A-Za-z0-9_.:/\[\]@-]+$", "a value without spaces", "192.0.2.10")
VIRTUAL_PORT = Pattern(r"^[A-Za-z0-9_.:+-]+$", "one word of letters, digits and . _ : + -", "profile-1")

# Paths and devices of the host
ANY_PATH = Pattern(r"^/[^\x00-\x1f\x7f]*$", "an absolute path on the host", "/srv/share")
PATH = Pattern(
    r"^/[^\x00-\x1f\x7f]*[^\x00-\x20\x7f]$",
    "an absolute path on the host that does not end in a space",  # libvirt keeps none in what is an element's text
    "/srv/boot/vmlinuz",
)
LONG_PATH = Pattern(r"^/[^\x00-\x1f]+$", "an absolute path on the host", "/var/lib/libvirt/images")
QUOTED_PATH = Pattern(r'^/[^\x00-\x1f"\\]*$', "an absolute path without quotation mark and backslash", "/srv/leases")
GROUP_PATH = Pattern(r"^/[A-Za-z0-9_./-]+$", "an absolute path of letters, digits and . _ / -", "/machine/production")
DEVICE = Pattern(r"^/dev/[A-Za-z0-9_./-]+$", "the path of a device below /dev/", "/dev/urandom")
BLOCK_DEVICE = Pattern(r"^/dev/[^\s\x00-\x1f]+$", "the path of a device below /dev/, without spaces", "/dev/sdb")
RENDER_NODE = Pattern(r"^/dev/dri/[A-Za-z0-9]+$", "a render node below /dev/dri/", "/dev/dri/renderD128")
FILE_MODE = Pattern("^[0-7]{3,4}$", "three or four octal digits", "0640")
POOL_MODE = Pattern(r"^0?[0-7]{3}$", "three octal digits", "0711")
FW_CFG = Pattern(
    r"^opt/[\x21-\x2b\x2d-\x7e]{1,51}$",
    "opt/ and up to 51 characters without spaces and commas",
    "opt/com.coreos/config",
)
MOUNT_TAG = Pattern(
    r"^[A-Za-z0-9_./][A-Za-z0-9_./-]{0,35}$",
    "up to 36 letters, digits and . _ / -, that do not begin with a dash",
    "share",
)
TPM_PROFILE = Pattern(
    r"^[a-z][a-z-]*(:[A-Za-z0-9][A-Za-z0-9_.-]*)?$",
    "the name of a profile of swtpm, with the word local, distro or builtin and a colon before it",
    "local:restricted",
)
NODE_DEVICE = Pattern(
    r"^[A-Za-z0-9_]{1,200}$", "the name of a node device: letters, digits and underscores", "pci_0000_03_00_0"
)
SCSI_HOST = Pattern("^scsi_host[0-9]+$", "a SCSI host of this host", "scsi_host2")
SOUND_DEVICE = Pattern(
    r"^[A-Za-z0-9_/][A-Za-z0-9_./:,=-]*$", "a device of the host's sound system, without spaces", "plughw:0,0"
)
SOUND_NAME = Pattern(
    r"^[A-Za-z0-9_][A-Za-z0-9_ .:,@/+*-]*$", "a name that begins with a letter, digit or underscore", "Built-in Audio"
)
SOUND_SERVER = Pattern(
    r"^[A-Za-z0-9_./:-]+$", "an address or the path of a socket, without spaces", "/run/user/1000/pulse"
)

# Numbers in other clothes
USB_CLASS = Pattern("^(-1|(0x)?[0-9A-Fa-f]{1,2})$", "two hexadecimal digits, or -1 for any", "0x08")
USB_ID = Pattern("^(-1|(0x)?[0-9A-Fa-f]{1,4})$", "up to four hexadecimal digits, or -1 for any", "0x046d")
USB_VERSION = Pattern(r"^(-1|[0-9]{1,2}\.[0-9]{1,2})$", "two numbers with a dot, or -1 for any", "2.00")
CPUS = Pattern(
    r"^(\d{1,4}(-\d{1,4})?|\^\d{1,4})(,(\d{1,4}(-\d{1,4})?|\^\d{1,4}))*$",
    "numbers and ranges with commas; ^ leaves one out",
    "0-3,^2,8",
)
UUID = Pattern(
    r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
    "a UUID: 32 hexadecimal digits in groups of 8-4-4-4-12",
    "6695eb01-f6a4-8304-79aa-97f2502e193f",
)
HEX = Pattern("^(0x)?[0-9A-Fa-f]{1,4}$", "up to four hexadecimal digits", "0x046d")
WWN = Pattern("^(0x)?[0-9a-fA-F]{16}$", "16 hexadecimal digits", "5000c50015ea71ac")
PORT_WWN = Pattern(r"^[0-9a-f]{16}$", "16 hexadecimal digits in small letters", "20000000c9831b4b")
POLICY = Pattern(r"^(0x[0-9a-fA-F]{1,16}|[0-9]{1,19})$", "a number, also hexadecimal with 0x", "0x0007")
BASE64 = Pattern(r"^[A-Za-z0-9+/]{4,8192}={0,2}$", "text in Base64", "QUJDRA==")
BASE64_LINES = Pattern(r"^[A-Za-z0-9+/=\s]+$", "text in Base64, in lines or not", "QUJDRA==")
CHECKSUM = Pattern(
    r"^(sha256:[0-9A-Fa-f]{64}|sha512:[0-9A-Fa-f]{128})$",
    "sha256: and 64 hexadecimal digits, or sha512: and 128 of them",
    f"sha256:{'0123456789abcdef' * 4}",
)
SHA256 = Pattern("^[0-9A-Fa-f]{64}$", "64 hexadecimal digits", "0123456789abcdef" * 4)
MOMENT = Pattern(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$", "date and time as YYYY-MM-DDThh:mm:ss", "2030-12-31T23:59:59")
BIOS_DATE = Pattern(r"^\d\d/\d\d/(\d\d)?\d\d$", "a date as mm/dd/yyyy", "12/31/2030")
BIOS_RELEASE = Pattern(r"^\d+\.\d+$", "two numbers with a dot", "2.17")
CLOCK_ADJUSTMENT = Pattern(r"^(reset|-?[0-9]+)$", "the word reset or a number of seconds", "-3600")
NFS_VERSION = Pattern(r"^[0-9](\.[0-9])?$", "a version of NFS", "4.2")

# Of the guest and its installer
KEYMAP = Pattern("^[a-z]{2}(-[a-z]{2})?$", "two small letters, or two pairs of them with a dash", "de-ch")
TIME_ZONE = Pattern(r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$", "a time zone", "Europe/Vienna")
LOCALE = Pattern(r"^[a-z]{2,3}-[A-Z]{2}$", "a language and a country", "en-US")
PACKAGE = Pattern(r"^[A-Za-z0-9][A-Za-z0-9.+:~=_-]*$", "the name of a package, without spaces", "qemu-guest-agent")
DISK_SERIAL = Pattern(
    r"^[A-Za-z0-9_.+-]([A-Za-z0-9 _.+-]{0,34}[A-Za-z0-9_.+-])?$",
    "up to 36 letters, digits, spaces and . _ + -, without a space at either end",
    "WD-WMAP9A966149",
)
DISK_VENDOR = Pattern(
    r"^[\x21-\x7e]([\x20-\x7e]{0,6}[\x21-\x7e])?$", "up to 8 characters of ASCII, without a space at either end", "ACME"
)
DISK_PRODUCT = Pattern(
    r"^[\x21-\x7e]([\x20-\x7e]{0,14}[\x21-\x7e])?$",
    "up to 16 characters of ASCII, without a space at either end",
    "Fast disk",
)
HYPERV_VENDOR = Pattern(r"^[^,]{1,12}$", "up to 12 characters without a comma", "KVM Hv")
CERTIFICATE = Pattern(r"^[\x21-\x7e]+$", "the name of a certificate, without spaces", "cert1")
FIBRE_CHANNEL_ID = Pattern(r"^[!-~]{1,128}$", "up to 128 characters of ASCII without spaces", "machine-1")
ANSWER_WORD = Pattern(
    r"^[^\x00-\x1f\"/\\\[\]:;|=,+*?<>@]+$", 'a name without " / \\ [ ] : ; | = , + * ? < > @', "Anna Smith"
)

# Of storage and of metadata
POOL_WORD = Pattern(r"^[A-Za-z0-9_][A-Za-z0-9_.+:@-]*$", "one word of letters, digits and . _ + : @ -", "vg_data")
POOL_NAME = Pattern(
    r"^[^/\s\x00-\x1f,][^\s\x00-\x1f,]*$", "a name without spaces and commas that begins with no slash", "gv0"
)
IQN = Pattern(
    r"^iqn\.[0-9]{4}-(0[1-9]|1[0-2])\.[a-zA-Z0-9.-]+(:.+)?$",
    "an iSCSI name: iqn., a year and month, a domain backwards, a colon and a name",
    "iqn.2026-01.org.example:disks",
)
ZFS_NAME = Pattern(r"^[A-Za-z][A-Za-z0-9_.:/-]*$", "a pool or dataset of ZFS, beginning with a letter", "tank/machines")
NAMESPACE = Pattern(
    r"^[^\s<>\"{}|\\^`\x00-\x1f]+$", "the address of a namespace, without spaces", "https://example.org/xmlns/notes"
)

KNOWN: dict[str, Pattern] = {pattern: pattern for pattern in list(vars().values()) if isinstance(pattern, Pattern)}
"""Each pattern by its expression: a validator knows but that."""

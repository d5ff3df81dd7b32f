"""libvirt's refusals in words. The texts are libvirt's own, as seen on 9.0 and 11.3."""
# ruff: noqa: E501 - one refusal per line reads best

import pytest

from quarterdeck.hypervisor.errors import explain

SEEN = [
    (42, 10, "Domain not found: no domain with matching uuid '6695'", "not-found", "no such machine"),
    (55, 10, "Requested operation is not valid: domain is not running", "wrong-state", "is not running"),
    (55, 10, "Requested operation is not valid: domain is already active as 'x'", "wrong-state", "running already"),
    (1, 7, "internal error: client socket is closed", "host-lost", "broke"),
    (38, 7, "Cannot recv data: Host key verification failed.: Connection reset by peer", "host-refused", "host key|SSH key"),
    (38, 7, "Cannot recv data: root@10.0.0.2: Permission denied (publickey).: Connection reset by peer", "host-refused", "key is not accepted"),
    (38, 7, "Cannot recv data: virt-ssh-helper: cannot connect to '/run/libvirt/libvirt-sock': Failed to connect socket to '/run/libvirt/libvirt-sock': Permission denied: Connection reset by peer", "host-refused", "may not use libvirt"),
    (38, 7, "Cannot recv data: sh: 1: nc: not found: Connection reset by peer", "host-refused", "not installed"),
    (1, 7, "packet 1416128879 bytes received from server too large, want 33554432", "host-refused", "has no shell"),
    (38, 7, "Failed to connect socket to '/run/libvirt/libvirt-sock': No such file or directory", "host-lost", "No libvirt daemon"),
    (38, 7, "Failed to connect socket to '/var/run/libvirt/virtlogd-sock': Connection refused", "libvirt-refused", "daemon virtlogd"),
    (38, 7, "End of file while reading data: virt-ssh-helper: cannot connect to '/run/libvirt/libvirt-sock': Failed to connect socket to '/run/libvirt/libvirt-sock': No such file or directory: Input/output error", "host-lost", "No libvirt daemon"),
    (38, 7, "Cannot read CA certificate '/etc/pki/CA/cacert.pem': No such file or directory", "host-refused", "/etc/pki/CA/cacert.pem is missing"),
    (38, 7, "unable to connect to server at '10.0.0.9:16509': No route to host", "host-lost", "cannot be reached"),
    (81, 10, "Unsafe migration: Migration without shared storage is unsafe", "migration-unsafe", "not on storage that both"),
    (43, 19, "Network not found: no network with matching name 'lab'", "not-found", "“lab”"),
    (55, 19, "Requested operation is not valid: network 'lab' is not active", "wrong-state", "“lab” is not running"),
    (38, 0, "Cannot get interface MTU on 'br7': No such device", "libvirt-refused", "“br7”"),
    (38, 18, "Cannot access storage file '/x/a.iso': No such file or directory", "libvirt-refused", "/x/a.iso"),
    (38, 7, "unable to connect to server at 'host-b:49152': Connection refused", "libvirt-refused", "host-b:49152"),
    (38, 7, "unable to connect to server at '10.0.0.2:49153': Connection timed out", "libvirt-refused", "firewall"),
    (38, 7, "Unable to resolve address 'host-b' service '49152': Name or service not known", "libvirt-refused", "“host-b”"),
    (1, 10, "internal error: hostname on destination resolved to localhost, but migration requires an FQDN", "libvirt-refused", "localhost"),
    (67, 10, "unsupported configuration: Emulator '/usr/bin/qemu' does not support machine type 'pc-q35-10.0'", "unsupported", "pc-q35-10.0"),
    (87, 51, "resource busy: Lockspace resource '/x/a.img' is locked", "locked", "/x/a.img"),
    (1, 10, "internal error: process exited: Failed to get \"write\" lock\nIs another process using the image [/x]?", "locked", "in use"),
    (78, 10, "operation aborted: job 'migration out' canceled by client", "cancelled", "cancelled"),
    (55, 10, "Requested operation is not valid: cannot migrate domain with 2 snapshots", "wrong-state", "2 snapshot"),
    (9, 10, "operation failed: domain 'web' already exists with uuid 1234", "name-taken", "“web”"),
    (91, 31, "unsupported configuration: guest and host CPU are not compatible: missing features: avx2,bmi2", "cpu-incompatible", "avx2,bmi2"),
    (91, 31, "the CPU is incompatible with host CPU: Host CPU does not provide required features: vmx, pcid", "cpu-incompatible", "vmx, pcid"),
    (49, 18, "Storage pool not found: no storage pool with matching target path '/data/images'", "libvirt-refused", "/data/images"),
    (68, 10, "Timed out during operation: cannot acquire state change lock (held by monitor=x)", "busy", "30 s"),
    (86, 0, "Guest agent is not responding: QEMU guest agent is not connected", "agent-unavailable", "agent"),
    (90, 18, "storage volume 'a' exists already", "name-taken", "volume"),
    (55, 18, "Requested operation is not valid: volume 'a.img' is still in use.", "busy", "a.img is being copied"),
    (38, 18, "cannot extend file '/x/a.img': File too large", "no-space", "holds no files as large"),
    (92, 40, "XML document failed to validate against schema: Did not expect element bogus there", "invalid-xml", "schema"),
    (67, 10, "unsupported configuration: unable to open vhost-vsock device", "unsupported", "vhost-vsock"),
    (1, 10, "internal error: No more available PCI slots", "unsupported", "no free slot"),
    (84, 10, "Operation not supported: cannot modify field 'cache' of the disk", "unsupported", "“cache”"),
    (45, 7, "authentication failed: Failed to start SASL negotiation", "host-refused", "account"),
    (9, 10, "operation failed: migration of disk vda failed: No space left on device", "no-space", "the disk vda"),
    (1, 10, "internal error: qemu unexpectedly closed the monitor: check_section_footer: Read section footer failed: -5\nload of migration failed: Invalid argument", "libvirt-refused", "taken over"),
    (1, 10, "internal error: qemu unexpectedly closed the monitor", "libvirt-refused", "without a word"),
    (88, 7, "access denied: 'QEMU' denied access", "forbidden", "access rules"),
    (38, 10, "Unable to read from monitor: Connection reset by peer", "wrong-state", "ended in that moment"),
    (1, 10, "internal error: qemu unexpectedly closed the monitor: failed to set MSR 0x10a", "unsupported", "KVM does not work"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "domain", "text", "slug", "words"), SEEN)
def test_a_refusal_of_libvirt_is_told_in_words(code: int, domain: int, text: str, slug: str, words: str) -> None:
    problem = explain(code, domain, text)
    assert problem.slug == slug
    assert any(word in problem.detail for word in words.split("|"))
    assert problem.raw == text


def test_what_is_not_known_keeps_libvirts_words() -> None:
    problem = explain(9, 10, "operation failed: the moon is in the way")
    assert (problem.slug, problem.detail) == ("libvirt-refused", "operation failed: the moon is in the way")

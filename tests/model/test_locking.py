"""What the settings of lock managers say, and what would change in them."""

from __future__ import annotations

from quarterdeck.model.locking import (
    LOCKD,
    QEMU,
    SANLOCK,
    LockFacts,
    Locking,
    LockingWish,
    read_locking,
    refusals,
    wished,
)

LEASES = '#host_id = 1\n#auto_disk_leases = 1\n#disk_lease_dir = "/var/lib/libvirt/sanlock"\nuser = "root"\n'
FACTS = LockFacts(
    {QEMU: '#lock_manager = "lockd"\n', LOCKD: None, SANLOCK: LEASES}, 100, 200, ("lockd", "sanlock"), sanlock_runs=True
)
WISH = LockingWish(manager="sanlock", host_id=7, lease_folder="/leases")


def pointers(facts: LockFacts, wish: LockingWish, taken: dict[int, str] | None = None) -> list[str]:
    return [fault.pointer for fault in refusals(facts, wish, taken or {})]


def test_sanlock_changes_two_files_and_only_what_it_needs() -> None:
    new = wished(FACTS, WISH)
    assert new[QEMU] == 'lock_manager = "sanlock"\n'
    assert new[SANLOCK] == 'host_id = 7\nauto_disk_leases = 1\ndisk_lease_dir = "/leases"\nuser = "root"\n'
    assert set(new) == {QEMU, SANLOCK}
    seen = read_locking(LockFacts({**FACTS.files, **new}, 100, 200))
    assert (seen.manager, seen.host_id, seen.lease_folder, seen.in_force) == ("sanlock", 7, "/leases", True)


def test_what_would_keep_every_machine_from_starting_is_refused() -> None:
    assert pointers(FACTS, WISH) == []
    assert pointers(FACTS, WISH, {7: "b"}) == ["/host_id"]
    assert pointers(FACTS, LockingWish(manager="sanlock")) == ["/host_id", "/lease_folder"]
    bare = LockFacts(FACTS.files)
    assert pointers(bare, WISH) == ["/manager", "/manager"]
    assert pointers(bare, LockingWish(manager="none")) == []
    assert pointers(FACTS, LockingWish(manager="none", file_space="/x")) == ["/file_space"]


def test_settings_that_are_newer_than_the_daemon_do_not_hold_yet() -> None:
    lockd = {QEMU: 'lock_manager = "lockd"\n', LOCKD: "", SANLOCK: ""}
    late = read_locking(LockFacts(lockd, 300, 200))
    assert late.in_force is False
    assert "until it is restarted" in late.text
    assert read_locking(LockFacts({QEMU: None, LOCKD: None, SANLOCK: None}, 300, 200)).in_force is None


def test_two_hosts_protect_each_other_only_by_the_same_locks_in_force() -> None:
    def locking(conf: str, lockd: str = "", started: int = 200) -> Locking:
        files = {QEMU: f'lock_manager = "{conf}"\n', LOCKD: lockd, SANLOCK: 'disk_lease_dir = "/leases"\n'}
        return read_locking(LockFacts(files, 100, started))

    direct, spaced = locking("lockd"), locking("lockd", 'file_lockspace_dir = "/locks"\n')
    assert direct.holds_as(locking("lockd"))
    assert not locking("lockd", started=50).holds_as(direct)
    assert not any(other.holds_as(direct) for other in (spaced, locking("sanlock"), read_locking(FACTS)))
    assert [each.words for each in (direct, spaced, locking("sanlock"), read_locking(FACTS))] == [
        "lockd (on the disk files)", "lockd (file: /locks)", "sanlock (leases in /leases)", "no lock manager"
    ]  # fmt: skip
    assert spaced.wish() == LockingWish(manager="lockd", file_space="/locks")

"""What the service remembers over a restart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from quarterdeck.audit import Audit
from quarterdeck.history import History
from quarterdeck.jobs import Job, Jobs
from quarterdeck.operations.hosts.hosts import HostRows
from quarterdeck.store import JobRows, Store, now


def test_a_second_opening_finds_what_the_first_kept(tmp_path: Path) -> None:
    HostRows(Store(tmp_path / "q.sqlite")).put("b", {"name": "b", "transport": "ssh"})
    assert HostRows(Store(tmp_path / "q.sqlite")).all() == [{"name": "b", "transport": "ssh"}]


def test_history_keeps_each_definition_once_and_who_made_it(tmp_path: Path) -> None:
    history = History(Store(tmp_path / "q.sqlite"), keep=10)
    history.add_many("local", [("u", "vm", "<a/>", "1")])
    history.add_many("local", [("u", "vm", "<a/>", "1")])
    history.add_many("local", [("u", "vm", "<b/>", "2")], user="ann", act="edit")
    assert [(e["digest"], e["user"]) for e in history.entries("local", "u")] == [("2", "ann"), ("1", None)]


def test_an_act_is_named_even_when_its_event_came_first(tmp_path: Path) -> None:
    history = History(Store(tmp_path / "q.sqlite"), keep=10)
    history.add_many("local", [("u", "vm", "<b/>", "2")])
    history.add_many("local", [("u", "vm", "<b/>", "2")], user="ann", act="edit")
    assert [(e["user"], e["act"]) for e in history.entries("local", "u")] == [("ann", "edit")]


def test_only_the_newest_definitions_are_kept(tmp_path: Path) -> None:
    history = History(Store(tmp_path / "q.sqlite"), keep=3)
    for number in range(6):
        history.add_many("local", [("u", "vm", f"<a n='{number}'/>", str(number))])
    assert [e["digest"] for e in history.entries("local", "u")] == ["5", "4", "3"]


def test_the_definition_before_one_is_found_for_a_diff(tmp_path: Path) -> None:
    history = History(Store(tmp_path / "q.sqlite"), keep=3)
    history.add_many("local", [("u", "vm", "<a/>", "1")])
    history.add_many("local", [("u", "vm", "<b/>", "2")])
    newest = history.entries("local", "u")[0]["id"]
    before = history.before("local", "u", newest)
    assert before and before["xml"] == "<a/>"


def test_audit_gives_the_newest_first_and_pages_back(tmp_path: Path) -> None:
    audit = Audit(Store(tmp_path / "q.sqlite"))
    for number in range(5):
        audit.add("ann", f"act {number}", "ok", target="u" if number % 2 else "v")
    first = audit.entries(limit=2)
    assert [e["act"] for e in first] == ["act 4", "act 3"]
    assert [e["act"] for e in audit.entries(before=first[-1]["id"], limit=9)] == ["act 2", "act 1", "act 0"]
    assert [e["act"] for e in audit.entries(target="u")] == ["act 3", "act 1"]


def test_what_was_done_is_found_by_the_words_of_an_entry_and_by_how_it_ended(tmp_path: Path) -> None:
    store = Store(tmp_path / "q.sqlite")
    audit = Audit(store)
    History(store, keep=3).add_many("local", [("u", "Mail", "<a/>", "1")])
    audit.add("ann", "domain migrate", "ok", host="local", target="u")
    audit.add("bob", "volume delete", "in-use", host="local", target="100%.iso", detail="pool default, it is used")

    def found(search: str, *, failed: bool = False) -> list[str]:
        return [entry["act"] for entry in audit.entries(search=search, failed=failed)]

    assert found("MAIL machine") == found("ann") == ["domain migrate"]
    assert found("100% default") == found("", failed=True) == ["volume delete"]
    assert found("ann default") == found("1__%") == found("mail", failed=True) == []


def test_who_did_what_is_kept_for_so_many_days(tmp_path: Path) -> None:
    store = Store(tmp_path / "q.sqlite")
    audit = Audit(store, days=400)
    for act, days in (("old", 401), ("late", 399), ("new", 0)):
        audit.add("ann", act, "ok")
        time = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
        store.write("UPDATE audit SET time=? WHERE act=?", (time, act))
    assert [entry["act"] for entry in Audit(store, days=400).entries()] == ["new", "late"]
    assert [entry["act"] for entry in Audit(store, days=30).entries()] == ["new"]


def test_damaged_file_is_put_aside_and_a_new_one_begun(tmp_path: Path) -> None:
    (tmp_path / "q.sqlite").write_bytes(b"no database" * 1000)
    HostRows(Store(tmp_path / "q.sqlite")).put("b", {"name": "b"})
    (kept,) = tmp_path.glob("q.sqlite.damaged-*")
    assert kept.read_bytes().startswith(b"no database")


def test_damaged_row_of_a_job_leaves_the_others(tmp_path: Path) -> None:
    store = Store(tmp_path / "q.sqlite")
    rows = JobRows(store, keep=10)
    for name in "ab":
        job = Job(id=name, kind="save", host="local", target="u", user="ann", state="done", started=now())
        rows.put(name, "done", job.started, job.model_dump_json(), {})
    store.write("UPDATE jobs SET body = '{' WHERE id = 'a'")
    assert [job.id for job in Jobs(rows).list()] == ["b"]

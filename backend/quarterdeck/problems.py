"""Problem, the one error that people see, and the catalogue of its kinds.

A problem says what happened (`detail`), in general why and what to do (the catalogue's `help`), and
often what to do in this very case (`cure`). libvirt's own words travel along as `raw`.
It leaves the service as `application/problem+json` (RFC 9457).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """What is true of every problem of one slug."""

    status: int
    title: str
    help: str


@dataclass(frozen=True)
class FieldError:
    """A fault of one input: where it is (JSON pointer into the body) and what is wrong."""

    pointer: str
    detail: str


CATALOGUE: dict[str, Kind] = {
    "invalid-input": Kind(
        422,
        "Some input is not usable",
        "Each field at fault is named, with what it may be; scripts find them in errors, by JSON pointers into the "
        "body. Nothing was changed. Correct them and send it again.",
    ),
    "invalid-xml": Kind(
        422,
        "The XML is not a valid definition",
        "It is not well formed, or libvirt's schema or libvirt itself refused what stands at the place named. Nothing "
        "was changed; what was typed is still in the editor.",
    ),
    "not-found": Kind(
        404,
        "Not found",
        "It does not exist on this host, or somebody removed or renamed it in the meantime. Look it up in its list: a "
        "machine that was deleted stands for 30 days among the deleted ones.",
    ),
    "method-not-allowed": Kind(
        405,
        "Method not allowed",
        "The address exists, but not with this HTTP method. The header Allow names those that it takes.",
    ),
    "too-large": Kind(
        413,
        "It is too large",
        "The body of a request has a limit, which the text names; images go to a volume's content instead, as raw "
        "bytes. Files from other servers may be as large as the setting download_limit_gib says.",
    ),
    "length-required": Kind(
        411,
        "Say how much you send",
        "An upload needs a Content-Length: else a cut one looks like a whole one.",
    ),
    "upload-cut": Kind(
        400,
        "The upload was cut",
        "The connection ended before all bytes were in. Send it again, or the rest of it.",
    ),
    "download-failed": Kind(
        502,
        "The download failed",
        "The other server refused, does not answer, or ended the connection; or what came is not what its checksum "
        "says. Nothing is left of it. Open the address from this server (curl -I), correct it, and begin again.",
    ),
    "address-refused": Kind(
        403,
        "That address is not fetched from",
        "Quarterdeck fetches nothing from the server it runs on, from link-local addresses and from clouds' metadata, "
        "so that nobody can use it to reach inner services. The setting download_allow makes exceptions.",
    ),
    "not-logged-in": Kind(
        401,
        "You are not logged in",
        "The session ended, or there never was one. Log in again.",
    ),
    "login-failed": Kind(
        401,
        "Login failed",
        "The name or password is wrong, or the account may not log in (locked, expired). The host's authentication "
        "log knows which.",
    ),
    "too-many-attempts": Kind(
        429,
        "Too many attempts",
        "After several wrong passwords further attempts have to wait. Try again after the time given; scripts find it "
        "in the header Retry-After.",
    ),
    "forbidden": Kind(
        403,
        "Your role does not allow this",
        "Roles come from the groups of your system account: sudo, wheel and libvirt may do everything, "
        "quarterdeck-viewer may look; the settings can say otherwise. An administrator of the host can add you to one; "
        "then log in again. A token may do what was chosen for it when it was made, and never more than its account.",
    ),
    "leads-elsewhere": Kind(
        403,
        "It leads to other files of the host",
        "A link in a folder, or the header of an image, may name any file of the host, and whoever can write it would "
        "have that file read or overwritten as root. Use the file itself, in a pool of its own, or make one image of "
        "all its parts (qemu-img convert).",
    ),
    "wrong-origin": Kind(
        403,
        "The request came from another site",
        "Changes are accepted only from Quarterdeck's own pages, or with an API token. A proxy in front of the service "
        "must pass on the headers Host and Origin as they came.",
    ),
    "misdirected": Kind(
        421,
        "The service does not answer to that name",
        "It answers to its own names and addresses only, so that no other site can pass for it. Further names go into "
        "the setting server_names.",
    ),
    "changed-meanwhile": Kind(
        412,
        "Somebody changed it meanwhile",
        "What you edited is no longer what is saved. Load it again, look at the difference, and repeat your change.",
    ),
    "not-undoable": Kind(
        409,
        "It cannot be undone any more",
        "A change can be undone until something else changes the same values again. The history still has the values.",
    ),
    "precondition-required": Kind(
        428,
        "Say which version you change",
        "Send the ETag of the version you looked at as If-Match, so that nobody's change is lost.",
    ),
    "host-lost": Kind(
        503,
        "The host cannot be reached",
        "Its machines run on. Quarterdeck tries again by itself, with growing pauses, and the page follows. If it "
        "stays so: is the host on, does the network between reach it, does libvirtd run there?",
    ),
    "unreachable": Kind(
        502,
        "A server does not answer",
        "The storage behind it would hang whoever waits for it, so nothing was begun. Check the server and the "
        "network between it and the host.",
    ),
    "host-refused": Kind(
        502,
        "The host refused the connection",
        "The host answers, but does not let Quarterdeck in: its SSH key or certificate is not accepted there, the "
        "host's own key is not trusted, or the account lacks the group libvirt. The text says which; Hosts in the "
        "page leads through the rest.",
    ),
    "host-key-changed": Kind(
        502,
        "The host shows another SSH key",
        "Either it was set up anew or another host has its address now, or somebody stands in between and pretends to "
        "be it. Quarterdeck does not connect until an administrator has compared the new key and trusts it.",
    ),
    "busy": Kind(
        409,
        "Another job is working on it",
        "libvirt does one long job per machine at a time. Wait for it in the list of jobs, or cancel it there.",
    ),
    "wrong-state": Kind(
        409,
        "Not possible in this state",
        "It runs and would have to be off, is off and would have to run, or something of it is under way. The text "
        "says what; in the page the act is disabled with the same reason.",
    ),
    "name-taken": Kind(
        409,
        "The name is taken",
        "Another object on that host has this name or identity. Choose another.",
    ),
    "in-use": Kind(
        409,
        "It is in use",
        "Something else uses it; the text names it. Release it there, or turn that off, and try again.",
    ),
    "locked": Kind(
        409,
        "Locked by another machine or host",
        "A disk is protected from being written by two at once. The text names the machine or the lock: turn off what "
        "uses the disk, on this host or another. How a host protects stands on its page Protection.",
    ),
    "no-space": Kind(
        507,
        "Not enough space",
        "Nothing half-made was left. Free space in the pool (it lists images that nobody uses), or choose another "
        "pool or a smaller size.",
    ),
    "unsupported": Kind(
        409,
        "This host cannot do that",
        "Its libvirt or QEMU is too old or was built without it, its hardware has not got it, or two choices do not "
        "go together. The text says which.",
    ),
    "libvirt-refused": Kind(
        409,
        "libvirt refused",
        "libvirt or a program of the host said no, and Quarterdeck knows no better words for it: its own are told "
        "along, scripts find them in raw. What had been begun was taken back. The host's log (journalctl -u libvirtd) "
        "often says more.",
    ),
    "no-such-range": Kind(
        416,
        "There are no such bytes",
        "The volume is shorter than where the download was to go on. What you have may be all: compare the sizes.",
    ),
    "timed-out": Kind(
        504,
        "It took too long",
        "The host did not answer in time. What was asked may still happen: look again before you repeat it.",
    ),
    "migration-blocked": Kind(
        409,
        "Something stands in the way of the move",
        "The check of a move says what, why it matters, and what removes it. Nothing was begun.",
    ),
    "migration-unsafe": Kind(
        409,
        "Moving it so would be unsafe",
        "Its disks are not on storage that both hosts share. Move it with a copy of its disks, or use a shared pool.",
    ),
    "post-copy-broken": Kind(
        409,
        "The move broke in post-copy",
        "The network failed after the machine had been switched to the other host: half of its memory is on each, and "
        "neither half may be destroyed. Mend the network between both hosts, then go on with the move.",
    ),
    "cpu-incompatible": Kind(
        409,
        "The other host's CPU lacks features",
        "The running machine uses CPU features that the destination does not have. Choose a common CPU model and "
        "start the machine anew, or move it while it is off.",
    ),
    "agent-unavailable": Kind(
        409,
        "The guest agent does not answer",
        "Install and start qemu-guest-agent in the machine, and give it the channel org.qemu.guest_agent.0.",
    ),
    "not-cancellable": Kind(
        409,
        "It cannot be cancelled now",
        "The job is over, or so far that going on is safer than turning back. What it did can often be undone "
        "afterwards, by the button in the list of jobs.",
    ),
    "cancelled": Kind(
        409,
        "Cancelled",
        "It was cancelled before it was done; what it had begun was undone.",
    ),
    "overloaded": Kind(
        503,
        "Too many connections",
        "The service has no room for another one just now. Close pages or consoles that are open elsewhere, or try "
        "again in a moment.",
    ),
    "incomplete": Kind(
        409,
        "Not all of it could be done",
        "What was done stays done; the rest is as it was before. The text says which.",
    ),
    "interrupted": Kind(
        500,
        "Interrupted by a restart",
        "Quarterdeck stopped while this went on, and cannot take it up again. Look at its target, then repeat it.",
    ),
    "starting": Kind(
        503,
        "Quarterdeck is starting",
        "The web process does not answer yet, or was just restarted. Try again soon.",
    ),
    "bad-request": Kind(
        400,
        "The request cannot be understood",
        "It is not HTTP, or does not name the server that it is for.",
    ),
    "header-too-large": Kind(
        431,
        "The request's header is too large",
        "An address may have 8 KiB, and a request 100 header fields of 8 KiB.",
    ),
    "internal": Kind(
        500,
        "Something went wrong inside Quarterdeck",
        "This is a fault of Quarterdeck or of the system that it runs on. The service's log (journalctl -u "
        "quarterdeck) holds the details, under the number where one is given.",
    ),
}


class Problem(Exception):
    """The one error type. `slug` names the kind in CATALOGUE; the rest is about this very case."""

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        cure: str | None = None,
        errors: Sequence[FieldError] = (),
        raw: str | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.slug = slug
        self.kind = CATALOGUE[slug]
        self.detail = detail
        self.cure = cure
        self.errors = tuple(errors)
        self.raw = raw
        self.extra = extra

    @property
    def status(self) -> int:
        """HTTP status of this kind of problem."""
        return self.kind.status

    @property
    def title(self) -> str:
        """Short sentence that is the same for every problem of this kind."""
        return self.kind.title

    def as_dict(self) -> dict[str, Any]:
        """RFC 9457 members, plus `cure`, `raw` and `errors` where there are any."""
        members: dict[str, Any] = {
            "type": f"/problems/{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.cure:
            members["cure"] = self.cure
        if self.raw:
            members["raw"] = self.raw
        if self.errors:
            members["errors"] = [{"pointer": e.pointer, "detail": e.detail} for e in self.errors]
        return members | self.extra

    @classmethod
    def from_dict(cls, members: dict[str, Any]) -> Problem:
        """The problem that these members tell; the other way round of `as_dict`."""
        slug = str(members["type"]).rsplit("/", 1)[-1]
        errors = [FieldError(error["pointer"], error["detail"]) for error in members.get("errors", [])]
        own = {"type", "title", "status", "detail", "cure", "raw", "errors"}
        extra = {name: value for name, value in members.items() if name not in own}
        return cls(slug, members["detail"], cure=members.get("cure"), raw=members.get("raw"), errors=errors, **extra)


@contextlib.contextmanager
def at_field(pointer: str) -> Iterator[None]:
    """Inside, what is refused without a field to blame is the fault of this one."""
    try:
        yield
    except Problem as problem:
        if problem.status < 500 and not problem.errors:
            problem.errors = (FieldError(pointer, problem.detail),)
        raise


def field_problem(pointer: str, detail: str, *, cure: str | None = None) -> Problem:
    """The problem of one wrong field."""
    return Problem("invalid-input", detail, cure=cure, errors=[FieldError(pointer, detail)])

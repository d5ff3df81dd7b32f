"""PAM by ctypes: one attempt with a name and a password."""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_uint, c_void_p
from dataclasses import dataclass
from typing import Any

PAM_SUCCESS = 0
PAM_CONV_ERR = 19
PAM_USER, PAM_TTY, PAM_RHOST, PAM_FAIL_DELAY = 2, 3, 4, 10
PAM_PROMPT_ECHO_OFF, PAM_PROMPT_ECHO_ON = 1, 2
MOST_WORDS = 16
PAM_DISALLOW_NULL_AUTHTOK = 1
EXPIRED, PASSWORD_CHANGE, DENIED = 13, 12, 6
"""PAM_ACCT_EXPIRED, PAM_NEW_AUTHTOK_REQD, PAM_PERM_DENIED"""


class _Message(ctypes.Structure):
    _fields_ = [("style", c_int), ("text", c_char_p)]


class _Response(ctypes.Structure):
    _fields_ = [("text", c_void_p), ("code", c_int)]


_Talk = CFUNCTYPE(c_int, c_int, POINTER(POINTER(_Message)), POINTER(POINTER(_Response)), c_void_p)
_Delay = CFUNCTYPE(None, c_int, c_uint, c_void_p)


class _Conversation(ctypes.Structure):
    _fields_ = [("talk", _Talk), ("data", c_void_p)]


@dataclass(frozen=True)
class Result:
    """How an attempt ended: the canonical name, or at which stage (`authenticate`, `account`) with which PAM code.

    `words` is what PAM's modules said to the person.
    """

    user: str | None
    stage: str = ""
    code: int = PAM_SUCCESS
    words: tuple[str, ...] = ()


class Attempt:
    """One transaction with PAM. The password answers the first hidden question only, never a second one."""

    def __init__(self, service: str) -> None:
        self._service = service.encode()
        self._pam = ctypes.CDLL("libpam.so.0")
        self._libc = ctypes.CDLL(None)
        self._libc.calloc.restype = self._libc.strdup.restype = c_void_p
        self._pam.pam_get_item.argtypes = [c_void_p, c_int, POINTER(c_void_p)]
        self._pam.pam_set_item.argtypes = [c_void_p, c_int, c_void_p]
        self._handle = c_void_p()
        self._asked = 0
        self._words: list[str] = []

    def run(self, user: str, password: str, address: str) -> Result:
        """Authenticate, then ask whether the account may be used. PAM's own waiting is left to the caller."""
        conversation = _Conversation(_Talk(self._talk(user.encode(), password.encode())), None)
        no_delay = _Delay(lambda status, microseconds, data: None)
        code = self._pam.pam_start(self._service, user.encode(), ctypes.byref(conversation), ctypes.byref(self._handle))
        if code != PAM_SUCCESS:
            return Result(None, "start", code)
        try:
            for item, value in ((PAM_RHOST, address.encode()), (PAM_TTY, b"quarterdeck")):
                self._pam.pam_set_item(self._handle, item, c_char_p(value))
            self._pam.pam_set_item(self._handle, PAM_FAIL_DELAY, ctypes.cast(no_delay, c_void_p))
            for stage, call in (("authenticate", self._pam.pam_authenticate), ("account", self._pam.pam_acct_mgmt)):
                code = call(self._handle, PAM_DISALLOW_NULL_AUTHTOK)
                if code != PAM_SUCCESS:
                    return Result(None, stage, code, tuple(self._words))
            return Result(self._canonical())
        finally:
            self._pam.pam_end(self._handle, code)

    def _canonical(self) -> str:
        item = c_void_p()
        self._pam.pam_get_item(self._handle, PAM_USER, ctypes.byref(item))
        return ctypes.string_at(item.value or 0).decode()

    def _talk(self, user: bytes, password: bytes) -> Any:
        def talk(count: int, messages: Any, responses: Any, _data: Any) -> int:
            answers = ctypes.cast(self._libc.calloc(count, ctypes.sizeof(_Response)), POINTER(_Response))
            responses[0] = answers  # PAM frees it
            for number in range(count):
                style = messages[number].contents.style
                if style == PAM_PROMPT_ECHO_OFF:
                    self._asked += 1
                    if self._asked > 1:
                        return PAM_CONV_ERR
                    answers[number].text = self._libc.strdup(password)
                elif style == PAM_PROMPT_ECHO_ON:
                    answers[number].text = self._libc.strdup(user)
                elif len(self._words) < MOST_WORDS:
                    self._words.append((messages[number].contents.text or b"").decode(errors="replace"))
            return PAM_SUCCESS

        return talk

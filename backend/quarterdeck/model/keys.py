"""Names of keys that can be pressed in a guest, with their Linux input codes (linux/input-event-codes.h)."""

from __future__ import annotations

_ROWS = (
    (1, "esc 1 2 3 4 5 6 7 8 9 0 minus equal backspace tab q w e r t y u i o p leftbrace rightbrace enter"),
    (29, "leftctrl a s d f g h j k l semicolon apostrophe grave leftshift backslash z x c v b n m comma dot slash"),
    (54, "rightshift kpasterisk leftalt space capslock f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 numlock scrolllock"),
    (87, "f11 f12"),
    (97, "rightctrl kpslash sysrq rightalt"),
    (102, "home up pageup left right end down pagedown insert delete"),
    (125, "leftmeta rightmeta compose"),
)
KEYS: dict[str, int] = {
    f"KEY_{name.upper()}": first + place for first, names in _ROWS for place, name in enumerate(names.split())
}
CTRL_ALT_DEL = ("KEY_LEFTCTRL", "KEY_LEFTALT", "KEY_DELETE")
MOST_AT_ONCE = 16  # VIR_DOMAIN_SEND_KEY_MAX_KEYS

"""Installations without questions: what is asked for them, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

import yaml
from lxml import etree
from pydantic import Field, SecretStr

from quarterdeck.model.patterns import ANSWER_WORD, LOCALE, LOGIN, SHORT_HOST_NAME, TIME_ZONE
from quarterdeck.model.strict import Strict
from quarterdeck.model.xml import XmlText
from quarterdeck.problems import FieldError

NAMESPACE = "urn:schemas-microsoft-com:unattend"
MOST_BYTES = 256 << 10
PLAIN = re.compile(r"[A-Za-z0-9!%+./:=?@^_~-]+")
Word = Annotated[XmlText, Field(max_length=64, pattern=ANSWER_WORD)]


Reader = Literal["windows", "prepared", "autoinstall", "script"]
"""Who reads the answers: Windows Setup, a Windows that sysprep has generalized, Ubuntu's installer of today, or one
for which the OS database has a script."""
WINDOWS = ("windows", "prepared")


class Unattended(Strict):
    """What an installer would ask. Windows and Ubuntu read a disc with the answers, others a script of the OS database.

    `edition` and `product_key` are Windows' alone; `answer_file` is one's own file instead of the made one.
    """

    user: Word | None = None
    password: SecretStr | None = Field(None, min_length=1, max_length=127)
    full_name: Word | None = None
    hostname: str | None = Field(None, pattern=SHORT_HOST_NAME)
    locale: str = Field("en-US", pattern=LOCALE)
    timezone: str = Field("UTC", pattern=TIME_ZONE, max_length=64)
    edition: Word | None = Field(None, description="As the medium calls it, such as Windows 11 Pro")
    product_key: SecretStr | None = None
    answer_file: SecretStr | None = Field(None, max_length=MOST_BYTES)


def faults(wish: Unattended, reader: Reader) -> Iterator[FieldError]:
    """What is wrong with a wish beyond its single values, for who reads it."""
    own = wish.answer_file.get_secret_value() if wish.answer_file else None
    if own is not None:
        names = ("user", "password", "full_name", "hostname", "edition", "product_key")
        yield from (
            FieldError(f"/{name}", "Your own answer file takes the place of this: put it there.")
            for name in names
            if getattr(wish, name)
        )
        if reader in WINDOWS and not _is_answer_file(own):
            yield FieldError("/answer_file", f"It is no answer file: XML with the root <unattend xmlns='{NAMESPACE}'>.")
        if reader == "autoinstall" and not _is_autoinstall(own):
            words = "It must be YAML of autoinstall: settings such as version: 1, or these below autoinstall:."
            yield FieldError("/answer_file", words)
        return
    if not (wish.user and wish.password):
        yield FieldError("/password" if wish.user else "/user", "The first user needs a name and a password.")
    key = wish.product_key.get_secret_value() if wish.product_key else None
    if key is not None and not re.fullmatch(r"([A-Za-z0-9]{5}-){4}[A-Za-z0-9]{5}", key):
        yield FieldError(
            "/product_key",
            "A product key has five groups of five letters or digits, with dashes.",
        )
    if reader == "prepared" and wish.edition:
        yield FieldError("/edition", "The disk has its edition already.")
    if reader in WINDOWS:
        return
    if wish.user and not re.fullmatch(LOGIN, wish.user):
        yield FieldError("/user", f"It must be {LOGIN.told}.")
    if reader == "script" and wish.password and not PLAIN.fullmatch(wish.password.get_secret_value()):
        yield FieldError("/password", "Installers take letters, digits and !%+-./:=?@^_~ only; change it afterwards.")
    for name in ("edition", "product_key"):
        if getattr(wish, name):
            yield FieldError(f"/{name}", "Only Windows asks for this.")


def _is_autoinstall(text: str) -> bool:
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return False
    return isinstance(found, dict) and ("version" in found or isinstance(found.get("autoinstall"), dict))


def _is_answer_file(text: str) -> bool:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        return etree.fromstring(text.encode(), parser).tag == f"{{{NAMESPACE}}}unattend"
    except etree.XMLSyntaxError:
        return False

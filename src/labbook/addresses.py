"""Addresses in messages: they may hold a password, which nobody else should read."""

import re


def shown(text: str) -> str:
    """`text` with *** in place of user names and passwords in its addresses (RFC 3986, 3.2.1).

    A password may hold a `/` by mistake, so that its address ends too early: then all up to the
    last @ is taken for it.
    """
    parts = re.split(r"(?<=://)", text)
    return parts[0] + "".join(map(_without_user, parts[1:]))


def has_user(address: str) -> bool:
    """Whether an address names a user or a password."""
    return shown(address) != address


def _without_user(rest: str) -> str:
    """What follows `://`, up to the next one."""
    word = re.match(r"\S*", rest)
    address = word.group() if word else ""
    authority = re.split(r"[/?#]", address, maxsplit=1)[0]
    if "@" in authority:
        return "***@" + authority.rpartition("@")[2] + rest[len(authority) :]
    broken = not re.fullmatch(r"(\[[^]]*\]|[^:]*)(:\d*)?", authority)
    if broken and "@" in address:
        return "***@" + address.rpartition("@")[2] + rest[len(address) :]
    return rest

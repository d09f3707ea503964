"""The view as a query string and back: `layer=3&mask=7&text=…`, only what is not at its default.

While a view is pinned as A, `pinned=on&a-layer=2&a-text=…` follows: only what A has otherwise than B, the live view.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

import traitlets

from core.model.catalogue import ModelUnavailable, offer_named
from core.model.tokens import visible
from widgets.state import ViewState

SHORT = {"mask_size": "mask"}
"""Settings that go by another name in a link than in the state, where `_` alone becomes `-`."""
OF_A = "a-"
"""Before a setting's name: what A has of its own."""
PINNED = ("pinned", "on")
LONGEST_TEXT = 4000
"""Bytes, as encoded in a link, of all texts together: each has what those before it leave."""
WITHOUT = "without"
"""What a link says in place of a text that it has no room for: `without=text`, `without=a-text`."""
WITHOUT_TEXT = {
    "text": "The link came without its text, which is too long for a link: paste that text and run it.",
    "other-text": "The link came without the text that part 8 compares with, which is too long for a link.",
    "a-text": "The link came without the text of A, so A is not pinned: to compare, run that text and pin it.",
}
PLACES = ("query", "key")
"""Settings that mean nothing without the text."""
NOT_OURS = ("token", "_xsrf", "voila-template", "voila-theme")
"""Parameters that belong to the server: kept, and not worth a word."""
LISTED = 4  # of the things that were ignored
SWITCH = {"on": True, "off": False}
COUNTED = {"layer": "layer", "head": "head", "query": "token", "key": "token"}


class Asked(NamedTuple):
    """What a query string asks for."""

    values: dict[str, Any]
    """Settings, of the right type but perhaps out of bounds."""
    own: dict[str, Any] | None
    """What A has otherwise; None if nothing is pinned."""
    ignored: list[str]
    """What it has of nonsense, as plain words."""
    without: list[str]
    """The texts that it had no room for, among those of WITHOUT_TEXT."""
    others: list[tuple[str, str]]
    """Parameters that are no setting: they stay in the address."""


def written(
    values: Mapping[str, Any], state: ViewState, always: Collection[str] = (), own: Mapping[str, Any] | None = None
) -> str:
    """These settings as a query string: those that are not at their default, and those of `always`.

    Args:
        own: the values of `ViewState.OWN` in A, if something is pinned.
    """
    chosen = {name: value for name, value in values.items() if name in always or value != state.default(name)}
    room, lost = LONGEST_TEXT, set[str]()
    for name, with_it in (("text", PLACES), ("other_text", ())):
        size = _size(chosen.get(name, ""))
        if size > room:
            lost |= {name, *with_it}
        else:
            room -= size
    said = [(_name(name), _word(value)) for name, value in chosen.items() if name not in lost]
    said += [(WITHOUT, _name(name)) for name in ("text", "other_text") if name in lost]
    if own:
        other = {name: value for name, value in own.items() if name in lost or value != values[name]}
        if _size(other.get("text", "")) > room:
            said.append((WITHOUT, "a-text"))
        else:
            said += [PINNED, *((OF_A + _name(name), _word(value)) for name, value in other.items())]
    said.sort(key=lambda pair: pair[0] in WITHOUT_TEXT)  # the texts last: the rest can be read
    return urlencode(said, errors="replace")


def read(query: str, state: ViewState) -> Asked:
    """What a query string asks for. Never raises."""
    asked = Asked({}, None, [], [], [])
    own: dict[str, Any] = {}
    pinned: bool | None = None  # not said: a setting of A's says it too
    settings = {_name(name): (asked.values, name) for name in state.settings}
    settings |= {OF_A + _name(name): (own, name) for name in state.OWN}
    for word, text in parse_qsl(query, keep_blank_values=True):
        if word == WITHOUT and text in WITHOUT_TEXT:
            asked.without.append(text)
        elif word == PINNED[0] and text in SWITCH:
            pinned = SWITCH[text]
        elif word == PINNED[0]:
            asked.ignored.append(f"pinned={_short(text)} (on or off)")
        elif word not in settings:
            asked.others.append((word, text))
            if word not in NOT_OURS:
                asked.ignored.append(f"{_short(word)} (there is no such setting)")
        else:
            values, name = settings[word]
            if name in values:
                asked.ignored.append(f"the first {word} (it is there twice)")
            try:
                values[name] = _value(state.traits()[name], text)
            except ValueError as error:
                asked.ignored.append(f"{word}={_short(text)} ({error})")
    if own and pinned is False:
        asked.ignored.append(f"{OF_A}{_name(next(iter(own)))} (nothing is pinned)")
    a_is_whole = "a-text" not in asked.without
    return asked._replace(own=own) if (pinned or (own and pinned is None)) and a_is_whole else asked


def take(state: ViewState, values: Mapping[str, Any], of: str = "") -> list[str]:
    """Set what fits; return what does not, as plain words. What others must stay below is set before them.

    Args:
        of: stands before a setting's name in the link: OF_A for A's state.
    """
    ignored = []
    for name in sorted(values, key=state.BELOW.__contains__):
        reason = _beyond(state, name, values[name])
        if not reason:
            try:
                setattr(state, name, values[name])
            except traitlets.TraitError:
                reason = "no such value"
        if reason:
            ignored.append(f"{of}{_name(name)}={_short(_word(values[name]))} ({reason})")
    return ignored


def told(ignored: list[str]) -> str:
    """What was ignored, as one sentence; empty if nothing was."""
    if not ignored:
        return ""
    more = f", and {len(ignored) - LISTED} more" if len(ignored) > LISTED else ""
    return f"The link asked for something that is not here, which was ignored: {', '.join(ignored[:LISTED])}{more}."


def link(page: str, query: str, environment: Mapping[str, str]) -> str:
    """The address that opens the view for whoever gets it.

    A page on somebody's own server under JupyterHub, as on Binder, opens for nobody else. So the link leads there
    through the hub, which starts a server for each who comes: JupyterHub by `/hub/user-redirect/`, BinderHub by
    the request that it was itself asked for, which it leaves in the environment of its servers.

    Args:
        page: the page's own address, without its query string.
        environment: of the server.
    """
    view = f"?{query}" if query else ""
    prefix, base = environment.get("JUPYTERHUB_SERVICE_PREFIX", ""), environment.get("JUPYTERHUB_BASE_URL", "/")
    home, found, path = page.partition(prefix) if prefix.startswith(f"{base}user/") else ("", "", "")
    if not found:
        return page + view
    if launch := environment.get("BINDER_LAUNCH_HOST"):
        place = quote(path + view, safe="")
        return f"{launch.rstrip('/')}/{environment.get('BINDER_PERSISTENT_REQUEST', '')}?urlpath={place}"
    return f"{home}{base}hub/user-redirect/{path}{view}"


def _beyond(state: ViewState, name: str, value: Any) -> str:
    """Why a number is out of a setting's bounds; empty for one that is not, and for what is no number."""
    if isinstance(value, bool | str):
        return ""
    low, high = state.bounds(name)
    if low <= value <= high:
        return ""
    return f"the last {COUNTED[name]} is {high}" if name in COUNTED else f"it goes from {low} to {high}"


def _name(trait: str) -> str:
    return SHORT.get(trait, trait.replace("_", "-"))


def _size(text: str) -> int:
    """Bytes of a text as encoded in a link."""
    return len(quote_plus(text, errors="replace"))


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _value(trait: Any, text: str) -> Any:
    """A word of a query string as a value of a trait's type. Raises ValueError with what would have been one."""
    if isinstance(trait, traitlets.Bool):
        if text not in SWITCH:
            raise ValueError("on or off")
        return SWITCH[text]
    if isinstance(trait, traitlets.Enum):
        if text not in (trait.values or ()):
            raise ValueError(f"one of {', '.join(trait.values or ())}")
        return text
    if isinstance(trait, traitlets.Int | traitlets.Float):
        try:
            return int(text) if isinstance(trait, traitlets.Int) else float(text)
        except ValueError:
            raise ValueError("a number") from None
    if trait.name == "model":
        try:
            return offer_named(text).name
        except ModelUnavailable as error:
            raise ValueError(str(error).rstrip(".")) from None
    return text


def _short(word: str) -> str:
    shown = visible(word)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"

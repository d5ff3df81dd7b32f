"""Teams of two network cards: libvirt names the one that stays by an alias, which is made here."""

from __future__ import annotations

from ...model.devices import HostDev, Interface, Placed, devices
from ..changing.changing import Draft
from ..changing.fit import Values


def team_card(draft: Draft, values: Values, found: Placed | None) -> Values:
    """What completes a card of a team; the rules of libvirt's qemuValidateDomainDeviceDefNetwork."""
    team = values.get("teaming") or {}
    if team.get("role") == "persistent":
        return _lasting(draft, values)
    if team.get("role") == "transient":
        return _leaving(draft, values, team)
    return {}


def _lasting(draft: Draft, values: Values) -> Values:
    mac, alias = values.get("mac"), values.get("alias") or ""
    if not mac:
        draft.fault("/teaming/role", "A device of the host is the one that leaves.", cure="Choose transient.")
        return {}
    if values.get("model") != "virtio":
        draft.fault("/teaming/role", "Only a card of the model virtio stays.", cure="Change its model to virtio.")
    return {"alias": alias if alias.startswith("ua-") else f"ua-{mac.replace(':', '')}"}


def _leaving(draft: Draft, values: Values, team: Values) -> Values:
    if values.get("mac") and (values.get("source") or {}).get("type") not in ("hostdev", "network"):
        draft.fault(
            "/teaming/role",
            "Only a card of the host (PCI), or a network of such cards, leaves for a move.",
            cure="Choose persistent, or another source.",
        )
    staying = _staying(draft)
    if not staying:
        draft.fault("/teaming/role", "No network card of this machine stays.", cure="Make a virtio card persistent.")
    elif team.get("partner") is None and len(staying) > 1:
        draft.fault("/teaming/partner", f"Say with which: {', '.join(staying)}.")
    elif team.get("partner") not in (None, *staying):
        draft.fault("/teaming/partner", f"There is no {team['partner']}; those that stay are {', '.join(staying)}.")
    return {"teaming": {**team, "partner": team.get("partner") or next(iter(staying), None)}}


def _staying(draft: Draft) -> list[str]:
    cards = [each for each in devices(draft.saved) if isinstance(each, Interface) and each.teaming]
    return [card.alias for card in cards if card.alias and card.teaming and card.teaming.role == "persistent"]


def left_alone(draft: Draft, gone: Placed) -> list[str]:
    """The titles of cards that name this one as the one that stays."""
    alias = gone.device.alias if isinstance(gone.device, Interface) else None
    cards = [each for each in devices(draft.saved) if isinstance(each, HostDev | Interface) and each.teaming]
    return [each.title for each in cards if alias and each.teaming and each.teaming.partner == alias]

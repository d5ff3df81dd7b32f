"""The guest's clock and its timers."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from .patterns import CLOCK_ADJUSTMENT, TIME_ZONE
from .xml import At, XmlModel

TimerName = Literal["rtc", "pit", "hpet", "tsc", "kvmclock", "hypervclock", "platform", "armvtimer"]


class Timer(XmlModel):
    """One source of time of the guest."""

    name: Annotated[TimerName | str, At("@name", needed=True)]
    present: Annotated[bool | None, At("@present", words="yesno")] = None
    tickpolicy: Annotated[
        Literal["delay", "catchup", "merge", "discard"] | str | None,
        At("@tickpolicy", title="Lost ticks", help="What becomes of ticks that the guest missed"),
    ] = None
    track: Annotated[
        Literal["boot", "guest", "wall", "realtime"] | str | None,
        At("@track", when="name=rtc,platform", help="What it follows"),
    ] = None
    frequency_hz: Annotated[int | None, At("@frequency", minimum=1, when="name=tsc")] = None
    mode: Annotated[
        Literal["auto", "native", "emulate", "paravirt", "smpsafe"] | str | None, At("@mode", when="name=tsc")
    ] = None
    catchup_threshold: Annotated[int | None, At("catchup/@threshold", when="tickpolicy=catchup")] = None
    catchup_slew: Annotated[int | None, At("catchup/@slew", when="tickpolicy=catchup")] = None
    catchup_limit: Annotated[int | None, At("catchup/@limit", when="tickpolicy=catchup")] = None


class Clock(XmlModel):
    """The `<clock>` of a definition."""

    tag: ClassVar[str] = "clock"
    offset: Annotated[
        Literal["utc", "localtime", "timezone", "variable", "absolute"] | str | None,
        At("@offset", title="Clock", help="Windows expects localtime; others expect utc"),
    ] = None
    timezone: Annotated[
        str | None,
        At(
            "@timezone",
            title="Time zone",
            pattern=TIME_ZONE,
            when="offset=timezone",
            help="For example Europe/Paris",
        ),
    ] = None
    adjustment: Annotated[
        str | None,
        At(
            "@adjustment",
            when="offset=utc,localtime,variable",
            advanced=True,
            pattern=CLOCK_ADJUSTMENT,
            help="Seconds from the basis (variable), or reset",
        ),
    ] = None
    basis: Annotated[Literal["utc", "localtime"] | str | None, At("@basis", when="offset=variable")] = None
    start_epoch_seconds: Annotated[
        int | None,
        At("@start", minimum=0, since="8.4.0", when="offset=absolute", title="Start", help="Seconds since 1970"),
    ] = None
    timers: Annotated[tuple[Timer, ...], At("timer")] = ()

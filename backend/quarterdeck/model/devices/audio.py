"""Where the sound of the guest goes to on the host, and comes from."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..patterns import ANY_PATH, SOUND_DEVICE, SOUND_NAME, SOUND_SERVER
from ..xml import Apply, At, XmlModel
from .base import Device, join

SERVED = "kind=pulseaudio,pipewire"


class AudioSide(XmlModel):
    """Sound of one direction. What only one kind of backend has follows the common values."""

    mixing: Annotated[
        bool | None,
        At("@mixingEngine", words="yesno", title="Mixed by QEMU", help="No leaves that to the host's sound system"),
    ] = None
    fixed: Annotated[
        bool | None,
        At("@fixedSettings", words="yesno", title="Fixed settings", help="No follows what the guest's card is set to"),
    ] = None
    frequency_hz: Annotated[int | None, At("settings/@frequency", minimum=1000, maximum=768000)] = None
    channels: Annotated[int | None, At("settings/@channels", minimum=1, maximum=16)] = None
    format: Annotated[
        Literal["s8", "u8", "s16", "u16", "s32", "u32", "f32"] | str | None,
        At("settings/@format", help="Bits of a sample; s is signed, f a floating number"),
    ] = None
    voices: Annotated[int | None, At("@voices", advanced=True, minimum=1, maximum=64)] = None
    buffer_us: Annotated[
        int | None, At("@bufferLength", advanced=True, minimum=1, maximum=10_000_000, title="Buffer")
    ] = None
    device: Annotated[
        str | None,
        At("@dev", when="kind=alsa,oss", pattern=SOUND_DEVICE, help="Of the host: plughw:0,0; /dev/dsp1"),
    ] = None
    buffers: Annotated[
        int | None,
        At("@bufferCount", advanced=True, when="kind=oss", minimum=1, maximum=1024, title="Buffers"),
    ] = None
    poll: Annotated[bool | None, At("@tryPoll", words="yesno", advanced=True, when="kind=oss")] = None
    sink: Annotated[
        str | None,
        At(
            "@name",
            when=SERVED,
            pattern=SOUND_NAME,
            title="Sink or source",
            help="Its name on the server",
        ),
    ] = None
    stream: Annotated[
        str | None,
        At("@streamName", when=SERVED, pattern=SOUND_NAME, advanced=True),
    ] = None
    latency_us: Annotated[int | None, At("@latency", when=SERVED, minimum=1, maximum=10_000_000)] = None
    server: Annotated[str | None, At("@serverName", when="kind=jack", pattern=SOUND_SERVER)] = None
    client: Annotated[str | None, At("@clientName", when="kind=jack", pattern=SOUND_NAME)] = None
    ports: Annotated[
        str | None,
        At(
            "@connectPorts",
            when="kind=jack",
            pattern=SOUND_NAME,
            help="A pattern of JACK's ports",
        ),
    ] = None
    exact_name: Annotated[bool | None, At("@exactName", words="yesno", when="kind=jack", advanced=True)] = None


class Audio(Device):
    """Where the sound of the guest goes to on the host."""

    tag: ClassVar[str] = "audio"
    noun: ClassVar[str] = "Audio backend"
    usual: ClassVar[dict[str, str]] = {"kind": "none"}
    type: Literal["audio"] = "audio"
    id: Annotated[int | None, At("@id", apply=Apply.NEVER, asked=False)] = None
    kind: Annotated[
        Literal["none", "spice", "alsa", "pulseaudio", "pipewire", "jack", "oss", "file", "dbus"] | str | None,
        At("@type", offer="audio.type", help="spice sends it to the viewer"),
    ] = None
    timer_period_us: Annotated[
        int | None, At("@timerPeriod", advanced=True, minimum=1, maximum=10_000_000, title="Period")
    ] = None
    server: Annotated[
        str | None,
        At("@serverName", advanced=True, when="kind=pulseaudio", pattern=SOUND_SERVER, help="Sound server"),
    ] = None
    path: Annotated[
        str | None, At("@path", when="kind=file", pattern=ANY_PATH, help="File on the host that is written")
    ] = None
    memory_mapped: Annotated[
        bool | None, At("@tryMMap", words="yesno", advanced=True, when="kind=oss", help="Tries memory-mapped access")
    ] = None
    exclusive: Annotated[bool | None, At("@exclusive", words="yesno", advanced=True, when="kind=oss")] = None
    policy: Annotated[
        int | None,
        At(
            "@dspPolicy",
            advanced=True,
            when="kind=oss",
            minimum=-1,
            maximum=10,
            help="Latency against load",
        ),
    ] = None
    input: Annotated[AudioSide | None, At("input", advanced=True, title="From the host to the guest")] = None
    output: Annotated[AudioSide | None, At("output", advanced=True, title="From the guest to the host")] = None

    @property
    def title(self) -> str:
        """For example `Audio spice`."""
        return join("Audio", self.kind)

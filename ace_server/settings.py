"""Every system parameter, declared once: name, type, default, unit, and what it does.

The names are the original's where it has one. They stand in the `[system]` table of a configuration
file and take effect at once, except ports, addresses and certificates, which wait for a restart.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

MEBIBYTE = 1024 * 1024


class SystemParameters(
    msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What holds for the whole system."""

    workItemPort: Annotated[
        int,
        Meta(
            ge=0,
            le=65535,
            description="Port of the open work item interface; 0 picks one. Restart.",
        ),
    ] = 8765
    workItemAddress: Annotated[
        str,
        Meta(description="Address it is bound to; any but loopback needs a certificate. Restart."),
    ] = "127.0.0.1"
    workItemCertificate: Annotated[
        str, Meta(description="File with the certificate chain (PEM). Restart.")
    ] = ""
    workItemPrivateKey: Annotated[
        str, Meta(description="File with its private key (PEM). Restart.")
    ] = ""
    workItemMaxBytes: Annotated[
        int,
        Meta(
            ge=1024,
            le=1024 * MEBIBYTE,
            description="Longest message taken in, with its attachments, in bytes.",
        ),
    ] = 32 * MEBIBYTE
    workItemTimeout: Annotated[
        float, Meta(gt=0, le=3600, description="Seconds within which a message must have arrived.")
    ] = 30.0
    workItemConnectionsPerPeer: Annotated[
        int, Meta(ge=1, le=100_000, description="Connections kept open for one sending machine.")
    ] = 50
    agentCertificate: Annotated[
        str, Meta(description="File with the certificate chain (PEM) of the agents' link. Restart.")
    ] = ""
    agentPrivateKey: Annotated[
        str, Meta(description="File with its private key (PEM). Restart.")
    ] = ""
    emailBufferMax: Annotated[
        int,
        Meta(
            ge=0,
            le=10_000_000,
            description="Contacts not ended, per entrance, before more are buffered; 0: no limit.",
        ),
    ] = 0
    emailBufferMaxActive: Annotated[
        int,
        Meta(
            ge=0,
            le=10_000_000,
            description="Of these, contacts still waiting in a queue; 0: no limit.",
        ),
    ] = 0
    emailBufferMin: Annotated[
        int,
        Meta(
            ge=0,
            le=10_000_000,
            description="Buffered contacts are released when no more than these are left;"
            " 0: as soon as there is room.",
        ),
    ] = 0
    maxNumEmailInSystem: Annotated[
        int,
        Meta(
            ge=0,
            le=10_000_000,
            description="E-mail contacts not ended, in the whole system, from which on no more mail"
            " is fetched; 0: no limit (RO-9).",
        ),
    ] = 10_000
    maxNumEmailPerSrv: Annotated[
        int,
        Meta(
            ge=0,
            le=10_000_000,
            description="Mails that one Email Server has fetched and that are not queued yet, from"
            " which on it fetches no more; 0: no limit (RO-9).",
        ),
    ] = 5_000
    emailMaxBytes: Annotated[
        int,
        Meta(
            ge=1024,
            le=1024 * MEBIBYTE,
            description="Longest mail that is fetched, in bytes; of a longer one the header makes"
            " the contact, and the mail stays on its server.",
        ),
    ] = 35 * MEBIBYTE
    answerWithinHours: Annotated[
        float,
        Meta(
            gt=0,
            le=8_784,
            description="Hours after which a mail that arrived is not answered automatically any"
            " more: it was found late, or in a mailbox that was in use before.",
        ),
    ] = 72.0
    followUpSeconds: Annotated[
        float,
        Meta(
            ge=0,
            le=86_400,
            description="Seconds an e-mail waits for the agent whom `AgentName` names, as a"
            " follow-up does for who has what it follows, until others get it, too (EM-6).",
        ),
    ] = 900.0
    undoSeconds: Annotated[
        float,
        Meta(ge=0, le=120, description="Seconds in which an agent can take back a mail (EM-9)."),
    ] = 10.0
    agentDistrOrderEmailIncoming: Annotated[
        Literal["queue", "waiting list"],
        Meta(
            description="Where a contact goes first that is for one agent alone, or that no routing"
            " rule fits: into the queue, or into the waiting list (RO-7)."
        ),
    ] = "queue"
    floodMark: Annotated[
        int,
        Meta(
            ge=0,
            le=10_000_000,
            description="Contacts waiting from one entrance above which it is a flood: who had one"
            " of them last gets one of another entrance next (RO-6); 0: never.",
        ),
    ] = 50
    expectedHandlingSeconds: Annotated[
        float,
        Meta(
            gt=0,
            le=86_400,
            description="Seconds a contact is taken to last where the last hour knows none:"
            " for the estimated queue time (RO-3).",
        ),
    ] = 300.0
    bookingTimeout: Annotated[
        float,
        Meta(
            gt=0, le=86_400, description="Seconds an agent has to accept a booked contact (RO-8)."
        ),
    ] = 60.0
    lease: Annotated[
        float,
        Meta(
            gt=0,
            le=86_400,
            description="Seconds accepted contacts stay with an agent whose link is lost (AG-2).",
        ),
    ] = 60.0
    coreLease: Annotated[
        float,
        Meta(
            ge=0.25,
            le=3600,
            description="Seconds without a sign of life after which a standby core takes over.",
        ),
    ] = 10.0
    parkedHours: Annotated[
        float,
        Meta(
            gt=0,
            le=8_784,
            description="Hours parked contacts stay with an agent who has logged out (AG-2).",
        ),
    ] = 24.0
    wrapUpSeconds: Annotated[
        float,
        Meta(
            ge=0,
            le=86_400,
            description="Seconds of wrap-up after a contact with a task type that sets none "
            "itself; 0: none.",
        ),
    ] = 30.0
    wrapUpExtension: Annotated[
        float,
        Meta(gt=0, le=86_400, description="Seconds that one press of Extend adds to a wrap-up."),
    ] = 60.0
    sessionIdleMinutes: Annotated[
        float,
        Meta(
            gt=0,
            le=10_080,
            description="Minutes without a command, with nothing in hand, until a log-in ends.",
        ),
    ] = 30.0
    sessionHours: Annotated[
        float, Meta(gt=0, le=168, description="Hours after which every log-in ends.")
    ] = 12.0
    freeSpaceFloor: Annotated[
        int,
        Meta(
            ge=0, le=2**50, description="Bytes of disk kept free: below them nothing is taken in."
        ),
    ] = 64 * MEBIBYTE

"""Access tokens of OAuth 2: fetched from a token service, and renewed before they run out.

Both grants that mail servers ask for: a refresh token (RFC 6749 §6), which somebody once allowed,
or without one the client's own secret (§4.4). Redirections are not followed.
"""

import http.client
import json
import re
import ssl
import urllib.parse
from collections.abc import Callable
from typing import Any

from ace_server.clock import Clock
from ace_server.email import endpoint
from ace_server.email.mailbox import MailboxTrouble
from ace_server.sentences import Sentence, sentence
from ace_server.tls import is_loopback

SECONDS = 30.0
"""How long the token service may keep silent."""

EARLY = 120.0
"""Seconds before its end at which a token is not used any more; half its life, if that is less."""

UNSAID = 300.0
"""Seconds that a token is used whose service does not say how long it is valid."""

MOST_BYTES = 64 * 1024

CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What an error code may look like to be shown (RFC 6749 §5.2 allows more)."""

PASSING = {"temporarily_unavailable", "server_error", "slow_down"}


def _keep_nothing(_: str) -> None:
    return None


class Tokens:
    """The access tokens of one account."""

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str = "",
        refresh_token: str = "",
        scope: str = "",
        *,
        clock: Clock,
        keep: Callable[[str], None] = _keep_nothing,
        ca_file: str = "",
        seconds: float = SECONDS,
    ) -> None:
        """`keep` is given each new refresh token before the first use of what came with it."""
        self._url = _split(token_url)
        self._client_id = client_id
        self._client_secret = client_secret
        self._refresh_token = refresh_token
        self._scope = scope
        self._clock = clock
        self._keep = keep
        self._ca_file = ca_file
        self._seconds = seconds
        self._token = ""
        self._good_until = 0.0  # by the monotonic clock

    def token(self) -> str:
        """A token that is still valid for a while; a new one where that is needed.

        Raises MailboxTrouble.
        """
        if self._token and self._clock.monotonic() < self._good_until:
            return self._token
        return self.renewed()

    def renewed(self) -> str:
        """A new token, whatever the last one's time (the mail server refused it).

        Raises MailboxTrouble.
        """
        self._token = ""
        answer = self._asked()
        token, lasts = answer.get("access_token"), answer.get("expires_in", UNSAID)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise self._nonsense()
        life = _seconds(lasts)
        if life is None or not token:
            raise self._nonsense()
        self._rotate(answer.get("refresh_token"))
        self._good_until = self._clock.monotonic() + life - min(EARLY, life / 2)
        self._token = token
        return token

    def _rotate(self, refresh_token: object) -> None:
        if isinstance(refresh_token, str) and refresh_token not in ("", self._refresh_token):
            self._refresh_token = refresh_token
            self._keep(refresh_token)

    def _asked(self) -> dict[str, Any]:
        status, body = self._posted(urllib.parse.urlencode(self._form()))
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if status != http.client.OK:
            raise self._refused(status, answer.get("error") if isinstance(answer, dict) else None)
        if not isinstance(answer, dict):
            raise self._nonsense()
        return answer

    def _form(self) -> dict[str, str]:
        grant = "refresh_token" if self._refresh_token else "client_credentials"
        form = {
            "grant_type": grant,
            "refresh_token": self._refresh_token,
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "scope": self._scope,
        }
        return {name: value for name, value in form.items() if value}

    def _posted(self, form: str) -> tuple[int, bytes]:
        try:
            connection = self._connection()
        except ValueError as error:  # its port is no number
            raise MailboxTrouble(self._must_be_https(), lasting=True) from error
        path = urllib.parse.urlunsplit(("", "", self._url.path or "/", self._url.query, ""))
        kind = "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind, "Accept": "application/json"}
        try:
            connection.request("POST", path, form, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(MOST_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise endpoint.network_trouble(self._host, error) from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        port = self._url.port
        if self._url.scheme == "https" and self._host:
            context: ssl.SSLContext = endpoint.tls(self._ca_file)
            return http.client.HTTPSConnection(
                self._host, port, timeout=self._seconds, context=context
            )
        if self._url.scheme != "http" or not is_loopback(self._host):
            raise MailboxTrouble(self._must_be_https(), lasting=True)
        return http.client.HTTPConnection(self._host, port, timeout=self._seconds)

    @property
    def _host(self) -> str:
        return self._url.hostname or ""

    def _must_be_https(self) -> Sentence:
        return sentence("The address of the token service must begin with https://.")

    def _nonsense(self) -> MailboxTrouble:
        why = sentence("The token service %1 said what cannot be understood.", self._host)
        return MailboxTrouble(why)

    def _refused(self, status: int, error: object) -> MailboxTrouble:
        is_code = isinstance(error, str) and CODE.fullmatch(error)
        code = str(error) if is_code else f"HTTP {status}"
        if code in PASSING or status == http.client.TOO_MANY_REQUESTS or status >= 500:
            why = sentence("The token service %1 gives no token now (%2).", self._host, code)
            return MailboxTrouble(why)
        why = sentence(
            "The token service %1 refuses a token (%2): allow the access once more.",
            self._host,
            code,
        )
        return MailboxTrouble(why, lasting=True)


def _split(url: str) -> urllib.parse.SplitResult:
    try:
        return urllib.parse.urlsplit(url if url.isascii() else "")
    except ValueError:
        return urllib.parse.urlsplit("")  # no address at all, which is said when it is used


def _seconds(said: object) -> float | None:
    """Some services say a number as a text."""
    if isinstance(said, str) and said.isdecimal() and len(said) < 10:
        return float(said)
    if isinstance(said, int | float) and not isinstance(said, bool) and 0 < said < 10**9:
        return float(said)
    return None

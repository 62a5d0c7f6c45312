"""Logs in to an HTTP proxy that asks for it, with the strongest scheme that it offers and that is possible here.

A scheme that got no further can spoil its connection: raw NTLM under Negotiate did so at a squid whose helper knows
Kerberos alone, and made the next ones fail too. So the next begins on a new connection. A password that was refused
twice is not sent again: accounts are locked after a few times.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import attrs

from wsconn._diagnosis.evidence import NOTHING, StageFailed
from wsconn._io.abort import CancelScope
from wsconn._io.background import Lazy, in_background
from wsconn._io.waiting import WorkFailed, result_of
from wsconn._outcome import Cause, Evidence
from wsconn._protocols.challenges import Challenge, challenges_in
from wsconn._protocols.http_response import Head
from wsconn._protocols.proxy_logins.legs import Asked, Credentials, Legs, LoginFailed
from wsconn._protocols.proxy_logins.negotiate import service
from wsconn._protocols.proxy_logins.schemes import Scheme, choose
from wsconn._proxies import Proxy
from wsconn._stages.connect_request import LOGIN_WANTED, ConnectRequests
from wsconn._stages.tickets import TICKETS
from wsconn._text import sanitize

_MOST_REFUSALS = 2  # of a password
_MOST_LEGS = 8  # of one scheme: NTLM has two, SPNEGO seldom three

_THREAD = "wsconn-login"

T = TypeVar("T")


@attrs.define
class Login:
    """Logs in to `proxy`. `hide` is told what was sent in confidence."""

    requests: ConnectRequests
    proxy: Proxy
    scope: CancelScope
    hide: Callable[..., None]
    _failed: Evidence = NOTHING  # why schemes got no further
    _refused: tuple[str, ...] = ()
    _passwords_refused: int = 0
    _password_sent: bool = False
    _is_spoilt: bool = False  # the connection, by what was sent over it
    _missing_extra: str | None = None

    def log_in(self, first: Head) -> Head:
        """Answer a proxy that wants a login (`first`), and return its last answer."""
        last = first
        challenges = challenges_in(first.fields)
        schemes, self._missing_extra = choose(challenges, self.proxy)
        for turn, scheme in enumerate(schemes):
            if self._is_spoilt:
                self.requests.renew()
                self._is_spoilt = False
            try:
                last = self._try(scheme, challenges, last, self.scope.share(len(schemes) - turn))
            except LoginFailed as failed:
                self._keep(failed.seen)
                continue
            if last.status not in LOGIN_WANTED:
                break
            self._note_refusal(scheme, challenges)
            if self._passwords_refused == _MOST_REFUSALS:
                break
        return last

    def seen(self) -> Evidence:
        """Return what became of the logins."""
        return attrs.evolve(
            self._failed,
            logins_refused=self._refused,
            login_sent=self._password_sent,
            missing_extra=None if self._refused else self._failed.missing_extra or self._missing_extra,
            extra_error=None if self._refused else self._failed.extra_error,
        )

    def _try(self, scheme: Scheme, challenges: tuple[Challenge, ...], head: Head, scope: CancelScope) -> Head:
        """Log in by one scheme, and return the answer to its last leg."""
        name, its = _of(scheme, challenges)
        if scheme.uses_ticket:
            self._fetch_ticket(scope)
        legs = scheme.log_in(Asked(self.proxy, its, self.requests.target))
        answered: tuple[Challenge, ...] | None = None
        for _ in range(_MOST_LEGS):
            credentials = self._next_leg(scheme, legs, answered, scope)
            if credentials is None:
                return head
            head = self._send(name, credentials, scheme, is_first=answered is None)
            if head.status not in LOGIN_WANTED:
                return head
            answered = _of(scheme, challenges_in(head.fields))[1]
        raise LoginFailed(Evidence(detail="its exchange of messages does not end"))

    def _fetch_ticket(self, scope: CancelScope) -> None:
        host = self.proxy.host
        try:
            _done(TICKETS.fetch(host), scope)
        except StageFailed as failed:
            if failed.cause is not Cause.TIMEOUT:
                raise
            raise LoginFailed(Evidence(ticket_problem="unanswered", ticket_service=service(host))) from failed

    def _next_leg(
        self, scheme: Scheme, legs: Legs, answered: tuple[Challenge, ...] | None, scope: CancelScope
    ) -> Credentials | None:
        """Return the next credentials; nothing where the scheme has said all that it has to say."""
        compute = functools.partial(_resumed, legs, answered)
        if scheme.library is None:
            return compute()
        if not scheme.uses_ticket:  # it computes, after an import: a moment
            return _done(Lazy(compute, _THREAD).begin(), scope)
        computed: Future[Credentials | None] = Future()
        in_background(compute, _THREAD, computed)
        return _done(computed, scope)

    def _send(self, name: str, credentials: Credentials, scheme: Scheme, *, is_first: bool) -> Head:
        self.hide(credentials.text.decode("latin-1"), *credentials.secrets)
        self._is_spoilt = True
        bound = scheme.is_exchange and not is_first
        try:
            head = self.requests.ask(
                b"%b %b" % (name.encode(), credentials.text), bound=bound, patient=scheme.is_exchange
            )
        except StageFailed as failed:
            if not bound or failed.cause is not Cause.CLOSED:
                raise
            detail = sanitize(f"it ended the connection in the midst of {name}")
            raise LoginFailed(Evidence(detail=detail)) from failed
        self._password_sent |= not scheme.uses_ticket and bound is scheme.is_exchange
        return head

    def _note_refusal(self, scheme: Scheme, challenges: tuple[Challenge, ...]) -> None:
        self._refused = (*self._refused, sanitize(_of(scheme, challenges)[0]))
        self._passwords_refused += not scheme.uses_ticket

    def _keep(self, seen: Evidence) -> None:
        """Keep why a scheme failed: what the first one said of a ticket or an extra, and the last one of all else."""
        known = self._failed
        if known.ticket_problem is None:
            known = attrs.evolve(known, ticket_problem=seen.ticket_problem, ticket_service=seen.ticket_service)
        if known.missing_extra is None:
            known = attrs.evolve(known, missing_extra=seen.missing_extra, extra_error=seen.extra_error)
        self._failed = attrs.evolve(known, detail=seen.detail or known.detail)


def _of(scheme: Scheme, challenges: tuple[Challenge, ...]) -> tuple[str, tuple[Challenge, ...]]:
    """Return a scheme's name as the proxy writes it, and its challenges."""
    its = tuple(challenge for challenge in challenges if challenge.is_of(scheme.name))
    return its[0].scheme if its else scheme.name.capitalize(), its


def _resumed(legs: Legs, answered: tuple[Challenge, ...] | None) -> Credentials | None:
    try:
        return next(legs) if answered is None else legs.send(answered)
    except StopIteration:
        return None


def _done(future: Future[T], scope: CancelScope) -> T:
    """Return what was computed beside, or raise what that raised."""
    try:
        return result_of(future, scope)
    except WorkFailed as error:
        if isinstance(error.__cause__, LoginFailed):
            raise LoginFailed(error.__cause__.seen) from error
        if isinstance(error.__cause__, StageFailed):  # no thread
            raise StageFailed(error.__cause__.cause, error.__cause__.evidence) from error
        raise

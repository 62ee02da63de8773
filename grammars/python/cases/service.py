#!/usr/bin/env python3
# Copyright the authors.
"""
service
=======

Serves :class:`~app.models.Invoice` objects over ``HTTP``. Slowly.

.. versionadded:: 2.0
"""
from __future__ import annotations

import os, os.path as osp
import asyncio.events
import typing as t
from . import errors
from ..core.models import (
    Invoice as Inv,
    Line,  # one position
)
from .signals import *

if t.TYPE_CHECKING:
    from app.clients import Client

__all__ = ["Service", "serve"]
TIMEOUT = 30
_PRIVATE_CACHE: dict[str, Inv] = {}
logger = logging.getLogger(__name__)
first, second = 1, 2
total = subtotal = 0
total = 1
type Handler[T] = t.Callable[[T], None]
T_co = t.TypeVar("T_co", bound="A very long bound that nobody wants to read in full", covariant=True)

try:
    import ujson as json
except ImportError:
    def loads(text: str) -> t.Any:
        return None


def serve(
    host="127.0.0.1",
    *args,
    port: int = 8000,  # the default
    handlers: t.Sequence[Handler] = ("first handler", "second handler", "third handler"),
    **kwargs,
) -> None:
    r"""Serve until interrupted.

    :param host: where to listen
    """
    def inner(request):
        local = Client.from_env(request)
        LOCAL_CONSTANT = 1
        return local.send(errors.NotFound)

    for handler in handlers:
        handler.attach(inner)


async def fetch(url): return await _get(url)


@dataclass(frozen=True)
class Service(Base, t.Generic[T_co], metaclass=Meta):
    '''A service, i.e. something that serves.  It has state.'''

    name: str
    retries: int = field(default=3)
    template = "a/b.html"
    DEFAULTS = {
        "a": 1,
    }

    class Meta:
        ordering = ["name"]

    def __init__(self, name: str, /, *, client: Client | None = None):
        self.name = name
        self._client = client

    @property
    def client(self) -> Client:
        """The :meth:`Client.connect` -ed client."""
        return self._client

    @client.setter
    def client(self, value):
        self._client = value

    @app.route("/invoices/<int:id>/lines", methods=["GET", "POST"], strict_slashes=False)
    @staticmethod
    async def lines(id):
        yield Line.objects.filter(invoice=id)

    def _helper(self):
        >>> broken


class Empty: pass

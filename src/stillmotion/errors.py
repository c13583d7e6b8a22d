"""Every error raised on purpose. Anything else that escapes is a bug.

StillmotionError     the user can act on it                 exit  HTTP
├── InputError       bad photo, plan or option                 2   400
├── WeightsMissing   model files not on this machine           3   503
├── DoesNotFit       needs more memory or disk than there is   4   503
├── NotAsPlanned     measured motion is not what was asked     5   422
└── Cancelled        stopped on request                      130   409

A message says what was found, what is allowed and what to do next; `hint` holds the last part where it is worth a line
of its own.
"""

from __future__ import annotations

from typing import ClassVar


class StillmotionError(Exception):
    """The user can act on it."""

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\n{self.hint}"


class InputError(StillmotionError):
    """A photo, plan or option that cannot be used as it is."""

    exit_code = 2
    http_status = 400


class WeightsMissing(StillmotionError):
    """Model files that are not on this machine."""

    exit_code = 3
    http_status = 503


class DoesNotFit(StillmotionError):
    """A job that needs more memory or disk than there is."""

    exit_code = 4
    http_status = 503


class NotAsPlanned(StillmotionError):
    """A video whose measured motion is outside the tolerances of its plan."""

    exit_code = 5
    http_status = 422


class Cancelled(StillmotionError):
    """A job stopped on request."""

    exit_code = 130
    http_status = 409

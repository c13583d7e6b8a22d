"""The flags of `animate`, `plan` and `preview`, derived from the fields of `AnimateOptions`.

Name, type, bounds, choices, default and help come from the pydantic field; nothing is said twice. Knows types, not what
an option does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin

import click
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from stillmotion.options import AnimateOptions, read_options

Command = TypeVar("Command", bound=Callable[..., Any])  # Any: click calls it with whatever flags it declares

_SHORT = {"prompt": "-p"}
_SIZE = "WIDTHxHEIGHT"


class FieldType(click.ParamType):  # type: ignore[type-arg] # generic in new versions of click only
    """One field of `AnimateOptions`: what pydantic accepts, said in pydantic's words."""

    def __init__(self, field: str, name: str) -> None:
        self.field, self.name = field, name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # Any: as in click
        try:
            return getattr(AnimateOptions.model_validate({self.field: value}), self.field)
        except ValidationError as error:
            self.fail(error.errors()[0]["msg"].removeprefix("Value error, "), param, ctx)


def wish_flags(*, leave_out: Collection[str] = ()) -> Callable[[Command], Command]:
    """A decorator that gives a command one flag per field of `AnimateOptions`."""

    def decorate(command: Command) -> Command:
        fields = AnimateOptions.model_fields
        for name in reversed([name for name in fields if name not in leave_out]):
            command = _flag(name, fields[name])(command)
        return command

    return decorate


def read_wish(flags: Mapping[str, Any], **settled: object) -> AnimateOptions:
    """The options behind the flags that were given, and those the command settles itself.

    Raises:
        InputError: a value out of bounds.
    """
    given = {name: flags[name] for name in AnimateOptions.model_fields if flags.get(name) is not None}
    return read_options(given | settled)


def _flag(name: str, field: FieldInfo) -> Callable[[Command], Command]:
    kind = _kind(name, field.annotation)
    spelled = (_SHORT[name], f"--{name}") if name in _SHORT else (f"--{name.replace('_', '-')}",)
    text = field.description or ""
    bounds = _bounds(field)
    if bounds:
        text = f"{text}  [{bounds}]"
    if field.default is not None:
        text = f"{text}  [default: {field.default}]"
    return click.option(*spelled, name, type=kind, default=None, help=text, metavar=_metavar(kind))


def _kind(name: str, annotation: Any) -> click.ParamType[Any]:  # Any: a type as pydantic holds it
    (wanted,) = (
        [part for part in get_args(annotation) if part is not NoneType] if _optional(annotation) else [annotation]
    )
    if get_origin(wanted) is Literal:
        return click.Choice(get_args(wanted))
    if wanted is Path:
        return click.Path(path_type=Path)
    if get_origin(wanted) is tuple:
        return FieldType(name, _SIZE)
    return FieldType(name, {str: "TEXT", float: "NUMBER", int: "INTEGER"}[wanted])


def _optional(annotation: Any) -> bool:  # Any: as above
    return NoneType in get_args(annotation) and get_origin(annotation) is not Literal


def _metavar(kind: click.ParamType[Any]) -> str | None:
    if isinstance(kind, click.Choice):
        return None
    return "FILE" if isinstance(kind, click.Path) else kind.name


def _bounds(field: FieldInfo) -> str:
    """The limits of a number as people write them: "0<..<=600"."""
    low = high = ""
    for rule in field.metadata:
        for attribute, sign in (("gt", "above "), ("ge", "from ")):
            if getattr(rule, attribute, None) is not None:
                low = f"{sign}{getattr(rule, attribute)}"
        for attribute, sign in (("lt", " below "), ("le", " to ")):
            if getattr(rule, attribute, None) is not None:
                high = f"{sign}{getattr(rule, attribute)}"
    return (low + high).strip()

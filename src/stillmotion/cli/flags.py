"""The flags of a command, derived from the fields of its options (`AnimateOptions`, `FinishOptions`, ...).

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

from stillmotion.options import AnimateOptions, Asked, FinishingOptions, FinishOptions, Options, read_options

Command = TypeVar("Command", bound=Callable[..., Any])  # Any: click calls it with whatever flags it declares

_SHORT = {"prompt": "-p"}
_WRITTEN = {"size": "WIDTHxHEIGHT", "speed": "SPEED", "grid": "COLUMNSxROWS"}  # tuples that are written as one word


class FieldType(click.ParamType):  # type: ignore[type-arg] # generic in new versions of click only
    """One field of the options: what pydantic accepts, said in pydantic's words."""

    def __init__(self, model: type[Options], field: str, name: str) -> None:
        self.model, self.field, self.name = model, field, name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # Any: as in click
        try:
            return getattr(self.model.model_validate({self.field: value}), self.field)
        except ValidationError as error:
            self.fail(error.errors()[0]["msg"].removeprefix("Value error, "), param, ctx)


class WholeNumber(click.Choice):  # type: ignore[type-arg] # as above
    """One of a few numbers."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # Any: as in click
        return int(super().convert(str(value), param, ctx))


def option_flags(model: type[Options], *, leave_out: Collection[str] = ()) -> Callable[[Command], Command]:
    """A decorator that gives a command one flag per field of its options, its own before those of all finishing."""

    def decorate(command: Command) -> Command:
        fields = model.model_fields
        ordered = sorted(fields, key=lambda name: name in FinishingOptions.model_fields)
        for name in reversed([name for name in ordered if name not in leave_out]):
            command = _flag(model, name, fields[name])(command)
        return command

    return decorate


def wish_flags(*, leave_out: Collection[str] = ()) -> Callable[[Command], Command]:
    """The flags of `AnimateOptions`."""
    return option_flags(AnimateOptions, leave_out=leave_out)


def read_wish(flags: Mapping[str, Any], **settled: object) -> AnimateOptions:
    """The options behind the flags that were given, and those the command settles itself.

    Raises:
        InputError: a value out of bounds.
    """
    return read_options(_given(AnimateOptions, flags) | settled, AnimateOptions)


def read_finish(flags: Mapping[str, Any]) -> FinishOptions:
    """The same for `FinishOptions`; errors as in `read_wish`."""
    return read_flags(flags, FinishOptions)


def read_flags(flags: Mapping[str, Any], model: type[Asked]) -> Asked:
    """The same for options of any kind; errors as in `read_wish`."""
    return read_options(_given(model, flags), model)


def _given(model: type[Options], flags: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: flags.get(name) for name in model.model_fields}
    return {name: value for name, value in said.items() if value is not None and value is not False and value != ()}


def _flag(model: type[Options], name: str, field: FieldInfo) -> Callable[[Command], Command]:
    if field.annotation is bool:
        return click.option(f"--{name.replace('_', '-')}", name, is_flag=True, help=field.description)
    kind = _kind(model, name, field.annotation)
    several = get_origin(field.annotation) is tuple and get_args(field.annotation)[1:] == (Ellipsis,)
    spelled = (_SHORT[name], f"--{name}") if name in _SHORT else (f"--{name.replace('_', '-')}",)
    text = field.description or ""
    bounds = _bounds(field)
    if bounds:
        text = f"{text}  [{bounds}]"
    if not (field.default is None or isinstance(field.default, tuple)):
        text = f"{text}  [default: {field.default}]"
    return click.option(*spelled, name, type=kind, default=None, multiple=several, help=text, metavar=_metavar(kind))


def _kind(model: type[Options], name: str, annotation: Any) -> click.ParamType[Any]:  # Any: a type as pydantic holds it
    (wanted,) = (
        [part for part in get_args(annotation) if part is not NoneType] if _optional(annotation) else [annotation]
    )
    if get_origin(wanted) is Literal:
        words = get_args(wanted)
        return WholeNumber([str(word) for word in words]) if isinstance(words[0], int) else click.Choice(words)
    if wanted is Path or wanted == tuple[Path, ...]:
        return click.Path(path_type=Path)
    if wanted == tuple[str, ...]:
        return click.STRING
    if name in _WRITTEN:
        return FieldType(model, name, _WRITTEN[name])
    return FieldType(model, name, {str: "TEXT", float: "NUMBER", int: "INTEGER"}[wanted])


def _optional(annotation: Any) -> bool:  # Any: as above
    return NoneType in get_args(annotation) and get_origin(annotation) is not Literal


def _metavar(kind: click.ParamType[Any]) -> str | None:
    if isinstance(kind, click.Choice):
        return None
    return "FILE" if isinstance(kind, click.Path) else kind.name.upper() if kind is click.STRING else kind.name


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

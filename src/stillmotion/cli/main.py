"""`stillmotion`: the commands by name, and what happens when one of them fails.

Knows every command's name and one line about it, so that `--help` loads none of them.

    result 0   bug 1   StillmotionError: its own (errors.py)   stopped 130   reader gone 141
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import click

from stillmotion import __version__
from stillmotion.errors import Cancelled, DoesNotFit, InputError, StillmotionError

COMMANDS = {
    "animate": "Turn photos into videos.",
    "plan": "Write the motion plan of a photo and explain it.",
    "explain": "Say in one sentence what a plan, a prompt or a video does.",
    "analyze": "Show what is seen in a photo: depth, regions, mattes.",
    "preview": "Watch a small draft while it is drawn.",
    "finish": "Mend, steady, retime, enlarge or grade a clip.",
    "explore": "Draw many variations of a photo and a wish, and ways between them.",
    "inpaint": "Paint a photo anew where a mask says.",
    "outpaint": "Paint beyond the edges of a photo.",
    "remove": "Take something out of a photo.",
    "remake": "Make a video again from its own metadata.",
    "verify": "Measure a video against its plan.",
    "demo": "Animate a photo that comes with stillmotion.",
    "moves": "List the camera moves that prompts may name.",
    "env": "Show what this machine offers: versions, engines, codecs.",
}
"""Name -> its one line; the command lives in the module of the same name as `command`."""

READER_GONE = 141
_GARBAGE = 100_000  # objects made before garbage is looked for: imports make many and leave none
_NAMES = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP, errno.EROFS)  # a path that cannot be used
BUG = "This is a bug in stillmotion; please report it with the lines above."


class Commands(click.Group):
    """Loads a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click calls it so
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"stillmotion.cli.{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, "-V", "--version", message="stillmotion %(version)s")
def group() -> None:
    """Direct a still image: one photo and a sentence become a video.

    \b
    stillmotion animate photo.jpg -p "slow push in, then orbit left" -o out.mp4
    stillmotion preview photo.jpg -p "crane up" --window
    stillmotion plan photo.jpg -p "pan left 10 degrees" -o plan.json
    """


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and end the process with its exit code."""
    gc.set_threshold(_GARBAGE)
    code = run(args)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = _reader_gone()
    gc.freeze()  # the process ends: looking through all that is left takes half a second
    sys.exit(code)


def run(args: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code and writes what went wrong to stderr."""
    try:
        code = group.main(args, prog_name="stillmotion", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except StillmotionError as error:
        show_error(error)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("Stopped.", err=True)
        return Cancelled.exit_code
    except (BrokenPipeError, SystemExit):  # click itself exits on a broken pipe, and only then
        return _reader_gone()
    except OSError as error:
        if error.errno not in _NAMES or error.filename is None:
            return _bug()
        show_error(InputError(f"{error.filename} cannot be used: {error.strerror}."))
        return InputError.exit_code
    except MemoryError:
        show_error(DoesNotFit("There is not enough memory for this.", hint="Choose a smaller --size."))
        return DoesNotFit.exit_code
    except Exception:  # noqa: BLE001 the boundary: what arrives here is a bug, and is shown whole
        return _bug()


def _bug() -> int:
    import traceback

    traceback.print_exc()
    click.echo(BUG, err=True)
    return 1


def show_error(error: StillmotionError) -> None:
    """The message and the hint, on stderr."""
    click.echo(click.style("Error: ", fg="red", bold=True) + error.message, err=True)
    if error.hint is not None:
        click.echo(error.hint, err=True)


def _reader_gone() -> int:
    """Whoever read our output has left: say nothing more, as nobody listens."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    return READER_GONE

"""Words of a mail into HTML and plain text.

A kind of mail has one template, which says what is in it (heading, paragraphs, rows, footer); two layouts
show the same as HTML and as text, so the plain part cannot lack what the HTML has.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context


def render(content: str, time_zone: str, values: Mapping[str, object]) -> tuple[str, str]:
    """What the template `content` says, as HTML and as text. Times are put into words in `time_zone`."""
    environment = _environment()
    said = environment.get_template(content).make_module({**values, "time_zone": ZoneInfo(time_zone)})
    html = environment.get_template("letter.html.j2").render(values, said=said)
    text = environment.get_template("letter.txt.j2").render(values, said=said)
    return _inliner().inline(html), text


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("dispatch.mails"),
        autoescape=select_autoescape(["html.j2"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["when"] = when
    environment.filters["listed"] = listed
    return environment


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


@pass_context
def when(context: Context, at: datetime) -> str:
    """Tue 24 Nov 2026, 09:12 GMT"""
    local = at.astimezone(context["time_zone"])
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M %Z}"


def listed(names: tuple[str, ...]) -> str:
    """A, B and C"""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last

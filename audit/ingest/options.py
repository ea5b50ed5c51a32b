"""The options of the commands that read chats, declared once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from audit.ingest.model import ReadOptions
from audit.schema import PLATFORMS


def input_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --platform, --shop, --map, --zip-password and --year; the command gets them as `read`."""

    @click.option(
        "--platform", default="", metavar="NAME", help=f"platform where the export names none: {', '.join(PLATFORMS)}."
    )
    @click.option("--shop", "shop_name", default="", metavar="NAME", help="shop where the export names none.")
    @click.option(
        "--map", "map_file", default="", metavar="FILE", help="mapping profile (YAML) for tables with other headers."
    )
    @click.option(
        "--zip-password",
        default="",
        envvar="AUDIT_ZIP_PASSWORD",
        metavar="TEXT",
        help="password of encrypted zips (or AUDIT_ZIP_PASSWORD).",
    )
    @click.option("--year", type=click.IntRange(1990, 2099), default=None, help="year of times that show none.")
    @functools.wraps(command)
    def wrapped(
        *args: Any, platform: str, shop_name: str, map_file: str, zip_password: str, year: int | None, **kwargs: Any
    ) -> Any:
        return command(*args, read=make(platform, shop_name, map_file, zip_password, year), **kwargs)

    return wrapped


def make(platform: str, shop: str, map_file: str, zip_password: str, year: int | None) -> ReadOptions:
    """ReadOptions from what the command line says. Raises UserError for an unknown platform or a wrong profile."""
    from audit.errors import UserError, did_you_mean
    from audit.ingest.table_rows import vocabulary

    if platform:
        known = vocabulary("platform")
        if platform.lower() not in known:
            raise UserError(
                f"there is no platform {platform!r}", where="--platform", fix=did_you_mean(platform, PLATFORMS)
            )
        platform = known[platform.lower()]
    mapping = None
    if map_file:
        from audit.ingest.mapping import load_profile

        mapping = load_profile(map_file)
    return ReadOptions(platform, shop, mapping, zip_password, year=year)

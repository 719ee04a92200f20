"""`wingbeat serve`: everything in one command, the API and a worker in each process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import socket

    from fastapi import FastAPI

    from wingbeat.api.app import Services
    from wingbeat.bootstrap import Platform
    from wingbeat.cli.loop import Stopping
    from wingbeat.settings import Settings

# For answers that are under way, and then again for steps.
GRACE_SECONDS = 10.0


def serve(  # noqa: PLR0913, PLR0917 - one parameter for each option
    sample: Annotated[bool, typer.Option("--sample", help="Publish the sample workflow, unless it is there.")] = False,
    processes: Annotated[
        int, typer.Option("--processes", metavar="N", min=1, max=256, help="How many equal processes.")
    ] = 1,
    host: Annotated[
        str | None, typer.Option("--host", metavar="ADDRESS", help="The address to listen on [BIND_HOST].")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", metavar="PORT", min=0, max=65535, help="0 takes any [MODULE_PORT].")
    ] = None,
    supervised_by: Annotated[int | None, typer.Option("--supervised-by", hidden=True)] = None,
    listener: Annotated[int | None, typer.Option("--listener", hidden=True)] = None,
    announce: Annotated[bool, typer.Option("--announce", hidden=True)] = False,
) -> None:
    """Answer the REST API and run executions, with an embedded PostgreSQL unless DATABASE_URI is set."""
    from wingbeat.cli import listening, logs, loop

    settings = _settings(host)
    logs.configure(settings.log_level)
    wanted = settings.module_port if port is None else port
    open_socket = listening.adopt(listener) if listener is not None else listening.listen(settings.bind_host, wanted)
    settings = _settings(host, open_socket.getsockname()[1])
    if processes > 1:
        from wingbeat.cli.supervisor import supervise

        options = ["--host", settings.bind_host, "--listener", str(open_socket.fileno())]
        supervise(["serve", *options, *(["--sample"] if sample else [])], processes, [open_socket.fileno()])
        return

    async def command(stopping: Stopping) -> None:
        stopping.watch(supervised_by)
        supervised = supervised_by is not None
        quiet = supervised and not announce
        await _serve(settings, open_socket, stopping, sample=sample, supervised=supervised, quiet=quiet)

    loop.run(command)


def _settings(host: str | None, port: int | None = None) -> Settings:
    """The settings, with the rules for BIND_HOST applied to `--host` too, and the port that is really listened on."""
    from wingbeat.settings import load_settings

    given = {"--host": host, "--port": None if port is None else str(port)}
    return load_settings(options={name: value for name, value in given.items() if value is not None})


async def _serve(  # noqa: PLR0913 - what the command was given
    settings: Settings, listener: socket.socket, stopping: Stopping, *, sample: bool, supervised: bool, quiet: bool
) -> None:
    from importlib import import_module

    from wingbeat.api.server import HttpServer
    from wingbeat.bootstrap import open_platform
    from wingbeat.cli import announcement, reporting, settings_checks
    from wingbeat.settings import find_values
    from wingbeat.worker import garbage_collection

    if not quiet:
        settings_checks.say_doubts(settings, find_values())
    # Later it would hold up the worker, which by then has a lease to keep.
    import_module("wingbeat.api.app")
    address = listener.getsockname()
    async with open_platform(settings, run_worker=True, grace_seconds=GRACE_SECONDS) as platform:
        sample_id = await announcement.publish_sample(platform) if sample else None
        app = make_app(platform, one_of_many=supervised)
        server = HttpServer(app, listener)
        garbage_collection.settle()
        server.start()
        stopping.take_charge()
        if not quiet:
            link = await platform.users.ensure_administrator()
            typer.echo(announcement.describe(platform, address[0], address[1], sample_id, link))
        await stopping.wanted_or(server.ended())
        if not supervised:
            reporting.say_stopping()
        await app.state.live.close()
        await server.stop(GRACE_SECONDS)
        await app.state.admission.rate_limits.close()


def make_app(platform: Platform, *, one_of_many: bool = False) -> FastAPI:
    """The REST application of an open platform; `one_of_many` processes that listen at the same address."""
    from importlib.metadata import version

    from wingbeat.api.app import ApiOptions, create_app
    from wingbeat.api.rate_limits import RateLimits

    settings = platform.settings
    options = ApiOptions(
        version=version("wingbeat"),
        max_body_bytes=settings.max_body_bytes,
        trusted_proxies=settings.trusted_proxies,
        public_url=settings.public_url,
        cors_allowed_origins=settings.cors_allowed_origins,
        rate_limits=RateLimits(
            None if settings.api_rate_limit == "0" else settings.api_rate_limit,
            settings.redis_url.get_secret_value() if settings.redis_url is not None else None,
        ),
        request_seconds=float(settings.request_timeout_seconds),
        live_polling=not one_of_many,
    )
    return create_app(services_of(platform), options)


def services_of(platform: Platform) -> Services:
    """What the routes call, of an open platform."""
    from wingbeat.api.app import Services
    from wingbeat.services.effective_settings import EffectiveSettings
    from wingbeat.settings import find_values

    return Services(
        workflows=platform.workflows,
        workflow_lists=platform.workflow_lists,
        bulk_changes=platform.bulk_changes,
        portable=platform.portable,
        versions=platform.versions,
        executions=platform.executions,
        signals=platform.signals,
        events=platform.events,
        decisions=platform.decisions,
        forms=platform.forms,
        listeners=platform.listeners,
        form_intake=platform.form_intake,
        starter=platform.starter,
        rehearser=platform.rehearser,
        status=platform.status,
        node_types=platform.catalog,
        files=platform.files,
        forks=platform.forks,
        drafts=platform.drafts,
        bulk=platform.bulk,
        inspection=platform.inspection,
        previews=platform.previews,
        breakpoints=platform.breakpoints,
        connectors=platform.connectors,
        connections=platform.connections,
        connection_tests=platform.connection_tests,
        authorizations=platform.authorizations,
        tasks=platform.tasks,
        grants=platform.grants,
        approvals=platform.approvals,
        notifications=platform.notifications,
        schedules=platform.schedules,
        audit=platform.audit,
        authentication=platform.authentication,
        webhooks=platform.webhooks,
        intake=platform.intake,
        users=platform.users,
        sign_ins=platform.sign_ins,
        provider=platform.provider,
        communities=platform.communities,
        analytics=platform.analytics,
        templates=platform.templates,
        settings=EffectiveSettings(platform.settings, find_values().sources),
        live=platform.live,
    )

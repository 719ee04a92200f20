"""The address of the files that executions keep. They are strangers' bytes: always saved, never shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.routing import Operation, add_operation

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.executions.files import FileDownloads

TAG = "executions"
PATH = "/api/v1/workflows/executions/{execution_id:uuid}/files/{file}"
# Whatever the bytes claim to be, no browser is to take them for a page of this service.
GUARDS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
}


@dataclass(frozen=True)
class FileRoutes:
    """The endpoint; its name is the operation id of the OpenAPI document."""

    files: FileDownloads

    def add_to(self, app: FastAPI) -> None:
        """Put the route into the app."""
        operation = Operation(
            "GET",
            PATH,
            Permission.VIEW,
            "Download a file that an execution keeps",
            {200: None},
            TAG,
            errors=(404,),
            media_type="*/*",
        )
        add_operation(app, operation, self.download_file)

    async def download_file(self, request: Request, execution_id: UUID, file: str) -> Response:
        """`file` is the `$file` of a reference; the execution is the one that stands before its first dot."""
        facts, chunks = await self.files.open(principal_of(request), execution_id, file)
        headers = {
            **GUARDS,
            "Content-Length": str(facts.size),
            "Content-Disposition": disposition(facts.name),
            "ETag": f'"{facts.sha256}"',
        }
        return StreamingResponse(chunks, headers={"Content-Type": facts.media_type, **headers})


def disposition(name: str) -> str:
    """The header that has a file saved under its name (RFC 6266), whatever characters it holds."""
    plain = "".join(character if " " <= character <= "~" and character not in '"\\%' else "_" for character in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"

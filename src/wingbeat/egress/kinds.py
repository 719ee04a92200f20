"""The kinds of connections: what each needs to know, what of that is secret, and where its secrets may go.

A field whose change would send the secrets somewhere else is marked DESTINATION: whoever changes it must give the
secrets anew, or anybody who may edit a connection could read what is in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from wingbeat.egress.hosts import HOST
from wingbeat.storage.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wingbeat.core.json_value import JsonObject

DESTINATION: Any = {"x-wingbeat-destination": True}
HEADER_NAME = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$"
MAX_PORT = 65_535


# Without a user name, which belongs into a field of its own, and without a fragment.
WEB_ADDRESS = rf'^https?://({HOST})(:[0-9]{{1,5}})?(/[!-"$->@-~]*)?(\?[!-"$-~]*)?$'


def _take_whole(value: object) -> object:
    """JSON knows one kind of number, so 3.0 is as whole as 3."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WebAddress = Annotated[str, Field(max_length=2000, pattern=WEB_ADDRESS)]
HostName = Annotated[str, Field(max_length=253, pattern=rf"^({HOST})$")]
Port = Annotated[int, Field(ge=1, le=MAX_PORT), BeforeValidator(_take_whole)]
Price = Annotated[float, Field(ge=0, le=1_000_000)]
Text = Annotated[str, Field(max_length=2000)]
HeaderName = Annotated[str, Field(pattern=HEADER_NAME)]


class Strict(BaseModel):
    """Refuses fields that it does not know, and never shows what was sent in its messages."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Breaker(Strict):
    """When to stop asking a system that does not answer."""

    failures: Annotated[int, BeforeValidator(_take_whole)] = Field(
        default=5, ge=1, le=1000, description="So many failures in a row open the breaker."
    )
    cool_down_seconds: float = Field(default=30, ge=0.1, le=86_400, description="How long nothing is sent then.")


class Config(Strict):
    """What every connection has."""

    breaker: Breaker = Field(default=Breaker(), description="When to stop asking a system that does not answer.")

    def hosts(self) -> tuple[str, ...]:
        """The hosts that the settings themselves name."""
        return ()


class HttpConfig(Config):
    """What every connection has that goes along with HTTP requests."""

    test_url: WebAddress | None = Field(
        default=None,
        description="What the test asks for; any answer below 400 is good.",
        examples=["https://api.example.com/me"],
    )
    allow_plain_http: bool = Field(
        default=False,
        description="Send the secret also without TLS, for servers of your own.",
        json_schema_extra=DESTINATION,
    )


class ApiKeyConfig(HttpConfig):
    """A key in a header or in the query."""

    placement: Literal["header", "query"] = Field(default="header", description="Where the key goes.")
    name: HeaderName = Field(default="X-API-Key", description="The header's or the parameter's name.")


class ApiKeySecret(Strict):
    """The key."""

    api_key: Secret = Field(description="The key.")


class BearerSecret(Strict):
    """The token."""

    token: Secret = Field(description="Sent as `Authorization: Bearer ...`.")


class BasicConfig(HttpConfig):
    """User name and password."""

    username: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^:\x00-\x1f]*$")] = Field(
        description="The user name; not secret."
    )


class PasswordSecret(Strict):
    """The password."""

    password: Secret = Field(description="The password.")


class HmacConfig(HttpConfig):
    """A signature over the body."""

    algorithm: Literal["sha256", "sha512", "sha1"] = Field(default="sha256", description="The hash.")
    encoding: Literal["hex", "base64"] = Field(default="hex", description="How the signature is written.")
    header: HeaderName = Field(default="X-Signature", description="The header that carries it.")
    prefix: Annotated[str, Field(max_length=50, pattern=r"^[ -~]*$")] = Field(
        default="", description="Written before it.", examples=["sha256="]
    )
    timestamp_header: HeaderName | None = Field(
        default=None,
        description="If set: carries the seconds since 1970, and what is signed is these, a dot, and the body.",
    )


class HmacSecret(Strict):
    """The key to sign with."""

    key: Secret = Field(description="The key that both sides know.")


class OAuthConfig(HttpConfig):
    """What both ways to OAuth tokens have in common."""

    token_url: WebAddress = Field(description="Where tokens are given.", json_schema_extra=DESTINATION)
    client_id: Annotated[str, Field(min_length=1, max_length=2000)] = Field(description="Who we are to the server.")
    scope: Text = Field(default="", description="What to ask for, with spaces between.", examples=["read write"])
    client_authentication: Literal["basic", "body"] = Field(
        default="basic", description="Whether the client's secret goes in a header or in the body of the request."
    )
    parameters: Annotated[dict[str, str], Field(max_length=20)] = Field(
        default={}, description="More to send to the token address.", examples=[{"audience": "https://api.example.com"}]
    )


class AuthorizationCodeConfig(OAuthConfig):
    """Somebody signs in once, and allows it."""

    authorization_url: WebAddress = Field(description="Where somebody signs in.", json_schema_extra=DESTINATION)


class ClientSecret(Strict):
    """The client's secret."""

    client_secret: Secret = Field(description="What proves who we are.")


class OptionalClientSecret(Strict):
    """The client's secret, where there is one."""

    client_secret: Secret | None = Field(default=None, description="What proves who we are; a public client has none.")


class SmtpConfig(Config):
    """A mail server."""

    host: HostName = Field(description="The server.", json_schema_extra=DESTINATION, examples=["mail.example.com"])
    port: Port = Field(default=587, description="587 with `starttls`, 465 with `tls`.", json_schema_extra=DESTINATION)
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the connection is protected.", json_schema_extra=DESTINATION
    )
    username: Text | None = Field(default=None, description="Who signs in; unset for a server that asks nobody.")
    sender: Text | None = Field(
        default=None, description="The address that mail comes from.", examples=["shop@example.com"]
    )

    def hosts(self) -> tuple[str, ...]:
        """The server."""
        return (self.host,)


class OptionalPassword(Strict):
    """The password, where there is one."""

    password: Secret | None = Field(default=None, description="The password.")


class SqlConfig(Config):
    """A database."""

    dialect: Literal["postgresql", "mysql", "sqlite"] = Field(
        default="postgresql", description="What kind of database.", json_schema_extra=DESTINATION
    )
    host: HostName = Field(
        default="localhost", description="The server; SQLite has none.", json_schema_extra=DESTINATION
    )
    port: Port | None = Field(
        default=None, description="5432 or 3306 unless it is said.", json_schema_extra=DESTINATION
    )
    database: Annotated[str, Field(min_length=1, max_length=1000)] = Field(
        description="The database's name; for SQLite the path of its file.", json_schema_extra=DESTINATION
    )
    username: Text | None = Field(default=None, description="Who signs in.")
    tls: Literal["verify", "require", "disable"] = Field(
        default="verify",
        description="`verify` checks the server's certificate, `require` encrypts only, `disable` does neither.",
        json_schema_extra=DESTINATION,
    )

    def hosts(self) -> tuple[str, ...]:
        """The server, if it is one."""
        return () if self.dialect == "sqlite" else (self.host,)


class S3Config(Config):
    """A bucket."""

    bucket: Annotated[str, Field(min_length=1, max_length=255)] = Field(
        description="The bucket.", json_schema_extra=DESTINATION
    )
    prefix: Text = Field(default="", description="Everything is below this.")
    region: Annotated[str, Field(min_length=1, max_length=100)] = Field(default="us-east-1", description="The region.")
    endpoint_url: WebAddress | None = Field(
        default=None, description="A service other than Amazon's.", json_schema_extra=DESTINATION
    )

    def hosts(self) -> tuple[str, ...]:
        """The service's host, where it is not Amazon's own."""
        return _hosts_of(self.endpoint_url)


class S3Secret(Strict):
    """The key pair."""

    access_key_id: Secret = Field(description="The key's id.")
    secret_access_key: Secret = Field(description="The key.")
    session_token: Secret | None = Field(default=None, description="For temporary keys.")


class LlmConfig(Config):
    """A language model behind an API."""

    provider: Literal["openai", "anthropic"] = Field(
        default="openai", description="Whose protocol it speaks.", json_schema_extra=DESTINATION
    )
    base_url: WebAddress | None = Field(
        default=None, description="Where it is, if not at the provider's own.", json_schema_extra=DESTINATION
    )
    model: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="The model, unless a node says another."
    )
    input_price: Price | None = Field(
        default=None, description="What a million tokens that are sent cost, for the costs in steps.", examples=[0.25]
    )
    output_price: Price | None = Field(
        default=None, description="What a million tokens that come back cost, in the same currency.", examples=[2]
    )

    def hosts(self) -> tuple[str, ...]:
        """The provider's host."""
        own = {"openai": "https://api.openai.com", "anthropic": "https://api.anthropic.com"}
        return _hosts_of(self.base_url or own[self.provider])


class OptionalApiKey(Strict):
    """The key, where there is one."""

    api_key: Secret | None = Field(default=None, description="The key; a server of your own may need none.")


class McpConfig(Config):
    """A server of tools that speaks the Model Context Protocol over HTTP."""

    url: WebAddress = Field(description="Where it is.", json_schema_extra=DESTINATION)

    def hosts(self) -> tuple[str, ...]:
        """The server."""
        return _hosts_of(self.url)


class OptionalToken(Strict):
    """The token, where there is one."""

    token: Secret | None = Field(default=None, description="Sent as `Authorization: Bearer ...`.")


def _hosts_of(url: str | None) -> tuple[str, ...]:
    host = urlsplit(url or "").hostname
    return () if host is None else (host,)


@dataclass(frozen=True)
class Kind:
    """A kind of connection. One that goes along with HTTP requests must say to which hosts."""

    name: str
    title: str
    help: str
    config: type[Config]
    secrets: type[Strict]
    # What it looks like in the web app.
    icon: str = "key"

    @property
    def needs_hosts(self) -> bool:
        """Whether allowed hosts must be given, since no field says where the secret goes."""
        return issubclass(self.config, HttpConfig)

    @property
    def signs_in(self) -> bool:
        """Whether somebody signs in once at the other side, by their browser."""
        return issubclass(self.config, AuthorizationCodeConfig)

    def describe(self) -> JsonObject:
        """As data, for a form: JSON Schemas of what is to be entered, secret fields marked writeOnly."""
        secrets: JsonObject = self.secrets.model_json_schema(mode="validation")
        properties = secrets.get("properties")
        for field in properties.values() if isinstance(properties, dict) else ():
            if isinstance(field, dict):
                field |= {"writeOnly": True, "format": "password"}
        return {
            "kind": self.name,
            "title": self.title,
            "help": self.help,
            "icon": self.icon,
            "needs_allowed_hosts": self.needs_hosts,
            "signs_in": self.signs_in,
            "config": self.config.model_json_schema(),
            "secrets": secrets,
        }


ALL_KINDS = (
    Kind("api_key", "API key", "A key in a header or in the query of each request.", ApiKeyConfig, ApiKeySecret),
    Kind("bearer", "Bearer token", "A token in the header `Authorization`.", HttpConfig, BearerSecret, "ticket"),
    Kind("basic", "User name and password", "HTTP's basic authentication.", BasicConfig, PasswordSecret, "user"),
    Kind("hmac", "Signature", "Signs the body of each request (HMAC).", HmacConfig, HmacSecret, "signature"),
    Kind(
        "oauth2_client_credentials",
        "OAuth 2, for a program",
        "Tokens for the client itself, fetched and renewed as needed.",
        OAuthConfig,
        ClientSecret,
        "robot",
    ),
    Kind(
        "oauth2_authorization_code",
        "OAuth 2, on behalf of somebody",
        "Somebody signs in once; tokens are renewed as needed.",
        AuthorizationCodeConfig,
        OptionalClientSecret,
        "sign-in",
    ),
    Kind("smtp", "Mail server", "Sends mail.", SmtpConfig, OptionalPassword, "mail"),
    Kind("sql", "Database", "PostgreSQL, MySQL or SQLite.", SqlConfig, OptionalPassword, "database"),
    Kind(
        "s3", "S3 bucket", "Files in Amazon S3, or in a service that speaks its protocol.", S3Config, S3Secret, "bucket"
    ),
    Kind(
        "llm",
        "Language model",
        "Any API that speaks OpenAI's or Anthropic's protocol.",
        LlmConfig,
        OptionalApiKey,
        "model",
    ),
    Kind("mcp", "MCP server", "Tools behind the Model Context Protocol.", McpConfig, OptionalToken, "tools"),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in ALL_KINDS}
HTTP_KINDS = tuple(kind.name for kind in ALL_KINDS if kind.needs_hosts)
# What may go along with a request: besides, what lets us in at a server of tools, which speaks HTTP.
SENDABLE_KINDS = (*HTTP_KINDS, "mcp")


def destinations(config: Config) -> JsonObject:
    """What of the settings decides where secrets go."""
    shown = config.model_dump(mode="json")
    marked = _marked(type(config), lambda extra: extra == DESTINATION)
    return {name: value for name, value in shown.items() if name in marked}


def _marked(model: type[BaseModel], wanted: Callable[[object], bool]) -> set[str]:
    return {name for name, field in model.model_fields.items() if wanted(field.json_schema_extra)}

"""Asks language models that speak OpenAI's or Anthropic's protocol, through pydantic-ai and our own way out.

Every request goes through `wingbeat.egress.http`: a checked address, a bounded answer, no redirect. What the libraries
would take from the environment (keys, organisations, proxies) does not reach the wire.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any

from wingbeat.core.errors import StepError
from wingbeat.egress.credential import carrying
from wingbeat.egress.kinds import LlmConfig
from wingbeat.sdk.models import Answer, unfit_answer
from wingbeat.sdk.schema_check import read_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.egress.credential import Credential
    from wingbeat.egress.http import Egress
    from wingbeat.egress.vault import Opened, Step, Vault
    from wingbeat.sdk.models import Question

OPENAI, ANTHROPIC = "https://api.openai.com/v1", "https://api.anthropic.com"
# A guess from below; what a token is differs from model to model.
CHARACTERS_PER_TOKEN = 6
MILLION = 1_000_000
EXCERPT = 300
SENT_HEADERS = frozenset({"accept", "content-type", "anthropic-version", "anthropic-beta"})
UNPACKED = frozenset({"content-encoding", "content-length", "transfer-encoding"})
# The libraries want one; the real one is put in where a request leaves.
NO_KEY = "none"


class StepModels:
    """The models tool of one step."""

    def __init__(self, egress: Egress, vault: Vault, step: Step) -> None:
        self._egress = egress
        self._vault = vault
        self._step = step

    async def ask(self, connection: str, question: Question, *, timeout_seconds: float = 60.0) -> Answer:
        """Ask; see `wingbeat.sdk.models.Models`.

        Raises:
            StepError: what the vault and the way out raise, `AI_MODEL_MISSING`, `AI_BUDGET_EXCEEDED`,
                `AI_AUTHENTICATION_FAILED`, `AI_MODEL_UNKNOWN`, `AI_RATE_LIMITED`, `AI_QUOTA_EXCEEDED`,
                `AI_UNAVAILABLE`, `AI_REQUEST_REFUSED`, `AI_ANSWER_UNFIT`, `AI_ANSWER_REFUSED` or `AI_TIMEOUT`.
        """
        async with self._vault.use(connection, self._step, ("llm",)) as opened:
            config = opened.config_as(LlmConfig)
            name = question.model or config.model
            if name is None:
                raise StepError(
                    "Nobody says which model to ask.",
                    code="AI_MODEL_MISSING",
                    remedy="Set the node's 'model', or the connection's.",
                    details={"parameter": "model"},
                )
            _check_budget(question)
            # Reading the libraries takes seconds, and other steps run in this thread.
            await asyncio.to_thread(_load)
            conversation = _Conversation(self._egress, opened, config, name)
            try:
                async with asyncio.timeout(timeout_seconds):
                    return await conversation.ask(question, timeout_seconds)
            except TimeoutError:
                raise StepError(
                    f"The model did not answer within {timeout_seconds:g} seconds.",
                    code="AI_TIMEOUT",
                    remedy="Allow more time, or ask for a shorter answer.",
                    details=conversation.spent(),
                    retryable=True,
                ) from None


def _load() -> None:
    for name in ("pydantic_ai.models.anthropic", "pydantic_ai.models.openai"):
        import_module(name)


def _check_budget(question: Question) -> None:
    """Refuse, before anything is sent, what cannot stay within the budget."""
    if question.token_budget is None:
        return
    least = (len(question.instructions) + len(question.prompt)) // CHARACTERS_PER_TOKEN
    if least >= question.token_budget:
        raise _over_budget(f"what is sent takes {least} tokens or more, and the budget is {question.token_budget}", {})


class _Conversation:
    """One question and its corrections."""

    def __init__(self, egress: Egress, opened: Opened, config: LlmConfig, name: str) -> None:
        from pydantic_ai.usage import RunUsage  # noqa: PLC0415 - loaded by now

        self._egress = egress
        self._opened = opened
        self._config = config
        self._name = name
        self._usage = RunUsage()

    async def ask(self, question: Question, seconds: float) -> Answer:
        from pydantic_ai import exceptions  # noqa: PLC0415 - loaded by now

        failed: Exception
        try:
            value = await self._run(question, seconds)
        except exceptions.UsageLimitExceeded as error:
            if question.token_budget is None or self._tokens() <= question.token_budget:
                raise unfit_answer("it did not fit in any of the tries") from error
            why = f"it takes {self._tokens()} tokens, and the budget is {question.token_budget}"
            raise _over_budget(why, self.spent()) from error
        except exceptions.ContentFilterError as error:
            raise self._refused() from error
        except TimeoutError:
            raise
        except Exception as error:  # noqa: BLE001 - what the libraries make of an answer that breaks the protocol
            failed = error
        else:
            usage = self._usage
            return Answer(value, self._name, usage.input_tokens, usage.output_tokens, usage.requests, self._cost())
        raise self._explained(failed) from failed

    async def _run(self, question: Question, seconds: float) -> Json:
        from pydantic_ai import Agent, ModelRetry, StructuredDict  # noqa: PLC0415 - loaded by now
        from pydantic_ai.usage import UsageLimits  # noqa: PLC0415 - loaded by now

        settings: Any = {"max_tokens": _most_tokens(question), "timeout": seconds}
        if question.temperature is not None:
            settings["temperature"] = question.temperature
        schema = None if question.schema is None else read_schema(question.schema)
        output: Any = str if question.schema is None else StructuredDict(dict(question.schema), name="answer")
        async with _client(self._egress, self._opened, seconds) as http_client:
            agent: Any = Agent(
                _model(self._config, self._name, http_client),
                output_type=output,
                instructions=question.instructions,
                model_settings=settings,
                retries=question.corrections,
            )

            def check(value: Any) -> Any:  # noqa: ANN401 - what the model gave
                if schema is not None and not (verdict := schema.check(value, 3)).valid:
                    faults = "; ".join(f"{fault.path or 'the answer'}: {fault.message}" for fault in verdict.faults)
                    raise ModelRetry(f"The answer does not fit the schema: {faults}")
                return value

            agent.output_validator(check)
            limits = UsageLimits(request_limit=question.corrections + 1, total_tokens_limit=question.token_budget)
            result = await agent.run(question.prompt, usage_limits=limits, usage=self._usage)
        value: Json = dict(result.output) if isinstance(result.output, dict) else str(result.output)
        return value

    def _tokens(self) -> int:
        return self._usage.input_tokens + self._usage.output_tokens

    def _cost(self) -> float | None:
        """By the prices that the connection names; nobody else's are asked."""
        coming, going = self._config.input_price, self._config.output_price
        if coming is None or going is None:
            return None
        return round((self._usage.input_tokens * coming + self._usage.output_tokens * going) / MILLION, 9)

    def spent(self) -> JsonObject:
        """For the details of an error: what was spent in vain."""
        usage = self._usage
        spent: JsonObject = {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}
        return {**spent, "model": self._name, "cost": self._cost()}

    def _refused(self) -> StepError:
        return StepError(
            "The model refused to answer.",
            code="AI_ANSWER_REFUSED",
            remedy="Ask for something else, or use another model.",
            details=self.spent(),
        )

    def _explained(self, error: Exception) -> StepError:
        """What a failure means to the step; one of our own way out is told as it is."""
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, StepError):
                return cause
            cause = cause.__cause__ or cause.__context__
        text = self._opened.scrubber.scrub(str(error))[:EXCERPT]
        code, remedy, retryable = _meaning(error)
        if code == "AI_ANSWER_UNFIT":
            unfit = unfit_answer(text)
            unfit.details = self.spent()
            return unfit
        details = self.spent()
        wait = getattr(error, "retry_after", None)
        if wait is not None:
            details["retry_after_seconds"] = float(wait)
        if code == "AI_UNAVAILABLE":
            self._opened.note_failure()
        return StepError(
            f"The model does not answer: {text}", code=code, remedy=remedy, details=details, retryable=retryable
        )


def _meaning(error: Exception) -> tuple[str, str, bool]:
    """Code, remedy, and whether another try may help."""
    from pydantic_ai import exceptions as found  # noqa: PLC0415 - loaded by now

    meanings: tuple[tuple[type[Exception], tuple[str, str, bool]], ...] = (
        (found.ModelQuotaExceededError, ("AI_QUOTA_EXCEEDED", "Ask whoever pays for the connection's account.", False)),
        (found.ModelRateLimitError, ("AI_RATE_LIMITED", "Ask less often; another try may pass.", True)),
        (found.ModelAuthenticationError, ("AI_AUTHENTICATION_FAILED", "Check the connection's API key.", False)),
        (found.ModelNotFoundError, ("AI_MODEL_UNKNOWN", "Check the model's name and the connection's address.", False)),
        (found.ModelRequestRejectedError, ("AI_REQUEST_REFUSED", "Look at what the provider says.", False)),
        (found.ModelConnectionError, ("EGRESS_CONNECTION_FAILED", "See whether the provider is up.", True)),
        (found.ModelAPIError, ("AI_UNAVAILABLE", "The provider has a fault; another try may pass.", True)),
    )
    if HTTPStatus.MULTIPLE_CHOICES <= getattr(error.__cause__, "status_code", 0) < HTTPStatus.BAD_REQUEST:
        # Nobody follows a redirect with a key.
        return ("AI_REQUEST_REFUSED", "Check the connection's address: the server there redirects to another.", False)
    usual = ("AI_ANSWER_UNFIT", "", True)
    return next((meaning for kind, meaning in meanings if isinstance(error, kind)), usual)


def _most_tokens(question: Question) -> int:
    """What one answer may have: never more than the whole budget."""
    return question.most_tokens if question.token_budget is None else min(question.most_tokens, question.token_budget)


def _over_budget(why: str, details: JsonObject) -> StepError:
    return StepError(
        f"The token budget is exceeded: {why}.",
        code="AI_BUDGET_EXCEEDED",
        remedy="Send less, ask for a shorter answer, or raise 'token_budget'.",
        details=details,
    )


def credential_of(opened: Opened) -> Credential:
    """What says who is asking, in the header that the provider looks at."""
    key = opened.reveal("api_key")
    if key is None:
        return carrying(opened, {})
    own = opened.config_as(LlmConfig).provider == "anthropic"
    return carrying(opened, {"x-api-key": key} if own else {"Authorization": f"Bearer {key}"})


def _client(egress: Egress, opened: Opened, seconds: float) -> Any:  # noqa: ANN401 - of a library that is loaded late
    """An HTTP client of the libraries whose every request takes our way out."""
    import httpx2  # noqa: PLC0415 - loaded by now

    credential = credential_of(opened)

    class Transport(httpx2.AsyncBaseTransport):
        """Sends through the egress client, and gives the whole answer."""

        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            headers = {name: value for name, value in request.headers.items() if name.lower() in SENT_HEADERS}
            answer = await egress.send(
                request.method,
                str(request.url),
                headers=headers,
                content=await request.aread(),
                timeout_seconds=seconds,
                follow_redirects=False,
                credential=credential,
            )
            # What comes out of this becomes the step's output, and is kept.
            hide = opened.scrubber
            headers = {name: hide.scrub(value) for name, value in _shown(answer.headers).items()}
            return httpx2.Response(answer.status, headers=headers, content=hide.scrub_bytes(answer.body))

    return httpx2.AsyncClient(transport=Transport(), trust_env=False)


def _shown(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of an answer that is unpacked and whole."""
    return {name: value for name, value in headers.items() if name not in UNPACKED}


def _model(config: LlmConfig, name: str, http_client: Any) -> Any:  # noqa: ANN401 - of a library that is loaded late
    if config.provider == "anthropic":
        from anthropic import AsyncAnthropic  # noqa: PLC0415 - loaded by now
        from pydantic_ai.models.anthropic import AnthropicModel  # noqa: PLC0415 - loaded by now
        from pydantic_ai.providers.anthropic import AnthropicProvider  # noqa: PLC0415 - loaded by now

        anthropic = AsyncAnthropic(
            api_key=NO_KEY, base_url=config.base_url or ANTHROPIC, http_client=http_client, max_retries=0
        )
        return AnthropicModel(name, provider=AnthropicProvider(anthropic_client=anthropic))
    from openai import AsyncOpenAI  # noqa: PLC0415 - loaded by now
    from pydantic_ai.models.openai import OpenAIChatModel  # noqa: PLC0415 - loaded by now
    from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415 - loaded by now
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider  # noqa: PLC0415 - loaded by now

    openai = AsyncOpenAI(api_key=NO_KEY, base_url=config.base_url or OPENAI, http_client=http_client, max_retries=0)
    own = config.base_url is None
    provider: Any = (
        OpenAIProvider(openai_client=openai) if own else OpenAICompatibleProvider("own", openai_client=openai)
    )
    return OpenAIChatModel(name, provider=provider)

"""The guards that promises rest on, each with the change that breaks it and the tests that have to notice."""

from __future__ import annotations

from dataclasses import dataclass

CLIENT, SERVER = "maas_client", "mock_server"
REQUESTS = (
    "tests/http/test_retry.py",
    "tests/http/test_polling.py",
    "tests/http/test_retry_budget.py",
    "tests/promises/test_pauses.py",
    "tests/promises/test_retry_budget.py",
    "tests/promises/test_final_answers.py",
    "tests/promises/test_made_once.py",
    "tests/promises/test_waits.py",
    "tests/promises/test_interruptions.py",
)
TRUST = (
    "tests/http/test_trusted_hosts.py",
    "tests/wire/test_wire.py",
    "tests/promises/test_names_in_paths.py",
    "tests/promises/test_other_ports.py",
    "tests/promises/test_trust_everywhere.py",
)
PAGES = ("tests/mock_server/test_origin_check.py", "tests/mock_server/test_copies_from_loopback.py")
STREAMS = ("tests/promises/test_stream_errors.py",)
WIRE = (
    "tests/wire/test_cancellation.py",
    "tests/wire/test_endless_answers.py",
    "tests/wire/test_forks.py",
    "tests/wire/test_tracebacks.py",
)
SECRETS = ("tests/promises/test_callers_secrets.py", "tests/core/test_secret_text.py")
UPLOADS = (
    "tests/transfers/uploads/test_upload_under_fire.py",
    "tests/transfers/uploads/test_changed_files.py",
    "tests/transfers/uploads/test_sizes_and_progress.py",
    "tests/transfers/uploads/test_vanishing_servers.py",
    "tests/transfers/uploads/test_blocks_at_once.py",
    "tests/transfers/uploads/test_copies.py",
    "tests/transfers/uploads/test_plan.py",
)
RUNS = ("tests/operations/test_workflows_on_the_wire.py", "tests/workflow/test_naming.py")
LOGS = ("tests/operations/test_several_jobs_on_the_wire.py",)


@dataclass(frozen=True, slots=True)
class Guard:
    """What is broken: in a file of the package, text that stands there once, and what is put in its place."""

    what: str
    file: str
    text: str
    broken: str
    tests: tuple[str, ...] = REQUESTS
    package: str = CLIENT


GUARDS = (
    Guard(
        "any host may see secrets",
        "http/trusted_hosts.py",
        "        if self._is_known(parts, host, port, audience):",
        "        if True:",
        TRUST,
    ),
    Guard(
        "a name may walk up a path",
        "core/url_paths.py",
        "    if not name.strip() or _has_dots(name) or _INVALID_NAME.search(name):",
        "    if not name.strip():",
        TRUST,
    ),
    Guard(
        "a blob's name may leave its container",
        "core/url_paths.py",
        "if _INVALID_BLOB.search(path) or _has_dots(path):",
        "if _INVALID_BLOB.search(path):",
        TRUST,
    ),
    Guard(
        "a request may leave for another path than was meant",
        "http/channel.py",
        "        check_target(request)\n",
        "",
        TRUST,
    ),
    Guard(
        "a path with dots in it is sent",
        "http/channel.py",
        " and not has_dot_segments(request.url)",
        "",
        TRUST,
    ),
    Guard(
        "a secret goes to any port of this machine",
        "http/trusted_hosts.py",
        "            if not any_port and origin_of(url) != origin_of(self.loopback):",
        "            if False:",
        TRUST,
    ),
    Guard(
        "a bearer token goes to any port of this machine",
        "azure/signers.py",
        '        """A token is valid for the service that it was requested for."""\n        return False',
        '        """A token is valid for the service that it was requested for."""\n        return True',
        TRUST,
    ),
    Guard(
        "a name below localhost is this machine",
        "core/origins.py",
        '    if host == "localhost":',
        '    if host == "localhost" or host.endswith(".localhost"):',
        TRUST,
    ),
    Guard(
        "http is good enough for secrets",
        "http/trusted_hosts.py",
        '        if parts.scheme != "https":',
        '        if parts.scheme not in {"https", "http"}:',
        TRUST,
    ),
    Guard(
        "redirects are followed",
        "wire/blocking.py",
        "follow_redirects=False",
        "follow_redirects=True",
        TRUST,
    ),
    Guard(
        "secrets stay in texts",
        "core/redaction.py",
        "    (_SECRET_QUERY, _redact_match),\n",
        "",
        TRUST,
    ),
    Guard(
        "httpx writes its log as it likes",
        "core/redaction.py",
        "        safe = redact(message)",
        "        safe = message",
        TRUST,
    ),
    Guard(
        "a secret among the arguments is not hidden before the method begins",
        "core/secret_arguments.py",
        "                kwargs[name] = names[name].hide(kwargs[name])",
        "                pass",
        SECRETS,
    ),
    Guard(
        "a blocking call keeps a secret argument",
        "core/blocking.py",
        "    return hide_arguments(call, names) if names else call",
        "    return call",
        SECRETS,
    ),
    Guard(
        "a secret text shows itself",
        "core/secret_text.py",
        "    def __repr__(self) -> str:\n        return REDACTED",
        "    def __repr__(self) -> str:\n        return self._text",
        SECRETS,
    ),
    Guard(
        "what a JSON parser raises takes the text along",
        "core/http_messages.py",
        "    document, why = _parsed(content)",
        '    document, why = json.loads(content), ""',
        SECRETS,
    ),
    Guard(
        "a credential's frames are shown",
        "azure/credentials.py",
        "            raise without_traceback(stop) from None",
        "            raise",
        SECRETS,
    ),
    Guard(
        "a secret value that is known is not blanked",
        "core/redaction.py",
        "    return redact_known(_redact_patterns(text))",
        "    return _redact_patterns(text)",
        SECRETS,
    ),
    Guard(
        "an error's message has what is known",
        "core/errors.py",
        "        super().__init__(*(redact_known(each) if isinstance(each, str) else each for each in args))",
        "        super().__init__(*args)",
        SECRETS,
    ),
    Guard(
        "an error keeps an answer as it came",
        "core/errors.py",
        "redact_body(body)",
        "body",
        SECRETS,
    ),
    Guard(
        "an answer that holds keys is kept",
        "http/error_responses.py",
        '    return b"" if request.secret_reply else reply.body',
        "    return reply.body",
        SECRETS,
    ),
    Guard(
        "a value keeps signed addresses",
        "core/values.py",
        "        document, shown = redact_document(document)",
        "        shown = document",
        SECRETS,
    ),
    Guard(
        "a job's details keep signed addresses",
        "jobs/run_history.py",
        "        document = redact_document(await self._details(name))[1]",
        "        document = await self._details(name)",
        SECRETS,
    ),
    Guard(
        "a stream that breaks off counts as ended",
        "inference/chat.py",
        '                why = "the connection was closed"',
        "                return",
        ("tests/operations/test_chat_on_the_wire.py", "tests/promises/test_streams.py"),
    ),
    Guard(
        "what changes something is repeated after a lost reply",
        "http/retry.py",
        "    if isinstance(outcome, TransportError):\n        return request.is_repeatable",
        "    if isinstance(outcome, TransportError):\n        return True",
    ),
    Guard(
        "a conflict is repeated",
        "http/retry.py",
        "TRANSIENT = frozenset({408,",
        "TRANSIENT = frozenset({409, 408,",
    ),
    Guard(
        "Retry-After is undercut",
        "http/retry.py",
        "        return asked + min(seconds, 1.0)",
        "        return asked * 0.9",
    ),
    Guard(
        "an hour's Retry-After is waited for",
        "http/retry.py",
        "    return (retry_after(reply) or 0.0) > LONGEST_WAIT",
        "    return False",
    ),
    Guard(
        "the bucket never empties",
        "http/retry_budget.py",
        "    return left - cost if cost <= left else None",
        "    return left",
    ),
    Guard(
        "a 401 is answered with token after token",
        "http/channel.py",
        "                renewed = True  #",
        "                renewed = False  #",
    ),
    Guard(
        "a creation in doubt is not read back",
        "azure/arm.py",
        "if (found := await self._read_back(path, doubt, next(intervals))) is not None:",
        "if (found := None) is not None:",
    ),
    Guard(
        "a sleeping laptop's hours do not count",
        "http/polling.py",
        "max(clock - self.clock, wall - self.wall, 0.0)",
        "max(clock - self.clock, 0.0)",
    ),
    Guard(
        "a wait looks as often as it likes",
        "http/polling.py",
        "SHORTEST_INTERVAL = 1.0",
        "SHORTEST_INTERVAL = 0.0",
    ),
    Guard(
        "an outage is declared because the machine slept",
        "http/polling.py",
        "if gap > SLEEP_GAP or (slept",
        "if (slept",
    ),
    Guard(
        "Ctrl-C says nothing",
        "http/polling.py",
        "        interruption.add_note",
        "        ''.format",
    ),
    Guard(
        "blocks go without a sum",
        "azure/blob_container.py",
        '{"Content-Type": "application/octet-stream"} | ({"Content-MD5": md5} if md5 else {})',
        '{"Content-Type": "application/octet-stream"}',
        UPLOADS,
    ),
    Guard(
        "a file that changed is committed",
        "transfers/uploads/file_upload.py",
        "            may_commit()\n            self._still()\n",
        "            may_commit()\n",
        UPLOADS,
    ),
    Guard(
        "a file that changed between two runs is taken up",
        "transfers/uploads/uploader.py",
        "        if entry is not None and entry.sha256 != content.sha256:",
        "        if False:",
        UPLOADS,
    ),
    Guard(
        "staged blocks are taken for ours by their number alone",
        "transfers/uploads/blocks.py",
        "    id_bytes = _MARK + number.to_bytes(4) + size.to_bytes(6) + mark",
        "    id_bytes = _MARK + number.to_bytes(4) + size.to_bytes(6)",
        UPLOADS,
    ),
    Guard(
        "the blocks of a blob are not looked at after the commit",
        "transfers/uploads/staging.py",
        '        return "" if there == ours else',
        '        return "" if True else',
        UPLOADS,
    ),
    Guard(
        "an error of another shape in a stream is passed over",
        "openai_api/chat_completions.py",
        '    error = document.get("error")\n    if error is None or error is False:',
        '    error = document.get("error")\n    if not is_object(error):',
        STREAMS,
    ),
    Guard(
        "an event that is no piece of an answer is passed over",
        "openai_api/chat_completions.py",
        "        if is_piece and not is_failed:",
        "        if not is_failed:",
        STREAMS,
    ),
    Guard(
        "half a character is shown before the other half comes",
        "openai_api/chat_completions.py",
        "        text = self._half + text\n",
        "        text = text\n",
        STREAMS,
    ),
    Guard(
        "a page under any name is answered by the mock server",
        "http/origin_check.py",
        "    if not any_host and not _is_loopback(host):",
        "    if False:",
        PAGES,
        SERVER,
    ),
    Guard(
        "a page of any origin is answered by the mock server",
        "http/origin_check.py",
        "    if origin is not None and _host_of(origin) != host.lower():",
        "    if False:",
        PAGES,
        SERVER,
    ),
    Guard(
        "the mock server copies from any server of this machine",
        "storage/copy_from_url.py",
        "    address = loopback_source.loopback_address(parts) if may_be_read else None",
        "    address = loopback_source.loopback_address(parts) if call.world.options.admin_token is None else None",
        PAGES,
        SERVER,
    ),
    Guard(
        "what is no content extends an attempt's deadline",
        "wire/attempt.py",
        "        left = self._deadline - self._clock()\n",
        "        left = self.timeout\n",
        WIRE,
    ),
    Guard(
        "the head of an answer has no limit",
        "wire/attempt.py",
        "            if self._head_left < 0:",
        "            if False:",
        WIRE,
    ),
    Guard(
        "the body of a refusal that is streamed extends its deadline",
        "wire/protocol.py",
        "        return self.open_body(200 <= self.status < 300)",
        "        return self.open_body(True)",
        WIRE,
    ),
    Guard(
        "a canceled request keeps its connection",
        "wire/async_transport.py",
        "        except BaseException:",
        "        except Exception:",
        WIRE,
    ),
    Guard(
        "a forked process goes on with inherited connections",
        "wire/blocking_transport.py",
        "        if self._process != os.getpid():",
        "        if False:",
        WIRE,
    ),
    Guard(
        "a forked process waits for locks of threads that it does not have",
        "wire/blocking.py",
        "    async def __aenter__(self) -> None:\n        if self._process != os.getpid():",
        "    async def __aenter__(self) -> None:\n        if False:",
        WIRE,
    ),
    Guard(
        "an interruption shows the signed address in httpx's frames",
        "wire/httpx_adapter.py",
        "    return without_traceback(error)",
        "    return error",
        WIRE,
    ),
    Guard(
        "a cookie is kept",
        "wire/httpx_adapter.py",
        "        return _NONE",
        "        return super().cookies",
        TRUST,
    ),
    Guard(
        "a piece of a block is summed up before the one ahead of it",
        "wire/thread_sharing.py",
        "            work = self._lines[line].popleft()",
        "            work = self._lines[line].pop()",
        ("tests/wire/test_thread_sharing.py",),
    ),
    Guard(
        "the pace does not heed a storm",
        "transfers/adaptive_concurrency.py",
        "        if status in _OVERLOAD:",
        "        if status == -1:",
        UPLOADS,
    ),
    Guard(
        "ranges of two states are copied into one blob",
        "transfers/uploads/url_copy.py",
        '        return RemoteFile(url, int(length), tag, {"x-ms-source-if-match": tag})',
        "        return RemoteFile(url, int(length), tag, {})",
        UPLOADS,
    ),
    Guard(
        "a refused data set is sent",
        "transfers/uploads/uploader.py",
        "            self._inspection.objection()\n",
        "            pass\n",
        UPLOADS,
    ),
    Guard(
        "a job that asks for something else is taken for ours",
        "workflow/runner.py",
        "            if others := request.differences(existing):",
        "            if others := []:",
        RUNS,
    ),
    Guard(
        "a model that is served already is deployed again",
        "workflow/runner.py",
        "            if there is None and (other := await self.tools.endpoint_backend.serving(model)) is not None:",
        "            if there is None and (other := None) is not None:",
        RUNS,
    ),
    Guard(
        "of several attempts the first one counts",
        "workflow/lookup.py",
        "        name, job = later, found",
        "        break",
        RUNS,
    ),
    Guard(
        "a log is read from its beginning each time",
        "jobs/log_stream.py",
        "            offset, rest_of_line, is_whole = part.offset, part.rest, not part.more",
        "            rest_of_line, is_whole = part.rest, not part.more",
        LOGS,
    ),
)

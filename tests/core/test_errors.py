"""Errors cross processes: every class can be pickled and copied, with what it carries and without its secrets."""

from __future__ import annotations

import concurrent.futures
import copy
import copyreg
import multiprocessing
import pickle
import traceback
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from threading import Lock
from typing import Any

import pytest
from hypothesis import given, strategies as st

import maas_client
from maas_client import Endpoint, Job, errors
from maas_client.computes.cluster import Cluster
from maas_client.computes.misfit import Misfit
from maas_client.core.secret_text import SecretText
from maas_client.datasets.check.report import CheckReport
from maas_client.datasets.parts import check_file


def classes() -> list[type[errors.MaasError]]:
    """Give every class of error in the package."""
    for module in walk_packages(maas_client.__path__, "maas_client."):
        if "cli" not in module.name and module.name != "maas_client.testing":
            import_module(module.name)
    found: list[type[errors.MaasError]] = [errors.MaasError]
    for kind in found:
        found += [each for each in kind.__subclasses__() if each not in found]
    return found


def made(kind: type[errors.MaasError], words: str = "why") -> errors.MaasError:
    """Make an error of a class, as the service's answers would."""
    job, endpoint = Job.read({"name": "j", "properties": {"status": "Failed"}}), Endpoint(name="e")
    if issubclass(kind, errors.ServiceError):
        return kind(words, status=429, code="c", detail="d", request_id="r", body=b"\x00b", retry_after=3.0)
    special: dict[type[errors.MaasError], errors.MaasError] = {
        errors.NetworkSettingsError: errors.NetworkSettingsError("HTTPS_PROXY", words),
        errors.UntrustedHost: errors.UntrustedHost("https://x.example", "a", words),
        errors.UnknownModel: errors.UnknownModel(words, ["b"]),
        errors.NotExportable: errors.NotExportable("trl", words),
        errors.NotOffered: errors.NotOffered(words, "p", offered_by=["o"], instead="i"),
        errors.DatasetRefused: errors.DatasetRefused(words, CheckReport()),
        errors.OperationFailed: errors.OperationFailed(words, status="failed", code="c"),
        errors.ClusterFailed: errors.ClusterFailed(Cluster(name="c"), code="c", detail=words),
        errors.DoesNotFit: errors.DoesNotFit(words, [Misfit(kind="memory", message=words, needed=2.0, there=1.0)]),
        errors.EndpointFailed: errors.EndpointFailed(endpoint, words),
        errors.JobEvicted: errors.JobEvicted(job, code="PreemptionError", reason=words, log_tail=["l"]),
        errors.JobFailed: errors.JobFailed(job, code="c", reason=words, log_tail=["l"]),
        errors.JobCanceled: errors.JobCanceled(job),
        errors.WaitTimeout: errors.WaitTimeout(words, 1.5, job, "r"),
        errors.StreamInterrupted: errors.StreamInterrupted(words, "text"),
    }
    if kind in special:
        return special[kind]
    if issubclass(kind, errors.JobError):
        return kind(job, words)
    if issubclass(kind, errors.TransportError):
        return kind("GET x", words)
    return kind(words)


def state(error: errors.MaasError) -> tuple[object, ...]:
    return type(error), str(error), error.args, vars(error)


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__name__)
def test_every_error_survives_pickle_and_copy(kind: type[errors.MaasError]) -> None:
    error = made(kind)
    error.add_note("resume with x")
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert state(pickle.loads(pickle.dumps(error, protocol))) == state(error)
    assert state(copy.copy(error)) == state(error)
    assert state(copy.deepcopy(error)) == state(error)


@given(st.text(), st.dictionaries(st.text(), st.none() | st.integers() | st.text() | st.lists(st.text())))
def test_any_words_and_attributes_survive(words: str, more: dict[str, object]) -> None:
    error = errors.InvalidInput(words)
    vars(error).update(more)
    assert state(pickle.loads(pickle.dumps(error))) == state(error)


def test_what_holds_a_secret_stays_behind() -> None:
    error = errors.InvalidInput("why")
    vars(error).update(key=SecretText("CANARY-0123456789"), keys=[SecretText("CANARY-0123456789")], status=1)
    pickled = pickle.dumps(error)
    assert b"CANARY" not in pickled
    assert vars(pickle.loads(pickled)) == {"status": 1}


def test_a_library_that_pickles_by_reduce_gets_no_secret() -> None:
    error = errors.InvalidInput("why")
    vars(error).update(key=SecretText("CANARY-0123456789"), status=1)
    reduced: tuple[Any, ...] = error.__reduce__()  # Any: a function and its arguments
    restore, arguments = reduced
    assert state(restore(*arguments)) == state(pickle.loads(pickle.dumps(error)))
    assert "CANARY" not in repr(arguments)


def caused_by(cause: Exception) -> errors.MaasError:
    """Return an error that was raised from another one."""
    try:
        raise errors.ConnectionFailed("GET x", "why") from cause
    except errors.ConnectionFailed as error:
        return error


def pickled(error: errors.MaasError) -> errors.MaasError:
    """Return what arrives in another process."""
    arrived: errors.MaasError = pickle.loads(pickle.dumps(error))
    return arrived


@pytest.fixture(autouse=True)
def _without_tblib(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copy errors as Python does: tblib, which dask imports, replaces that for every exception of the process."""
    for kind in list(copyreg.dispatch_table):
        if issubclass(kind, BaseException):
            monkeypatch.delitem(copyreg.dispatch_table, kind)


@pytest.mark.parametrize("copied", [pickled, copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"])
def test_the_text_of_the_cause_survives(copied: Callable[[errors.MaasError], errors.MaasError]) -> None:
    arrived = copied(copied(caused_by(OSError("reset by peer"))))
    assert repr(arrived.__cause__) == "CopiedCause('OSError: reset by peer')"
    assert "CopiedCause: OSError: reset by peer" in "".join(traceback.format_exception(arrived))
    inner = copied(caused_by(errors.InvalidInput("why"))).__cause__
    assert isinstance(inner, errors.InvalidInput)
    assert copied(errors.InvalidInput("why")).__cause__ is None


def test_a_cause_is_pickled_without_its_secrets() -> None:
    cause = OSError("https://s.blob.core.windows.net/c/b?sig=CANARY0123456789abcdefCANARY")
    vars(cause)["opened"] = Lock()
    text = pickle.dumps(caused_by(cause))
    assert b"CANARY" not in text
    assert b"OSError: https://s.blob.core.windows.net/c/b?sig=" in text


def fail(name: str) -> None:
    """Raise an error, in another process."""
    raise made(getattr(errors, name))


@pytest.fixture(scope="module")
def pool() -> Iterator[concurrent.futures.ProcessPoolExecutor]:
    """A pool of one process."""
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as running:
        yield running


@pytest.mark.parametrize("name", ["NotFound", "JobFailed", "WaitTimeout", "DatasetRefused", "StreamInterrupted"])
def test_an_error_arrives_from_another_process(pool: concurrent.futures.ProcessPoolExecutor, name: str) -> None:
    expected = made(getattr(errors, name))
    with pytest.raises(type(expected)) as caught:
        pool.submit(fail, name).result()
    assert str(caught.value) == str(expected)


def test_a_pool_of_multiprocessing_ends_with_the_error() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as workers, pytest.raises(errors.JobFailed, match="why"):
        workers.apply_async(fail, ("JobFailed",)).get(timeout=60)


def test_a_rejected_dataset_keeps_its_findings(tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    file.write_text("nonsense\n{}\n", "utf-8")
    report = check_file(file)
    assert report.findings
    assert pickle.loads(pickle.dumps(errors.DatasetRefused("why", report))).report == report

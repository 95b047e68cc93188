"""Options have one name for one thing and one thing for one name, in all commands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import click
import pytest

from maas_client.cli.app.options import GlobalOption
from tests.cli.test_every_command_has_help import EVERY, found

LISTS = (
    "computes list, computes quota, computes sizes, costs, datasets list, endpoints list, jobs checkpoints, jobs list, "
    "models list, models registered list, uploads, webhooks list"
)

MEANINGS: dict[str, tuple[str, str]] = {
    "--again": ("create another job after one that failed", "run"),
    "--all": ("what has no GPUs as well", "computes quota, computes sizes"),
    "--allow-copies-from": ("origin that the mock server may copy from", "mock"),
    "--allow-retired": ("accept a model whose fine-tuning is retired", "jobs create, run, sweep"),
    "--allow-unlisted": (
        "let the service decide what the catalogue does not list",
        "deploy, endpoints create, jobs create, run, sweep",
    ),
    "--archived": ("what is archived instead of what is active", "datasets list, jobs list, models registered list"),
    "--auth-mode": ("what callers of an endpoint authorize with", "deploy, endpoints create"),
    "--batch-size": ("rows per device and step", "estimate, jobs create, plan"),
    "--budget": ("what a training may cost", "plan"),
    "--by": ("column whose equal values stay together", "split"),
    "--capacity": ("thousands of tokens a minute of a deployment", "deploy, endpoints create, run"),
    "--ca-out": ("where the mock server writes its certificate authority", "mock"),
    "--check": ("file whose target modules are checked", "plan"),
    "--clean": ("discard interrupted uploads", "uploads"),
    "--compute": ("own compute cluster", "jobs create"),
    "--container": ("container whose log is read", "endpoints logs"),
    "--data": ("file that a plan is made for", "plan"),
    "--delete-compute": ("delete the cluster at the end", "run"),
    "--delete-endpoint": ("delete the endpoint at the end", "run"),
    "--delete-idle": ("delete what is idle", "costs"),
    "--deployment": (
        "deployment of an online endpoint",
        "deploy, endpoints create, endpoints delete, endpoints logs, endpoints scale",
    ),
    "--description": ("what a model is", "models registered register"),
    "--display-name": ("name that Studio shows", "jobs create"),
    "--download-tokenizer": ("download the tokenizer", "estimate"),
    "--dry-run": ("show what would happen, and create nothing", "export, jobs create, run, sweep"),
    "--encoding": ("character encoding of a file", "convert"),
    "--endpoint-instance-count": ("number of machines, where --instance-type is the job's", "run"),
    "--endpoint-instance-type": ("VM size to serve with, where --instance-type is the job's", "run"),
    "--endpoint-name": ("name of the endpoint, where --name is the job's", "run"),
    "--epochs": ("number of epochs", "estimate, jobs create, plan"),
    "--event": ("event that a webhook is sent for", "webhooks create"),
    "--exact": ("accept exact token counts only", "estimate"),
    "--exec": ("command to run for each job that ends", "jobs watch"),
    "--experiment": ("experiment that Studio lists a job under", "jobs create"),
    "--fields": ("fields to show", LISTS),
    "--file": ("job file", "jobs create, run, sweep"),
    "--filename": ("name of a file in the datastore", "copy"),
    "--fix": ("file to write a repaired copy to", "check"),
    "--for": ("service or platform that something is for", "check, convert, export"),
    "--follow": ("keep printing a log", "jobs events, jobs logs, jobs watch"),
    "--force": (
        "try it although a check says that it cannot work",
        "deploy, endpoints create, jobs create, run, sweep",
    ),
    "--from": ("format of a file", "convert"),
    "--gpu": ("GPU to train on", "plan"),
    "--gpus": ("number of GPUs that train together", "export, plan"),
    "--grader": ("file with a grader", "jobs create"),
    "--host": ("address to listen on", "mock"),
    "--hyperparameter": ("any hyperparameter", "jobs create"),
    "--identity": ("identity of a cluster", "computes create"),
    "--idle-after": ("time without use after which something is idle", "computes create, computes scale, costs"),
    "--image": ("where an adapter is pushed to", "export"),
    "--include-archived": ("what is archived as well", "datasets list, jobs list, models registered list"),
    "--instance-count": ("number of machines", "deploy, endpoints create"),
    "--instance-type": ("VM size to train on or to serve with", "deploy, endpoints create, jobs create, verify"),
    "--job": ("job whose output is registered", "models registered register"),
    "--job-file": ("job file to write", "plan"),
    "--job-seconds": ("duration of a job on the mock server", "mock"),
    "--job-tier": ("tier of the queue", "jobs create"),
    "--kind": ("kind of jobs", "jobs list"),
    "--learning-rate": ("learning rate", "jobs create"),
    "--level": ("how far a verification goes", "verify"),
    "--like-hosted": ("what the hosted service trains with", "export"),
    "--limit": ("number of things in a list", "jobs list"),
    "--live": ("ask the registry instead of the catalogue", "models list, models show"),
    "--load": ("saved state to start the mock server from", "mock"),
    "--log-file": ("name of a job's log file", "jobs logs"),
    "--log-requests": ("print a line for each request", "mock"),
    "--logs-only": ("a job's logs without its outputs", "download"),
    "--map": ("column of a role", "convert"),
    "--low-priority": ("machines that may be taken away", "computes create"),
    "--max-cost": ("cost that must not be exceeded", "estimate, jobs create, run, sweep, verify"),
    "--max-evictions": ("evictions after which a run continues", "run"),
    "--max-nodes": ("most nodes of a cluster", "computes create, computes scale"),
    "--max-queue": ("time that a job may be queued", "jobs watch, run"),
    "--max-seq-length": ("tokens per row", "check, estimate, plan"),
    "--max-tokens": ("tokens per answer", "chat, eval"),
    "--merge-system": ("send the system message within the first user message", "chat"),
    "--method": (
        "fine-tuning method",
        "check, convert, estimate, export, jobs create, models list, plan, run, sweep, upload",
    ),
    "--metric": ("metric to plot", "jobs compare"),
    "--min-nodes": ("nodes that a cluster always has", "computes create, computes scale"),
    "--missing-ok": ("ignore names that nothing has", "computes delete, endpoints delete, webhooks delete"),
    "--model": (
        "model to train, check for or serve",
        "check, computes sizes, demo, endpoints create, estimate, jobs create, plan, run, sweep, upload, verify",
    ),
    "--model-format": ("format of a model in the account", "deploy, endpoints create, run"),
    "--model-path": ("folder with a model", "export"),
    "--name": (
        "name of what is created, or to look for in a list",
        "copy, deploy, endpoints create, jobs create, jobs list, run, sweep, upload, webhooks create",
    ),
    "--named-output": ("one of a job's outputs", "download, models registered register"),
    "--need": ("what a training is wanted for", "plan"),
    "--no-check": ("upload without a check", "upload"),
    "--no-checksums": ("upload without checksums", "upload"),
    "--no-deploy": ("stop before the deployment", "run"),
    "--no-logs": ("a job's outputs without its logs", "download"),
    "--no-personal-data": ("no search for personal data", "check"),
    "--no-stream": ("print an answer once it is complete", "chat"),
    "--no-truncate": ("show all columns", LISTS),
    "--notify": ("URL to post to for each job that ends", "jobs watch"),
    "--offload": ("what GPUs share, in the memory of the machine", "export"),
    "--out-dir": ("folder to write to", "init, split"),
    "--output-name": ("name of the tuned model", "jobs create"),
    "--overwrite": ("replace files that exist", "check, convert, download, export, init, plan, record, split, verify"),
    "--own-nodes": ("the cluster has its nodes", "export"),
    "--parallel": ("how many transfers, requests or jobs at once", "copy, download, eval, sweep, upload"),
    "--platform": ("platform to train on", "plan"),
    "--port": ("port to listen on", "mock"),
    "--preview": ("print what a report would share", "verify"),
    "--prices": ("price file", "estimate, jobs create, plan, run, sweep, verify"),
    "--prices-template": ("print a price file to fill in", "estimate"),
    "--processes": ("number of processes", "check"),
    "--prompt": ("what to ask the endpoint", "run"),
    "--rank": ("rank of adapters", "plan"),
    "--ratio": ("ratio of the parts of a dataset", "split"),
    "--regenerate": ("key to replace", "endpoints keys"),
    "--resume": ("accepted for clarity: the command always resumes", "sweep"),
    "--replay": ("cassette that the mock server answers from", "mock"),
    "--report": ("file to write a report to", "verify"),
    "--replace-failed": ("delete what failed, and create it again", "computes create, deploy, endpoints create"),
    "--response-format": ("file with the form of answers", "jobs create"),
    "--role": ("purpose of a dataset", "check, upload"),
    "--rows": ("number of rows to use", "eval"),
    "--sarif": ("file to write a SARIF report to", "check"),
    "--schema": ("print the schema of the JSON output", "plan"),
    "--seed": ("random seed", "jobs create, mock, split"),
    "--set": ("override a key of the job file", "export, jobs create, run, sweep"),
    "--sharing": ("what the GPUs of a training share", "export"),
    "--shell": ("shell to print variables for", "mock"),
    "--show": ("recording whose exchanges are listed", "record"),
    "--since": ("only what is newer", "jobs events, jobs list, jobs logs, jobs watch"),
    "--skip-bad": ("leave out rows that cannot be read", "convert, split"),
    "--size": ("VM size of a cluster", "computes create"),
    "--sku": ("what a model is served or trained on", "deploy, endpoints create, plan, run"),
    "--state": ("folder in which the mock server keeps its state", "mock"),
    "--status": ("only jobs with a status", "jobs list"),
    "--quota": ("vCPUs of a family on the mock server", "mock"),
    "--step-on-poll": ("time by which a poll moves the mock server's clock", "mock"),
    "--stop-on-alarm": ("cancel a job whose loss is useless", "jobs watch"),
    "--strict": ("fail on any finding", "check, verify"),
    "--suffix": ("end of the tuned model's name", "jobs create"),
    "--sweep": ("a job for each combination of values", "jobs create"),
    "--system": ("system message", "chat"),
    "--table": ("the scenario table", "plan"),
    "--tag": ("tag of a job, model or cluster", "computes create, jobs create, jobs list, models registered register"),
    "--tail": ("number of the last lines", "endpoints logs, jobs events, jobs logs, jobs watch"),
    "--task": ("training task", "check, estimate, jobs create"),
    "--temperature": ("sampling temperature", "chat"),
    "--test-count": ("number of test rows", "split"),
    "--timeout": (
        "time after which a wait ends",
        "computes create, computes scale, deploy, endpoints create, jobs create, jobs watch, run, verify",
    ),
    "--tls": ("serve https", "mock"),
    "--tls-name": ("name in the mock server's certificate", "mock"),
    "--to": ("file or folder to write a result to", "convert, export, record"),
    "--tokenizer": ("folder with a tokenizer", "check, estimate"),
    "--training-data": ("training set", "jobs create, run, sweep"),
    "--training-tier": ("tier in which a model is trained", "estimate, jobs create, run, sweep"),
    "--url-file": ("file to write the server's URL to", "mock"),
    "--validation-count": ("number of validation rows", "split"),
    "--validation-data": ("validation set", "check, estimate, eval, jobs create, run, sweep"),
    "--verbose": ("print every finding", "check"),
    "--virtual": ("a clock that only requests move", "mock"),
    "--wait": ("wait until what is created is ready", "deploy, endpoints create, jobs create, run"),
    "--workspace": ("workspace", "mock"),
    "--worst": ("number of rows with the lowest scores", "eval"),
    "--yes": (
        "do not ask for confirmation",
        "computes delete, costs, datasets delete, endpoints delete, jobs delete, verify, webhooks delete",
    ),
}
"""Each option, what it means, and the commands that have it with exactly this meaning.

Before a command is added to a line, compare its option with the meaning. Before a line is added, look for one that
means the same: a second name for it fails, too.
"""

SHORT = {"-f": {"--file", "--follow"}, "-v": {"--verbose"}}
"""Short names of options. `-f` is the job file as of `kubectl -f`, and follows a log as `tail -f` does."""

NEGATED = {"--wait": ["--no-wait"], "--merge-system": ["--no-merge-system"]}
"""Options that can be negated."""


def options() -> Iterator[tuple[str, click.Option]]:
    """Yield each option that is not global, with its command."""
    for path in EVERY:
        for option in found(path)[0].params:
            if isinstance(option, click.Option) and not isinstance(option, GlobalOption) and not option.hidden:
                yield " ".join(path), option


def long_name(option: click.Option) -> str:
    """Return the longest name of an option."""
    return max(option.opts, key=len)


def test_every_option_has_its_meaning_in_the_table() -> None:
    used: dict[str, set[str]] = defaultdict(set)
    for command, option in options():
        used[long_name(option)].add(command)
    assert used == {name: set(commands.split(", ")) for name, (_, commands) in MEANINGS.items()}


def test_no_two_options_mean_the_same() -> None:
    names: dict[str, list[str]] = defaultdict(list)
    for name, (meaning, _) in MEANINGS.items():
        names[meaning].append(name)
    assert [same for same in names.values() if len(same) > 1] == []


def test_a_short_name_stands_for_the_options_of_the_table_only() -> None:
    short: dict[str, set[str]] = defaultdict(set)
    for _, option in options():
        for name in option.opts:
            if not name.startswith("--"):
                short[name].add(long_name(option))
    assert short == SHORT


def test_an_option_has_the_same_names_in_every_command() -> None:
    spellings: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for command, option in options():
        if (command, long_name(option)) != ("jobs logs", "--follow"):
            spellings[long_name(option)].add((*sorted(option.opts), *sorted(option.secondary_opts)))
    assert {name: found for name, found in spellings.items() if len(found) > 1} == {}
    assert {
        name: [*option.secondary_opts] for _, option in options() if (name := long_name(option)) in NEGATED
    } == NEGATED


def test_parallelism_is_not_called_jobs() -> None:
    assert "--jobs" not in MEANINGS


def test_a_global_option_is_no_command_s_own() -> None:
    names = {long_name(option) for option in found(("jobs", "show"))[0].params if isinstance(option, GlobalOption)}
    assert len(names) > 5
    assert names & set(MEANINGS) == {"--workspace"}  # of the mock server, too, it is the workspace


@pytest.mark.parametrize("name", ["--validation-data", "--name", "--allow-retired"])
def test_create_run_and_sweep_share_their_options(name: str) -> None:
    assert {"jobs create", "run", "sweep"} <= set(MEANINGS[name][1].split(", "))

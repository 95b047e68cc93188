"""The journal as the page lists it: a short row for each request, and a text search."""

from mock_server.core.json_values import Json, dump, is_array, split_url, text
from mock_server.journal.journal import Journal, decode_entries

SEARCH_WORDS = (
    "dropped",
    "fault",
    "1xx",
    "2xx",
    "3xx",
    "4xx",
    "5xx",
)  # words that a search knows although no entry contains them
MAX_REQUESTS_PER_CHARGE = 20  # requests shown per charge: a storm has thousands


def rows(journal: Journal, numbers: list[int]) -> list[Json]:
    """Return the rows with these numbers, except those no longer kept; adjacent ones are read together."""
    wanted = sorted(set(numbers))
    found: list[Json] = []
    while wanted:
        first = wanted[0]
        batch = [number for number in wanted if number - first < len(wanted) * 2]
        read = {entry["n"]: entry for entry in journal.page(first - 1, batch[-1] - first + 1)}
        found += [row(read[number]) for number in batch if number in read]
        wanted = wanted[len(batch) :]
    return found


def search(journal: Journal, words: str, after: int, limit: int) -> list[int]:
    """Return the numbers of entries that contain every word, among `limit` entries after `after`."""
    wanted = [word if word.isascii() else dump(word)[1:-1] for word in words.lower().split()]
    literal = [word for word in wanted if not any(word in search_word for search_word in SEARCH_WORDS)]
    # Lines are filtered before they are decoded, which takes ten times as long.
    lines = (line for line in journal.lines(after, limit) if _contains_all(line, literal))
    return [entry["n"] for entry in decode_entries(lines) if _matches_entry(entry, wanted)]


def _contains_all(line: str, words: list[str]) -> bool:
    lowered = line.lower()
    return all(word in lowered for word in words)


def row(entry: Json) -> Json:
    """Return the fields of an entry that a list shows."""
    url = split_url(text(entry, "url"))
    return {
        "n": entry["n"],
        "time": entry["time"],
        "method": entry["method"],
        "status": entry["status"],
        "operation": entry["operation"],
        "path": url.path + (f"?{url.query}" if url.query else ""),
        "sent": entry["request_bytes"],
        "received": entry["response_bytes"],
        "seconds": entry["ended"] - entry["time"],
        "fault": entry["fault"],
    }


def charges(verdict: Json) -> Json:
    """Return a verdict with short rows for the requests of each charge."""
    found: object = verdict["charges"]
    charges_shown = [
        {
            **charge,
            "count": len(charge["requests"]),
            "requests": [row(one) for one in charge["requests"][:MAX_REQUESTS_PER_CHARGE]],
        }
        for charge in (found if is_array(found) else [])
    ]
    return {**verdict, "charges": charges_shown}


def _matches_entry(entry: Json, words: list[str]) -> bool:
    status = entry["status"]
    status_text = "dropped" if status is None else f"{status} {status // 100}xx"
    fault = "" if entry["fault"] is None else f"fault {entry['fault']}"
    body = "" if entry["request_body"] is None else dump(entry["request_body"])
    parts = (entry["method"], status_text, entry["operation"], entry["url"], entry["workspace"], fault, body)
    return _contains_all(" ".join(parts), words)

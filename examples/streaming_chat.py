"""Talk to an endpoint and print the answers while they are written.

    python examples/streaming_chat.py ENDPOINT          a line in, an answer out, until the input ends
    echo "When are you open?" | python examples/streaming_chat.py ENDPOINT

The conversation so far goes along with every question. An answer that breaks off keeps what had arrived, and is not
taken into the conversation.

The workspace is named by AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP and AZUREML_WORKSPACE_NAME; MAAS_ENDPOINT points
to the mock server (`python -m mock_server`), and without it this runs on Azure.
"""

import sys

from maas_client import MaasClient, StreamInterrupted


def answer(maas: MaasClient, endpoint: str, conversation: list[dict[str, str]]) -> str:
    """Print an answer piece by piece and return it whole."""
    pieces: list[str] = []
    for piece in maas.chat.stream(endpoint, conversation, temperature=0):
        print(piece.text, end="", flush=True)
        pieces.append(piece.text)
    print()
    return "".join(pieces)


def main() -> None:
    """Hold a conversation on standard input and output."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    conversation: list[dict[str, str]] = []
    with MaasClient.from_env() as maas:
        for line in sys.stdin:
            question = {"role": "user", "content": line.strip()}
            try:
                said = answer(maas, sys.argv[1], [*conversation, question])
            except StreamInterrupted as cut:
                print(f"\n[{cut}]")
                continue
            conversation += [question, {"role": "assistant", "content": said}]


if __name__ == "__main__":
    main()

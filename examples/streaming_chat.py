"""Chat with an endpoint and print the answers as they arrive.

    python examples/streaming_chat.py ENDPOINT          one question per line, until the input ends
    echo "When are you open?" | python examples/streaming_chat.py ENDPOINT

The conversation so far is sent with every question. If an answer is interrupted, the text received so far stays on the
screen, and the turn is not added to the conversation.

AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP and AZUREML_WORKSPACE_NAME set the workspace. With MAAS_ENDPOINT this runs
against the mock server (`python -m mock_server`), without it on Azure.
"""

import sys

from maas_client import MaasClient, StreamInterrupted


def answer(maas: MaasClient, endpoint: str, conversation: list[dict[str, str]]) -> str:
    """Print an answer piece by piece and return the complete text."""
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
                reply = answer(maas, sys.argv[1], [*conversation, question])
            except StreamInterrupted as error:
                print(f"\n[{error}]")
                continue
            conversation += [question, {"role": "assistant", "content": reply}]


if __name__ == "__main__":
    main()

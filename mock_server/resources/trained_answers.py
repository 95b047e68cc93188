"""What a tuned model answers: the answer of the nearest of its training examples, from an index that is kept."""

from mock_server.core.json_values import Json, is_array
from mock_server.state.world import MAX_INDEXES, World
from mock_server.training.dataset_rows import Example
from mock_server.training.tuned_model import ExampleIndex, base_answer


def answer(world: World, model: str, examples: str | None, prompt: str) -> Json:
    """Return the assistant's message for a prompt.

    Args:
        world: the server's state.
        model: the model's name, for an answer that names it.
        examples: the key of a tuned model's training examples; None for a base model.
        prompt: the text of the last message of a user.
    """
    if examples is None:
        return base_answer(model)
    nearest = _index(world, examples).nearest(prompt)
    if nearest is None:
        content = f"I am {model}. Nothing in my training data resembles this message."
        return {"role": "assistant", "content": content}
    return nearest.answer


def _index(world: World, key: str) -> ExampleIndex:
    indexes = world.indexes
    if key not in indexes:
        stored: object = (world.store.get("examples", "", key) or {}).get("examples")
        pairs = stored if is_array(stored) else []
        while len(indexes) >= MAX_INDEXES:
            indexes.pop(next(iter(indexes)))
        indexes[key] = ExampleIndex([Example(prompt, given) for prompt, given in pairs])
    return indexes[key]

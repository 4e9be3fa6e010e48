"""A session of the unmodified `openai` client, and of `OpenAIConversationsSession`, with a daemon.

usage: openai_client.py BASE_URL (with /v1)
"""

import asyncio
import sys

import openai
from agents.memory.openai_conversations_session import OpenAIConversationsSession
from openai import AsyncOpenAI, OpenAI
from openai._base_client import httpx2 as http

checks = 0


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        raise AssertionError(what)


def refused(kind, what, call):
    try:
        call()
    except kind as error:
        check(error.body is not None, f"{what}: an error object")
        return error
    raise AssertionError(f"{what}: not refused")


CALL = {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": '{"city":"Oslo"}'}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": '{"celsius": -3.0}'}


def conversations(client):
    made = client.conversations.create(
        metadata={"topic": "demo", "größe": "ü" * 512}, items=[{"role": "user", "content": "Hello!"}]
    )
    check(made.id.startswith("conv_") and made.object == "conversation", made)
    check(made.metadata == {"topic": "demo", "größe": "ü" * 512}, made)
    check(abs(made.created_at - __import__("time").time()) < 3600, made)
    read = client.conversations.retrieve(made.id)
    check(read == made, read)
    changed = client.conversations.update(made.id, metadata={"topic": "other"})
    check(changed.metadata == {"topic": "other"} and changed.created_at == made.created_at, changed)
    check(client.conversations.retrieve(made.id) == changed, "an update is read")
    check(len(client.conversations.items.list(made.id).data) == 1, "an update leaves the items alone")
    gone = client.conversations.delete(made.id)
    check(gone.id == made.id and gone.deleted is True and gone.object == "conversation.deleted", gone)
    error = refused(openai.NotFoundError, "retrieve", lambda: client.conversations.retrieve(made.id))
    check(error.type == "invalid_request_error" and made.id in error.message, error)
    check(error.request_id, "a request id")
    for what, call in {
        "delete": lambda: client.conversations.delete(made.id),
        "update": lambda: client.conversations.update(made.id, metadata={}),
        "list": lambda: client.conversations.items.list(made.id),
        "append": lambda: client.conversations.items.create(made.id, items=[CALL]),
        "read": lambda: client.conversations.items.retrieve("msg_0", conversation_id=made.id),
    }.items():
        refused(openai.NotFoundError, what, call)
    empty = client.conversations.create()
    check(empty.metadata == {}, empty)
    page = client.conversations.items.list(empty.id)
    check(page.data == [] and page.has_more is False, page)
    first = client.conversations.create(extra_headers={"Idempotency-Key": "once-" + empty.id})
    again = client.conversations.create(extra_headers={"Idempotency-Key": "once-" + empty.id})
    check(first.id == again.id, "an idempotency key makes one conversation")


def items(client):
    conversation = client.conversations.create()
    made = client.conversations.items.create(
        conversation.id,
        include=["reasoning.encrypted_content"],
        items=[
            {"role": "user", "content": "What is the weather?\n\u0000😀"},
            {"type": "reasoning", "summary": [], "encrypted_content": "gAAAA"},
            CALL,
            OUTPUT,
            {"type": "message", "role": "assistant", "content": "Cold."},
            {"role": "developer", "content": [{"type": "input_text", "text": "brief"}], "id": "msg_mine"},
        ],
    )
    kinds = [item.type for item in made.data]
    check(
        kinds
        == ["message", "reasoning", "function_call", "function_call_output", "message", "message"],
        kinds,
    )
    prefixes = [item.id.split("_")[0] for item in made.data]
    check(prefixes == ["msg", "rs", "fc", "fco", "msg", "msg"], prefixes)
    check(made.first_id == made.data[0].id and made.last_id == made.data[-1].id, made)
    check(made.object == "list" and made.has_more is False, made)
    user, reasoning, call, output, assistant, developer = made.data
    check(user.content[0].type == "input_text" and user.status == "completed", user)
    check(user.content[0].text == "What is the weather?\n\u0000😀", user)
    check(assistant.content[0].type == "output_text" and assistant.content[0].annotations == [], assistant)
    check(call.arguments == CALL["arguments"] and call.call_id == "call_1", call)
    check(output.output == OUTPUT["output"], output)
    check(reasoning.encrypted_content == "gAAAA", reasoning)
    check(developer.id != "msg_mine", "the daemon gives the ids")
    for item in made.data:
        check(client.conversations.items.retrieve(item.id, conversation_id=conversation.id) == item, item)
    wrong = "fc_" + user.id.split("_")[1]
    refused(
        openai.NotFoundError,
        "an id of another type",
        lambda: client.conversations.items.retrieve(wrong, conversation_id=conversation.id),
    )
    copied = client.conversations.items.create(
        conversation.id, items=[{"type": "item_reference", "id": user.id}]
    )
    check(copied.data[0].content == user.content and copied.data[0].id != user.id, copied)
    left = client.conversations.items.delete(user.id, conversation_id=conversation.id)
    check(left.id == conversation.id and left.object == "conversation", left)
    refused(
        openai.NotFoundError,
        "delete again",
        lambda: client.conversations.items.delete(user.id, conversation_id=conversation.id),
    )
    check(len(client.conversations.items.list(conversation.id).data) == 6, "one item is gone")


def pages(client):
    conversation = client.conversations.create()
    for start in range(0, 110, 20):
        client.conversations.items.create(
            conversation.id,
            items=[{"role": "user", "content": str(n)} for n in range(start, min(start + 20, 110))],
        )

    def texts(**parameters):
        return [int(item.content[0].text) for item in client.conversations.items.list(conversation.id, **parameters)]

    check(texts() == list(range(109, -1, -1)), "newest first, all pages")
    check(texts(order="asc") == list(range(110)), "oldest first, all pages")
    check(texts(order="asc", limit=100) == list(range(110)), "large pages")
    check(texts(order="asc", limit=11) == list(range(110)), "pages that end with the list")
    page = client.conversations.items.list(conversation.id)
    check(len(page.data) == 20 and page.has_more and page.has_next_page(), "20 unless asked otherwise")
    check(page.data[0].content[0].text == "109", page)
    following = client.conversations.items.list(conversation.id, after=page.last_id)
    check(following.data[0].content[0].text == "89", following)
    for limit in (0, 101, -1):
        refused(
            openai.BadRequestError,
            f"limit {limit}",
            lambda: client.conversations.items.list(conversation.id, limit=limit),
        )
    refused(
        openai.BadRequestError,
        "after",
        lambda: client.conversations.items.list(conversation.id, after="nonsense"),
    )


def refusals(client):
    conversation = client.conversations.create()

    def create(items):
        return lambda: client.conversations.items.create(conversation.id, items=items)

    message = {"role": "user", "content": "x"}
    for what, parameter, call in [
        ("17 names", "metadata", lambda: client.conversations.create(metadata={str(n): "" for n in range(17)})),
        ("a long name", "metadata", lambda: client.conversations.create(metadata={"n" * 65: ""})),
        ("a long text", "metadata.n", lambda: client.conversations.create(metadata={"n": "x" * 513})),
        ("a number", "metadata.n", lambda: client.conversations.create(metadata={"n": 1})),
        ("21 items", "items", create([message] * 21)),
        ("no item", "items", create([])),
        ("no role", "items[0].role", create([{"type": "message", "content": "x"}])),
        ("a wrong role", "items[1].role", create([message, {"role": "nobody", "content": "x"}])),
        ("no content", "items[0].content", create([{"role": "user"}])),
        ("no arguments", "items[0].arguments", create([{"type": "function_call", "call_id": "c", "name": "n"}])),
        ("no object", "items[0]", create(["x"])),
        ("unknown", "colour", lambda: client.conversations.create(extra_body={"colour": "red"})),
    ]:
        error = refused(openai.BadRequestError, what, call)
        check(error.type == "invalid_request_error" and error.param == parameter, (what, error.body))
    refused(openai.NotFoundError, "a reference", create([{"type": "item_reference", "id": "msg_" + "0" * 32}]))
    check(client.conversations.items.list(conversation.id).data == [], "what is refused is not stored")


class SafeOpenAI(OpenAI):
    def __init__(self, **options):
        super().__init__(**options)
        self._idempotency_header = "Idempotency-Key"


def lost_answers(base):
    """The client repeats what got no answer; its own key makes that harmless."""
    lost = []

    class Losing(http.HTTPTransport):
        def handle_request(self, request):
            response = super().handle_request(request)
            if request.method != "GET" and request.headers["x-stainless-retry-count"] == "0":
                response.read()
                lost.append(request.method)
                raise http.ReadError("the answer is lost", request=request)
            return response

    client = SafeOpenAI(
        base_url=base, api_key="none", http_client=openai.DefaultHttpxClient(transport=Losing()), max_retries=2
    )
    conversation = client.conversations.create(items=[{"role": "user", "content": "0"}])
    made = [client.conversations.items.create(conversation.id, items=[{"role": "user", "content": str(n)}]) for n in (1, 2)]
    got = client.conversations.items.list(conversation.id, order="asc").data
    check([item.content[0].text for item in got] == ["0", "1", "2"], "each item is there once")
    check([page.data[0].id for page in made] == [item.id for item in got[1:]], "the first answer comes again")
    client.conversations.items.delete(got[2].id, conversation_id=conversation.id)
    check(len(client.conversations.items.list(conversation.id).data) == 2, "a removal is answered")
    client.conversations.delete(conversation.id)
    check(lost == ["POST", "POST", "POST", "DELETE", "DELETE"], lost)


async def session(base):
    client = AsyncOpenAI(base_url=base, api_key="none")
    session = OpenAIConversationsSession(openai_client=client)
    check(await session.get_items() == [], "a new session is empty")
    check(await session.pop_item() is None, "pop of an empty session")
    await session.add_items([])
    turns = [{"role": "user", "content": f"question {n}"} for n in range(45)]
    await session.add_items(turns)
    got = await session.get_items()
    check([item["content"][0]["text"] for item in got] == [turn["content"] for turn in turns], got[:2])
    latest = await session.get_items(limit=3)
    check([item["content"][0]["text"] for item in latest] == ["question 42", "question 43", "question 44"], latest)
    check(await session.get_items(limit=0) == [], "limit 0")
    await session.add_items([CALL, OUTPUT, {"role": "assistant", "content": "Cold."}])
    popped = await session.pop_item()
    check(popped["role"] == "assistant" and popped["content"][0]["text"] == "Cold.", popped)
    popped = await session.pop_item()
    check(popped["type"] == "function_call_output" and popped["output"] == OUTPUT["output"], popped)
    popped = await session.pop_item()
    check(popped["type"] == "function_call" and popped["arguments"] == CALL["arguments"], popped)
    check(len(await session.get_items()) == 45, "pop takes one")
    # What was read can be sent again, ids and all.
    other = OpenAIConversationsSession(openai_client=client)
    await other.add_items(await session.get_items(limit=5))
    check(len(await other.get_items()) == 5, "items of one session go into another")
    name = session.session_id
    again = OpenAIConversationsSession(conversation_id=name, openai_client=client)
    check(len(await again.get_items()) == 45, "a session is found by its name")
    await session.clear_session()
    try:
        await client.conversations.retrieve(name)
        raise AssertionError("a cleared session is gone")
    except openai.NotFoundError:
        pass
    check(await session.get_items() == [], "a cleared session begins anew")
    await asyncio.gather(*[other.add_items([turn]) for turn in turns])
    check(len(await other.get_items()) == 50, "appends at once are all there")
    await client.close()


def main():
    base = sys.argv[1]
    client = OpenAI(base_url=base, api_key="none", max_retries=0)
    conversations(client)
    items(client)
    pages(client)
    refusals(client)
    lost_answers(base)
    asyncio.run(session(base))
    print(f"openai {openai.__version__}: {checks} checks passed")


main()

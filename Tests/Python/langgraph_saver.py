"""A LangGraph checkpointer over the generic HTTP API of a daemon; for tests alone.

Checkpoints, values of channels and pending writes are documents. Keys are names that are percent-encoded and joined with
a slash, so that everything of a thread is one prefix, and checkpoints of a namespace come in the order of their ids.
"""

import base64
import http.client
import json
from urllib.parse import quote, urlsplit

from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    CheckpointTuple,
    get_checkpoint_id,
    get_checkpoint_metadata,
    writes_sort_key,
)

CHECKPOINTS, VALUES, WRITES = "langgraph-checkpoints", "langgraph-values", "langgraph-writes"


def key_of(*names):
    return "/".join(quote(str(name), safe="") for name in names)


class Documents:
    """The documents of a daemon, over one connection."""

    def __init__(self, base_url):
        parts = urlsplit(base_url)
        self.path = parts.path
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)

    def request(self, method, path, body=None, headers=None, missing=(404,)):
        headers = dict(headers or {})
        if body is not None:
            headers["Content-Type"] = "application/json"
        self.connection.request(method, self.path + path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status in missing:
            return None
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {text.decode()}")
        return json.loads(text)

    def put(self, namespace, key, value, only_if_absent=False):
        headers = {"If-None-Match": "*"} if only_if_absent else {}
        path = f"/documents/{namespace}/{quote(key, safe='')}"
        self.request("PUT", path, json.dumps(value), headers, missing=(412,))

    def get(self, namespace, key):
        return self.request("GET", f"/documents/{namespace}/{quote(key, safe='')}")

    def delete(self, namespace, prefix):
        self.request("DELETE", f"/documents/{namespace}?prefix={quote(prefix, safe='')}")

    def scan(self, namespace, prefix="", order="ascending"):
        cursor = ""
        while True:
            page = self.request(
                "GET", f"/documents/{namespace}?prefix={quote(prefix, safe='')}&order={order}&limit=500{cursor}"
            )
            for document in page["data"]:
                yield document["key"], document["value"]
            if not page["next"]:
                return
            cursor = "&cursor=" + quote(page["next"], safe="")


class HoldfastSaver(BaseCheckpointSaver):
    def __init__(self, base_url):
        super().__init__()
        self.documents = Documents(base_url)

    # values

    def pack(self, value):
        kind, data = self.serde.dumps_typed(value)
        return {"type": kind, "data": base64.b64encode(data).decode()}

    def unpack(self, packed):
        return self.serde.loads_typed((packed["type"], base64.b64decode(packed["data"])))

    def tuple_of(self, thread, namespace, identifier, stored):
        checkpoint = self.unpack(stored["checkpoint"])
        values = {}
        for channel, version in checkpoint["channel_versions"].items():
            packed = self.documents.get(VALUES, key_of(thread, namespace, channel, version))
            if packed is not None and packed["type"] != "empty":
                values[channel] = self.unpack(packed)
        prefix = key_of(thread, namespace, identifier) + "/"
        writes = [value for _, value in self.documents.scan(WRITES, prefix)]
        writes.sort(key=lambda write: writes_sort_key(write["path"], write["task"], write["index"]))

        def config(checkpoint_id):
            return {
                "configurable": {
                    "thread_id": thread,
                    "checkpoint_ns": namespace,
                    "checkpoint_id": checkpoint_id,
                }
            }

        return CheckpointTuple(
            config=config(identifier),
            checkpoint={**checkpoint, "channel_values": values},
            metadata=self.unpack(stored["metadata"]),
            parent_config=config(stored["parent"]) if stored["parent"] else None,
            pending_writes=[(write["task"], write["channel"], self.unpack(write["value"])) for write in writes],
        )

    # reading

    async def aget_tuple(self, config):
        thread = config["configurable"]["thread_id"]
        namespace = config["configurable"].get("checkpoint_ns", "")
        identifier = get_checkpoint_id(config)
        if identifier:
            stored = self.documents.get(CHECKPOINTS, key_of(thread, namespace, identifier))
            return self.tuple_of(thread, namespace, identifier, stored) if stored else None
        newest = self.documents.scan(CHECKPOINTS, key_of(thread, namespace) + "/", "descending")
        for _, stored in newest:
            return self.tuple_of(thread, namespace, stored["id"], stored)
        return None

    async def alist(self, config, *, filter=None, before=None, limit=None):
        prefix = ""
        configurable = config["configurable"] if config else {}
        if config:
            names = [configurable["thread_id"]]
            if "checkpoint_ns" in configurable:
                names.append(configurable["checkpoint_ns"])
            prefix = key_of(*names) + "/"
        wanted = get_checkpoint_id(config) if config else None
        bound = get_checkpoint_id(before) if before else None
        found = 0
        for _, stored in self.documents.scan(CHECKPOINTS, prefix, "descending"):
            if limit is not None and found >= limit:
                return
            if wanted and stored["id"] != wanted or bound and stored["id"] >= bound:
                continue
            if filter:
                metadata = self.unpack(stored["metadata"])
                if not all(metadata.get(name) == value for name, value in filter.items()):
                    continue
            found += 1
            yield self.tuple_of(stored["thread"], stored["namespace"], stored["id"], stored)

    # writing

    async def aput(self, config, checkpoint, metadata, new_versions):
        thread = config["configurable"]["thread_id"]
        namespace = config["configurable"].get("checkpoint_ns", "")
        rest = checkpoint.copy()
        values = rest.pop("channel_values")
        for channel, version in new_versions.items():
            packed = self.pack(values[channel]) if channel in values else {"type": "empty", "data": ""}
            self.documents.put(VALUES, key_of(thread, namespace, channel, version), packed)
        # The checkpoint comes last: what it names is there.
        stored = {
            "thread": thread,
            "namespace": namespace,
            "id": checkpoint["id"],
            "parent": config["configurable"].get("checkpoint_id"),
            "run": metadata.get("run_id"),
            "checkpoint": self.pack(rest),
            "metadata": self.pack(get_checkpoint_metadata(config, metadata)),
        }
        self.documents.put(CHECKPOINTS, key_of(thread, namespace, checkpoint["id"]), stored)
        return {
            "configurable": {
                "thread_id": thread,
                "checkpoint_ns": namespace,
                "checkpoint_id": checkpoint["id"],
            }
        }

    async def aput_writes(self, config, writes, task_id, task_path=""):
        names = (
            config["configurable"]["thread_id"],
            config["configurable"].get("checkpoint_ns", ""),
            config["configurable"]["checkpoint_id"],
            task_id,
        )
        for position, (channel, value) in enumerate(writes):
            index = WRITES_IDX_MAP.get(channel, position)
            self.documents.put(
                WRITES,
                key_of(*names, index),
                {
                    "task": task_id,
                    "path": task_path,
                    "index": index,
                    "channel": channel,
                    "value": self.pack(value),
                },
                # Ordinary writes stay as they were first, those of special channels are replaced.
                only_if_absent=index >= 0,
            )

    # threads

    async def adelete_thread(self, thread_id):
        for namespace in (CHECKPOINTS, WRITES, VALUES):
            self.documents.delete(namespace, key_of(thread_id) + "/")

    async def adelete_for_runs(self, run_ids):
        for key, stored in list(self.documents.scan(CHECKPOINTS)):
            if stored["run"] in run_ids:
                self.drop(key)

    async def acopy_thread(self, source_thread_id, target_thread_id):
        for namespace in (VALUES, WRITES, CHECKPOINTS):
            for key, stored in list(self.documents.scan(namespace, key_of(source_thread_id) + "/")):
                if "thread" in stored:
                    stored["thread"] = target_thread_id
                rest = key.split("/", 1)[1]
                self.documents.put(namespace, key_of(target_thread_id) + "/" + rest, stored)

    async def aprune(self, thread_ids, *, strategy="keep_latest"):
        for thread in thread_ids:
            if strategy == "delete":
                await self.adelete_thread(thread)
                continue
            newest = set()
            for key, stored in list(self.documents.scan(CHECKPOINTS, key_of(thread) + "/", "descending")):
                if stored["namespace"] in newest:
                    self.drop(key)
                newest.add(stored["namespace"])

    def drop(self, key):
        """Removes one checkpoint and its writes; values may belong to others."""
        self.documents.request("DELETE", f"/documents/{CHECKPOINTS}/{quote(key, safe='')}")
        self.documents.delete(WRITES, key + "/")

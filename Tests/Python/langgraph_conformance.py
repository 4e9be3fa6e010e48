"""LangGraph's own suite for checkpointers against `HoldfastSaver`.

usage: langgraph_conformance.py BASE_URL (with /v1)
"""

import asyncio
import sys

from langgraph.checkpoint.conformance import checkpointer_test, validate
from langgraph.checkpoint.conformance.capabilities import Capability
from langgraph.checkpoint.conformance.report import ProgressCallbacks
from langgraph_saver import HoldfastSaver


@checkpointer_test(name="HoldfastSaver")
async def saver():
    yield HoldfastSaver(sys.argv[1])


report = asyncio.run(validate(saver, progress=ProgressCallbacks.verbose()))
passed = 0
for capability in Capability:
    result = report.results[capability.value]
    if not result.detected or not result.passed:
        sys.exit(f"{capability.value}: {result.failures or 'not detected'}")
    passed += result.tests_passed
print(f"langgraph-checkpoint-conformance: {passed} tests of {len(Capability)} capabilities passed")

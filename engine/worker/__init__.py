"""Due timers and outbox deliveries: what happens without anybody clicking."""

from engine.worker.deliveries import Ports
from engine.worker.embedded import EmbeddedDispatcher
from engine.worker.plan import Plan
from engine.worker.running import RunningWorker
from engine.worker.worker import Worker

__all__ = ["EmbeddedDispatcher", "Plan", "Ports", "RunningWorker", "Worker"]

"""Due timers and outbox deliveries: what happens without anybody clicking."""

from engine.worker.deliveries import Ports
from engine.worker.worker import Worker

__all__ = ["Ports", "Worker"]

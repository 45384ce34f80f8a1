"""Playing scenarios on the real product without a browser."""

from webapp.scenarios.coverage import Coverage
from webapp.scenarios.player import Outcome, play
from webapp.scenarios.stage import Stage, open_stage, procedure_in_force

__all__ = ["Coverage", "Outcome", "Stage", "open_stage", "play", "procedure_in_force"]

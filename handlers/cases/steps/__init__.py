"""What each step of `case_handling` does to the case: its status, its moments, one line of the timeline.

Listeners and handlers only; they run inside the step's transaction. Which step comes next is the diagram's, the
clocks are `handlers.clocks`, and whether somebody may answer a task was decided before it got here. Importing
this package registers them all.
"""

from __future__ import annotations

from handlers.cases.steps import dispatching, endings, filing, handling, intake

__all__ = ["dispatching", "endings", "filing", "handling", "intake"]

"""Whatever breaks: no acknowledged edit is lost, none stands twice, and typing goes on in time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.faults import Fault
from tests.faults.playing import play
from tests.faults.results import Results
from tests.faults.scene import House, Scene

pytestmark = pytest.mark.faults


def test_nothing_acknowledged_is_lost(
    fault: Fault, number: int, house: House, results: Results, record_property: Callable[[str, object], None]
) -> None:
    scene = Scene(house, number)
    run = play(scene, fault)
    results.add(fault.name, **run.figures())
    record_property("found", f"{fault.name:<26} {run}")
    assert not run.findings, "\n".join([f"{fault.name} in {scene.section}", *run.findings, scene.logs()])

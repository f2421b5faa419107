"""One portal on PostgreSQL and one on SQLite for all faults, each started when a fault first needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import services
from tests.faults.faults import FAULTS, Fault
from tests.faults.results import Results
from tests.faults.scene import House
from tests.faults.stack import FaultyStack
from tests.faults.typists import Driver


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults")
    group.addoption("--fault", action="append", choices=list(FAULTS), help="this fault only; may be repeated")
    group.addoption("--runs", type=int, help="as many runs as are missing to this number (default: one more)")
    group.addoption("--traces", type=Path, help="a folder of editing traces to type, in place of the sample's texts")
    group.addoption("--results", type=Path, help="the file that the runs are added to")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "fault" not in metafunc.fixturenames:
        return
    ask = metafunc.config.getoption
    names = ask("--fault", None) or list(FAULTS)
    results, wanted = Results(ask("--results", None)), ask("--runs", None)
    rounds = [
        (FAULTS[name], number)
        for name in names
        for number in range(results.runs(name), wanted if wanted is not None else results.runs(name) + 1)
    ]
    metafunc.parametrize(("fault", "number"), rounds, ids=[f"{fault.name}-{number + 1}" for fault, number in rounds])


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """A line for each run in place of a dot."""
    found = dict(report.user_properties).get("found")
    if report.when != "call" or not found:
        return None
    return report.outcome, f"\n{found}{'' if report.passed else ': FAILED'}", str(found)


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest) -> Results:
    return Results(request.config.getoption("--results", None))


@pytest.fixture(scope="session")
def start_house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., House]:
    """A running portal; `postgres` or SQLite."""

    def start(postgres: services.OwnPostgres | None) -> Iterator[House]:
        folder = tmp_path_factory.mktemp("f")
        driver, stack = Driver(folder), FaultyStack(folder, postgres)
        try:
            yield House(stack, driver, request.config.getoption("--traces", None))
        finally:
            driver.stop()
            stack.stop()

    return start


@pytest.fixture(scope="session")
def two_servers(start_house: Callable[..., Iterator[House]]) -> Iterator[House]:
    with services.own_postgres() as postgres:
        yield from start_house(postgres)


@pytest.fixture(scope="session")
def one_server(start_house: Callable[..., Iterator[House]]) -> Iterator[House]:
    yield from start_house(None)


@pytest.fixture
def house(request: pytest.FixtureRequest, fault: Fault) -> House:
    found: House = request.getfixturevalue("one_server" if fault.on_sqlite else "two_servers")
    return found

"""What pytest calls: options, fixtures and hooks. Everything heavy is imported by the first fixture that is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal, cast

import pytest

from dockyard.api.testing import options
from dockyard.api.testing.options import Chosen

if TYPE_CHECKING:
    from dockyard import Clone, Clones, Environment
    from dockyard.api.testing.holding import Holder
    from dockyard.api.testing.sharing import Keeper

ENVIRONMENTS = ("dockyard_environment", "dockyard_module_environment", "dockyard_function_environment")
"""The fixtures that open environments."""

CHOSEN = pytest.StashKey[Chosen]()
HOLDER: pytest.StashKey[Holder] = pytest.StashKey()
KEEPER: pytest.StashKey[Keeper] = pytest.StashKey()
TOLD = pytest.StashKey[list[str]]()
"""What is said at the end: environments that are kept, shared ones that broke."""
MARKS = pytest.StashKey[dict[int, dict[str, int]]]()
"""How many lines each service of each environment had logged when a test began."""

Scope = Literal["session", "package", "module", "class", "function"]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("dockyard", "environments of containers (dockyard)")
    for option in options.OPTIONS:
        parser.addini(option.ini, option.meaning, type=option.kind, default=option.default or None)
        more: dict[str, Any] = {"dest": option.ini, "help": option.meaning.replace("%", "%%"), "default": None}
        if option.kind == "bool":
            more["action"] = "store_true"
        else:
            more["metavar"] = option.metavar
        if option.kind in ("paths", "args"):
            more["action"] = "append"
        if option.choices:
            more["choices"] = option.choices
        if option.bare:
            more |= {"nargs": "?", "const": option.bare}
        group.addoption(option.flags, **more)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", options.MARKER)
    try:
        config.stash[CHOSEN] = options.chosen(config.getoption, config.getini, config.invocation_params.dir)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[TOLD] = []


def _scope(fixture_name: str, config: pytest.Config) -> Scope:
    return cast(Scope, config.stash[CHOSEN].scope)


def _holder(config: pytest.Config) -> Holder:
    if HOLDER not in config.stash:
        from dockyard.api.testing.holding import Holder

        config.stash[HOLDER] = Holder(config.stash[CHOSEN], getattr(config, "workerinput", {}).get("dockyard"))
    return config.stash[HOLDER]


def _environment(request: pytest.FixtureRequest) -> Iterator[Environment]:
    from dockyard.api.errors import EnvironmentFailed
    from dockyard.model.errors import DockyardError

    config = request.config
    description = getattr(request, "param", None) or config.stash[CHOSEN].description
    holder = _holder(config)
    try:
        held = holder.open(description, request.fixturename or "", session=request.scope == "session")
    except (DockyardError, EnvironmentFailed) as error:
        pytest.fail(f"dockyard: {error}", pytrace=False)
    yield held.env
    try:
        config.stash[TOLD] += holder.close(held)
    except (DockyardError, EnvironmentFailed) as error:
        pytest.fail(f"dockyard: {error}", pytrace=False)


@pytest.fixture(scope=_scope)
def dockyard_environment(request: pytest.FixtureRequest) -> Iterator[Environment]:
    """An environment, for as long as the option dockyard_scope says; without it for the whole session."""
    yield from _environment(request)


@pytest.fixture(scope="module")
def dockyard_module_environment(request: pytest.FixtureRequest) -> Iterator[Environment]:
    """An environment of the module's own."""
    yield from _environment(request)


@pytest.fixture
def dockyard_function_environment(request: pytest.FixtureRequest) -> Iterator[Environment]:
    """An environment of the test's own."""
    yield from _environment(request)


@pytest.fixture(scope=_scope)
def dockyard_clones(dockyard_environment: Environment) -> Iterator[Callable[..., Clones]]:
    """`dockyard_clones("db", database="shop")`: clones of a service's database (`Environment.clones`), the same for the same words."""
    made: dict[str, Clones] = {}

    def clones(service: str, **words: Any) -> Clones:
        key = repr((service, sorted(words.items())))
        if key not in made:
            made[key] = dockyard_environment.clones(service, **words)
        return made[key]

    yield clones
    for one in made.values():
        one.close(drop=False)  # the environment ends now, or with the last worker


@pytest.fixture
def dockyard_clone(dockyard_clones: Callable[..., Clones]) -> Iterator[Callable[..., Clone]]:
    """`dockyard_clone("db")`: a database of the test's own, with the data of the service's, which nobody else gets."""
    taken: list[tuple[Clones, Clone]] = []

    def clone(service: str, **words: Any) -> Clone:
        clones = dockyard_clones(service, **words)
        taken.append((clones, clones.take()))
        return taken[-1][1]

    yield clone
    for clones, one in taken:
        clones.give_back(one)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that is marked has the environment that its marker describes; pytest puts those with the same one together."""
    mark = metafunc.definition.get_closest_marker("dockyard")
    used = [name for name in ENVIRONMENTS if name in metafunc.fixturenames]
    if mark is None or not used:
        return
    base = metafunc.config.stash[CHOSEN].description
    try:
        description = options.marked(base, mark.args, mark.kwargs, metafunc.definition.path.parent)
    except ValueError as error:
        raise pytest.Collector.CollectError(f"{metafunc.definition.nodeid}: {error}") from None
    for name in used:
        hidden: Any = getattr(pytest, "HIDDEN_PARAM", str(description))
        metafunc.parametrize(name, [description], indirect=True, ids=[hidden])


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if holder := item.config.stash.get(HOLDER, None):
        item.stash[MARKS] = {id(held): held.env.lines() for held in holder.used_by(item)}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: pytest.TestReport = yield
    holder = item.config.stash.get(HOLDER, None)
    if holder is not None and report.failed and not hasattr(report, "wasxfail"):
        for held in holder.used_by(item):
            held.failures += 1
            report.sections += holder.logs(held, item.stash.get(MARKS, {}).get(id(held)))
    return report  # pyright: ignore[reportReturnType]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist's: in the process that has the workers."""
    config: pytest.Config = node.config
    if config.stash[CHOSEN].xdist == "shared" and not config.stash[CHOSEN].attach:
        if KEEPER not in config.stash:
            from dockyard.api.testing.sharing import Keeper

            config.stash[KEEPER] = Keeper(_holder(config))
        node.workerinput["dockyard"] = config.stash[KEEPER].told


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    node.config.stash[TOLD] += getattr(node, "workeroutput", {}).get("dockyard", [])


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """After the last test, and after xdist's workers have gone."""
    config = session.config
    if KEEPER in config.stash:
        told, broke = config.stash[KEEPER].close(session.testsfailed)
        config.stash[TOLD] += told + broke
        if broke and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if hasattr(config, "workeroutput"):
        config.workeroutput["dockyard"] = config.stash[TOLD]  # pyright: ignore[reportAttributeAccessIssue]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if told := config.stash.get(TOLD, None):
        terminalreporter.section("dockyard")
        for line in told:
            terminalreporter.write_line(line)

"""When a container is started again: the file's word, as Compose reads it, and what the service is for."""

from __future__ import annotations

import pytest

from dockyard.model.plan import Role
from dockyard.model.restart import Restart, restart_of
from dockyard.model.service import Deploy, RestartPolicy, Service


@pytest.mark.parametrize(
    ("service", "role", "policy"),
    [
        (Service(), Role.SERVICE, Restart("no")),
        (Service(restart="no"), Role.SERVICE, Restart("no")),
        (Service(restart="always"), Role.SERVICE, Restart("always")),
        (Service(restart="unless-stopped"), Role.SERVICE, Restart("unless-stopped")),
        (Service(restart="on-failure"), Role.SERVICE, Restart("on-failure")),
        (Service(restart="on-failure:4"), Role.SERVICE, Restart("on-failure", 4)),
        (Service(restart="always"), Role.TEST, Restart("no")),
        (Service(restart="always"), Role.ONE_SHOT, Restart("on-failure")),
        (Service(restart="on-failure:2"), Role.ONE_SHOT, Restart("on-failure", 2)),
        (Service(restart="on-failure", deploy=Deploy(restart_policy=RestartPolicy(max_attempts=3))), Role.SERVICE, Restart("no")),
        (Service(deploy=Deploy(restart_policy=RestartPolicy(condition="none"))), Role.SERVICE, Restart("no")),
        (Service(deploy=Deploy(restart_policy=RestartPolicy(condition="any"))), Role.SERVICE, Restart("always")),
        (
            Service(deploy=Deploy(restart_policy=RestartPolicy(condition="on-failure", max_attempts=3))),
            Role.SERVICE,
            Restart("on-failure", 3),
        ),
        (
            Service(restart="no", deploy=Deploy(restart_policy=RestartPolicy(condition="any", max_attempts=3))),
            Role.SERVICE,
            Restart("always"),
        ),
    ],
)
def test_the_policy_of_a_run_follows_the_file_and_what_the_service_is_for(service: Service, role: Role, policy: Restart) -> None:
    assert restart_of(service, role) == policy

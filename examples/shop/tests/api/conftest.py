"""Where the API is: told to these tests where they are a service among the others; else in an environment that pytest opens for them."""

import os

import pytest


@pytest.fixture(scope="session")
def api(request: pytest.FixtureRequest) -> str:
    if told := os.environ.get("API_URL"):
        return told
    env = request.getfixturevalue("dockyard_environment")
    return f"http://{env.address('api', 8000)}"

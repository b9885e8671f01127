"""Who may share what stands by."""

from __future__ import annotations

import os

import pytest

from dockyard.api.terms import scope

GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "o/r", "GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main"}
ASKED = {**GITHUB, "GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge"}
GITLAB = {"GITLAB_CI": "true", "CI_PROJECT_PATH": "g/p"}
MERGE = {**GITLAB, "CI_MERGE_REQUEST_IID": "7"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (GITHUB, ASKED),
        (ASKED, {**ASKED, "GITHUB_REF": "refs/pull/8/merge"}),
        (GITHUB, {**GITHUB, "GITHUB_REPOSITORY": "o/fork"}),
        (GITHUB, {**ASKED, "GITHUB_EVENT_NAME": "pull_request_target"}),
        (GITLAB, MERGE),
        (MERGE, {**MERGE, "CI_MERGE_REQUEST_IID": "8"}),
        (GITLAB, {**GITLAB, "CI_PROJECT_PATH": "fork/p"}),
        (GITHUB, {}),
    ],
)
def test_what_is_asked_to_be_merged_shares_nothing_with_the_branch(one: dict[str, str], other: dict[str, str]) -> None:
    assert scope(one, "") != scope(other, "")


def test_branches_of_one_repository_share_and_what_is_written_stands_above_all() -> None:
    assert scope(GITHUB, "") == scope({**GITHUB, "GITHUB_REF": "refs/heads/other"}, "")
    assert scope(GITHUB, "mine") == scope({}, "mine") == "mine"
    assert scope({}, "") == f"user {os.getuid()}"

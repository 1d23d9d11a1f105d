"""What the event that started a workflow says: what a change is compared with, and who sent it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gates.toolkit.event import commit, payload, text
from gates.toolkit.git import Git
from gates.toolkit.history import Wanted

_DEPENDABOT = "dependabot[bot]"


@dataclass(frozen=True, slots=True)
class Event:
    """The event of a workflow run, as far as it decides anything here.

    Attributes:
        name: as `pull_request`.
        wanted: what the change is compared with.
        policy: the commit whose policy holds, or empty where the event proposes no change.
        is_public: the repository can be seen by all, so that code scanning is there.
        may_write: the token may be allowed to write: no fork sent the change.
        is_proposal: it proposes a change, which must not be judged by its own policy.
    """

    name: str
    wanted: Wanted
    policy: str = ""
    is_public: bool = False
    may_write: bool = True
    is_proposal: bool = False


def read(environ: Mapping[str, str]) -> Event:
    """Read the event from its file; without one, only its name is known.

    A review of a pull request, or a comment in one, is an event of that request.

    Format: https://docs.github.com/webhooks/webhook-events-and-payloads
    """
    name = environ.get("GITHUB_EVENT_NAME", "")
    found = payload(environ)
    is_public = text(found, "repository", "visibility") == "public"
    may_write = environ.get("GITHUB_ACTOR") != _DEPENDABOT
    match name:
        case _ if name.startswith("pull_request"):
            sender = text(found, "pull_request", "head", "repo", "full_name")
            own = environ.get("GITHUB_REPOSITORY", "")
            return Event(
                name,
                Wanted(branch=text(found, "pull_request", "base", "ref")),
                policy=commit(found, "pull_request", "base", "sha"),
                is_public=is_public,
                may_write=may_write and sender == own,
                is_proposal=True,
            )
        case "merge_group":
            base = commit(found, "merge_group", "base_sha")
            return Event(name, Wanted(commit=base), base, is_public, may_write, is_proposal=True)
        case "push":
            return Event(name, _pushed(found), "", is_public, may_write)
        case _:
            return Event(name, Wanted(), "", is_public, may_write)


def policy_of(event: Event, git: Git, environ: Mapping[str, str]) -> str:
    """The commit whose policy a change must not weaken; empty where no change is proposed.

    GitHub checks out the merge of a request with its base, and the first parent of that merge is
    exactly the base that it holds. It counts only where HEAD is that very commit: anybody can make
    a commit with the parents that he likes.
    """
    is_merge = environ.get("GITHUB_REF", "").endswith("/merge")
    head = git.head()
    if event.policy and is_merge and head is not None and head == environ.get("GITHUB_SHA"):
        return git.parent(head) or event.policy
    return event.policy


def _pushed(found: object) -> Wanted:
    before = commit(found, "before")
    if before:
        return Wanted(commit=before)
    return Wanted(branch=text(found, "repository", "default_branch"))

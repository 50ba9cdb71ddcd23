"""Themes of the policy: what harms where it piles up, and what no minor's feed is drawn from."""

import msgspec


class Theme(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One theme. What minors watch of it never decides what they are shown next (`feed.queries.viewer`)."""

    name: str
    hashtags: tuple[str, ...] = ()
    """Lower case, without #."""
    labels: tuple[str, ...] = ()
    """What moderation or a detector warns of."""
    per_page: int | None = None
    """A minor is shown at most so many of it on a page and in the videos just before; any number without it."""

    def holds(self, hashtags: tuple[str, ...], warnings: tuple[str, ...]) -> bool:
        """Whether a video with these hashtags and warnings is of this theme."""
        return not set(self.hashtags).isdisjoint(hashtags) or not set(self.labels).isdisjoint(warnings)


def problems_of(themes: tuple[Theme, ...]) -> list[str]:
    """What is not right about the themes of a policy."""
    names = [theme.name for theme in themes]
    problems = [f"two themes are called {name}" for name in sorted({one for one in names if names.count(one) > 1})]
    for theme in themes:
        if not theme.hashtags and not theme.labels:
            problems.append(f"{theme.name}: it needs `hashtags` or `labels`")
        if any(tag != tag.casefold().strip().lstrip("#") for tag in theme.hashtags):
            problems.append(f"{theme.name}: `hashtags` are lower case and without #")
        if theme.per_page is not None and theme.per_page < 0:
            problems.append(f"{theme.name}: `per_page` is at least 0")
    return problems

"""What spacing and filters need to know of a video, from the catalogue; what is not listed any more drops out."""

from dataclasses import replace

import numpy as np

from penchant.catalog import repository as catalog
from penchant.core.database import Connection
from penchant.core.ids import VideoId
from penchant.feed.model import Candidates, Query


class CatalogFacts:
    """Creator, sound, hashtags and language of each candidate, and of the videos just before the page."""

    name = "catalog"

    def hydrate(self, query: Query, candidates: Candidates, connection: Connection) -> Candidates:
        ids = candidates.ids.tolist()
        found = {facts.id: facts for facts in catalog.facts(connection, [*ids, *query.tail])}
        listed = candidates.keep(np.array([id_ in found for id_ in ids], dtype=bool))
        before = tuple(found[VideoId(id_)] for id_ in query.tail if id_ in found)
        facts = tuple(found[VideoId(id_)] for id_ in listed.ids.tolist())
        return replace(listed, facts=facts, before=before)

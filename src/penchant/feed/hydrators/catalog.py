"""What spacing and filters need to know of a video, from the catalogue; what is not listed any more drops out."""

from dataclasses import replace

import numpy as np

from penchant.catalog import repository as catalog
from penchant.core.database import Connection
from penchant.core.ids import VideoId
from penchant.feed.model import Candidates, Query


class CatalogFacts:
    """Creator, sound, hashtags and language of each candidate, and of the videos just before the page; their words
    for who mutes words."""

    name = "catalog"

    def hydrate(self, query: Query, candidates: Candidates, connection: Connection) -> Candidates:
        ids = candidates.ids.tolist()
        # Words only where somebody mutes some: they are most of what there is to read.
        every = catalog.facts(connection, [*ids, *query.tail], texts=bool(query.mutes.phrases))
        found = {facts.id: facts for facts in every}
        listed = candidates.keep(np.array([id_ in found for id_ in ids], dtype=bool))
        before = tuple(found[VideoId(id_)] for id_ in query.tail if id_ in found)
        facts = tuple(found[VideoId(id_)] for id_ in listed.ids.tolist())
        return replace(listed, facts=facts, before=before)

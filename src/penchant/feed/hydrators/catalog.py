"""What spacing and filters need to know of a video, from the catalogue; what is not listed any more drops out."""

import numpy as np

from penchant.catalog import repository as catalog
from penchant.core.database import Connection
from penchant.core.ids import VideoId
from penchant.feed.model import Candidates, Query


class CatalogFacts:
    """Creator, sound, hashtags and language of each candidate."""

    name = "catalog"

    def hydrate(self, query: Query, candidates: Candidates, connection: Connection) -> Candidates:
        found = {facts.id: facts for facts in catalog.facts(connection, candidates.ids.tolist())}
        listed = candidates.keep(np.array([VideoId(int(id_)) in found for id_ in candidates.ids], dtype=bool))
        return Candidates(listed.ids, listed.sources, tuple(found[VideoId(int(id_))] for id_ in listed.ids))

"""Brings one video of another market into the catalogue: its files as they are there, looked at before it is listed."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from penchant.accounts.service import AccountService
from penchant.catalog import repository as catalog
from penchant.catalog.model import Rendition, Video
from penchant.catalog.service import CatalogService, clean_alt_text, clean_hashtags, clean_title
from penchant.core.clock import as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.ids import VideoId, format_id
from penchant.core.objects import ObjectStore
from penchant.markets import gateway_rows
from penchant.markets.caller import Caller
from penchant.markets.gateway_rows import Mirror
from penchant.markets.messages import PLAYABLE, AskMedia, PublicFile, PublicVideo, decode
from penchant.markets.peers import Peer
from penchant.operations.crossings.look import Look, Looked
from penchant.safety.detection.examine import Examiner

_SUFFIXES: Final = {"video/mp4": ".mp4", "image/jpeg": ".jpg"}


class Bringing:
    """Fetches, looks, lists. Killed anywhere, it goes on where it was."""

    def __init__(
        self,
        engine: Engine,
        objects: ObjectStore,
        caller: Caller,
        accounts: AccountService,
        catalog_service: CatalogService,
        examiner: Examiner,
        look: Look,
        work: Path,
    ) -> None:
        self._engine = engine
        self._objects = objects
        self._caller = caller
        self._accounts = accounts
        self._catalog = catalog_service
        self._examiner = examiner
        self._look = look
        self._work = work

    def bring(self, peer: Peer, mirror: Mirror) -> None:
        """Make a video here what its market says of it.

        Raises:
            PeerAway, PeerRefused, AnswerWrong: a file did not come.
            MediaRefused: what came cannot be played.
            Invalid: what is said of it is not what may be said of a video here.
        """
        told: PublicVideo = decode((mirror.told or "").encode(), PublicVideo)
        with self._engine.begin() as connection:
            video = self._video(connection, mirror, told)
            if video is None or video.state == "removed":
                # Removed here: whatever is said of it there, it stays so.
                gateway_rows.is_here(connection, mirror)
                return
        kept = {file.name: file for file in (*video.renditions, video.poster, video.strip, video.preview) if file}
        files = []
        for file in told.files:
            known = kept.get(file.name)
            files.append(known if known and known.sha256 == file.sha256 else self._fetch(peer, mirror, video.id, file))
        if video.state == "ready":
            self._change(mirror, told, video, files)
        else:
            self._list(mirror, told, video, files)

    def _video(self, connection: Connection, mirror: Mirror, told: PublicVideo) -> Video | None:
        """Ours of it; begun where there is none."""
        if mirror.video_id is None:
            creator = self._accounts.stand_in(connection, told.handle, told.name, mirror.market)
            id_ = self._catalog.add(
                connection,
                creator.id,
                told.title,
                told.hashtags,
                told.language,
                alt_text=told.alt_text,
                created_at=as_datetime(told.published_at_ms),
            )
            gateway_rows.stands_for(connection, mirror.market, mirror.remote_id, id_)
            self._catalog.start_processing(connection, id_)
        else:
            self._accounts.stand_in(connection, told.handle, told.name, mirror.market)
            id_ = VideoId(mirror.video_id)
        found = catalog.video(connection, id_)
        return None if found is None else found[0]

    def _fetch(self, peer: Peer, mirror: Mirror, id_: VideoId, file: PublicFile) -> Rendition:
        self._work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="mirror-", dir=self._work) as folder:
            path = Path(folder) / "file"
            with path.open("wb") as into:
                self._caller.fetch(peer, AskMedia(mirror.remote_id, file.name, file.sha256), file.size_bytes, into)
            key = f"videos/{format_id(id_)}/{file.name}-{file.sha256[:16]}{_SUFFIXES[file.content_type]}"
            self._objects.put_file(key, path)
        return Rendition(file.name, key, file.content_type, file.size_bytes, file.sha256, file.width, file.height)

    def _list(self, mirror: Mirror, told: PublicVideo, video: Video, files: list[Rendition]) -> None:
        looked = self._looked(told, video, files)
        with self._engine.begin() as connection:
            listed = self._catalog.publish(
                connection,
                video.id,
                duration_ms=told.duration_ms,
                width=told.width,
                height=told.height,
                files=files,
                encoder=looked.encoder,
                vector=looked.vector,
            )
            gateway_rows.is_here(connection, mirror)
            if listed and not self._examiner.note(connection, replace(video, state="ready"), looked.examined):
                self._say(connection, video, told)

    def _looked(self, told: PublicVideo, video: Video, files: list[Rendition]) -> Looked:
        playable = sorted((file for file in files if file.name in PLAYABLE), key=lambda file: file.size_bytes)
        return self._look(replace(video, renditions=tuple(playable), duration_ms=told.duration_ms))

    def _change(self, mirror: Mirror, told: PublicVideo, video: Video, files: list[Rendition]) -> None:
        before = {file.name: file.sha256 for file in video.renditions}
        # A further size is of the film that was looked at; another file in the place of one may be of another film.
        is_other = any(before.get(file.name, file.sha256) != file.sha256 for file in files if file.name in PLAYABLE)
        looked = self._looked(told, video, files) if is_other else None
        with self._engine.begin() as connection:
            for file in files:
                self._catalog.add_rendition(connection, video.id, file)
            if looked is not None:
                self._catalog.set_vector(connection, video.id, looked.encoder, looked.vector)
                if self._examiner.note(connection, video, looked.examined):
                    gateway_rows.is_here(connection, mirror)
                    return
            catalog.update_video(
                connection,
                video.id,
                title=clean_title(told.title),
                hashtags=clean_hashtags(told.hashtags),
                alt_text=clean_alt_text(told.alt_text),
                language=told.language,
            )
            gateway_rows.is_here(connection, mirror)
            self._say(connection, video, told)

    def _say(self, connection: Connection, video: Video, told: PublicVideo) -> None:
        """Captions, and a look at every word."""
        now = {words.language for words in told.captions}
        for language in {words.language for words in video.captions} - now:
            catalog.delete_captions(connection, video.id, language)
        for words in told.captions:
            self._catalog.put_captions(connection, video, words.language, words.body)
        texts = {"title": " ".join([told.title, *told.hashtags]), "alt_text": told.alt_text}
        self._examiner.read(connection, "video", video.id, texts, told.language, video.creator.id)

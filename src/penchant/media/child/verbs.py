"""The child's verbs in one table, and how decoder errors become reasons."""

import errno
from collections.abc import Callable

import av
import av.error

from penchant.media.child.check import check
from penchant.media.child.credentials import judge
from penchant.media.child.glimpses import glimpses
from penchant.media.child.listen import listen
from penchant.media.child.look import look
from penchant.media.child.opening import Refusal
from penchant.media.child.poster import poster
from penchant.media.child.probe import probe
from penchant.media.child.seal import sign
from penchant.media.child.stills import stills
from penchant.media.child.transcode import transcode
from penchant.media.messages import (
    Answer,
    Check,
    Confine,
    Glimpses,
    Judge,
    Listen,
    Look,
    Poster,
    Probe,
    Progress,
    Refused,
    Request,
    Sign,
    Signature,
    Stills,
    ToSign,
    Transcode,
)

Report = Callable[[Progress], None]
AskParent = Callable[[ToSign], Signature]


def answer(request: Request, report: Report, ask_parent: AskParent) -> Answer:
    """Do what is asked; a file that cannot be used gives `Refused`, never an exception."""
    av.logging.set_level(None)
    try:
        return _dispatch(request, report, ask_parent)
    except Refusal as refusal:
        return Refused(refusal.code, str(refusal))
    except MemoryError as error:
        return Refused("out_of_memory", repr(error))
    except OSError as error:  # PyAV's errors with an errno among them
        return Refused(_code_of(error), repr(error))
    except (av.error.FFmpegError, ValueError, IndexError, OverflowError, ZeroDivisionError) as error:
        code = "damaged" if isinstance(error, av.error.InvalidDataError) else "crashed"
        return Refused(code, repr(error))


def _dispatch(request: Request, report: Report, ask_parent: AskParent) -> Answer:
    match request:
        case Probe():
            return probe(request)
        case Judge():
            return judge(request)
        case Transcode():
            return transcode(request, report)
        case Sign():
            return sign(request, ask_parent)
        case Check():
            return check(request)
        case Poster():
            return poster(request)
        case Glimpses():
            return glimpses(request)
        case Look():
            return look(request)
        case Stills():
            return stills(request)
        case Listen():
            return listen(request)
        case Confine() | Signature():
            raise Refusal("crashed", "this was not asked for")


def _code_of(error: OSError) -> str:
    if error.errno == errno.ENOMEM:
        return "out_of_memory"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "no_space"
    return "crashed"

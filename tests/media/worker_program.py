"""The real worker of one cell in a process of its own: `worker_program.py DATA_FOLDER DATABASE_URL`; killed at will."""

import os
import sys

from penchant.cli.worker import worker

if __name__ == "__main__":
    os.environ["PENCHANT_DATA"], os.environ["PENCHANT_DATABASE_URL"] = sys.argv[1:3]
    worker()

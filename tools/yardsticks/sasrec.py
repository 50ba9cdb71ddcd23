"""RecTools' SASRec, trained until a held-out part of its own data gets no better. Needs requirements-sasrec.txt.

The last video of a tenth of the viewers is held out; training stops when the loss on those has not fallen for
`PATIENCE` epochs, and the best epoch's weights answer. Frozen after that: what a viewer watches since is in the
sequence it reads.
"""

import copy
import sys
import warnings
from typing import Any

import numpy as np
import pandas as pd
import torch
from pytorch_lightning import Callback, LightningModule, Trainer, seed_everything
from pytorch_lightning.callbacks import EarlyStopping
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import SASRecModel
from scipy import sparse

EPOCHS_AT_MOST = 60
PATIENCE = 2
HELD_OUT = 10
"""One viewer of so many."""
SEED = 1


class Best(Callback):
    """Keeps the weights of the epoch with the least loss on what is held out."""

    def __init__(self) -> None:
        self.loss, self.weights, self.epochs, self.best = float("inf"), None, 0, 0

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        loss = float(trainer.callback_metrics["val_loss"])
        self.epochs += 1
        print(f"sasrec: epoch {self.epochs}, loss on what is held out {loss:.4f}", file=sys.stderr, flush=True)
        if loss < self.loss:
            self.best, self.loss, self.weights = self.epochs, loss, copy.deepcopy(pl_module.state_dict())


def held_out(interactions: pd.DataFrame) -> np.ndarray:
    """The last interaction of every tenth viewer."""
    last = ~interactions[Columns.User].duplicated(keep="last")
    return (last & (interactions[Columns.User] % HELD_OUT == 0)).to_numpy()


def trainer() -> Trainer:
    """On one core, without files."""
    return Trainer(
        max_epochs=EPOCHS_AT_MOST,
        num_sanity_val_steps=0,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        accelerator="cpu",
        devices=1,
        callbacks=[Best(), EarlyStopping("val_loss", patience=PATIENCE)],
    )


class SasRec:
    """Shapes: B questions, V videos."""

    refits, packages = False, ("rectools", "torch", "pytorch-lightning")

    def __init__(self, factors: int, blocks: int, heads: int, length: int, batch: int, rate: float) -> None:
        warnings.filterwarnings("ignore")
        torch.set_num_threads(1)
        self.length = length
        self.model = SASRecModel(
            n_factors=factors,
            n_blocks=blocks,
            n_heads=heads,
            session_max_len=length,
            loss="softmax",
            dropout_rate=0.2,
            lr=rate,
            batch_size=batch,
            epochs=EPOCHS_AT_MOST,
            get_val_mask_func=held_out,
            get_trainer_func=trainer,
        )

    def fit(self, told: sparse.csr_matrix, sequences: list[list[int]]) -> None:
        """Until it gets no better."""
        seed_everything(SEED)
        rows = [(viewer, place, at) for viewer, own in enumerate(sequences) for at, place in enumerate(own)]
        frame = pd.DataFrame(rows, columns=[Columns.User, Columns.Item, Columns.Datetime])
        frame[Columns.Datetime] = pd.to_datetime(frame[Columns.Datetime], unit="s")
        frame[Columns.Weight] = 1.0
        self.model.fit(Dataset.construct(frame))
        best = next(one for one in self.model.fit_trainer.callbacks if isinstance(one, Best))
        self.model.lightning_model.load_state_dict(best.weights)
        self.said = {"sasrec": f"{best.epochs} epochs, the best the {best.best}th"}

    def scores(self, viewers: np.ndarray, profiles: list[list[int]], videos: int) -> np.ndarray:
        """By the weights of the best epoch; videos that nobody watched stand last."""
        network = self.model.torch_model.eval()
        places = self.model.data_preparator.get_known_item_ids().astype(int)
        numbers = np.zeros(videos, dtype=int)
        numbers[places] = self.model.data_preparator.get_known_items_sorted_internal_ids()
        sessions = np.zeros((len(profiles), self.length), dtype=int)
        for session, profile in zip(sessions, profiles, strict=True):
            if len(known := numbers[profile][numbers[profile] > 0][-self.length :]):
                session[-len(known) :] = known
        with torch.no_grad():
            items = network.item_model.get_all_embeddings()
            batch: dict[str, Any] = {"x": torch.from_numpy(sessions)}
            states = network.similarity_module.session_tower_forward(network.encode_sessions(batch, items)[:, -1, :])
            found = (states @ network.similarity_module.item_tower_forward(items).T).numpy()
        scores = np.full((len(profiles), videos), found.min() - 1, dtype=np.float32)
        scores[:, places] = found[:, numbers[places]]
        return scores

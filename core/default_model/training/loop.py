"""The training loop: one process a core or a GPU, data-parallel, with checkpoints on the way."""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import socket
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from jaxtyping import Int
from torch import Tensor, nn
from torch.multiprocessing.spawn import spawn
from torch.nn.parallel import DistributedDataParallel

from core.default_model.training import checkpoints, corpus
from core.default_model.training.recipe import NextTokenLoss, Settings, new_model, optimizers, rate_factor


@dataclass
class Run:
    """One process's share of the training: the model, its optimizers, the data and the place reached."""

    settings: Settings
    work: Path
    rank: int
    processes: int
    device: torch.device
    step: int = 0
    seconds: float = 0.0
    asked_to_stop: bool = False  # this process was; set by a signal at any moment, never taken back
    stopping: bool = False  # all processes know, and stop at the same step

    def __post_init__(self) -> None:
        self.training = corpus.load_tokens(self.work, "training")
        self.validation = corpus.load_tokens(self.work, "validation")
        self.model = new_model(self.settings, end_of_text=0)
        self.model.to(self.device)
        self.optimizers = optimizers(self.model, self.settings)
        self.curve: list[tuple[int, float, float]] = []  # step, seconds, validation loss
        if checkpoint := checkpoints.load_latest(self.work):
            self.restore(checkpoint)
        loss = NextTokenLoss(self.model, self.settings.compile)
        self.loss = DistributedDataParallel(loss)

    def restore(self, checkpoint: dict[str, Any]) -> None:
        self.model.load_state_dict(checkpoint["model"])
        for optimizer, state in zip(self.optimizers, checkpoint["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        self.step, self.seconds = checkpoint["step"], checkpoint["seconds"]
        self.curve = checkpoint["curve"]

    def save(self) -> None:
        """Write a checkpoint; every process holds the same state, so the first one writes."""
        if self.rank == 0:
            checkpoints.save(
                self.work,
                self.step,
                {
                    "settings": asdict(self.settings),
                    "step": self.step,
                    "seconds": self.seconds,
                    "curve": self.curve,
                    "machine": machine(),
                    "model": self.model.state_dict(),
                    "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
                },
            )

    def autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, dtype=torch.bfloat16)

    def my_share(self, windows: Int[np.ndarray, "window length"]) -> Int[Tensor, "share length"]:
        return torch.from_numpy(windows[self.rank :: self.processes]).to(self.device)

    def train_step(self) -> float:
        """One step of both optimizers; returns the loss over all processes and hears a stop of any of them."""
        settings = self.settings
        falling = self.step >= settings.constant * settings.steps
        windows = corpus.training_windows(
            self.training,
            windows=settings.windows,
            length=settings.positions + 1,
            anywhere=settings.anywhere,
            repeats=settings.late_repeats if falling else settings.repeats,
            seed=settings.seed,
            step=self.step,
        )
        with self.autocast():
            loss = self.loss(self.my_share(windows))
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), settings.clip)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["full_rate"] * rate_factor(settings, self.step)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.step += 1
        told = torch.tensor([loss.item() / self.processes, float(self.asked_to_stop)], device=self.device)
        dist.all_reduce(told)
        self.stopping = bool(told[1] > 0)
        return told[0].item()

    @torch.no_grad()
    def validation_loss(self) -> float:
        """Mean loss over windows spread evenly over the validation text."""
        length = self.settings.positions + 1
        starts = np.linspace(0, len(self.validation.ids) - length, self.settings.validation_windows).astype(int)
        windows = np.stack([self.validation.ids[start : start + length] for start in starts]).astype(np.int64)
        with self.autocast():
            losses = [self.loss.module(share).float() for share in self.my_share(windows).split(8)]
        total = torch.stack(losses).mean() / self.processes
        dist.all_reduce(total)
        return total.item()

    def train(self) -> None:
        """Steps until the last one or until somebody asks to stop; checkpoints on the way and at the end."""
        settings, smooth = self.settings, float("nan")
        saved = before = time.monotonic()
        while self.step < settings.steps and not self.stopping:
            loss = self.train_step()
            smooth = loss if smooth != smooth else 0.98 * smooth + 0.02 * loss
            now = time.monotonic()
            self.seconds += now - before
            before = now
            if self.step % settings.validation_every == 0 or self.step == settings.steps:
                self.curve.append((self.step, self.seconds, self.validation_loss()))
            if now - saved > settings.checkpoint_seconds:
                saved = now
                self.save()
            if self.rank == 0:
                self.progress_line(smooth)
        self.save()
        if self.rank == 0 and self.stopping:
            print(f"\nstopped at step {self.step}; the same command goes on from there", flush=True)

    def progress_line(self, loss: float) -> None:
        terminal = sys.stdout.isatty()
        if not terminal and self.step % 100:
            return
        settings = self.settings
        left = (settings.steps - self.step) * self.seconds / self.step
        validation = f"{self.curve[-1][2]:.3f}" if self.curve else "–"
        rate = self.step * settings.windows * settings.positions / self.seconds
        print(
            f"step {self.step:,}/{settings.steps:,}  loss {loss:.3f}  validation {validation}  "
            f"{rate:,.0f} tokens/s  {self.seconds / 60:.1f} min, {left / 60:.0f} min left",
            end="\r" if terminal else "\n",
            flush=True,
        )


def worker(rank: int, processes: int, port: int, settings: Settings, work: Path) -> None:
    """One process of the data-parallel team, on a core or a GPU of its own."""
    if torch.cuda.is_available():
        device, backend = torch.device("cuda", rank), "nccl"
        torch.cuda.set_device(device)
    else:
        device, backend = torch.device("cpu"), "gloo"
        torch.set_num_threads(1)
        with contextlib.suppress(AttributeError):  # there is no pinning on macOS
            os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[rank]})
    dist.init_process_group(backend, f"tcp://127.0.0.1:{port}", rank=rank, world_size=processes)
    run = Run(settings, work, rank, processes, device)

    def stop(*_: object) -> None:
        run.asked_to_stop = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    run.train()
    # All is on disk, and nobody waits for anybody any more. Gloo's threads sometimes abort a process that winds down
    # in the ordinary way ("terminate called without an active exception"), so this one just ends.
    dist.barrier()
    os._exit(0)


def train_team(settings: Settings, work: Path) -> bool:
    """Train on all cores or GPUs; True once the last step is done, False when it was stopped before."""
    team = team_size(settings)
    context = spawn(worker, (team, free_port(), settings, work), nprocs=team, join=False)

    def pass_on(*_: object) -> None:
        for process in context.processes:
            os.kill(process.pid, signal.SIGTERM)

    signal.signal(signal.SIGINT, pass_on)
    signal.signal(signal.SIGTERM, pass_on)
    while not context.join():
        pass
    return checkpoints.load_latest(work)["step"] >= settings.steps


def team_size(settings: Settings) -> int:
    """One process a GPU, else one a core; the windows of a step are shared out evenly."""
    available = torch.cuda.device_count() or os.cpu_count() or 1
    return max(size for size in range(1, available + 1) if settings.windows % size == 0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def machine() -> str:
    """The processor or GPU, and the versions, of this machine."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if torch.cuda.is_available():
        name = torch.cuda.get_device_name()
    elif cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        if cores := [line.split(":")[1].strip() for line in lines if line.startswith("model name")]:
            name = f"{len(cores)} cores of {cores[0]}"
    return f"{name} (torch {torch.__version__}, Python {platform.python_version()})"

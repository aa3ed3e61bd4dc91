"""Models that do to the process that runs them what no model should; each is a class of its own."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from contextlib import suppress
from pathlib import Path

from torch import Tensor, nn


class Model(nn.Module):
    """One convolution; what is done meanwhile is that of a class derived from it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        self.act()
        return x

    def act(self) -> None:
        """Do nothing."""


class Stop(BaseException):
    pass


class SpeechlessError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class SpeechlessForGoodError(Exception):
    def __str__(self) -> str:
        raise SystemExit(0)


class Prints(Model):
    def act(self) -> None:
        print("by print")  # noqa: T201
        sys.stdout.buffer.write(b"by its buffer\n")
        os.write(1, b"by its number\n")
        subprocess.run(["echo", "by a process"], check=True)


class PrintsAtExit(Model):
    def act(self) -> None:
        atexit.register(print, "by a function at exit")


class Warns(Model):
    def act(self) -> None:
        warnings.warn("by a warning", stacklevel=1)


class ClosesOutput(Model):
    def act(self) -> None:
        sys.stdout.close()


class ClosesErrors(Model):
    def act(self) -> None:
        sys.stderr.close()
        if sys.__stdout__:
            sys.__stdout__.close()


class ClosesNumbers(Model):
    def act(self) -> None:
        os.close(1)
        os.close(2)


class RemovesStreams(Model):
    def act(self) -> None:
        sys.stdout = sys.stderr = None  # type: ignore[assignment]


class ChangesFolder(Model):
    def act(self) -> None:
        os.chdir("/")


class RemovesFolder(Model):
    def act(self) -> None:
        folder = tempfile.mkdtemp()
        os.chdir(folder)
        Path(folder).rmdir()


class Forks(Model):
    def act(self) -> None:
        os.fork()


class ForksAndWaits(Model):
    def act(self) -> None:
        child = os.fork()
        if child:
            os.waitpid(child, 0)


class ForksAndFails(Model):
    def act(self) -> None:
        if not os.fork():
            raise ValueError("in the copy")


class ForksAndExits(Model):
    def act(self) -> None:
        child = os.fork()
        if not child:
            os._exit(9)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


class Spawns(Model):
    def act(self) -> None:
        context = multiprocessing.get_context("spawn")
        child = context.Process(target=os.getpid)
        child.start()
        child.join()
        assert child.exitcode == 0


class LeavesAProcess(Model):
    def act(self) -> None:
        subprocess.Popen(["sleep", "30"])


class LeavesAThread(Model):
    def act(self) -> None:
        threading.Thread(target=time.sleep, args=(60,)).start()


class LeavesABriefThread(Model):
    def act(self) -> None:
        threading.Thread(target=time.sleep, args=(0.2,)).start()


class Exits(Model):
    def act(self) -> None:
        sys.exit(3)


class ExitsWithText(Model):
    def act(self) -> None:
        sys.exit("no more")


class ExitsAtOnce(Model):
    def act(self) -> None:
        os._exit(7)


class ExitsInAThread(Model):
    def act(self) -> None:
        thread = threading.Thread(target=os._exit, args=(7,))
        thread.start()
        thread.join()


class ExitsWhenBuilt(Model):
    def __init__(self) -> None:
        os._exit(0)


class RaisesABase(Model):
    def act(self) -> None:
        raise Stop("enough")


class RaisesABaseWhenBuilt(Model):
    def __init__(self) -> None:
        raise Stop("enough")


class RaisesGeneratorExit(Model):
    def act(self) -> None:
        raise GeneratorExit("enough")


class RaisesSpeechless(Model):
    def act(self) -> None:
        raise SpeechlessError


class RaisesSpeechlessForGood(Model):
    def act(self) -> None:
        raise SpeechlessForGoodError


class RaisesSpeechlessWhenBuilt(Model):
    def __init__(self) -> None:
        raise SpeechlessError


class RaisesSpeechlessBase(Model):
    def act(self) -> None:
        raise type("Base", (BaseException,), {"__str__": SpeechlessError.__str__})


class Recurs(Model):
    def act(self) -> None:
        self.act()


class Crashes(Model):
    def act(self) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)


class Aborts(Model):
    def act(self) -> None:
        os.abort()


class Interrupts(Model):
    def act(self) -> None:
        raise KeyboardInterrupt


class Terminates(Model):
    def act(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)


class CatchesASignal(Model):
    def act(self) -> None:
        with suppress(BaseException):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(60)


class Sleeps(Model):
    def act(self) -> None:
        time.sleep(600)


class Spins(Model):
    def act(self) -> None:
        while True:
            pass


class CatchesEverything(Model):
    def act(self) -> None:
        while True:
            with suppress(BaseException):
                time.sleep(600)


class NeverBuilt(Model):
    def __init__(self) -> None:
        while True:
            time.sleep(600)


class WaitsForALock(Model):
    def act(self) -> None:
        lock = threading.Lock()
        lock.acquire()
        lock.acquire()


class WaitsForAProcess(Model):
    def act(self) -> None:
        subprocess.run(["sleep", "600"], check=True)

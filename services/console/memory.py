"""How much memory processes had at most. Linux only: elsewhere the answer is that nothing is known."""

from pathlib import Path

_PROC = Path("/proc")


def peaks(pids: dict[str, int]) -> dict[str, tuple[int, ...]]:
    """Peak resident sizes in bytes by name: the process's own, then its children's (gunicorn's workers)."""
    return {name: found for name, pid in pids.items() if (found := _family(pid))}


def _family(pid: int) -> tuple[int, ...]:
    sizes = (_peak(each) for each in (pid, *_children(pid)))
    return tuple(size for size in sizes if size)


def _children(pid: int) -> tuple[int, ...]:
    try:
        return tuple(int(child) for child in (_PROC / f"{pid}/task/{pid}/children").read_text().split())
    except OSError:
        return ()


def _peak(pid: int) -> int:
    """VmHWM of /proc/PID/status, which is in kB; 0 for a process that is gone."""
    try:
        lines = (_PROC / f"{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)

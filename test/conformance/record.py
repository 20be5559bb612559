#!/usr/bin/env python3
"""Runs the cases in cases.json on the Linux underneath and writes what it answered back into the file.

Needs root, since some cases change their uid. Every case runs in a process of its own; segments it
leaves behind are removed. Results: a number; "ok" for 0; "address" or "id" where the kernel chooses;
the name of the errno; "fault" for an access that the kernel answers with EFAULT; fields of a struct.
"""
import ctypes
import errno
import json
import os
import platform
from pathlib import Path

FILE = Path(__file__).with_name("cases.json")
LIBC = ctypes.CDLL(None, use_errno=True)
LONG, SIZE = ctypes.c_long, ctypes.c_size_t
for call, result, arguments in [
    ("shmget", ctypes.c_int, [ctypes.c_int, SIZE, ctypes.c_int]),
    ("shmat", LONG, [ctypes.c_int, SIZE, ctypes.c_int]),
    ("shmdt", ctypes.c_int, [SIZE]),
    ("shmctl", ctypes.c_int, [ctypes.c_int, ctypes.c_int, ctypes.c_void_p]),
    ("mmap", LONG, [SIZE, SIZE, ctypes.c_int, ctypes.c_int, ctypes.c_int, LONG]),
    ("munmap", ctypes.c_int, [SIZE, SIZE]),
    ("mprotect", ctypes.c_int, [SIZE, SIZE, ctypes.c_int]),
    ("write", LONG, [ctypes.c_int, SIZE, SIZE]),
    ("read", LONG, [ctypes.c_int, SIZE, SIZE]),
]:
    getattr(LIBC, call).restype = result
    getattr(LIBC, call).argtypes = arguments

NAMES = dict(
    IPC_CREAT=0o1000, IPC_EXCL=0o2000, IPC_RMID=0, IPC_SET=1, IPC_STAT=2, SHM_STAT=13, SHM_HUGETLB=0o4000,
    SHM_NORESERVE=0o10000, SHM_RDONLY=0o10000, SHM_RND=0o20000, SHM_REMAP=0o40000, SHM_EXEC=0o100000,
    PROT_NONE=0, PROT_READ=1, PROT_WRITE=2, PROT_EXEC=4, MAP_SHARED=1, MAP_PRIVATE=2, MAP_FIXED=0x10,
    MAP_ANONYMOUS=0x20, MAP_NORESERVE=0x4000, MAP_POPULATE=0x8000, MAP_FIXED_NOREPLACE=0x100000,
)


class Perm(ctypes.Structure):
    _fields_ = [("key", ctypes.c_int), ("uid", ctypes.c_uint), ("gid", ctypes.c_uint), ("cuid", ctypes.c_uint),
                ("cgid", ctypes.c_uint), ("mode", ctypes.c_uint), ("seq", ctypes.c_ushort), ("pad", ctypes.c_ushort),
                ("unused", ctypes.c_ulong * 2)]


class Shmid(ctypes.Structure):
    _fields_ = [("perm", Perm), ("segsz", SIZE), ("atime", LONG), ("dtime", LONG), ("ctime", LONG),
                ("cpid", ctypes.c_int), ("lpid", ctypes.c_int), ("nattch", ctypes.c_ulong), ("unused", ctypes.c_ulong * 2)]


def value(argument, results):
    """A number, "A|B" of names and octal numbers, or "$n+bytes": the result of step n."""
    if not isinstance(argument, str):
        return argument
    if argument.startswith("$"):
        step, _, plus = argument[1:].partition("+")
        return results[int(step)] + int(plus or "0", 0)
    return sum(NAMES[word] if word in NAMES else int(word, 0) for word in argument.split("|"))


def run_step(call, arguments):
    """The result of a call, and what of it is recorded."""
    def answer(result, shown=None):
        if result == -1:
            return -1, errno.errorcode[ctypes.get_errno()]
        return result, shown if shown is not None else ("ok" if result == 0 else result)

    ctypes.set_errno(0)
    if call == "shmget":
        return answer(LIBC.shmget(*arguments), "id")
    if call == "shmat":
        return answer(LIBC.shmat(*arguments), "address" if arguments[1] == 0 else None)
    if call == "mmap":
        fixed = arguments[3] & (NAMES["MAP_FIXED"] | NAMES["MAP_FIXED_NOREPLACE"])
        return answer(LIBC.mmap(*arguments), None if fixed else "address")
    if call == "stat":
        buffer = Shmid()
        result = LIBC.shmctl(arguments[0], NAMES["IPC_STAT"], ctypes.byref(buffer))
        perm = buffer.perm
        return answer(result, {"key": perm.key, "mode": perm.mode, "uid": perm.uid, "gid": perm.gid, "cuid": perm.cuid,
                               "cgid": perm.cgid, "segsz": buffer.segsz, "nattch": buffer.nattch})
    if call == "set":
        buffer = Shmid()
        buffer.perm.uid, buffer.perm.gid, buffer.perm.mode = arguments[1:]
        return answer(LIBC.shmctl(arguments[0], NAMES["IPC_SET"], ctypes.byref(buffer)))
    if call == "shmctl":
        return answer(LIBC.shmctl(*arguments, ctypes.byref(Shmid())))
    if call in ("load", "store"):
        reading, writing = os.pipe()
        if call == "load":
            result = LIBC.write(writing, arguments[0], 4)
            shown = int.from_bytes(os.read(reading, 4), "little") if result == 4 else None
        else:
            os.write(writing, arguments[1].to_bytes(4, "little"))
            result, shown = LIBC.read(reading, arguments[0], 4), "ok"
        os.close(reading)
        os.close(writing)
        return (0, "fault") if result == -1 and ctypes.get_errno() == errno.EFAULT else answer(result, shown)
    if call in ("setuid", "setgid"):
        getattr(os, call)(*arguments)
        return 0, "ok"
    return answer(getattr(LIBC, call)(*arguments))


def run_case(steps):
    """What each step answered. Runs in a child, which may change its uid."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        results, shown = [], []
        for call, *arguments in steps:
            result, answer = run_step(call, [value(argument, results) for argument in arguments])
            results.append(result)
            shown.append(answer)
        ids = [result for (call, *_), result in zip(steps, results) if call == "shmget" and result >= 0]
        os.write(writing, json.dumps([shown, ids]).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        shown, ids = json.loads(pipe.read())
    os.waitpid(child, 0)
    for segment in ids:
        LIBC.shmctl(segment, NAMES["IPC_RMID"], None)
    return shown


def main():
    data = json.loads(FILE.read_text())
    data["kernel"] = f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}"
    lines = []
    for case in data["cases"]:
        case["results"] = run_case(case["steps"])
        lines.append("    " + json.dumps(case))
    FILE.write_text(f'{{\n  "kernel": {json.dumps(data["kernel"])},\n  "cases": [\n' + ",\n".join(lines) + "\n  ]\n}\n")


main()

#!/usr/bin/env python3
"""Runs programs of system calls on the Linux underneath. Needs root; knows no call by name but fork and the like.

Reads a program a line as JSON, [[process, how, ...arguments], ...], and answers a line with what each step
answered. Each program has an IPC, a pid and a mount namespace of its own, with an empty /dev/shm, and, if it names files below /mnt, an empty
directory of a disk there; it begins
as process 0 with pid 2, whose parent, pid 1, drives it: the steps run one after the other, in whatever process
they belong to; those of a process that is gone are answered by ESRCH. Processes are a group of their own, have no
signal handlers, the limits that the machine has as far as those may be set, and no open files below 500. Addresses are not randomised, what lies between the
interpreter's own mappings is filled, and it runs on a thread, so that the stack can be unmapped: above the
interpreter's mappings there is nothing, and below them the kernel chooses addresses downwards. The first
answer line says from where, and where brk begins.

how: "syscall" with a number, "libc" with a name, "pointer" as that with a result that is null if it fails, "sysctl" of an IPC namespace's settings, "load" and "store" of 4 bytes, "dump" of pages, "fork" as a
process, "exit", "wait", "kill" with pid and signal; "&" in front of a "syscall", or of a "libc" that waits by futex, which is answered by "waits" once the process
sleeps in it, and "join", which is answered by what that call came to, or "waits" again, or "none" without such a call; until then
other steps of the process are answered by "busy". With the argument --pressure all programs run in a memory control group (v1) of their own, from
which everything that can be is reclaimed every few steps, to a zram device that is the agent's. Arguments: a number, also as text; "$n+bytes", the result of step n; "'text"; "in:hex";
"out:bytes", which are answered as [result, hex]. Failures are answered by the name of their errno.
"""
import ctypes
import errno
import fcntl
import json
import marshal
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
import zlib

ADDR_NO_RANDOMIZE = 0x0040000
CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWPID, SIGCHLD = 0x20000, 0x8000000, 0x20000000, 17
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
PERSONALITY, CLONE, MMAP, MUNMAP, BRK, FUTEX = 135, 56, 9, 11, 12, 202
MAPPED = 0x4022  # private, anonymous, without reserve
# mallopt: never map, never shrink
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX, M_ARENA_MAX = -1, -2, -4, -8
MMAP_BASE = 0x7FFFF7FFF000
FIRST_FD = 500
MOST_PROCESSES = 16
MESSAGE = 1 << 18
# steps that are a turn of their own, as processes come or go
ALONE = ("exit", "fork", "kill", "&", "join")
PAGE = 4096
TOP = 0
# a control group under pressure, how many steps a turn has at most, and how many turns are between two squeezes of it
PRESSURE = None
SQUEEZED_STEPS, SQUEEZED_TURNS = 4, 2
WORD = (1 << 64) - 1

LIBC = ctypes.PyDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long
for name, count in [("read", 3), ("write", 3)]:
    getattr(LIBC, name).restype = ctypes.c_long
    getattr(LIBC, name).argtypes = [ctypes.c_int, ctypes.c_size_t, ctypes.c_size_t]
LIBC.malloc.restype = ctypes.c_void_p
LIBC.malloc.argtypes = [ctypes.c_size_t]
LIBC.free.argtypes = [ctypes.c_void_p]


def high(fd):
    """The same file at a number that programs do not reach."""
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD, FIRST_FD)
    os.close(fd)
    return moved


def socket_pair():
    return [socket.socket(fileno=high(end.detach())) for end in socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)]


class Pressure:
    """A control group whose memory is reclaimed to swap, again and again."""

    GROUPS = "/sys/fs/cgroup/memory"
    ZRAM = "/sys/class/zram-control"
    DISK = 64 << 20

    def __init__(self):
        self.turns = 0
        self.group = f"{self.GROUPS}/faultline-{os.getpid()}"
        with open(f"{self.ZRAM}/hot_add") as file:
            self.zram = int(file.read())
        self.device = f"/dev/zram{self.zram}"
        try:
            self.write(f"/sys/block/zram{self.zram}/disksize", self.DISK)
            # as mkswap writes it
            header = bytearray(PAGE)
            header[1024:1032] = (1).to_bytes(4, "little") + (self.DISK // PAGE - 1).to_bytes(4, "little")
            header[-10:] = b"SWAPSPACE2"
            with open(self.device, "r+b") as file:
                file.write(header)
            if LIBC.swapon(self.device.encode(), 0) != 0:
                raise OSError(ctypes.get_errno(), "swapon")
            os.mkdir(self.group)
            self.write(f"{self.group}/memory.swappiness", 100)
            self.reclaim = high(os.open(f"{self.group}/memory.force_empty", os.O_WRONLY))
        except BaseException:
            self.end()
            raise

    @staticmethod
    def write(path, value):
        with open(path, "w") as file:
            file.write(str(value))

    def enter(self):
        """Has this process and its children live under pressure."""
        self.write(f"{self.group}/cgroup.procs", 0)

    def squeeze(self):
        """Reclaims all that can be, once in so many times."""
        self.turns += 1
        if self.turns % SQUEEZED_TURNS != 0:
            return
        try:
            os.pwrite(self.reclaim, b"0", 0)
        except OSError:
            # what is locked stays
            pass

    def end(self):
        """Takes away all that was made."""
        LIBC.swapoff(self.device.encode())
        self.write(f"/sys/block/zram{self.zram}/reset", 1)
        self.write(f"{self.ZRAM}/hot_remove", self.zram)
        # processes may be in it for a moment after they have ended
        for _ in range(100):
            try:
                os.rmdir(self.group)
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(0.05)


def own_mappings():
    """Start, end and rights of this process's mappings."""
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with open("/proc/self/maps") as file:
        lines = file.readlines()
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))
    for line in lines:
        span, rights = line.split(None, 2)[:2]
        start, end = span.split("-")
        yield int(start, 16), int(end, 16), rights


def be_plain():
    """Gives this process a group of its own, no handlers of signals, and the machine's limits."""
    os.setpgid(0, 0)
    for number in (signal.SIGINT, signal.SIGPIPE):
        LIBC.signal(number, None)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 4096))


def fill_holes():
    """Fills what is free between the mappings below the stack; returns the lowest address of them."""
    LIBC.mallopt(M_TRIM_THRESHOLD, 1 << 30)
    LIBC.mallopt(M_TOP_PAD, 1 << 20)
    LIBC.free(LIBC.malloc(32 << 20))
    top = [mapping for mapping in own_mappings() if 0x7F0000000000 <= mapping[0] < MMAP_BASE]
    for (_, end, _), (start, _, _) in zip(top, top[1:]):
        if end < start:
            LIBC.syscall(MMAP, ctypes.c_long(end), ctypes.c_long(start - end), 0, MAPPED | 0x10, -1, ctypes.c_long(0))
    return top[0][0]


def drop_stack():
    """Unmaps the stack that this process began with."""
    for start, end, _ in list(own_mappings()):
        if start >= MMAP_BASE and end < 1 << 47:
            LIBC.syscall(MUNMAP, ctypes.c_long(start), ctypes.c_long(end - start))


class Failure(Exception):
    """What is answered instead of a result."""


def name_of(error):
    """The name of an errno as Linux has it."""
    return "EOPNOTSUPP" if error == errno.EOPNOTSUPP else errno.errorcode[error]


def fault_at(address, write):
    """The signal code of a bad access, by what is mapped there; the interpreter is nowhere."""
    if TOP <= address < MMAP_BASE:
        return "SEGV_MAPERR"
    for start, end, rights in own_mappings():
        if start <= address < end:
            allowed = rights[1] == "w" if write else rights[:3] != "---"
            return "BUS_ADRERR" if allowed else "SEGV_ACCERR"
    return "SEGV_MAPERR"


class Steps:
    """The calls of a program, in whatever process this is."""

    def __init__(self, steps):
        self.steps = steps
        self.results = []
        self.reading, self.writing = map(high, os.pipe())
        self.page = ctypes.create_string_buffer(PAGE)

    def number(self, argument):
        if isinstance(argument, int):
            return argument
        if argument[0] != "$":
            return int(argument, 0)
        step, _, plus = argument[1:].partition("+")
        return self.results[int(step)] + int(plus or "0", 0)

    def native(self, argument):
        """The argument as ctypes has it, and whether it is a buffer to answer."""
        if isinstance(argument, str):
            if argument[0] == "'":
                return ctypes.c_char_p(os.fsencode(argument[1:])), False
            if argument.startswith("in:"):
                return ctypes.create_string_buffer(bytes.fromhex(argument[3:])), False
            if argument.startswith("out:"):
                return ctypes.create_string_buffer(int(argument[4:])), True
        return ctypes.c_ulong(self.number(argument) & WORD), False

    def call(self, function, arguments):
        natives = [self.native(argument) for argument in arguments]
        ctypes.set_errno(0)
        result = function(*[argument for argument, _ in natives])
        if result == -1:
            raise Failure(name_of(ctypes.get_errno()))
        outputs = [buffer.raw.hex() for buffer, answered in natives if answered]
        return result, [result, *outputs] if outputs else result

    def read_page(self, address, length):
        """So many bytes at an address as the kernel reads them for this process."""
        ctypes.set_errno(0)
        if LIBC.write(self.writing, address, length) == length:
            return os.read(self.reading, length)
        if ctypes.get_errno() != errno.EFAULT:
            raise Failure(name_of(ctypes.get_errno()))
        raise Failure(fault_at(address, False))

    def step(self, how, arguments):
        """What a step results in, and what of it is answered."""
        if how == "syscall":
            return self.call(LIBC.syscall, arguments + [0] * (7 - len(arguments)))
        if how == "pointer":
            function = getattr(LIBC, arguments[0])
            function.restype = ctypes.c_long
            # a null is a failure, which is -1 elsewhere
            return self.call(lambda *natives: function(*natives) or -1, arguments[1:])
        if how == "libc":
            return self.call(getattr(LIBC, arguments[0]), arguments[1:])
        if how == "kill":
            os.kill(*map(self.number, arguments))
            return 0, 0
        if how == "wait":
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                raise Failure("ECHILD") from None
            return pid, [pid, status]
        if how == "sysctl":
            with open("/proc/sys/" + arguments[0][1:].replace(".", "/"), "w") as file:
                file.write(str(self.number(arguments[1])))
            return 0, 0
        address, *rest = map(self.number, arguments)
        if how == "load":
            value = int.from_bytes(self.read_page(address, 4), "little")
            return value, value
        if how == "store":
            os.write(self.writing, rest[0].to_bytes(4, "little"))
            if LIBC.read(self.reading, address, 4) != 4:
                os.read(self.reading, 4)
                raise Failure(fault_at(address, True))
            return 0, 0
        return 0, [self.sum_of(address + page * PAGE) for page in range(rest[0])]

    def sum_of(self, address):
        try:
            return zlib.crc32(self.read_page(address, PAGE))
        except Failure as failure:
            return failure.args[0]

    def live(self, index, turns, answers):
        """Waits for this process's turns, and takes them; a fork goes on here as another process."""
        while True:
            start, end, self.results = marshal.loads(turns[index].recv(MESSAGE))
            shown = []
            for _, how, *arguments in self.steps[start:end]:
                if how == "&":
                    how, *arguments = arguments
                if how == "exit":
                    os._exit(self.number(arguments[0]) & 255)
                try:
                    if how == "fork":
                        result = answer = os.fork()
                        if result == 0:
                            index = arguments[0]
                            break
                    else:
                        result, answer = self.step(how, arguments)
                except Failure as failure:
                    result, answer = -1, failure.args[0]
                except OSError as error:
                    result, answer = -1, name_of(error.errno)
                self.results.append(result)
                shown.append(answer)
            else:
                answers.send(marshal.dumps((index, self.results[start:], shown)))


# results and answers of a call that waits, and of a process that is gone
WAITS = [[-1], ["waits"]]
GONE = [[-1], ["ESRCH"]]


def sleeps(pid, call):
    """Whether a process sleeps in the system call with a number."""
    try:
        with open(f"/proc/{pid}/stat") as stat, open(f"/proc/{pid}/syscall") as syscall:
            return syscall.read().split()[0] == str(call) and stat.read().rpartition(")")[2].split()[0] == "S"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Drive:
    """Runs a program as the parent of its first process."""

    def __init__(self, steps, disk):
        LIBC.mount(b"none", b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None)
        LIBC.mount(b"tmpfs", b"/dev/shm", b"tmpfs", ctypes.c_ulong(0), b"mode=1777")
        if disk:
            LIBC.mount(disk.encode(), b"/mnt", None, ctypes.c_ulong(MS_BIND), None)
        if any(step[1] == "&" for step in steps):
            # the processes by the numbers that they have here
            LIBC.mount(b"proc", b"/proc", b"proc", ctypes.c_ulong(0), None)
        be_plain()
        self.steps = steps
        self.pairs = [socket_pair() for _ in range(MOST_PROCESSES)]
        self.hears, self.answers = socket_pair()
        self.results = []
        self.shown = []
        # the system call that a process began with "&", and answers that nobody has waited for yet
        self.begun = {}
        self.heard = {}
        program = Steps(steps)
        # processes that live, by number
        self.pids = {0: os.fork()}
        if self.pids[0] == 0:
            drop_stack()
            for fd in range(3):
                os.close(fd)
            program.live(0, [turn for _, turn in self.pairs], self.answers)

    def turn(self, process, start, end, answers=True):
        """Gives a process the turn; its results and answers, None once it is gone, which it is if it does not answer."""
        self.pairs[process][0].send(marshal.dumps((start, end, self.results)))
        return self.hear(process, answers)

    def hear(self, process, answers=True):
        """What a process answers; None once it is gone, WAITS if it sleeps in the call that it began with "&"."""
        watched = os.pidfd_open(self.pids[process])
        call = self.begun.get(process)
        while process not in self.heard:
            ready = select.select([watched, self.hears] if answers else [watched], [], [], None if call is None else 0.001)[0]
            if self.hears in ready:
                index, *answer = marshal.loads(self.hears.recv(MESSAGE))
                self.heard[index] = answer
            elif ready:
                del self.pids[process]
                self.heard[process] = None
            elif call is not None and sleeps(self.pids[process], call):
                self.heard[process] = WAITS
        os.close(watched)
        return self.heard.pop(process)

    def begin(self, process, start, call):
        """A step that may wait."""
        self.begun[process] = call
        self.note_begun(process, self.turn(process, start, start + 1))

    def join(self, process):
        """What a step came to that did wait."""
        self.note_begun(process, self.hear(process))

    def note_begun(self, process, answer):
        if answer is not WAITS:
            del self.begun[process]
        self.note(*(answer or GONE))

    def note(self, results, shown):
        self.results += results
        self.shown += shown

    def end_of_turn(self, start):
        """The step behind those that one process takes in a row."""
        process, how = self.steps[start][:2]
        end = start + 1
        most = start + SQUEEZED_STEPS if PRESSURE else len(self.steps)
        while how not in ALONE and end < most and end < len(self.steps) and self.steps[end][0] == process and self.steps[end][1] not in ALONE:
            end += 1
        return end

    def kill(self, process, start):
        """A step that may end processes; whoever takes a turn after it lives on."""
        self.note(*(self.turn(process, start, start + 1) or ([0], [0])))
        for other in list(self.pids):
            if other not in self.begun:
                self.turn(other, start + 1, start + 1)

    def settle(self):
        """Waits until each process that began a call sleeps in it, has answered, or is gone."""
        for process in self.begun:
            if process in self.pids and process not in self.heard:
                answer = self.hear(process)
                if answer is not WAITS and answer is not None:
                    self.heard[process] = answer

    def run(self):
        """What the program's steps answered."""
        while len(self.shown) < len(self.steps):
            self.settle()
            if PRESSURE:
                PRESSURE.squeeze()
            start = len(self.shown)
            process, how, *arguments = self.steps[start]
            if process not in self.pids:
                self.note([-1], ["ESRCH"])
            elif (how == "join") != (process in self.begun):
                self.note([-1], ["none" if how == "join" else "busy"])
            elif how == "kill":
                self.kill(process, start)
            elif how == "&":
                self.begin(process, start, arguments[1] if arguments[0] == "syscall" else FUTEX)
            elif how == "join":
                self.join(process)
            else:
                end = self.end_of_turn(start)
                answer = self.turn(process, start, end, how != "exit")
                if answer is None:
                    answer = ([0], [0]) if how == "exit" else ([-1] * len(self.steps), ["killed"] * (len(self.steps) - start))
                elif how == "fork" and answer[0][0] > 0:
                    self.pids[arguments[0]] = answer[0][0]
                self.note(*answer)
        return self.shown


def run(steps):
    """Runs a program in namespaces of its own; what its steps answered, as text."""
    reading, writing = map(high, os.pipe())
    names = any(str(argument).startswith("'/mnt/") for step in steps for argument in step)
    # not below /tmp, which may be in memory
    disk = tempfile.mkdtemp(dir="/var/tmp") if names else None
    child = LIBC.syscall(CLONE, ctypes.c_ulong(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWPID | SIGCHLD), 0, 0, 0, 0)
    if child == -1:
        raise OSError(ctypes.get_errno(), "clone")
    if child == 0:
        try:
            if PRESSURE:
                PRESSURE.enter()
            with os.fdopen(writing, "w") as pipe:
                json.dump(Drive(steps, disk).run(), pipe)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    if disk:
        shutil.rmtree(disk)
    return text


def serve():
    """Answers program after program."""
    global PRESSURE, TOP
    TOP = fill_holes()
    if "--pressure" in sys.argv:
        PRESSURE = Pressure()
    try:
        print(TOP, LIBC.syscall(BRK, 0), flush=True)
        for line in sys.stdin:
            print(run(json.loads(line)), flush=True)
    finally:
        if PRESSURE:
            PRESSURE.end()


def main():
    if os.environ.get("PYTHONMALLOC") != "malloc":
        LIBC.syscall(PERSONALITY, ctypes.c_ulong(ADDR_NO_RANDOMIZE))
        os.execve(sys.executable, [sys.executable, __file__, *sys.argv[1:]], dict(os.environ, PYTHONMALLOC="malloc"))
    LIBC.mallopt(M_ARENA_MAX, 1)
    LIBC.mallopt(M_MMAP_MAX, 0)
    thread = threading.Thread(target=serve)
    thread.start()
    thread.join()


main()

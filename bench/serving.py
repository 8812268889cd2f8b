"""Starts and loads servers, for the programs beside this file."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import urllib.request

READY = re.compile(r"serving grpc=(\S+) http=(\S+)")


class Server:
    """An ella-server, from its start to its end."""

    def __init__(self, build, model, flags=(), log=None,
                 listen="127.0.0.1:0", http_listen="127.0.0.1:0",
                 environment=None):
        self.lines = []
        self.log = log
        self.process = subprocess.Popen(
            [str(build / "bin/ella-server"), "--model", str(model),
             "--listen", listen, "--http-listen", http_listen,
             *flags],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, **(environment or {})})
        for line in self.process.stdout:
            self.lines.append(line)
            if ready := READY.search(line):
                self.grpc, self.http = ready[1], ready[2]
                break
        else:
            raise SystemExit("the server did not start:\n"
                             + "".join(self.lines))
        self.reader = threading.Thread(
            target=lambda: self.lines.extend(self.process.stdout))
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def metrics(self):
        """{name and labels: value}"""
        with urllib.request.urlopen(f"http://{self.http}/metrics") as page:
            lines = page.read().decode().splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines
                 if not line.startswith("#"))
        return {name: float(value) for name, value in pairs}

    def stop(self, number=signal.SIGTERM):
        """The exit status."""
        self.process.send_signal(number)
        self.reader.join()
        if self.log:
            self.log.write_text("".join(self.lines))
        return self.process.wait()


def start_bench(build, server, flags):
    return subprocess.Popen(
        [str(build / "bin/ella"), "bench", "--server", server.grpc, "--json",
         *map(str, flags)],
        stdout=subprocess.PIPE, text=True)


def finish_bench(process):
    """The report."""
    out, _ = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"failed: {shlex.join(process.args)}")
    return json.loads(out)


def run_bench(build, server, flags):
    return finish_bench(start_bench(build, server, flags))


def split_arguments():
    """Those before --, and those after it, which are for `ella bench`."""
    arguments = sys.argv[1:]
    if "--" not in arguments:
        return arguments, []
    split = arguments.index("--")
    return arguments[:split], arguments[split + 1:]

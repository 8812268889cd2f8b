"""Starts either server alone, and puts the same load on it."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
START_S = 1800  # compiling and loading included


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


class Server:
    """A process group that is ready in the `with`, and gone after it."""

    def __init__(self, command, log, ready_url, environment=None):
        self.ready_url = ready_url
        self.log = open(log, "a")
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdout=self.log,
            stderr=self.log,
            env=os.environ | (environment or {}),
            start_new_session=True,
        )

    def __enter__(self):
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def wait_until_ready(self):
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(self.ready_url):
                    return
            except OSError:
                time.sleep(0.2)
        raise SystemExit(f"a server did not start; see {self.log.name}")

    def stop(self):
        # LitServe's workers outlive their parent.
        for number in (signal.SIGINT, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(timeout=10)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass
        self.log.close()


class Ours(Server):
    def __init__(self, args, log):
        self.client = args.bin / "ella"
        self.address, http = free_address(), free_address()
        super().__init__(
            [args.bin / "ella-server", "--model", args.model]
            + ["--dtype", args.dtype, "--t5-dtype", "float32"]
            + ["--listen", self.address, "--http-listen", http]
            + args.our_flags.split(),
            log,
            f"http://{http}/readyz",
        )

    def measure(self, draws, plan, load):
        """draws: the flags that drew the plan."""
        source = draws if "--concurrency" in load else ["--replay", plan]
        command = [self.client, "bench", "--server", self.address, "--json"]
        return run_json(command + source + load)

    def draw(self, request, path):
        size = f"{request['width']}x{request['height']}"
        subprocess.run(
            [self.client, "generate", request["prompt"], "-o", path]
            + ["--server", self.address, "--size", size]
            + ["--steps", str(request["steps"])]
            + ["--guidance", str(request["guidance"])]
            + ["--seed", str(request["seed"]), "--json"],
            check=True,
            stdout=subprocess.DEVNULL,
        )


class Peer(Server):
    def __init__(self, args, log, setting, warm_up):
        """setting: flags of server.py by name. warm_up: a request."""
        self.url = f"http://{free_address()}"
        super().__init__(
            [sys.executable, HERE / "server.py", "--model", args.model]
            + ["--dtype", args.dtype, "--port", self.url.split(":")[-1]]
            + ["--warm-up", json.dumps(warm_up)]
            + [f"--{name}={value}" for name, value in setting.items()]
            + args.peer_flags.split(),
            log,
            f"{self.url}/health",
            # Threads of libgomp that spin for each other lose much where the
            # load generator wants a core, too.
            {"OMP_WAIT_POLICY": "PASSIVE", "HF_HUB_OFFLINE": "1"},
        )

    def measure(self, draws, plan, load):
        command = [sys.executable, HERE / "load.py", "--server", self.url]
        return run_json(command + ["--plan", plan] + load)

    def draw(self, request, path):
        call = urllib.request.Request(
            f"{self.url}/predict",
            json.dumps(request).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(call) as answer:
            pathlib.Path(path).write_bytes(answer.read())


def run_json(command):
    command = [str(part) for part in command]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)

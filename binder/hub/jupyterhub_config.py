"""JupyterHub for a class on one machine with systemd: each learner gets a server of their own, which opens the lab.

`sudo HUB_PASSWORD=… make hub` starts it, from this repository's folder and its .venv. All users of the machine must be
able to read them: /srv is a good place, a home folder is not.
"""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821 (JupyterHub has it in the names of this file)

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
os.environ["PATH"] = f"{BIN}:{os.environ['PATH']}"  # the proxy, and the Node that runs it

# Who comes in: learner1, learner2, … with one password for the class. Other names could be those of system folders.
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = os.environ.get("HUB_PASSWORD")
c.Authenticator.username_pattern = r"learner[0-9]{1,3}\Z"
c.Authenticator.allow_all = True
c.JupyterHub.active_server_limit = 100

# What each one gets: the lab, started as in the image, by a system user that exists as long as the server runs.
c.JupyterHub.spawner_class = "systemd"
c.SystemdSpawner.dynamic_users = True
c.SystemdSpawner.isolate_tmp = True
c.Spawner.cmd = [f"{ROOT}/binder/start", f"{BIN}/jupyterhub-singleuser"]
c.Spawner.notebook_dir = str(ROOT)
c.Spawner.default_url = "/voila/render/app.ipynb"
c.Spawner.environment = {"HF_HUB_CACHE": f"{BIN.parent}/models"}
c.Spawner.mem_limit = "2G"
c.Spawner.cpu_limit = 1
c.Spawner.start_timeout = c.Spawner.http_timeout = 120  # seconds: a whole class may come at once

# What ends: a server that has had no page open for half an hour. A closed page's kernel ends by itself before.
CULLER = "idle-culler"
c.JupyterHub.services = [
    {"name": CULLER, "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=1800"]},
]
c.JupyterHub.load_roles = [
    {
        "name": CULLER,
        "services": [CULLER],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
]

"""Runs a command several times at once on one empty cache folder.

at-once.py FOLDER COUNT COMMAND...
"""

import os
import shutil
import subprocess
import sys

folder, count, *command = sys.argv[1:]
shutil.rmtree(folder, ignore_errors=True)
environment = dict(os.environ, SIGMOID_ATTN_CACHE_DIR=folder)
runs = [subprocess.Popen(command, env=environment) for _ in range(int(count))]
sys.exit(any([run.wait() for run in runs]))

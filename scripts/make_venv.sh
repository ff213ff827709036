#!/bin/sh
# Usage: make_venv.sh FOLDER LOCK_FILE. Makes a virtual environment with the locked packages and this project.
# Whatever is missing is said in one line before anything is downloaded.
set -eu
venv=$1
lock=$2
need_mb=2000
case $lock in *dev*) need_mb=4500 ;; esac  # Keras, which tests hold our networks against

fail() {
    echo "automl-text: $1" >&2
    exit 1
}

find_python() {
    for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python; do
        if "$name" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

if [ ! -x "$venv/bin/python" ]; then
    python=$(find_python)
    [ -n "$python" ] || fail "needs Python 3.11, 3.12 or 3.13; found $(python3 --version 2>&1 || echo none). Name one with: make PYTHON=/path/to/python3"
    "$python" -c 'import ensurepip, venv' 2>/dev/null || fail "$python has no venv module. On Debian or Ubuntu: apt install python3-venv"
    free_mb=$(df -Pm . | awk 'NR == 2 {print $4}')
    [ "$free_mb" -ge "$need_mb" ] || fail "needs $need_mb MB of disk for the libraries; $free_mb MB are free here"
    echo "Creating $venv (downloads some hundred MB once) ..."
    "$python" -m venv "$venv"
fi
"$venv/bin/python" -m pip install --quiet --require-hashes --prefer-binary -r "$lock" ||
    fail "the packages of $lock could not be installed; see the lines above. Run the same command again to go on"
"$venv/bin/python" -m pip install --quiet --no-deps --editable . ||
    fail "the project itself could not be installed; see the lines above"

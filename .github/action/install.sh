#!/usr/bin/env bash
# Install gates into an environment of its own outside the checkout, as the first step of the action.
# Takes GATES_VERSION (empty: the version that the action came with) and GATES_ON_PATH (`true`: put
# `gates` on PATH for later steps); hands on the output `python`.
set -euo pipefail
cd "$RUNNER_TEMP" # pip and Python then find nothing of the checkout in the current folder

python3 -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "::error title=gates::gates needs Python 3.11 or later: give the input python-version"
  exit 3
}
package="$GITHUB_ACTION_PATH"
if [ -n "$GATES_VERSION" ]; then
  [[ "$GATES_VERSION" =~ ^[0-9][0-9A-Za-z.+!-]*$ ]] || {
    echo "::error title=gates::the input version is one version, as 1.2.3"
    exit 2
  }
  package="gates==$GATES_VERSION"
fi
tool="$RUNNER_TEMP/gates/tool"
[ -x "$tool/bin/python" ] || python3 -I -m venv "$tool"
export PIP_CACHE_DIR="${PIP_CACHE_DIR:-$RUNNER_TEMP/gates/cache/pip}"
"$tool/bin/python" -I -m pip install --quiet --disable-pip-version-check "$package"
"$tool/bin/python" -I -m gates --version
echo "python=$tool/bin/python" >>"$GITHUB_OUTPUT"

if [ "$GATES_ON_PATH" = true ]; then
  mkdir -p "$RUNNER_TEMP/gates/bin" # its neighbours, such as another `python`, stay where they are
  ln -sf "$tool/bin/gates" "$RUNNER_TEMP/gates/bin/gates"
  echo "$RUNNER_TEMP/gates/bin" >>"$GITHUB_PATH"
fi

#!/bin/sh
# npm puts node_modules/.bin first in the PATH of its scripts, and with it the pinned Node, a development dependency.
# Where that cannot be executed, as on Alpine's musl or with an old C library, nothing but a shell can take it away:
# the scripts then find the Node of the machine.
set -eu
cd "$(dirname "$0")/.."
rm -f node_modules/.bin/node
echo "The pinned Node (node_modules/node) cannot run on this system, so npm's scripts use the machine's own: $(node --version)."

#!/bin/sh
# Runs a command on a host, as ssh does, for Open MPI: on-host.sh HOST COMMAND
# The host is a network namespace, see two-hosts.ts; it gets a name of its own too.
host=$1
shift
exec ip netns exec "$host" unshare --uts sh -c "hostname $host; exec $*"

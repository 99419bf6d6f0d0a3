#!/usr/bin/env bash
# Runs a command with the Docker engine that answers; where none does, with podman as root, and images made on this
# machine without a registry. That is for Debian and Ubuntu; everything it makes is in one folder of the user's cache.
#
#   with-podman.sh COMMAND …      the command finds DOCKER_HOST and the names of the images in its environment
set -euo pipefail

if docker info >/dev/null 2>&1; then exec "$@"; fi

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/holdfast
place=$cache/containers
socket=$place/podman.sock

fail() { echo "test:containers: $1" >&2; exit 1; }

[ "$(id -u)" = 0 ] || fail 'containers are run by root here: start it as root, or set DOCKER_HOST to an engine of your own'
needed=(podman runc debootstrap netavark aardvark-dns iptables)
missing=()
for package in "${needed[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "test:containers: installing ${missing[*]}" >&2
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" >&2
fi

mkdir -p "$place"
# Everything of ours is apart from what podman otherwise keeps: settings, images, containers, networks.
# The limits are low because no container starts with more than this machine allows.
cat >"$place/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=8192:8192", "nproc=8192:8192"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
# A process of podman's stays for so long after each command in a container, health checks too; 5 minutes unless set.
exit_command_delay = 10
[network]
network_backend = "netavark"
network_config_dir = "$place/networks"
CONF
cat >"$place/storage.conf" <<CONF
[storage]
driver = "overlay"
graphroot = "$place/storage"
runroot = "$place/run"
CONF
echo '{"default":[{"type":"insecureAcceptAnything"}]}' >"$place/policy.json"
# Names without a registry are images of this machine.
echo 'unqualified-search-registries = []' >"$place/registries.conf"
export CONTAINERS_CONF=$place/containers.conf CONTAINERS_STORAGE_CONF=$place/storage.conf
export CONTAINERS_REGISTRIES_CONF=$place/registries.conf
mkdir -p /etc/containers
[ -e /etc/containers/policy.json ] || cp "$place/policy.json" /etc/containers/policy.json

CACHE=$cache PLACE=$place "$here/images/make.sh" >&2

# Nothing else is in this storage, so all of it goes: before, what a run that was killed has left, and after.
# Images stay for the next run, those without a name for a day.
mountpoint -q /run/netns && had_netns=1 || had_netns=0
clear_away() {
  podman rm --all --force --volumes
  podman volume rm --all --force
  podman network prune --force
  podman image prune --force --filter until=24h
} >/dev/null 2>&1
clear_away || true

# podman leaves health checks to timers of systemd, which containers' hosts like this one may not run: asked here.
export DISABLE_HC_SYSTEMD=true
podman system service --time 0 "unix://$socket" >"$place/service.log" 2>&1 &
service=$!
check_health() {
  while sleep 3; do
    for id in $(podman ps --format '{{.ID}} {{.Status}}' | sed -nE 's/^([0-9a-f]+) .*\((starting|healthy|unhealthy)\)$/\1/p'); do
      podman healthcheck run "$id" || true
    done
  done </dev/null >/dev/null 2>&1
}
check_health &
checks=$!
finish() {
  kill "$checks" 2>/dev/null || true
  clear_away || true
  kill "$service" 2>/dev/null || true
  wait "$checks" "$service" 2>/dev/null || true
  rm -f "$socket"
  for _ in $(seq 150); do pgrep -f "conmon .*$place/" >/dev/null || break; sleep 0.1; done
  # podman mounts it for the networks of containers, of which there are none now.
  if [ "$had_netns" = 0 ] && [ -z "$(ls /run/netns 2>/dev/null)" ]; then umount /run/netns 2>/dev/null || true; fi
}
trap finish EXIT
for _ in $(seq 100); do [ -S "$socket" ] && break; sleep 0.1; done
[ -S "$socket" ] || { cat "$place/service.log" >&2; fail 'podman does not serve'; }

mkdir -p "$place/bin"
command -v docker >/dev/null || ln -sf "$(command -v podman)" "$place/bin/docker"
export DOCKER_HOST=unix://$socket
export PATH=$place/bin:$PATH
# podman speaks the API of Docker's older builder.
export DOCKER_BUILDKIT=0 COMPOSE_DOCKER_CLI_BUILD=0
# The container that testcontainers cleans up with comes from a registry; its containers are removed above instead.
export TESTCONTAINERS_RYUK_DISABLED=true
export HOLDFAST_KAFKA_IMAGE=localhost/holdfast-test/kafka:4.1.1
export HOLDFAST_MONGO_IMAGE=localhost/holdfast-test/mongo:6.0
export HOLDFAST_NODE_IMAGE=localhost/holdfast-test/node:20
"$@"

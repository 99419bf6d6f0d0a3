#!/usr/bin/env bash
# Makes the images that a registry has otherwise, from Debian's packages and what the local stack has fetched:
# Node with npm, Kafka with the entrypoint's settings from the environment, mongod with mongosh. Only what is not there.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
image=localhost/holdfast-test
root=$PLACE/root
jars=$CACHE/kafka-4.1.1
mongod=$CACHE/mongod-6.0.5/mongod
[ -d "$jars" ] && [ -x "$mongod" ] || {
  echo "test:containers: Kafka and MongoDB are not fetched yet: run npm run stack once" >&2
  exit 1
}

build() { # name, folder
  podman build --network host --quiet --tag "$image/$1" "$2" >/dev/null
  echo "made $image/$1"
}

if ! podman image exists "$image/root:1"; then
  echo 'making a Debian root file system (some minutes, this once)'
  rm -rf "$root"
  debootstrap --variant=minbase --include=ca-certificates,libcurl4,openjdk-17-jre-headless bookworm "$root" \
    http://deb.debian.org/debian >"$PLACE/debootstrap.log" 2>&1 || { tail -5 "$PLACE/debootstrap.log"; exit 1; }
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  # What lies before a package registry here is trusted inside, too.
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
  tar -C "$root" -c . | podman import --quiet - "$image/root:1" >/dev/null
  rm -rf "$root"
fi

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT

if ! podman image exists "$image/node:20"; then
  mkdir -p "$context/node"
  cp "$(readlink -f "$(command -v node)")" "$context/node/node"
  cp -r "$(npm root -g)/npm" "$context/node/npm"
  cp "$here/node.Containerfile" "$context/node/Containerfile"
  build node:20 "$context/node"
fi

if ! podman image exists "$image/kafka:4.1.1"; then
  mkdir -p "$context/kafka/libs"
  cp "$jars"/*.jar "$context/kafka/libs"
  # The health check of docker-compose.yml asks with Kafka's own tools, which are a jar of their own.
  (cd "$context/kafka" && mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
    -Dartifact=org.apache.kafka:kafka-tools:4.1.1 -DoutputDirectory="$context/kafka/libs")
  cp "$here/kafka.Containerfile" "$context/kafka/Containerfile"
  cp "$here/kafka-run.sh" "$here/kafka-broker-api-versions.sh" "$context/kafka"
  build kafka:4.1.1 "$context/kafka"
fi

if ! podman image exists "$image/mongo:6.0"; then
  mkdir -p "$context/mongo"
  cp "$mongod" "$context/mongo/mongod"
  (cd "$context/mongo" && npm install --silent --no-package-lock --prefix shell mongosh@2.5.10)
  cp "$here/mongo.Containerfile" "$context/mongo/Containerfile"
  build mongo:6.0 "$context/mongo"
fi

# Docker Compose is a Go module, and in no package of Debian 12 but in an old version.
if ! docker compose version >/dev/null 2>&1 && [ ! -x "$PLACE/bin/docker-compose" ] && ! command -v docker-compose >/dev/null; then
  command -v go >/dev/null || { echo 'test:containers: Docker Compose is missing, and Go to build it' >&2; exit 1; }
  echo 'building Docker Compose (some minutes, this once)'
  module=$(cd "$context" && GOFLAGS=-mod=mod go mod download -json github.com/docker/compose/v2@v2.27.0 |
    sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  cp -r "$module" "$context/compose"
  chmod -R u+w "$context/compose"
  (cd "$context/compose" && CGO_ENABLED=0 GOFLAGS=-mod=mod go build -trimpath -ldflags '-s -w' -o "$PLACE/bin/docker-compose" ./cmd)
fi

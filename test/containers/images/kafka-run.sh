#!/bin/bash
# As apache/kafka does it: KAFKA_LOG_DIRS is log.dirs, the storage is formatted with CLUSTER_ID, and the broker follows.
set -eu
config=/opt/kafka/config/server.properties
: >"$config"
for name in $(compgen -e | grep '^KAFKA_' | grep -v '^KAFKA_HEAP_OPTS$'); do
  setting=${name#KAFKA_}
  echo "$(echo "$setting" | tr 'A-Z_' 'a-z.')=${!name}" >>"$config"
done
java=(java -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp '/opt/kafka/libs/*')
"${java[@]}" kafka.tools.StorageTool format --ignore-formatted -t "$CLUSTER_ID" -c "$config"
# shellcheck disable=SC2086
exec java ${KAFKA_HEAP_OPTS:--Xmx768m} "${java[@]:1}" kafka.Kafka "$config"

#!/usr/bin/env bash
# Fails with the offending lines where a folder includes what it must not.
set -u
cd "$(dirname "$0")/../.."
torch='#include [<"](torch|ATen|c10)/'
prometheus='#include [<"]prometheus/'
rpc='#include [<"](grpc|grpcpp|google/(protobuf|rpc)|ella/v1)/?'
failed=0

forbid() { # WHAT PATTERN FOLDER...
  local what=$1 pattern=$2 lines
  shift 2
  lines=$(grep -rnE --include='*.h' --include='*.cc' "$pattern" "$@")
  [ -z "$lines" ] && return
  printf '%s\n%s\n' "$what:" "$lines"
  failed=1
}

forbid 'torch outside of model/' "$torch" \
  server client image scenes model/api
forbid 'gRPC or protobuf in model/, image/ or scenes/' "$rpc" \
  model image scenes
forbid 'model/ beyond its api in server/, client/, image/ or scenes/' \
  '#include "model/[^a]' server client image scenes
forbid 'gRPC or protobuf in a room of server/ that must not know it' "$rpc" \
  server/scheduling server/output server/config server/http server/metrics \
  server/identity server/logging
forbid 'prometheus beyond server/metrics and the top of server/' \
  "$prometheus" model image client server/config server/http server/identity \
  server/logging server/output server/rpc server/scheduling
forbid 'server/ or client/ in model/, image/ or scenes/' \
  '#include "(server|client)/' \
  model image scenes
forbid 'server/ in client/' '#include "server/' client
forbid 'client/ in server/' '#include "client/' server
forbid 'server/ in server/metrics' '#include "server/[^m]' server/metrics
forbid 'rooms of server/ that look up' '#include "server/(rpc/|[a-z_]+\.h)' \
  server/scheduling server/output server/http server/identity server/logging
# model/engine -> the networks -> layers, weights, runtime
forbid 'engine in a network' '#include "model/engine/' \
  model/ella model/layers model/runtime model/sampling model/text model/unet \
  model/vae model/weights
forbid 'a network in the rooms below' \
  '#include "model/(ella|text|unet|vae|sampling|engine)/' \
  model/layers model/runtime model/weights
# Two classes of one name in namespace ella would be one to the linker.
twice=$(grep -rhoE --include='*.h' '^(class|struct|enum class) [A-Za-z]+' \
  model server client image scenes | awk '{ print $NF }' | sort | uniq -d)
for name in $twice; do
  # A declaration ahead is no second class.
  defined=$(grep -rlE --include='*.h' \
    "^(class|struct|enum class) $name( final)?( :.*)? \{|^(class|struct) $name$" \
    model server client image scenes)
  [ "$(printf '%s\n' "$defined" | grep -c .)" -gt 1 ] || continue
  printf 'one name for two classes, %s:\n%s\n' "$name" "$defined"
  failed=1
done
exit "$failed"

#!/usr/bin/env bash
# Fails where a lock's annotations are not kept, by clang's analysis.
#
# usage: thread_safety_test.sh CLANG++ BUILD_FOLDER
set -euo pipefail
cd "$(dirname "$0")/../.."
clang=$1 build=$2
sources=()
for header in $(grep -rlE 'ABSL_(GUARDED_BY|EXCLUSIVE_LOCKS)' --include='*.h' \
  server client); do
  [ -e "${header%.h}.cc" ] && sources+=("${header%.h}.cc")
done
for source in $(grep -rl 'ABSL_GUARDED_BY' --include='*.cc' server client); do
  sources+=("$source")
done
[ ${#sources[@]} -gt 0 ]
"$clang" -std=c++20 -fsyntax-only -I. -isystem "$build/gen/proto" \
  -isystem "$build/gen/google_rpc" '-DELLA_VERSION=""' \
  -Wthread-safety -Werror=thread-safety "${sources[@]}"
echo "checked ${#sources[@]} files"

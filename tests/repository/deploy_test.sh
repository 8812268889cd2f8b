#!/usr/bin/env bash
# Holds deploy/ against docs/metrics.md and the server's flags, and asks the
# tools of `scripts/setup --deploy`.
#
# usage: deploy_test.sh names|render|schemas|rules|lint
# Exits 77 where the tool for it isn't installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
rules=deploy/overlays/monitoring/rules.yaml
dashboard=deploy/overlays/monitoring/ella.json
scaled_object=deploy/overlays/autoscale/scaled-object.yaml
autoscaler=deploy/overlays/autoscale/hpa/autoscaler.yaml
# Where they were installed; others of the same names will do.
export PATH="$PWD/.deps/deploy/bin:$PATH"
export PYTHONPATH="$PWD/.deps/deploy"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
  echo "deploy_test: $*" >&2
  exit 1
}

skip() {
  echo "skipped: $*"
  exit 77
}

queries() { sed -n 's/^ *query: //p' "$scaled_object"; }

dashboard_expressions() {
  grep -oE '"expr": "([^"\\]|\\.)*"' "$dashboard" |
    sed -E 's/^"expr": "(.*)"$/\1/; s/\\"/"/g'
}

# A rule PREFIX:queryN for each expression.
as_rules() {
  awk -v prefix="$1" '{ print "      - record: " prefix ":query" NR
                        print "        expr: " $0 }'
}

# The PromQL of rules, dashboard and autoscaler, one expression a line.
expressions() {
  sed -n 's/^ *expr: //p' "$rules"
  dashboard_expressions
  grep -oE 'label_values\([^,]*' "$dashboard" | sed 's/label_values(//'
  queries
  grep -A 1 'metric:$' "$autoscaler" | sed -n 's/^ *name: //p'
}

# What is left of an expression without strings, selectors, ranges, lists of
# labels, functions, operators and numbers.
names() {
  sed -E 's/"[^"]*"//g; s/\{[^}]*\}?//g; s/\[[^]]*\]//g
    s/\b(by|without|on|ignoring|group_left|group_right) *\([^)]*\)//g
    s/\b[a-z_]+ *\(/(/g; s/\b(and|or|unless|bool|sum|count|avg|min|max)\b//g' |
    grep -oE '[a-zA-Z_:][a-zA-Z0-9_:]*' | sort -u
}

names_test() {
  local name base
  # shellcheck disable=SC2016
  sed -nE 's/^\| `(\w+)` \|.*/\1/p' docs/metrics.md >"$scratch/known"
  sed -nE 's/^ *- record: //p' "$rules" >>"$scratch/known"
  echo up >>"$scratch/known" # Prometheus' own
  expressions | names >"$scratch/used"
  [ "$(wc -l <"$scratch/used")" -gt 20 ] || fail 'too few metrics were found'
  while read -r name; do
    base=$(sed -E 's/_(bucket|sum|count)$//' <<<"$name")
    grep -qxF -e "$name" -e "$base" "$scratch/known" ||
      fail "not in docs/metrics.md: $name"
  done <"$scratch/used"
  # The server overlooks a variable that it doesn't know.
  {
    grep -rhoE '\bELLA_[A-Z0-9_]+' Dockerfile deploy |
      tr '[:upper:]_' '[:lower:]-' | sed 's/^ella-/--/'
    grep -rhoE -e '--(max|text|connector|drain)-[a-z-]+' deploy
  } | sort -u >"$scratch/flags"
  while read -r name; do
    grep -qF "\"$name\"" server/config/*flags.cc || fail "no such flag: $name"
  done <"$scratch/flags"
  echo "checked $(wc -l <"$scratch/used") metrics," \
    "$(wc -l <"$scratch/flags") flags"
}

# The overlays' manifests, in a file each.
render() {
  local kustomize folder
  if command -v kustomize >/dev/null; then
    kustomize='kustomize build'
  elif kubectl version --client 2>/dev/null |
    grep -qE 'Kustomize.* v[5-9]'; then
    kustomize='kubectl kustomize'
  else
    skip 'neither kustomize 5 nor a kubectl that has it is installed'
  fi
  while read -r folder; do
    $kustomize "$folder" >"$scratch/${folder//\//-}.yaml" ||
      fail "$folder does not render"
  done < <(find deploy -name kustomization.yaml -exec dirname {} \; | sort)
}

render_test() {
  local manifests drain wait grace
  render
  for manifests in "$scratch"/*.yaml; do
    drain=$(sed -nE 's/^ *ELLA_DRAIN_SECONDS: "(.*)"/\1/p' "$manifests")
    [ -n "$drain" ] || continue
    wait=$(sed -nE '/- sleep$/{n;s/^ *- "(.*)"/\1/p}' "$manifests")
    grace=$(sed -nE 's/^ *terminationGracePeriodSeconds: //p' "$manifests")
    # Ten more: last messages, and a step that is not interrupted.
    [ "$grace" -ge $((wait + drain + 10)) ] ||
      fail "$manifests: $grace s of grace for $wait + $drain s"
  done
}

schemas_test() {
  python3 -c 'import cloudcoil, kubernetes_validate' 2>/dev/null ||
    skip 'the schemas are not installed'
  render
  # A component has no namespace of its own, and is in an overlay besides.
  python3 tests/deploy/check_schemas.py "$scratch"/*.yaml
}

lint_test() {
  command -v hadolint >/dev/null || skip 'hadolint is not installed'
  hadolint Dockerfile
}

rules_test() {
  command -v promtool >/dev/null || skip 'promtool is not installed'
  {
    # The operator's resource holds the file that promtool knows.
    sed -n '/^spec:/,$p' "$rules" | sed '1d; s/^  //'
    echo '  - name: autoscale'
    echo '    rules:'
    queries | as_rules autoscale
    # Grafana fills its variables in.
    dashboard_expressions |
      sed -E 's/\$__rate_interval/5m/g; s/\$[a-z]+/.*/g' | as_rules dashboard
  } >"$scratch/rules.yaml"
  cp tests/deploy/rules_test.yaml "$scratch"
  promtool check rules --lint-fatal "$scratch/rules.yaml"
  (cd "$scratch" && promtool test rules rules_test.yaml)
  # An alert without a test could be one that never fires.
  sed -nE 's/^ *- alert: //p' "$rules" | while read -r alert; do
    grep -q "alertname: $alert$" tests/deploy/rules_test.yaml ||
      fail "no test of alert $alert"
  done
}

case "${1:-}" in
  names | render | schemas | rules | lint) "$1_test" ;;
  *) fail 'usage: deploy_test.sh names|render|schemas|rules|lint' ;;
esac

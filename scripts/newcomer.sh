#!/usr/bin/env bash
# The first quarter of an hour of a new user: installs the packed package in an empty folder, and migrates an index of a
# running engine. Prints each command and its output. docs/tutorial.md has this transcript (`npm run docs:tutorial`).
#
#   scripts/newcomer.sh URL [NAME]     creates the index NAME-v1 (books-v1), and deletes it and NAME-v2 at the end
#
# OPTIONS: more options for each `twindex migrate`, which are not printed. A test shortens the waits with them.
# Needs dist/ (`npm run build`), npm and curl.
set -euo pipefail
url=${1:?'usage: scripts/newcomer.sh URL [NAME]'}
name=${2:-books}
options=${OPTIONS:-}
# The output of npm is part of the transcript. Without this line, npm would print nothing within `npm test --silent`.
export npm_config_loglevel=notice
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
created=no
clean_up() {
  rm -rf "$work"
  if [ $created = yes ]; then curl -s -o /dev/null -X DELETE "$url/$name-v1,$name-v2?ignore_unavailable=true"; fi
}
trap clean_up EXIT

# Prints a command as a user types it, and runs it, or the second argument instead.
run() {
  echo "\$ $1"
  # awk ends the last line, which curl does not
  bash -c "${2:-$1}" 2>&1 | awk 1
  echo
}

migrate() {
  run "npx twindex migrate $*" "npx twindex migrate $* $options"
}

# `prepare` would build again; dist/ is what `npm run build` made.
tarball=$(cd "$root" && npm pack --silent --ignore-scripts --pack-destination "$work")
cd "$work"

# The index of an application that keeps prices as texts.
created=yes
run "curl -X PUT $url/$name-v1 -sH 'content-type: application/json' -d '{
  \"settings\": { \"number_of_replicas\": 0 },
  \"mappings\": { \"properties\": { \"title\": { \"type\": \"text\" }, \"price\": { \"type\": \"keyword\" } } },
  \"aliases\": { \"$name-read\": {}, \"$name-write\": {} }
}'"
run "curl -X POST '$url/$name-write/_bulk?refresh&filter_path=errors' -sH 'content-type: application/json' -d '
{\"index\":{\"_id\":\"1\"}}
{\"title\":\"The Leopard\",\"price\":\"12.50\"}
{\"index\":{\"_id\":\"2\"}}
{\"title\":\"Austerlitz\",\"price\":\"9.90\"}
{\"index\":{\"_id\":\"3\"}}
{\"title\":\"The Periodic Table\",\"price\":\"11.00\"}
'"

mkdir shop
cd shop
# Without a package.json, npm would install into a folder above that has one.
run 'mkdir shop && cd shop && npm init -y > /dev/null' 'npm init -y > /dev/null'
run 'npm install --save-dev twindex' "npm install --save-dev '../$tarball' --prefer-offline --no-audit --no-fund"
run "npx twindex init --url $url $name"
run "cat twindex.config.ts indexes/$name.ts"
run "npx twindex plan $name"
run 'npx twindex lint --write'

# The user edits the index file: prices become numbers, and `up` and `down` convert the documents.
sed -i.old \
  -e 's/version: 1,/version: 2,/' \
  -e "s/price: { type: 'keyword' }/price: { type: 'double' }/" \
  -e '$ s/^});$/  migrations: {\
    2: {\
      up: (doc) => ({ ...doc, price: Number(doc.price) }),\
      down: (doc) => ({ ...doc, price: Number(doc.price).toFixed(2) }),\
    },\
  },\
});/' "indexes/$name.ts"
rm "indexes/$name.ts.old"
run "cat indexes/$name.ts"
run 'npx twindex lint'
run "npx twindex plan $name --sample 1000"

search="curl -s '$url/$name-read/_search?q=leopard&filter_path=hits.hits._index,hits.hits._source'"
migrate "$name" --yes --no-stay
run "$search"
run "npx twindex status $name"
run "npx twindex rollback $name"
run "$search"
migrate "$name" --yes --no-stay --until switched
run "npx twindex finalize $name --yes"
run "$search"
run 'npx twindex lint --write'

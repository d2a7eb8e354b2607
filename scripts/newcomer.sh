#!/usr/bin/env bash
# The first quarter of an hour of a new user: installs the packed package in an empty folder, and migrates an index of a
# running engine. Prints each command and its output, as the tutorial shows them.
#
#   scripts/newcomer.sh URL [NAME]     creates the index NAME-v1 (books-v1), and deletes it and NAME-v2 at the end
#
# OPTIONS: more options for each `twindex migrate`. A test shortens the waits with them.
# Needs dist/ (`npm run build`), npm and curl.
set -euo pipefail
url=${1:?'usage: scripts/newcomer.sh URL [NAME]'}
name=${2:-books}
options=${OPTIONS:-}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
created=no
clean_up() {
  rm -rf "$work"
  if [ $created = yes ]; then curl -s -o /dev/null -X DELETE "$url/$name-v1,$name-v2?ignore_unavailable=true"; fi
}
trap clean_up EXIT

# Prints a command as a user types it, and runs it.
run() {
  echo "\$ $*"
  # awk ends the last line, which curl does not
  bash -c "$*" 2>&1 | awk 1
  echo
}

# A request that the user's application would send. Only its answer is part of the story.
send() {
  curl -sS --fail-with-body "$@" -H 'content-type: application/json'
}

# `prepare` would build again; dist/ is what `npm run build` made.
tarball=$(cd "$root" && npm pack --silent --ignore-scripts --pack-destination "$work")
mkdir "$work/shop"
cd "$work/shop"
mv "../$tarball" .

# The index of an application that keeps prices as texts.
send -o /dev/null -X PUT "$url/$name-v1" -d '{
  "settings": { "number_of_shards": 1, "number_of_replicas": 0 },
  "mappings": { "properties": { "title": { "type": "text" }, "price": { "type": "keyword" } } },
  "aliases": { "'"$name"'-read": {}, "'"$name"'-write": {} }
}'
created=yes
for book in '1|The Leopard|12.50' '2|Austerlitz|9.90' '3|The Periodic Table|11.00'; do
  IFS='|' read -r id title price <<< "$book"
  send -o /dev/null -X PUT "$url/$name-write/_doc/$id?refresh=true" -d "{ \"title\": \"$title\", \"price\": \"$price\" }"
done

# Without a package.json, npm would install into a folder above that has one.
run 'npm init -y > /dev/null'
run npm i -D "./$tarball" --prefer-offline --no-audit --no-fund
run npx twindex init --url "$url" "$name"
run cat twindex.config.ts "indexes/$name.ts"
run npx twindex plan "$name"

has_lint=$(npx twindex --help | grep -c '^ *lint ' || true)
if [ "$has_lint" != 0 ]; then run npx twindex lint --write; fi

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
run cat "indexes/$name.ts"
if [ "$has_lint" != 0 ]; then run npx twindex lint; fi
run npx twindex plan "$name"

search="curl -s '$url/$name-read/_search?q=leopard&filter_path=hits.hits._index,hits.hits._source'"
run npx twindex migrate "$name" --yes --no-stay $options
run "$search"
run npx twindex status "$name"
run npx twindex rollback "$name"
run "$search"
run npx twindex migrate "$name" --yes --no-stay --until switched $options
run npx twindex finalize "$name" --yes
run "$search"

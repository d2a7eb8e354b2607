"""An application of elasticsearch-py or opensearch-py, as its documentation shows it: what it does and sees, as JSON.

python application.py elasticsearch|opensearch URL WRITE_ALIAS READ_ALIAS
"""

import json
import sys

library, url, write, read = sys.argv[1:]
seen = {}


def body(document):
    return {"document" if library == "elasticsearch" else "body": document}


def name_of(call):
    try:
        call()
    except Exception as error:
        return [type(error).__name__, getattr(error, "status_code", None)]
    return None


if library == "elasticsearch":
    from elasticsearch import Elasticsearch as Client, helpers
else:
    from opensearchpy import OpenSearch as Client, helpers

with Client(url) as client:
    seen["index"] = client.index(index=write, id="a", **body({"n": 1}))["result"]
    seen["again"] = client.index(index=write, id="a", **body({"n": 2}))["result"]
    update = {"doc": {"m": "ä"}} if library == "elasticsearch" else {"body": {"doc": {"m": "ä"}}}
    seen["update"] = client.update(index=write, id="a", **update)["result"]
    seen["get"] = client.get(index=read, id="a")["_source"]
    client.index(index=write, id="gone", **body({"n": 0}))
    seen["delete"] = client.delete(index=write, id="gone")["result"]
    made = client.index(index=write, **body({"n": 3}))
    seen["made"] = [made["result"], len(made["_id"])]
    client.delete(index=write, id=made["_id"])

    seen["errors"] = {
        "create": name_of(lambda: client.create(index=write, id="a", **body({"n": 4}))),
        "mapping": name_of(lambda: client.index(index=write, id="b", **body({"n": "no number"}))),
        "get": name_of(lambda: client.get(index=read, id="gone")),
        "delete": name_of(lambda: client.delete(index=write, id="gone")),
        "condition": name_of(
            lambda: client.index(index=write, id="a", if_seq_no=999, if_primary_term=1, **body({"n": 5}))
        ),
    }

    documents = ({"_index": write, "_id": f"d{n}", "n": n} for n in range(300))
    seen["bulk"] = helpers.bulk(client, documents, chunk_size=100, refresh=True)
    actions = [
        {"_op_type": "create", "_index": write, "_id": "d1", "n": 0},
        {"_op_type": "update", "_index": write, "_id": "d2", "doc": {"n": -2}},
        {"_op_type": "delete", "_index": write, "_id": "d3"},
    ]
    done, failed = helpers.bulk(client, actions, raise_on_error=False, refresh=True)
    seen["mixed"] = [done, [list(item) for item in failed], [item["create"]["status"] for item in failed]]
    seen["raised"] = name_of(lambda: helpers.bulk(client, actions[:1]))

    client.indices.refresh(index=read)
    query = {"query": {"range": {"n": {"gte": 298}}}, "sort": ["n"]}
    found = client.search(index=read, **(query if library == "elasticsearch" else {"body": query}))
    seen["search"] = [hit["_id"] for hit in found["hits"]["hits"]]
    seen["scan"] = sum(1 for _ in helpers.scan(client, index=read, size=100))

print(json.dumps(seen))

# SPDX-License-Identifier: GPL-2.0-or-later
"""query.py PORT EXPRESSION…: what Prometheus on that port answers, a line each: the number of series and their sum.
query.py --dashboard FILE: the expressions of a dashboard, a line each, for all partitions."""
import json
import sys
import urllib.parse
import urllib.request

if sys.argv[1] == "--dashboard":
    with open(sys.argv[2]) as file:
        for panel in json.load(file)["panels"]:
            for target in panel["targets"]:
                print(target["expr"].replace("$partition", ".*"))
    sys.exit()
for expression in sys.argv[2:]:
    with urllib.request.urlopen("http://127.0.0.1:%s/api/v1/query?%s" % (
            sys.argv[1], urllib.parse.urlencode({"query": expression}))) as answer:
        result = json.load(answer)["data"]["result"]
    print(len(result), "%g" % sum(float(series["value"][1]) for series in result))

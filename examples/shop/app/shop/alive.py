"""`python -m shop.alive PORT`: whether the server on this port says that it is well. For healthchecks; standard library alone, so it is quick."""

import sys
import urllib.request

if __name__ == "__main__":
    with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/health", timeout=5) as answer:
        sys.exit(answer.status != 200)

#!/bin/sh
# make-docs.sh FOLDER: the API pages of the libraries, made from the comments in their sources.
set -eu
graphs=$PWD/build/symbolgraphs
rm -rf "$1" "$graphs"
mkdir -p "$graphs/all" "$graphs/public"
for module in Base Heaps Memory Replay Devices Monitor Handoff; do
    swift build --scratch-path build/swift-docs --target "$module" -Xswiftc -emit-symbol-graph \
        -Xswiftc -emit-symbol-graph-dir -Xswiftc "$graphs/all" >/dev/null
    cp "$graphs/all/$module.symbols.json" "$graphs/public/"
done
docc convert --additional-symbol-graph-dir "$graphs/public" --fallback-display-name Roost \
    --fallback-bundle-identifier roost --transform-for-static-hosting --output-path "$1" >/dev/null
echo "roost: $1 holds the pages; python3 -m http.server -d $1, then open /documentation/heaps"

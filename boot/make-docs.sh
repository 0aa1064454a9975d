#!/bin/sh
# make-docs.sh FOLDER: the API pages of the libraries, made from the comments in their sources.
set -eu
modules='Base Heaps Memory Sync Scheduling Replay Record Numbers Devices Screen Transfer Monitor Handoff'
graphs=$PWD/build/symbolgraphs
rm -rf "$1" "$graphs"
mkdir -p "$graphs/all" "$graphs/public"
for module in $modules; do
    swift build --scratch-path build/swift-docs --target "$module" -Xswiftc -emit-symbol-graph \
        -Xswiftc -emit-symbol-graph-dir -Xswiftc "$graphs/all" >/dev/null
    cp "$graphs/all/$module.symbols.json" "$graphs/public/"
done
docc convert --additional-symbol-graph-dir "$graphs/public" --fallback-display-name Roost \
    --fallback-bundle-identifier roost --transform-for-static-hosting --output-path "$1" >/dev/null

# docc makes no first page for several modules: this one leads to them, from / and from /documentation.
{
    echo '<!doctype html><html lang="en"><meta charset="utf-8"><title>Roost</title><h1>Roost</h1><ul>'
    for module in $modules; do
        page=documentation/$(echo "$module" | tr '[:upper:]' '[:lower:]')
        test -e "$1/$page/index.html"
        echo "<li><a href=\"/$page/\">$module</a></li>"
    done
    echo '</ul></html>'
} >"$1/index.html"
cp "$1/index.html" "$1/documentation/index.html"
echo "roost: $1 holds the pages, which want a server: python3 -m http.server -d $1, then http://localhost:8000/"

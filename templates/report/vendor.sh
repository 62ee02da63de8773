#!/bin/sh
# Makes d3.min.js and d3.LICENSE: the parts of D3 that the page uses, in one
# minified file. Needs node and npm; the versions are pinned here and nowhere else.
#
#   sh templates/report/vendor.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --ignore-scripts --save-exact \
  d3-force@3.0.1 d3-hierarchy@3.1.3 d3-scale@4.0.3 d3-selection@3.0.1 d3-shape@3.2.1 esbuild@0.28.2
cat > entry.js <<'JS'
export { forceCollide, forceLink, forceSimulation, forceX, forceY } from "d3-force";
export { hierarchy, treemap, treemapSquarify } from "d3-hierarchy";
export { scaleLinear, scalePoint, scaleThreshold } from "d3-scale";
export { select } from "d3-selection";
export { linkHorizontal } from "d3-shape";
JS
node_modules/.bin/esbuild entry.js --bundle --minify --format=iife --global-name=d3 --target=es2020 \
  --charset=ascii --legal-comments=none --outfile=bundle.js --log-level=warning
{
  echo "/* d3-force 3.0.1, d3-hierarchy 3.1.3, d3-scale 4.0.3, d3-selection 3.0.1, d3-shape 3.2.1; ISC licence: d3.LICENSE. Made by vendor.sh. */"
  cat bundle.js
} > "$here/d3.min.js"
# What is bundled, with what it needs: each with its licence, once.
: > "$here/d3.LICENSE"
for package in d3-array d3-color d3-dispatch d3-force d3-format d3-hierarchy d3-interpolate d3-path d3-quadtree \
  d3-scale d3-selection d3-shape d3-time d3-time-format d3-timer internmap; do
  version=$(node -p "require('./node_modules/$package/package.json').version")
  { echo "$package $version"; echo; cat "node_modules/$package/LICENSE"; echo; } >> "$here/d3.LICENSE"
done
wc -c "$here/d3.min.js"

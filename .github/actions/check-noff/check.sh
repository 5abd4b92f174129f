#!/usr/bin/env bash
# Checks the files, and prints an annotation for each finding: `::error file=...::message`. Ends as `execfmt check` does.
set -euo pipefail
strict=()
if [ "$CHECK_STRICT" = true ]; then strict=(--strict); fi
read -r -a files <<< "$CHECK_FILES"
if [ "${#files[@]}" -eq 0 ]; then
    echo "::error::no files are named"
    exit 2
fi
outcome=0
found=$(execfmt check --json --recursive --for "$CHECK_FOR" "${strict[@]}" -- "${files[@]}") || outcome=$?
# What GitHub takes for the end of a message or of a property is written as it wants it.
jq --raw-output '
    def message: gsub("%"; "%25") | gsub("\r"; "%0D") | gsub("\n"; "%0A");
    def property: message | gsub(":"; "%3A") | gsub(","; "%2C");
    .file as $file | .findings[] | "::\(.severity) file=\($file | property),title=\(.code)::\(.message | message)"
' <<< "$found"
count=$(jq --slurp length <<< "$found")
echo "$count files checked for $CHECK_FOR"
if [ "$count" -eq 0 ] && [ "$outcome" -eq 0 ]; then
    echo "::error::no file of a known format is among $CHECK_FILES"
    exit 1
fi
exit "$outcome"

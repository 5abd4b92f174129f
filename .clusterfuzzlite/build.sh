#!/bin/bash -eu
# Builds the fuzz targets into $OUT, each with its inputs and its dictionary. ClusterFuzzLite and OSS-Fuzz run this in their
# image; elsewhere SRC is the folder that holds the sources as `execfmt`, and OUT any folder:
#   SRC=.. OUT=/tmp/targets .clusterfuzzlite/build.sh
# It needs cargo-fuzz and zip.
cd "${SRC:?}/execfmt"
mkdir -p "${OUT:?}"
OUT=$(cd "$OUT" && pwd)
export RUSTUP_DIST_SERVER=http://127.0.0.1:9
# Elsewhere than in the image the toolchain is a stable one, for which the sanitizer's flag has to be allowed.
export RUSTC_BOOTSTRAP=1
# Optimising all crates again for each of the targets would take an hour.
export CARGO_PROFILE_RELEASE_LTO=off
cargo fuzz build -O --features fuzzing
built=${CARGO_TARGET_DIR:-target}/x86_64-unknown-linux-gnu/release
for source in fuzz/fuzz_targets/*.rs; do
    name=$(basename "$source" .rs)
    cp "$built/$name" "$OUT/"
    rm -f "$OUT/${name}_seed_corpus.zip"
    find "fuzz/seeds/$name" "fuzz/corpora/$name" -type f 2>/dev/null |
        zip --quiet --junk-paths "$OUT/${name}_seed_corpus.zip" -@
    # As `cargo xtask fuzz`: the dictionary of the first format in the name.
    for word in ${name//_/ }; do
        if [ -f "fuzz/dictionaries/$word.dict" ]; then
            cp "fuzz/dictionaries/$word.dict" "$OUT/$name.dict"
            break
        fi
    done
    printf '[libfuzzer]\ntimeout = 10\nrss_limit_mb = 1024\nmax_len = 65536\n' > "$OUT/$name.options"
done

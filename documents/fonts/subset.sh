#!/usr/bin/env bash
# Makes the fonts of this folder anew, the same bytes each time; needs npm and Python with fontTools (PYTHON).
set -euo pipefail
cd "$(dirname "$0")"
PYTHON=${PYTHON:-python3}
sources=$(mktemp -d)
trap 'rm -rf "$sources"' EXIT

fetch() { (cd "$sources" && tar xzf "$(npm pack --silent "$1")" && mv package "$2"); }
subset() {
    "$PYTHON" -m fontTools.subset "$sources/$1" --output-file="$2" --unicodes="$3" --no-hinting --notdef-outline \
        --layout-features=kern,mark,mkmk,ccmp,locl --name-IDs='*' --no-recalc-timestamp --drop-tables+=FFTM
}

# Latin, Greek, Cyrillic, marks that combine with them, punctuation, currencies, letter-like signs, fractions
text=U+0020-007E,U+00A0-00AC,U+00AE-052F,U+1D00-1FFF,U+2000-200A,U+2010-2027,U+202F-205F,U+2070-2BFF
text=$text,U+2E00-2E7F,U+A720-A7FF,U+FB00-FB06,U+FFFD
# Arrows, mathematics, boxes and shapes, and other signs that Noto Sans lacks
symbols=U+2010-2027,U+2030-205E,U+2070-2BFF

fetch @expo-google-fonts/noto-sans@0.4.2 noto
fetch dejavu-fonts-ttf@2.37.3 dejavu
subset noto/400Regular/NotoSans_400Regular.ttf NotoSans-Regular.ttf "$text"
subset noto/700Bold/NotoSans_700Bold.ttf NotoSans-Bold.ttf "$text"
subset dejavu/ttf/DejaVuSans.ttf DejaVuSans-Symbols.ttf "$symbols"
cp "$sources/dejavu/LICENSE" DejaVu.txt

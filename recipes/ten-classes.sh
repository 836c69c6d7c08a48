#!/bin/sh
# Makes the pictures of ten-classes.json from Tiny-ImageNet-200: of each class 400 training pictures to learn from and
# 100 others held out, and the official validation pictures.
#
#     sh recipes/ten-classes.sh DATA/tiny-imagenet-200 TEN
set -eu
export LC_ALL=C # the same order everywhere
tiny=$1 ten=$2

while read -r wnid name; do
  mkdir -p "$ten/train/$name" "$ten/held-out/$name" "$ten/val/$name"
  pictures=$tiny/train/$wnid/images
  ls "$pictures" | sort | head -n 400 | while read -r file; do cp "$pictures/$file" "$ten/train/$name"; done
  ls "$pictures" | sort | tail -n 100 | while read -r file; do cp "$pictures/$file" "$ten/held-out/$name"; done
  awk -v wnid="$wnid" '$2 == wnid { print $1 }' "$tiny/val/val_annotations.txt" |
    while read -r file; do cp "$tiny/val/images/$file" "$ten/val/$name"; done
done <<CLASSES
n09193705 alp
n02917067 bullet-train
n03042490 cliff-dwelling
n01443537 goldfish
n01910747 jellyfish
n07749582 lemon
n02279972 monarch
n07873807 pizza
n07768694 pomegranate
n04146614 school-bus
CLASSES

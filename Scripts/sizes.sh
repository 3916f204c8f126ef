#!/usr/bin/env bash
# Prints how long the sources are: median and 90th percentile of lines a file, the longest file, and the share of comment lines.
# Generated code is left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

find Sources Tests -name '*.swift' -not -path '*/Generated/*' -print0 | sort -z | xargs -0 awk '
  FNR == 1 { count++ ; names[count] = FILENAME }
  { lines[count]++; total++ }
  /^[[:space:]]*\/\// { comments++ }
  END {
    for (i = 1; i <= count; i++) if (lines[i] > longest) { longest = lines[i]; name = names[i] }
    # Insertion sort: a few hundred files.
    for (i = 2; i <= count; i++)
      for (j = i; j > 1 && lines[j] < lines[j - 1]; j--) { swap = lines[j]; lines[j] = lines[j - 1]; lines[j - 1] = swap }
    printf "%d files, %d lines: median %d, 90 %% up to %d, longest %d (%s), comments %.0f %%\n",
      count, total, lines[int((count + 1) / 2)], lines[int(count * 0.9 + 0.999)], longest, name, 100 * comments / total
  }'

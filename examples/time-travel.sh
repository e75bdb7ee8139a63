#!/usr/bin/env bash
# A lab book remembers: two commits, an experiment, a lost folder, a clone elsewhere, and an old
# figure made again. Read it, or run it: `examples/time-travel.sh`, about two minutes.
#
# Everything happens in a new folder; nothing of yours is touched. Lines with `expect` are what
# labbook promises: the script stops where one does not hold.
set -euo pipefail
labbook=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:-$(mktemp -d)}
command -v labbook > /dev/null || PATH=$labbook/.venv/bin:$PATH
export PATH DVC_NO_ANALYTICS=1
export LABBOOK_SRC=1 # the code in the folder that a command is called in is to be trusted, and run
export GIT_AUTHOR_NAME=${GIT_AUTHOR_NAME:-reader} GIT_AUTHOR_EMAIL=${GIT_AUTHOR_EMAIL:-reader@example.org}
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
output=$folder/output

say() { printf '\n# %s\n' "$*"; }
run() { # a command as you would type it, and what it prints
  printf '$ %s\n' "$*"
  eval "$*" > "$output" 2>&1 || { cat "$output"; exit 1; }
  cat "$output"
}
expect() { grep -qE -- "$1" "$output" || { echo "expected in the output: $1" >&2; exit 1; }; }

say "A project of one's own: labbook, and one small question."
mkdir -p "$folder/project"
git -C "$labbook" archive HEAD | tar -x -C "$folder/project"
cd "$folder/project"
cp "$labbook/examples/time-travel.yaml" params.yaml
rm -f dvc.lock
run "git init --quiet --initial-branch main && git add -A && git commit --quiet --message 'A question'"
run "dvc remote add --quiet --default store $folder/store"

say "Monday: two learning rates. dvc repro asks Snakemake for what is missing and records the sums."
run "dvc repro --quiet"
run "labbook summary"
run "git add -A && git commit --quiet --message 'Two rates'"

say "Tuesday: one rate more. Only its six runs are trained."
run "sed -i 's/\[0.001, 0.01\]/[0.001, 0.01, 0.1]/' params.yaml"
run "labbook plan"
expect "^rates .* 18 +12 "
run "dvc repro --quiet"
run "git add -A && git commit --quiet --message 'A third rate'"
run "dvc push --quiet --all-commits"

say "An experiment, kept beside the commits and not in the way: eight seeds instead of six."
run "dvc exp run --quiet --set-param seeds=8 --name eight-seeds"
run "labbook compare HEAD eight-seeds"
expect "seeds: 6 -> 8"
run "git checkout --quiet . && dvc checkout --quiet"

say "A lost folder: everything is back, and whole, without training."
run "rm -rf data results"
run "dvc checkout --quiet"
run "labbook verify"

say "A clone elsewhere: pulled, it is idle under both engines."
run "git clone --quiet . ../elsewhere && cd ../elsewhere"
cd "$folder/elsewhere"
run "dvc pull --quiet"
run "snakemake results/report.html"
expect "Nothing to be done"
run "dvc repro"
run "dvc status"
expect "up to date"

say "How did it come to this? The remote has what every commit recorded. And the champion of Monday, trained again, bit for bit."
run "dvc fetch --quiet --all-commits"
run "labbook history"
expect "Two rates"
run "labbook models"
run "labbook recreate rates/champion --commit HEAD~1 --output monday"
expect "identical"
say "Monday's report, as it was."
run "git checkout --quiet HEAD~1 && dvc checkout --quiet"
run "labbook summary"
run "git checkout --quiet - && dvc checkout --quiet"
say "Everything was in $folder; remove it when you like."

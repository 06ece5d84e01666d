# Makes .venv from the lock, and only when something it was made from has changed.
# Sourced by ./run, ./test and ./dev, with $root set to the repository.

say() { printf '%s\n' "$*" >&2; }

# The first Python that is new enough and has venv; $PYTHON comes before the rest.
find_python() {
    without_venv=
    for python in "${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
        [ -n "$python" ] || continue
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            return 0
        fi
        without_venv=${without_venv:-$python}
    done
    if [ -n "$without_venv" ]; then
        version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        say "Python $version has no venv module here; install it with: apt-get install -y python$version-venv"
    else
        say "GovFlow needs Python 3.11 or newer; install it with: apt-get install -y python3 python3-venv"
    fi
    exit 1
}

# The local packages, one a line: GovFlow itself and each plugin.
packages() {
    printf '%s\n' "$root"
    for package in "$root"/plugins/govflow-*/; do
        if [ -e "$package/pyproject.toml" ]; then
            printf '%s\n' "${package%/}"
        fi
    done
}

# What .venv is made from: the place, the locks, and every local package's own description.
made_from() {
    cat "$root/bootstrap.lock" "$root/$1"
    packages | while IFS= read -r package; do
        printf '%s\n' "$package"
        cat "$package/pyproject.toml"
    done
}

# Whether a local package that was installed has gone since.
one_has_gone() {
    while IFS= read -r package; do
        [ -e "$package/pyproject.toml" ] || return 0
    done <"$venv/packages"
    return 1
}

make_venv() {
    venv="$root/.venv"
    lock=requirements.lock
    # Once there for the tests, always there: ./run must not take pytest away under a running ./test.
    if [ "$1" = dev ] || [ -e "$venv/dev" ]; then
        lock=requirements-dev.lock
    fi
    sum=$(made_from "$lock" | cksum)
    if [ "$(cat "$venv/made-from" 2>/dev/null)" = "$sum" ] && "$venv/bin/python" -c '' 2>/dev/null; then
        return 0
    fi
    find_python
    started=$(date +%s)
    say "Making .venv from $lock ..."
    # A copied or moved .venv has the old place in its scripts, so it is made anew; so it is for another uv.
    base=$(cksum <"$root/bootstrap.lock")" $root"
    if [ "$(cat "$venv/base" 2>/dev/null)" != "$base" ] || ! "$venv/bin/python" -c '' 2>/dev/null; then
        "$python" -m venv --clear "$venv"
        "$venv/bin/python" -m pip --disable-pip-version-check install --quiet --no-deps --only-binary :all: \
            --require-hashes -r "$root/bootstrap.lock"
        printf '%s' "$base" >"$venv/base"
    fi
    rm -f "$venv/made-from"
    uv="$venv/bin/uv"
    # Only what is in the lock, and nothing from before it; the local packages come back right after.
    locked=$(cksum <"$root/$lock")
    if [ "$(cat "$venv/locked" 2>/dev/null)" != "$locked" ] || one_has_gone; then
        "$uv" pip sync --quiet --compile-bytecode --python "$venv/bin/python" --require-hashes --only-binary :all: "$root/$lock"
        printf '%s' "$locked" >"$venv/locked"
    fi
    packages >"$venv/packages"
    set --
    while IFS= read -r package; do
        set -- "$@" --editable "$package"
    done <"$venv/packages"
    "$uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation "$@"
    if [ "$lock" = requirements-dev.lock ]; then
        : >"$venv/dev"
    fi
    printf '%s' "$sum" >"$venv/made-from"
    say "Made .venv in $(($(date +%s) - started)) s."
}

# One at a time where the machine has flock; the lock is given back before anything else starts.
prepare() {
    if command -v flock >/dev/null 2>&1; then
        (
            flock 9
            make_venv "$1" 9>&-
        ) 9>"$root/.venv.lock"
    else
        (make_venv "$1")
    fi
}

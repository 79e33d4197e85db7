# Sourced by the other scripts: a virtual environment of the project's own, made once and renewed when setup.cfg changes.
#
#   ensure_venv DIR PIP-ARGUMENT...   make DIR and install, showing what it does; at once when nothing has changed
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

python311() {
    local candidate
    for candidate in "${PYTHON:-}" python3.11 python3 python; do
        if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Python 3.11 or newer is needed and was not found: install it, or name it with PYTHON=..." >&2
    return 1
}

ensure_venv() {
    local dir=$1 python wanted
    shift
    python=$(python311)
    wanted="$*
$(cat "$root/setup.cfg" "$root/pyproject.toml" "$root/scripts/constraints.txt")
$("$python" --version)"
    if [ "$(cat "$dir/.installed" 2>/dev/null)" = "$wanted" ] && "$dir/bin/python" -c '' 2>/dev/null; then
        return
    fi
    echo "== making $(basename "$dir") with $("$python" --version): pip install $*" >&2
    "$python" -m venv --clear "$dir"
    (cd "$root" && "$dir/bin/python" -m pip install --quiet --disable-pip-version-check "$@") >&2
    echo "$wanted" >"$dir/.installed"
}

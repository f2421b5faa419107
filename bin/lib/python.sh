# Finds a Python that is new enough, the portal's own environment first.
find_python() {
  local candidate
  for candidate in .venv/bin/python ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
    if command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  printf 'The portal needs Python 3.11 or newer; none was found. Install it, or name it: PYTHON=/path/to/python bin/run\n' >&2
  return 1
}

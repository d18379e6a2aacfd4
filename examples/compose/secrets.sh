#!/usr/bin/env bash
# Draws a password for each named role, unless it has one: /secrets/ROLE/password.
set -euo pipefail
for role in "$@"; do
  file=/secrets/$role/password
  [[ -s $file ]] && continue
  head -c 24 /dev/urandom | od -An -vtx1 | tr -d ' \n' >"$file.new"
  chmod 0444 "$file.new"
  mv "$file.new" "$file"
  echo "drew a password for $role"
done

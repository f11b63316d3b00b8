#!/bin/sh
# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Installs what one materialize_install target names; written by it. See --help.
set -u

label=%{label}
workspace=%{workspace}
manifest=%{manifest}
command=%{command}
write_to_source=%{write_to_source}
default_destdir=%{destdir}
owner=%{owner}
group=%{group}
into=%{into}
methods=%{methods}
delete=%{delete}
checksum=yes
action=install
dry_run=
loudness=
receipt=
wants_receipt=yes

usage() {
  cat <<END
Usage: bazel run $label -- [FLAG...]

Lays out what this target names: at --destdir, else at \$DESTDIR, else at the
target's own destination. A relative path begins at the workspace, or in the
working directory where Bazel did not start this.

  --destdir=DIR       where to
  --into=MODE         merge, swap or new (here: $into)
  --wipe_destdir      --into=swap: nothing that was there remains
  --delete            with merge, take away what is not among the sources;
                      --nodelete leaves it (here: $delete)
  --methods=LIST      of reflink, hardlink, symlink, copy (here: $methods)
  --nochecksum        take files of equal size and time for equal: faster, wrong
                      where a build gives all files one time
  --dry_run           list what would be done, also by --uninstall
  --verify, --check   list what differs, and exit 3 if anything does
  --uninstall         remove what the receipt names and nobody has changed
  --receipt=FILE      where the receipt is; empty: none. It is kept below
                      \${XDG_STATE_HOME:-~/.local/state}/materialize if not said
  -v, --verbose       tell which methods were used, and why
  -q, --quiet         errors and warnings only
  --help              this text

Exit codes: 0 done, 1 failed, 2 usage, 3 different, 4 partial.
END
}

fail() {
  echo "$label: $1" >&2
  exit "${2-1}"
}

# --- Flags --------------------------------------------------------------------

# The value of a flag that may also be the next word.
value=
takes_next=
read_value() {
  case $1 in
    *=*) value=${1#*=} ;;
    *)
      [ "$#" -gt 1 ] || fail "$1 needs a value; see --help" 2
      value=$2
      takes_next=yes
      ;;
  esac
}

destdir=
while [ "$#" -gt 0 ]; do
  takes_next=
  case $1 in
    --destdir | --destdir=*)
      read_value "$@"
      [ -n "$value" ] || fail "--destdir is empty" 2
      destdir=$value
      ;;
    --into | --into=*)
      read_value "$@"
      into=$value
      ;;
    --methods | --methods=*)
      read_value "$@"
      methods=$value
      ;;
    --receipt | --receipt=*)
      read_value "$@"
      receipt=$value
      [ -n "$receipt" ] || wants_receipt=no
      ;;
    --wipe_destdir) into=swap ;;
    --delete) delete=yes ;;
    --nodelete) delete=no ;;
    --checksum) checksum=yes ;;
    --nochecksum) checksum=no ;;
    --dry_run) dry_run=--dry_run ;;
    --verify | --check) action=verify ;;
    --uninstall) action=uninstall ;;
    -v | -vv* | --verbose) loudness=--explain ;;
    -q | --quiet) loudness=--quiet ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) fail "$1: no such flag; see --help" 2 ;;
  esac
  [ -z "$takes_next" ] || shift
  shift
done

# --- Places -------------------------------------------------------------------

absolute() {
  case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s\n' "${BUILD_WORKSPACE_DIRECTORY:-$PWD}/$1" ;;
  esac
}

if [ -n "$write_to_source" ]; then
  [ -z "$destdir" ] ||
    fail "--destdir: this target writes to $write_to_source in the workspace" 2
  [ "$into" = merge ] || fail "--into: a directory of the workspace is merged" 2
  [ -n "${BUILD_WORKSPACE_DIRECTORY-}" ] ||
    fail "where the workspace is, only bazel run tells (BUILD_WORKSPACE_DIRECTORY)"
  destdir=$BUILD_WORKSPACE_DIRECTORY/$write_to_source
  # What is in the workspace is its version control's to keep.
  wants_receipt=no
fi
destdir=${destdir:-${DESTDIR:-$default_destdir}}
[ -n "$destdir" ] || fail "no destination: say --destdir=DIR, or set DESTDIR" 2
destdir=$(absolute "$destdir")
# As a shell completes it; the receipt is found by the name without.
while :; do
  case $destdir in ?*/) destdir=${destdir%/} ;; *) break ;; esac
done

# Where nobody says: the user's, one for each target and destination.
kept_receipt=
state=${XDG_STATE_HOME:-${HOME:+$HOME/.local/state}}
case $state in /*) ;; *) state= ;; esac
if [ -n "$receipt" ]; then
  receipt=$(absolute "$receipt")
elif [ "$wants_receipt" = yes ] && [ -n "$state" ]; then
  key=$(printf '%s\n%s' "$label" "$destdir" | cksum)
  name=${destdir##*/}
  [ "${#name}" -le 50 ] || name=long
  kept_receipt=$state/materialize/installed/${key%% *}-$name.mtree
  receipt=$kept_receipt
  if [ "$action$dry_run" = install ] && ! mkdir -p "${receipt%/*}" 2>/dev/null; then
    echo "$label: note: no receipt: ${receipt%/*} cannot be made" >&2
    receipt=
  fi
fi

# The folder of the runfiles that holds all we need: Bazel's word for it, beside
# this program, or the folder of a program that has this one among its files.
runfiles=
holds() {
  [ -n "$1" ] && [ -f "$1/$workspace/$manifest" ] && runfiles=$1
}
find_runfiles() {
  holds "${RUNFILES_DIR-}" && return
  self=$0
  case $self in */*) ;; *) self=$(command -v -- "$self") ;; esac
  while :; do
    case $self in /*) ;; *) self=$PWD/$self ;; esac
    holds "$self.runfiles" && return
    above=${self%/*}
    while [ -n "$above" ]; do
      case $above in *.runfiles) holds "$above" && return ;; esac
      above=${above%/*}
    done
    [ -L "$self" ] || return
    next=$(readlink "$self")
    case $next in /*) self=$next ;; *) self=${self%/*}/$next ;; esac
  done
}
find_runfiles
[ -n "$runfiles" ] ||
  fail "its runfiles are not beside $0 nor in RUNFILES_DIR; bazel run makes them"
cd "$runfiles/$workspace" || exit 1
[ -x "$command" ] || fail "$runfiles/$workspace/$command is missing, or no program"

# --- The work -----------------------------------------------------------------

if [ "$action" = uninstall ]; then
  [ -n "$receipt" ] || fail "--uninstall needs the receipt: say --receipt=FILE" 2
  [ -f "$receipt" ] || fail "no receipt $receipt: this user has not installed to $destdir"
  [ "$loudness" = --quiet ] || loudness=
  "./$command" uninstall $dry_run $loudness -- "$receipt" "$destdir" || exit
  [ -n "$dry_run" ] || [ -z "$kept_receipt" ] || rm -f "$kept_receipt"
  exit 0
fi

if [ "$action" = verify ]; then
  into=merge
  # Version control keeps no modes but one bit.
  if [ -n "$write_to_source" ]; then set -- --check=content; else set -- --check=all; fi
elif [ -n "$dry_run" ]; then
  set -- --dry_run
elif [ -n "$receipt" ]; then
  set -- "--receipt=$receipt"
fi
if [ "$into" = merge ]; then
  [ "$checksum" = no ] || set -- "$@" --checksum --keep_times
  [ "$delete" = no ] || set -- "$@" --delete %{delete_only}
fi
if [ -n "$owner$group" ] && [ "$(id -u)" = 0 ]; then
  set -- "$@" "--chown=$owner${group:+:$group}"
elif [ -n "$owner$group" ]; then
  echo "$label: note: only root gives files away: owner and group are not set" >&2
fi
[ -z "$loudness" ] || set -- "$@" "$loudness"

exec "./$command" place "--manifest=$manifest" "--into=$into" "--methods=$methods" \
  %{chmod} "$@" -- "$destdir"

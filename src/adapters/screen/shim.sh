#!/bin/sh
# The only window of a session's screen. It runs the program, and tells its pid and its exit code in small files.
#
#   signalbox-run FOLDER COMMAND...           the window itself: writes FOLDER/shim, runs the command, writes FOLDER/exit
#   signalbox-run --child FOLDER COMMAND...   the last step before the program: writes FOLDER/child and becomes the program
#   signalbox-run --gated FOLDER COMMAND...   the same, once it is told to go
#   signalbox-run --spare FOLDER              a window that has no program yet: writes FOLDER/ready, and becomes the window of the run
#                                             that is put into the pipe FOLDER/order, whose program waits for the pipe FOLDER/go; ends when
#                                             nobody is left who could put something there
#
# COMMAND begins with one `flock --no-fork` per lock and then the --child step, so one process takes the locks, tells its pid and becomes
# the program, which thereby holds the locks for as long as it or any process it leaves behind lives.
#
# Names of variables begin with `signalbox_`: whatever else the environment holds is the program's.
set -f

# Field 22 of /proc/PID/stat, counted behind the name, which may hold anything.
ticks_of() {
  IFS= read -r signalbox_line <"/proc/$1/stat" || return 1
  set -- ${signalbox_line##*) }
  signalbox_ticks=${20}
}

# In one write of less than a page: a reader sees nothing or the whole line, and no mv has to be started for it.
put() {
  printf '%s\n' "$2" >"$signalbox_folder/$1"
}

if [ "$1" = --child ] || [ "$1" = --gated ]; then
  signalbox_gated=$1
  signalbox_folder=$2
  shift 2
  # Without its start time: whoever reads this looks that up (a shell reads byte by byte, and a program would wait half a millisecond for it).
  put child "$$"
  # Ends when the terminal is as it has to be; or with the word.
  read -r signalbox_word <&4
  [ "$signalbox_gated" = --child ] || [ "$signalbox_word" = go ] || exit 75
  exec 4<&-
  exec "$@"
fi

IFS= read -r signalbox_boot </proc/sys/kernel/random/boot_id
if [ "$1" = --spare ]; then
  signalbox_folder=$2
  ticks_of $$
  stty -ixon
  # Opened before anybody is told, or an order could come and go unread.
  exec 5<"$signalbox_folder/order" 4<"$signalbox_folder/go"
  put ready "$$ $signalbox_ticks $STY $signalbox_boot"
  # Lines, each behind an = sign: its folders and name, settings, a dot, words, a dot. Less than that is no order. By cat, which waits for it
  # from now on: a shell reads byte by byte, 2 us each.
  signalbox_order=$(cat <&5 5<&- 4<&-)
  exec 5<&-
  case $signalbox_order in *"
.") ;; *) exit 0 ;; esac
  signalbox_ifs=$IFS
  IFS="
"
  set -- $signalbox_order
  IFS=$signalbox_ifs
  signalbox_order=
  signalbox_folder=${1#=}
  signalbox_there=${2#=}
  signalbox_name=${3#=}
  shift 3
  while [ "$1" != . ]; do
    export "${1#=}"
    shift
  done
  shift
  signalbox_count=$#
  while [ "$signalbox_count" -gt 1 ]; do
    set -- "$@" "${1#=}"
    shift
    signalbox_count=$((signalbox_count - 1))
  done
  shift
  unset SIGNALBOX_SPARE
  STY=${STY%%.*}.$signalbox_name
  cd "$signalbox_there" || set -- false
  unset OLDPWD
  signalbox_set=yes
else
  signalbox_folder=$1
  shift
  ticks_of $$
  signalbox_set=
fi
# Caught, not ignored: the program keeps the default for each. HUP is left alone, so that a closed terminal ends the program too.
trap : INT QUIT TERM USR1 USR2
put shim "$$ $signalbox_ticks $STY $signalbox_boot"
# The shell's own word about a killed program would block in a frozen terminal for ever, and the exit code with it: it goes nowhere.
exec 3>&2 2>/dev/null
# Ctrl-S would freeze the program for good, long after whoever pressed it has left. Set while the locks are taken: the pipe is only there
# to tell the last step when that is done, and the program's own input is the terminal.
if [ "$signalbox_set" ]; then
  (exec "$@" 2>&3 3>&-)
else
  stty -ixon <&3 | (exec "$@" 4<&0 <&3 2>&3 3>&-)
fi
signalbox_code=$?
put exit "$signalbox_code"
exit "$signalbox_code"

#!/bin/sh
# The only window of a session's screen. It runs the program, and tells its pid and its exit code in small files.
#
#   signalbox-run FOLDER COMMAND...           the window itself: writes FOLDER/shim, runs the command, writes FOLDER/exit
#   signalbox-run --child FOLDER COMMAND...   the last step before the program: writes FOLDER/child and becomes the program
#   signalbox-run --spare FOLDER              a window that has no program yet: writes FOLDER/ready, and becomes the window of the run
#                                             that is put into the pipe FOLDER/order; ends when nobody is left who could put one there
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

if [ "$1" = --child ]; then
  signalbox_folder=$2
  shift 2
  ticks_of $$
  put child "$$ $signalbox_ticks"
  # Ends when the terminal is as it has to be.
  read -r _ <&4
  exec 4<&-
  exec "$@"
fi

IFS= read -r signalbox_boot </proc/sys/kernel/random/boot_id
if [ "$1" = --spare ]; then
  signalbox_folder=$2
  ticks_of $$
  stty -ixon
  exec 5<"$signalbox_folder/order"
  put ready "$$ $signalbox_ticks $STY $signalbox_boot"
  # Its folders and name, then settings and words, each behind an = sign and each list ended by a dot. Less than that is no order.
  IFS= read -r signalbox_folder <&5 && IFS= read -r signalbox_there <&5 && IFS= read -r signalbox_name <&5 || exit 0
  while IFS= read -r signalbox_line <&5 && [ "$signalbox_line" != . ]; do export "${signalbox_line#=}"; done
  set --
  while IFS= read -r signalbox_line <&5 && [ "$signalbox_line" != . ]; do set -- "$@" "${signalbox_line#=}"; done
  [ "$signalbox_line" = . ] || exit 0
  exec 5<&-
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
  (exec "$@" 4</dev/null 2>&3 3>&-)
else
  stty -ixon <&3 | (exec "$@" 4<&0 <&3 2>&3 3>&-)
fi
signalbox_code=$?
put exit "$signalbox_code"
exit "$signalbox_code"

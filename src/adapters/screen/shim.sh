#!/bin/sh
# The only window of a session's screen. It runs the program, and tells its pid and its exit code in small files.
#
#   signalbox-run FOLDER COMMAND...           the window itself: writes FOLDER/shim, runs the command, writes FOLDER/exit
#   signalbox-run --child FOLDER COMMAND...   the last step before the program: writes FOLDER/child and becomes the program
#
# COMMAND begins with one `flock --no-fork` per lock and then the --child step, so one process takes the locks, tells its pid and becomes
# the program, which thereby holds the locks for as long as it or any process it leaves behind lives.
set -f

# Field 22 of /proc/PID/stat, counted behind the name, which may hold anything.
ticks_of() {
  IFS= read -r line <"/proc/$1/stat" || return 1
  set -- ${line##*) }
  ticks=${20}
}

# In one write of less than a page: a reader sees nothing or the whole line, and no mv has to be started for it.
put() {
  printf '%s\n' "$2" >"$folder/$1"
}

if [ "$1" = --child ]; then
  folder=$2
  shift 2
  ticks_of $$
  put child "$$ $ticks"
  # Ends when the terminal is as it has to be.
  read -r _ <&4
  exec 4<&-
  exec "$@"
fi

folder=$1
shift
# Caught, not ignored: the program keeps the default for each. HUP is left alone, so that a closed terminal ends the program too.
trap : INT QUIT TERM USR1 USR2
ticks_of $$
IFS= read -r boot </proc/sys/kernel/random/boot_id
put shim "$$ $ticks $STY $boot"
# The shell's own word about a killed program would block in a frozen terminal for ever, and the exit code with it: it goes nowhere.
exec 3>&2 2>/dev/null
# Ctrl-S would freeze the program for good, long after whoever pressed it has left. Set while the locks are taken: the pipe is only there
# to tell the last step when that is done, and the program's own input is the terminal.
stty -ixon <&3 | (exec "$@" 4<&0 <&3 2>&3 3>&-)
code=$?
put exit "$code"
exit "$code"

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # lib.sh, which runs this, shares its variables
# Each call of libxenstore and the kernel that add and remove make, made to fail
# in turn (tests/fault/fault.c): one right message, nothing left, and a later add works.
faulty=$BUILD/tests/fault/xen-ephemeral-block

# A failure of these changes nothing, and why that is right.
harmless() {
	case $1 in
	# After getrandom and add_key: keyctl invalidates a key that goes with the thread's keyring anyway.
	syscall) [ "$nth" -gt 2 ] ;;
	# A lease that is not given back goes when its descriptor is closed.
	fcntl) [ "$nth" = 2 ] ;;
	*) false ;;
	esac
}

faulted() { # VERB [NAME=VALUE...]: the program with faults, as backend() runs the other one
	local program=$faulty verb=$1
	shift
	backend "$verb" env "$@"
}

list_calls() { # VERB
	rm -f "$T/list"
	faulted "$1" FAULT_LIST="$T/list"
	mapfile -t calls <"$T/list"
}

# Whether hotplug-error can be expected: xenstore has to work, and the disk has to be known.
tells_xenstore() {
	case $1 in
	xs_open) return 1 ;;
	sigaction | sigprocmask | close_range | setrlimit | prctl) return 1 ;; # before it looks at anything
	esac
	[ "$n" -gt "$connected" ]
}

# message CALL: all that is wrong with what was said.
message() {
	[ "$(wc -l <"$T/stderr")" = 1 ] || echo "other than one line: $stderr"
	[[ $stderr =~ ^xen-ephemeral:\ $verb:\ .+:\ .+ ]] || echo "no action or no reason: $stderr"
	[[ $stderr != *Success* ]] || echo "a reason that is none: $stderr"
	[ "$verb" = add ] && tells_xenstore "$1" || return 0
	[ "$(node hotplug-status)" = error ] || echo "hotplug-status: $(node hotplug-status)"
	[[ $(node hotplug-error) == *:* ]] || echo "hotplug-error: $(node hotplug-error)"
	! gives_away "$(node hotplug-error)" || echo "a guest may not read: $(node hotplug-error)"
}

stands() { [ "$(loops && maps && keys)" = "$base" ]; }

outcome() { # CALL
	if harmless "$1"; then
		[ "$status" = 0 ] || echo "fails, which is not needed: $stderr"
	elif [ "$status" = 1 ]; then
		message "$1"
	else
		echo "status $status: $stderr"
	fi
}

end_disk() {
	destroy 2>/dev/null
	remove
	[ "$status" = 0 ] || wrong+="remove: $stderr"$'\n'
	stands || wait_for 10 stands || wrong+="left: $(diff <(echo "$base") <(loops && maps && keys))"$'\n'
}

# every VERB NAME PARAMS MODE
every() {
	local n nth call made wrong bad=0 base connected verb=$1 before
	base=$(loops && maps && keys)
	before=$(world)
	new_vbd "$3" "$4"
	[ "$verb" = add ] || { add && destroy; }
	list_calls "$verb"
	is "$status" 0 "$2: $verb with every call working"
	end_disk
	connected=$(printf '%s\n' "${calls[@]}" | grep -n -m 1 '^xs_open$' | cut -d: -f1)
	for ((n = 1; n <= ${#calls[@]}; n++)); do
		call=${calls[n - 1]} wrong=
		new_vbd "$3" "$4"
		[ "$verb" = add ] || add
		rm -f "$T/list"
		faulted "$verb" FAULT="$n" FAULT_LIST="$T/list"
		made=$(wc -l <"$T/list")
		# A run may look at blkback less often than the one that was listed, and be over before.
		if [ "$made" -lt "$n" ] && [ "$n" -gt $((${#calls[@]} - 12)) ]; then
			[ "$status" = 0 ] || wrong="status $status with no call failing: $stderr"
		else
			# Where the run waited longer than the listed one, this is another call.
			call=$(sed -n "${n}p" "$T/list")
			nth=$(head -n "$n" "$T/list" | grep -cx "$call")
			wrong=$(outcome "$call")
		fi
		end_disk
		[ $((n % 8)) != 0 ] || {
			vbd "$domid" 51712 "$3" "$4"
			add
			[ "$status" = 0 ] || wrong+="a later add: $stderr"
			end_disk
		}
		[ -n "$wrong" ] || continue
		bad=$((bad + 1))
		fail_with "$2: $verb with call $n, $call, failing" "$wrong"
	done
	is "$bad" 0 "$2: $verb with each of its ${#calls[@]} calls failing in turn"
	unchanged "$before" "$2: $verb: nothing is left of it"
}

file origin 4M
file store 4M
every add "dir=" "volatile:dir=$T/files,size=4M" w
loop_over "$T/files/store"
every add "dev=" "volatile:dev=$loop" w
loop_end "$loop"
every add "cow" "cow:origin=$T/files/origin,dir=$T/files,size=4M" w
every add "read-only" "$T/files/origin" r
every remove "remove" "volatile:dir=$T/files,size=4M" w
every remove "remove, cow" "cow:origin=$T/files/origin,dir=$T/files,size=4M" w

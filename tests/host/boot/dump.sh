# shellcheck shell=bash disable=SC2154,SC2054
# SPDX-License-Identifier: GPL-2.0-or-later
# Dumps of the machine's whole memory, for a program that looks at them: run.sh --dump PROGRAM.
# A test asks through machine_memory (lib.sh); the answer goes through a second virtio port.

# QEMU has its RAM in one piece from address 0 up to this size; what is more goes above 4 GiB.
dump_limit=$((3 << 30))

# dump_prepare: in the run's folder, before QEMU starts. Opened for both, a pipe never blocks its opener.
dump_prepare() {
	local setting
	dump_patience=1
	for setting in "${environment[@]}"; do [[ $setting != PATIENCE=* ]] || dump_patience=${setting#*=}; done
	dump_bytes=$(numfmt --from=iec "$memory")
	[ "$dump_bytes" -le "$dump_limit" ] || fatal "--dump works up to --memory 3G, not $memory"
	mkdir dump
	mkfifo qmp.in qmp.out answer.in answer.out
	exec {qmp_in}<>qmp.in {qmp_out}<>qmp.out {answer_in}<>answer.in
	qmp_send qmp_capabilities
	qemu+=(-chardev pipe,id=qmp,path=qmp -mon chardev=qmp,mode=control
		-chardev pipe,id=answer,path=answer -device virtserialport,chardev=answer,name=answer)
}

# qmp COMMAND [ARGUMENTS]: QEMU's monitor protocol, a line each way. Fails when it does, or after 60 s (with PATIENCE,
# that many times as long).
qmp() {
	local reply
	qmp_send "$@"
	while read -r -t $((60 * dump_patience)) reply <&"$qmp_out"; do
		case $reply in
		*'"error"'*"\"id\": \"$1\""*) echo "qemu's $1: $reply" && return 1 ;;
		*"\"id\": \"$1\""*) return 0 ;;
		esac
	done
	echo "qemu's $1: no answer"
	return 1
}

qmp_send() { printf '{"execute":"%s","id":"%s","arguments":{%s}}\n' "$1" "$1" "${2:-}" >&"$qmp_in"; }

# dump_take: the machine stands still meanwhile.
dump_take() {
	local status=0
	qmp stop || return
	qmp pmemsave "\"val\":0,\"size\":$dump_bytes,\"filename\":\"$work/memory\"" || status=1
	qmp cont && [ "$status" = 0 ] || return 1
	[ "$(stat -c %s "$work/memory")" = "$dump_bytes" ]
}

# dump_answer WORD...: what the program says of a new dump, then its status.
dump_answer() {
	local status=0
	{ dump_take && (cd dump && timeout $((300 * dump_patience)) "$dump_program" "$work/memory" "$@"); } \
		>answer 2>&1 || status=$?
	rm -f memory
	echo "::end:: $status" >>answer
	timeout 60 cat answer >&"$answer_in" || echo "dump: the host does not read the answer" >&2
}

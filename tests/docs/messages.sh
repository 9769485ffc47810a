# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the programs can say, read from their sources.

# Texts of C files, one a line; what differs from one time to the next is "...". Bytes that are no text are
# read as Latin-1, where every byte is one.
c_texts() {
	{ xgettext --extract-all --language=C --no-wrap --no-location --from-code=ISO-8859-1 -o - "$@" 2>/dev/null ||
		echo 'msgid "xgettext failed"'; } |
		sed -n 's/^msgid "\(.*\)"$/\1/p' | sed 's/%<[A-Z0-9a-z]*>/.../g; s/%[-0-9.*]*[a-z]*/.../g; s/\\"/"/g'
}

# A message is what has two words next to each other. What has and is none is named here: parts of a
# message that are known by others, and the compiler's own.
source_messages() {
	c_texts "$@" | grep -E '[a-z]+,? [a-z(]' | grep -vE \
		-e '^\.\.\.: disk \.\.\. of domain|^xen-ephemeral: disk' \
		-e '^\.\.\.: gave up, no answer in time while $' \
		-e '^usage: ' -e '^\.irp n,$' -e '^for the disk$' | LC_ALL=C sort -u
}

# page_messages PAGE: the items of its diagnostics.
page_messages() {
	sed -n '/^\.Sh DIAGNOSTICS/,/^\.Sh SEE/s/^\.It //p' "$1" | LC_ALL=C sort
}

# The keys of a target, as the backend names them to whoever used another.
source_keys() {
	sed -n 's/.*"known are \(.*\)".*/\1/p' backend/role.c | sed 's/,\| and / /g' | tr ' ' '\n' | sort -u | grep .
}

# Everything that anything here says: the programs' texts, and the scripts but for their comments.
tell_all() {
	c_texts backend/*.c command/*.c guest/initramfs/*.c
	grep -hv '^[[:blank:]]*#' guest/*.sh guest/qubes-init guest/init guest/dracut/*/*.sh guest/initramfs-tools/scripts/*/*
}

# quoted_messages DOCUMENT: what stands in backticks in the first column of its tables; not where the
# column begins with the name of another program.
quoted_messages() {
	sed -n '/^|[- |]*$/d; /^| xl: /d; s/^| \([^|]*\) |.*/\1/p' "$1" | grep -o '`[^`]*`' | tr -d '`' | sort -u
}

# told FILE MESSAGE: each part between "..." stands in one line of the file, in this order.
told() {
	local pattern
	pattern=$(sed 's/[][\.*^$]/\\&/g; s/\\\.\\\.\\\./.*/g' <<<"$2")
	grep -q -e "$pattern" "$1"
}

# Standard input as an extended regular expression, line by line.
quote() { sed 's/[][\.*^$+?(){}|]/\\&/g; s/^ *//'; }

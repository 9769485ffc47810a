#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is encrypted of a disposable's writes: Qubes' ephemeral volumes beside xen-ephemeral.
set -eu
# shellcheck source=docs/pictures/lib.sh
. "$(dirname "$0")/lib.sh"

begin 1040 500 "Beside Qubes' ephemeral volumes" \
	"With Qubes' ephemeral property, swap is encrypted, and the writes to root where root is read-only; the writes to private reach their volume in plain text. With xen-ephemeral all three are encrypted."

# side X TITLE
side() {
	frame "$1" 16 496 392 "$2"
	box $(($1 + 16)) 62 104 60 "swap"
	box $(($1 + 16)) 150 104 60 "/"
	box $(($1 + 16)) 238 104 60 "/rw"
}

side 16 "Qubes, volatile volume with ephemeral"
box 196 62 120 148 "dm-crypt" "AES-128-XTS" "(256-bit key)"
box 352 62 144 60 "volatile volume" "ciphertext"
both_ways write "M137 92H195"
both_ways write "M137 180H195"
both_ways cipher "M317 92H351"
box -c bad 352 150 144 60 "root volume" "plain text"
both_ways plain "M84 211V224H334V180H351"
box -c bad 352 238 144 60 "private volume" "plain text"
both_ways plain "M137 268H351"
note 32 324 "/ goes to dm-crypt once root is read-only (rw off), and to the root"
note 32 342 "volume as it comes. Both volumes are removed with the disposable."
note 32 368 "The key ends with cryptsetup close, when the qube stops; after a"
note 32 386 "crash, when it next starts."

side 528 "xen-ephemeral"
box 708 62 136 236 "dm-crypt" "AES-256-XTS" "(512-bit key)"
box 884 62 124 236 "the store" "ciphertext"
both_ways write "M649 92H707"
both_ways write "M649 180H707"
both_ways write "M649 268H707"
both_ways cipher "M845 180H883"
note 544 324 "A writable root or private disk is refused; for a guest that knows"
note 544 342 "nothing of this, dom0 makes a snapshot of each instead."
note 544 368 "The key ends in the kernel, with the last close of the device,"
note 544 386 "whatever the cause, and no program has to run for it."

both_ways write "M32 444H84"
note 94 448 "what the domain writes, and reads back"
both_ways cipher "M380 444H432"
note 442 448 "the same, encrypted"
both_ways plain "M620 444H672"
note 682 448 "in plain text to the volume"
note 32 480 "Both stand on top of the disk encryption that the host may have, and read root and private from where they are."
end

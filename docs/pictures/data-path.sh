#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# From the images to the domain, and from the domain to the store.
set -eu
# shellcheck source=docs/pictures/lib.sh
. "$(dirname "$0")/lib.sh"

begin 1040 556 "The data path of a disposable domain" \
	"The domain reads its root and private disks, which are attached read-only. All that it writes goes through dm-snapshot to xvdc, through dm-crypt in dom0, and reaches the store as ciphertext."
frame 16 16 206 446 "what is on disk"
frame 258 16 330 446 "dom0's kernel"
frame 624 16 400 446 "the disposable domain"

# read_only Y IMAGE DISK FOLDER SNAPSHOT
read_only() {
	box 32 "$1" 174 60 "$2" "never written"
	box 274 "$1" 298 60 "blkback, mode r" "a file: over a read-only loop device"
	box 640 "$1" 118 60 "$3" "read-only"
	box 860 "$1" 150 60 "$4" "dm-snapshot $5"
	one_way read "M206 $(($1 + 30))H273"
	one_way read "M572 $(($1 + 30))H639"
	one_way read "M758 $(($1 + 20))H859"
}
read_only 62 "root image" xvda / dmroot
read_only 160 "private image" xvdb /rw dmhome
box 860 388 150 54 "swap"

# xvdc and its partitions.
box 640 270 118 172 ""
line "M640 314H758M640 357H758M640 400H758"
texts 640 270 118 44 "xvdc" "writable"
middle 699 340 "2: root store"
middle 699 383 "3: private store"
middle 699 426 "1: swap"
both_ways write "M859 107H796V336H759"
both_ways write "M859 205H826V379H759"
both_ways write "M859 421H759"

box 466 270 106 60 "blkback" "mode w"
box 274 270 140 60 "dm-crypt" "AES-256-XTS"
both_ways write "M639 300H573"
both_ways write "M465 300H415"
line "M344 330V358"
box -c key 274 358 298 84 "the key: 64 random bytes" "made for this disk, shown to nobody," \
	"gone with the last close of the device"
box 32 270 174 172 "the store" "ciphertext only" "" "a file without a name," "or a block device" "or file of your own"
both_ways cipher "M272 300H207"

one_way read "M32 492H84"
note 94 496 "reads from the images"
both_ways write "M290 492H342"
note 352 496 "all that the domain writes, and reads back"
both_ways cipher "M660 492H712"
note 722 496 "the same, encrypted"
note 32 530 "Shutdown, crash, xl destroy or a killed toolstack: the last close of dm-crypt's device frees key, mapping, loop device and unnamed file in the kernel."
end

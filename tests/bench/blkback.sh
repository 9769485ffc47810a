#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Group blkback: what a PVH guest sees of a disk through blkback: dd at depth 1, past the guest's page cache, and a file
# written and synced through dmroot, which is a snapshot on the volatile disk. Beside it a plain disk and cryptsetup's
# defaults. All disks are of one guest, so that its rounds are interleaved too.
. /tests/lib.sh
. /tests/lib-disks.sh
. /tests/lib-xen.sh
. /tests/bench/lib.sh

# In the guest, in less than 1,000 characters. dmroot has the chunks that the step in the initramfs gives it.
read -r -d '' commands <<'END'
now() { cut -d' ' -f1 /proc/uptime; }
io() { n=$1 c=$2; shift 2; s=$(now); "$@" 2>/dev/null || n=failed; echo "IO $n $c $s $(now)"; }
dmsetup create r --table "0 131072 snapshot /dev/xvda /dev/xvdd N CHUNK"
mkdir /p /e
for x in /dev/mapper/r:/e /dev/xvde:/p; do mkfs.ext4 -qF ${x%:*}; mount ${x%:*} ${x#*:}; done
for i in $(seq ROUNDS); do
for d in b:plain c:volatile f:cryptsetup; do p=/dev/xvd${d%:*} t=${d#*:}
io $t.read-4k 256 dd if=$p of=/dev/null bs=4k count=256 iflag=direct
io $t.write-4k 256 dd if=/dev/zero of=$p bs=4k count=256 oflag=direct
io $t.write-1M 16 dd if=/dev/zero of=$p bs=1M count=16 oflag=direct
done
for d in p:plain e:dmroot; do io ${d#*:}.file 16 dd if=/dev/zero of=/${d%:*}/f bs=1M count=16 conv=fsync; rm /?/f; sync; done
done
echo IO-END
END
commands=${commands//ROUNDS/$rounds}
chunk=$(sed -n 's/.*EPHEMERAL_CHUNK:=\([0-9]*\).*/\1/p' /usr/share/xen-ephemeral/guest/ephemeral-disks.sh)
commands=${commands//CHUNK/$chunk}
[ -n "$chunk" ] && [ ${#commands} -lt 1000 ] || give_up "the guest's commands are not as they must be"

# Every line of the guest is a sample: microseconds for each of its COUNT requests.
samples_of_guest() {
	local word name count start end
	while read -r word name count start end; do
		[ "$word" = IO ] || continue
		[ "$name" != failed ] || give_up "dd in the guest"
		sample "$name" us "$((((10#${end/./} - 10#${start/./}) * 10000 + count) / count))"
	done < <(guest_console io)
}

truncate -s 64M root.img b.img c.img e.img f.img
spare=$(losetup -f --show f.img)
cryptsetup open --type plain --key-file /dev/urandom --cipher aes-xts-plain64 --batch-mode "$spare" bench || give_up "cryptsetup"
GUEST_RUN=$commands guest_config io "$(disk ro xvda "$PWD/root.img")" "$(plain xvdb "$PWD/b.img")" \
	"$(disk rw xvdc "volatile:dir=$PWD,size=64M")" "$(disk rw xvdd "volatile:dir=$PWD,size=100M")" \
	"$(plain xvde "$PWD/e.img")" phy:/dev/mapper/bench,xvdf,w
guest_start io >output 2>&1 || { cat output && give_up "xl create"; }
guest_wait_for_text io IO-END 1500 || give_up "the guest does not come to its end"
guest_gone io
samples_of_guest
progress "$rounds rounds in the guest ($SECONDS s)"
cryptsetup close bench
plain_end

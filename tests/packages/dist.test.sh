# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# The release's tarball: the same bytes twice, and what was committed, all of it.

# The sources as one commit of a repository of their own: this tree may have changes, or no repository.
git_here() { git -C "$T/git" -c user.name=test -c user.email=test@example.org -c init.defaultBranch=main "$@"; }
a_commit() {
	"$top/packaging/source.sh" "$T/git" && git_here init -q && git_here add -A -f && git_here commit -q -m all
}
ok "a commit of the sources" a_commit
ok "make dist" "$T/git/packaging/dist.sh" "$T/dist1"
release=xen-ephemeral-$version
# What differs from one machine to another: umask, time zone, language, the time.
elsewhere() { (umask 077 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 GZIP=-1 "$T/git/packaging/dist.sh" "$T/dist2"); }
sleep 1
ok "make dist as somebody else" elsewhere
ok "gives the same bytes" cmp "$T/dist1/$release.tar.gz" "$T/dist2/$release.tar.gz"

ok "it unpacks" tar -xzf "$T/dist1/$release.tar.gz" -C "$T"
cp -a "$T/$release" "$T/sources"
is "$(cd "$T/$release" && find . -type f | LC_ALL=C sort)" \
	"$(cd "$T/git" && find . -path ./.git -prune -o -type f -print | LC_ALL=C sort)" "it has every file"
is "$(find "$T/$release" -type f ! -perm 644 ! -perm 755)" "" "with modes that no umask has changed"
# What a build leaves there that was not in a folder of its own.
for file in build/x qubes/__pycache__/x debian/tmp/x debian/.debhelper/x debian/files debian/xen-ephemeral/usr/x \
	debian/qubes-ephemeral-dom0/usr/x debian/xen-ephemeral.substvars debian/xen-ephemeral.postinst.debhelper; do
	mkdir -p "$T/$release/${file%/*}" && echo built >"$T/$release/$file"
done
ok "a tree without git gives its sources too" "$T/$release/packaging/source.sh" "$T/again"
ok "the same ones, and nothing that was built" diff -r "$T/sources" "$T/again"

echo changed >>"$T/git/NEWS.md"
like "$("$T/git/packaging/dist.sh" "$T/dist3" 2>&1)" "what is not committed is not in $release" "it says when a change is not in it"
ok "which it is not" cmp "$T/dist1/$release.tar.gz" "$T/dist3/$release.tar.gz"
rm -rf "$T/git/.git" "$T"/dist[23] "$T/again" "$T/${release:?}"
mv "$T/sources" "$T/$release"

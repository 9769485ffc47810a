/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The disk of a domain: attached, opened by blkback, given up, killed at any point.
 *
 *	step					where
 *	create					backend/mapping-create.c, mapping_create()
 *	load the error table			backend/volume.c, start(); mapping-erase.c, mapping_load_error()
 *	open, arm				start(); mapping_open(), mapping_arm()
 *	make the key, add_key			backend/key.c, key_make(), key_enter(); volume.c, load_with_key()
 *	load the crypt table			mapping_load()
 *	forget the key				key_forget()
 *	resume, zero the head			mapping_resume(); volume.c, zero_head()
 *	publish, await, retract			backend/add.c, hand_over(); vbd-publish.c, vbd-await.c
 *	wipe after a failure, close		add.c, add_new_volume(); mapping_wipe(), mapping_close()
 *	join a stubdomain's			volume.c, volume_join(); add.c, add_shared_volume()
 *	remove					backend/remove.c, end_mapping()
 *	sweep					command/sweep.c, remove_device(); command/ownership.c
 *	wipe					command/wipe.c, wipe_one()
 *
 * A cow disk (-DCOW) is a volatile disk with a snapshot over it, in the same order; what differs is in
 * cow.pml.
 *
 * Of the world outside: libxl runs add and remove when it likes, kills them, is killed itself, and
 * deletes a disk with or without remove (libxl_device.c). blkback reads a number from xenstore and
 * later opens what has that number then; it says that a disk is closed before it closes the device
 * (xen-blkback/xenbus.c). Every call may fail, every process may be killed after every call. Left out
 * are the stores: a table holds its store, so a store is held for as long as a table stands.
 *
 * The scenarios, and the wrong orders that have to be found, are listed in run.sh. Of two attaches, one
 * does everything that an attach may do, the other all that it should.
 */
#ifdef OTHER_DEVICE
#define VBDS	1
#define NUMBERS 3
#define OWNER(v) (v)
#elif defined(TWO_DOMAINS)
#define VBDS	2
#define NUMBERS 2
#define OWNER(v) (v)
#elif defined(STUBDOMAIN)
#define VBDS	2
#define NUMBERS 2
#define OWNER(v) 0 /* the second is the stubdomain's disk, which is its guest's */
#else
#define VBDS	1
#define NUMBERS 2
#define OWNER(v) (v)
#endif
#if defined(TWO_DOMAINS)
#define MORTAL(v, round) (v == 0)
#elif defined(STUBDOMAIN)
#define MORTAL(v, round) (v == 1)
#elif defined(TWO_ROUNDS)
#define MORTAL(v, round) (round == 0)
#else
#define MORTAL(v, round) true
#endif
#if defined(COW) && defined(STUBDOMAIN) /* that the other lets go first would be too many states */
#define LIVES_ON(v, round) (v == 0)
#elif defined(STUBDOMAIN)
#define LIVES_ON(v, round) false
#else
#define LIVES_ON(v, round) !MORTAL(v, round)
#endif
#ifdef TWO_ROUNDS
#define ROUNDS 2
#else
#define ROUNDS 1
#endif

#include "kernel.pml"

#define WAITING 1 /* InitWait, 2 in xenstore */
#define CLOSING 2
#define CLOSED	3

#define RUNNING 1
#define SUCCEEDED 2
#define FAILED	3 /* or killed */

byte names; /* given out so far; a name is never used twice (its nonce) */

#ifdef COW
/* The names of the one cow disk, and of what is not ours. */
#define STORE		 1
#define SNAPSHOT_OVER_IT 2
#define NOT_OURS	 3
#endif
#ifdef ORIGIN_HANGS
#define MAY_HANG(which) (which == SNAPSHOT_OVER_IT)
#else
#define MAY_HANG(which) true
#endif

/* A disk in xenstore, and what blkback has of it. */
typedef disk {
	bool there;
	byte state;
	byte node;	/* physical-device, or NONE */
	byte published; /* the name of the device that node was written for */
	byte result;	/* of the attach */
	byte read;	/* the number that blkback has read and not opened yet, or NONE */
	byte open;	/* the name of what blkback has open, or 0 */
	byte number;	/* and its number: what sysfs shows */
};
disk vbd[VBDS];

#define MAY_DIE if :: true :: goto killed fi
#define MAY_DIE_IF(mortal) if :: true :: mortal -> goto killed fi
#define MAY_FAIL_IF(mortal) if :: true :: mortal -> goto failed :: mortal -> goto killed fi

inline publish()
{
	atomic {
		if
		:: vbd[v].there && vbd[v].state == WAITING && vbd[v].node == NONE ->
			vbd[v].node = n;
			vbd[v].published = name
		:: else -> goto failed
		fi;
		MAY_DIE_IF(mortal)
	}
}

inline load_error_table()
{
	atomic {
		dm_find(name, found);
		if
		:: found == NONE -> goto failed
		:: else -> dm_load(found, ERROR)
		fi;
		MAY_FAIL_IF(mortal)
	}
}

/* By number, whatever has it by now. */
inline open_device()
{
	atomic {
		if
		:: dm[n].name != 0 && dm[n].registered -> dm[n].openers++; opened = dm[n].name
		:: else -> goto failed
		fi;
		MAY_DIE_IF(mortal)
	}
}

inline arm()
{
	atomic {
		dm_find(name, found);
		if
		:: found == NONE -> goto failed
		:: else -> dm_remove_deferred(found)
		fi;
		MAY_FAIL_IF(mortal)
	}
}

inline load_crypt_table()
{
	atomic { key = true; MAY_FAIL_IF(mortal) }; /* key_make(), key_enter() */
	atomic {
		dm_find(name, found);
		if
		:: found == NONE -> goto failed
		:: else -> dm_load(found, CRYPT)
		fi;
		MAY_FAIL_IF(mortal)
	};
	atomic { key = false; MAY_DIE_IF(mortal) } /* key_forget() */
}

inline resume()
{
	atomic {
		dm_find(name, found);
		if
		:: found == NONE -> goto failed
		:: else -> dm_resume(found)
		fi;
		MAY_FAIL_IF(mortal)
	}
}

/* A write fails on the error table, and while no table is live. */
inline zero_head()
{
	atomic {
		if
		:: dm[n].name == opened && dm[n].live == CRYPT
		:: else -> goto failed
		fi;
		MAY_FAIL_IF(mortal)
	}
}

/* mapping_wipe(): two calls. The second waits for requests in flight, in vain if storage hangs. */
inline dm_wipe(which, mortal)
{
	atomic {
		dm_find(which, found);
		if
		:: found != NONE -> dm_load(found, ERROR)
		:: else
		fi;
		MAY_DIE_IF(mortal)
	};
	atomic {
		dm_find(which, found);
		if
		:: found != NONE -> dm_resume(found); dm[found].wiped = (dm[found].live == ERROR)
		:: found == NONE || MAY_HANG(which) /* it fails */
		fi;
		MAY_DIE_IF(mortal)
	}
}

inline close_device()
{
	atomic {
		if
		:: opened != 0 -> dm[n].openers--; opened = 0
		:: else
		fi
	}
}

inline await()
{
	atomic {
		if
		:: vbd[v].open != 0 && vbd[v].number == n
		:: vbd[v].open != 0 && vbd[v].number != n -> goto refused
		:: !vbd[v].there || vbd[v].state != WAITING -> goto refused
		:: mortal -> goto refused /* no answer in time */
		fi;
		MAY_DIE_IF(mortal)
	}
}

#ifdef STUBDOMAIN
#define SHARED(number) (vbd[1 - v].open == dm[number].name)
#else
#define SHARED(number) false
#endif

/* Nobody's: the disk is on no record of libxl. What is not ours has no name that says so. */
#define LEFT_OVER(n) (dm[n].name != 0 && dm[n].owner != NONE && !ON_RECORD(dm[n].owner))
#ifdef STUBDOMAIN
#define ON_RECORD(o) (vbd[0].there || vbd[1].there)
#else
#define ON_RECORD(o) vbd[o].there
#endif

#ifdef COW
#include "cow.pml"
#else
#define IS_DISK(n) (dm[n].name != 0)
#endif

proctype add(byte v; bool mortal)
{
	byte n = NONE, name = 0, opened = 0;
	bool key = false;
#ifdef COW
	byte store = NONE; /* the number of the one that was built */
	bool has_store_open = false;
#endif

#ifdef STUBDOMAIN
	if
	:: v == 1 -> goto join
	:: else
	fi;
#endif
	atomic {
#ifdef COW
		name = STORE;
#else
		names++;
		name = names;
#endif
#ifdef NAMELESS
		dm_create(name, NONE, n);
#else
		dm_create(name, OWNER(v), n);
#endif
		MAY_DIE_IF(mortal)
	};
	load_error_table();
	open_device();
#ifdef PUBLISH_BEFORE_ARM
	publish();
#endif
#ifdef KEY_BEFORE_ARM
	load_crypt_table();
	resume();
	arm();
#else
	arm();
#ifdef PUBLISH_BEFORE_KEY
	publish();
#endif
	load_crypt_table();
#ifdef COW
	check_unwiped();
#endif
	resume();
#endif
	zero_head();
#ifdef COW
	put_snapshot_over();
#endif
#ifdef CLOSE_BEFORE_AWAIT
	publish();
	close_device();
	atomic { vbd[v].result = SUCCEEDED; goto ended };
#endif
#if !defined(PUBLISH_BEFORE_ARM) && !defined(PUBLISH_BEFORE_KEY) && \
	!defined(PUBLISH_BEFORE_SNAPSHOT_ARMED) && !defined(PUBLISH_BEFORE_SNAPSHOT_TABLE)
	publish();
#endif
	await();
	atomic { vbd[v].result = SUCCEEDED; MAY_DIE_IF(mortal) };
	close_device();
	goto ended;

#ifdef STUBDOMAIN
join:
	/* find(): the one that its owner has; looked at, opened, and looked at again while it is held. */
	atomic {
		if
		:: IS_DISK(0) && dm[0].owner == OWNER(v) -> n = 0
		:: IS_DISK(1) && dm[1].owner == OWNER(v) -> n = 1
		:: else -> goto failed
		fi;
		name = dm[n].name;
		MAY_DIE_IF(mortal)
	};
	open_device();
	atomic {
		dm_find(name, found);
		if
		:: found == n && dm[n].armed
		:: else -> goto failed
		fi;
		MAY_DIE_IF(mortal)
	};
	publish();
	await();
	atomic { vbd[v].result = SUCCEEDED; MAY_DIE_IF(mortal) };
	close_device();
	goto ended;
#endif

refused:
	atomic { /* vbd_retract(); it fails if xenstored does */
		if
		:: vbd[v].node == n -> vbd[v].node = NONE
		:: true
		fi;
		MAY_DIE_IF(mortal)
	};
	if
#ifdef COW
	:: OWNER(v) == v -> cow_wipe(mortal)
#else
	:: OWNER(v) == v -> dm_wipe(name, mortal)
#endif
	:: else
	fi;
	close_device();
	goto ended;

failed: /* key_forget(), mapping_undo(): closed; then forgotten, if it was never live */
	atomic { key = false; MAY_DIE_IF(mortal) };
	close_device();
	atomic {
		dm_find(name, found);
		if
		:: OWNER(v) == v && found != NONE && found == n && dm[found].live == EMPTY ->
			dm_remove_deferred(found)
		:: else
		fi
	};
#ifdef COW
	close_store();
#endif
	goto ended;

killed: /* the kernel closes what it had open; its thread keyring ends with it */
#ifdef COW
	if
	:: true -> close_store()
	:: true
	fi;
#endif
	close_device();
#ifdef COW
	close_store();
#endif
	atomic {
#ifdef SESSION_KEYRING
		orphan_keys = orphan_keys + key;
#endif
		key = false
	};

ended:
	atomic {
		if
		:: vbd[v].result == RUNNING -> vbd[v].result = FAILED
		:: else
		fi
	}
}

#ifndef COW
/* One device at a time, by the name that the list gave. */
inline end_mapping()
{
	atomic { name = dm[n].name; MAY_DIE };
	atomic { /* mapping_forget() */
		dm_find(name, found);
		if
		:: found != NONE -> dm_remove_deferred(found)
		:: else -> goto next
		fi;
		MAY_DIE
	};
	atomic { /* await_end() gives up at some time; then has_another_user() */
		dm_find(name, found);
		if
		:: found == NONE -> goto next
		:: found != NONE && SHARED(found) -> goto next
		:: found != NONE && !SHARED(found)
		fi;
		MAY_DIE
	};
	dm_wipe(name, true)
}
proctype remove(byte v)
{
	byte n = 0, name = 0;

	do
	:: n < NUMBERS && dm[n].name != 0 && dm[n].owner == OWNER(v) -> end_mapping(); n++
	:: n < NUMBERS && (dm[n].name == 0 || dm[n].owner != OWNER(v)) ->
next:		n++
	:: n == NUMBERS -> break
	od;
killed:
	n = 0; name = 0
}
#endif

/* Of the two disks of a stubdomain, one that is removed is enough to see what it does to the other. */
byte removes = ROUNDS;

/* libxl, or whatever does its work. Where it stops, it was killed, or the domain lives on. */
proctype toolstack(byte v)
{
	byte round = 0;

#ifdef STUBDOMAIN
	/* The guest's own disks come first (libxl_create.c, domcreate_launch_dm). */
	if
	:: v == 1 ->
end_waits:	vbd[0].result == SUCCEEDED
	:: else
	fi;
#endif
	do
	:: round < ROUNDS ->
		atomic {
			!vbd[v].there && vbd[v].open == 0 && vbd[v].read == NONE;
			vbd[v].there = true;
			vbd[v].state = WAITING;
			vbd[v].node = NONE;
			vbd[v].result = RUNNING;
			run add(v, MORTAL(v, round))
		};
		if
		:: vbd[v].result != RUNNING
		:: true /* killed meanwhile; another one goes on */
		fi;
		MAY_DIE_IF(MORTAL(v, 0));
		if
		:: LIVES_ON(v, round) -> goto killed
		:: else
		fi;
		atomic { vbd[v].state = (vbd[v].state == WAITING -> CLOSING : vbd[v].state) };
		if
		:: vbd[v].state == CLOSED && removes > 0 -> atomic { removes--; run remove(v) }
		:: true /* forced, or given up */
		fi;
		atomic {
			vbd[v].there = false;
			vbd[v].state = 0;
			vbd[v].node = NONE;
			vbd[v].published = 0
		};
		round++
	:: round == ROUNDS -> break
	od;
killed:
}

/* A kernel thread: nobody kills it. */
proctype blkback(byte v)
{
end:
	do
	:: atomic {
		vbd[v].there && vbd[v].state != CLOSED && vbd[v].node != NONE && vbd[v].open == 0 &&
		vbd[v].read == NONE -> vbd[v].read = vbd[v].node
	   }
	:: atomic {
		vbd[v].read != NONE;
		if
		:: dm[vbd[v].read].name != 0 && dm[vbd[v].read].registered ->
			dm[vbd[v].read].openers++;
			vbd[v].open = dm[vbd[v].read].name;
			vbd[v].number = vbd[v].read
		:: else -> vbd[v].state = CLOSED /* xenbus_dev_fatal() */
		fi;
		vbd[v].read = NONE
	   }
	:: atomic { vbd[v].state == CLOSING && vbd[v].read == NONE -> vbd[v].state = CLOSED }
	:: atomic {
		vbd[v].open != 0 && (!vbd[v].there || vbd[v].state == CLOSED);
		dm[vbd[v].number].openers--;
		vbd[v].open = 0
	   }
	od
}

#ifndef COW
proctype sweep(bool mortal)
{
	byte n = 0, name = 0;

#ifdef IDLE_SWEEP
	n = NUMBERS;
#endif
	do
	:: atomic { n < NUMBERS && LEFT_OVER(n) -> name = dm[n].name };
		atomic {
			dm_find(name, found);
			if
			:: found != NONE -> dm_remove_deferred(found)
			:: else
			fi;
			MAY_DIE_IF(mortal)
		};
		atomic {
			dm_find(name, found);
			if
			:: found == NONE -> goto next
			:: else
			fi;
			MAY_DIE_IF(mortal)
		};
		dm_wipe(name, mortal);
next:		n++
	:: n < NUMBERS && !LEFT_OVER(n) -> n++
	:: n == NUMBERS -> break
	od;
killed:
	n = 0; name = 0
}

/* xen-ephemeral wipe of one device, at any time. */
proctype operator()
{
	byte name = 0, n;

	atomic {
		if
		:: dm[0].name != 0 -> n = 0
		:: dm[1].name != 0 -> n = 1
		:: true -> goto killed
		fi;
		name = dm[n].name
	};
	dm_wipe(name, true);
	atomic {
		dm_find(name, found);
		if
		:: found != NONE -> dm_remove_deferred(found)
		:: else
		fi
	};
killed:
}
#endif

bool published_device_is_armed = true;
bool published_device_is_encrypted = true;
bool key_is_in_armed_devices_only = true;
bool attach_that_succeeds_has_its_own_device = true;
bool every_key_has_an_owner_or_a_name = true;
bool nothing_outlives_its_users = true;
bool sweep_leaves_nothing = true;
#ifdef COW
bool wipe_takes_the_key = true;
bool wipe_stops_the_disk = true;
bool other_user_keeps_its_store = true;
#endif

/* What blkback would open, as long as it is the device that was meant. */
#define PUBLISHED(v) (vbd[v].node != NONE && dm[vbd[v].node].name == vbd[v].published)
#ifdef COW
#define UNARMED(v) (PUBLISHED(v) && (!dm[vbd[v].node].armed || IS_OVER_UNARMED(vbd[v].node)))
#define PLAIN(v)   (PUBLISHED(v) && !IS_ENCRYPTED(vbd[v].node) && !IS_STOPPED(vbd[v].node))
#else
#define UNARMED(v) (PUBLISHED(v) && !dm[vbd[v].node].armed)
#define PLAIN(v)   (PUBLISHED(v) && dm[vbd[v].node].live != CRYPT && !dm[vbd[v].node].wiped)
#endif
#define MIXED_UP(v)                                                                        \
	(vbd[v].result == SUCCEEDED && vbd[v].there && vbd[v].open != 0 &&                 \
	 vbd[v].open != vbd[v].published)
#ifdef COW
#define UNBOUND(n) ((HAS_KEY(n) || HAS_SNAPSHOT(n)) && !dm[n].armed)
#else
#define UNBOUND(n) (HAS_KEY(n) && !dm[n].armed)
#endif
#if VBDS > 1
#define ANY_VBD(what) (what(0) || what(1))
#else
#define ANY_VBD(what) what(0)
#endif
#if NUMBERS > 2
#define ANY_DEVICE(what) (what(0) || what(1) || what(2))
#else
#define ANY_DEVICE(what) (what(0) || what(1))
#endif

/* Named so that spin's message tells which it was. */
#define VIOLATED(property) property = false; assert(property)

/* At the end: */
#ifdef COW
#define IN_USE_BY(v, n) (vbd[v].there && vbd[v].open == SNAPSHOT_OVER_IT)
#else
#define IN_USE_BY(v, n) (vbd[v].there && vbd[v].open == dm[n].name)
#endif
#if VBDS > 1
#define IN_USE(n) (IN_USE_BY(0, n) || IN_USE_BY(1, n))
#else
#define IN_USE(n) IN_USE_BY(0, n)
#endif
#define LOST(n)	   (HAS_KEY(n) && !IN_USE(n) && dm[n].owner == NONE)
#ifdef COW
#define OUTLIVES(n) ((HAS_KEY(n) || HAS_SNAPSHOT(n)) && !IN_USE(n))
#else
#define OUTLIVES(n) (HAS_KEY(n) && !IN_USE(n))
#endif

proctype judge()
{
end:
	do
#ifdef CHECK_ARMED
	:: atomic { ANY_VBD(UNARMED) -> VIOLATED(published_device_is_armed) }
#endif
#ifdef CHECK_ENCRYPTED
	:: atomic { ANY_VBD(PLAIN) -> VIOLATED(published_device_is_encrypted) }
#endif
#ifdef CHECK_KEY
	:: atomic { ANY_DEVICE(UNBOUND) -> VIOLATED(key_is_in_armed_devices_only) }
#endif
#ifdef CHECK_DEVICE
	:: atomic { ANY_VBD(MIXED_UP) -> VIOLATED(attach_that_succeeds_has_its_own_device) }
#endif
#ifdef CHECK_WIPE
	:: atomic {
		(met_its_key && ANY_DEVICE(HAS_KEY)) || (met_store && ANY_VBD(RUNS_WITH_KEY)) ->
		VIOLATED(wipe_takes_the_key)
	   }
	:: atomic { met_store && ANY_VBD(RUNS) -> VIOLATED(wipe_stops_the_disk) }
#endif
#ifdef CHECK_STORE
	:: atomic { STARVES(0) -> VIOLATED(other_user_keeps_its_store) }
#endif
	:: timeout -> break
	od;
#ifdef CHECK_OWNER
	if
	:: orphan_keys > 0 || ANY_DEVICE(LOST) -> VIOLATED(every_key_has_an_owner_or_a_name)
	:: else
	fi;
#endif
#ifdef CHECK_USERS
	if
	:: atomic { ANY_DEVICE(OUTLIVES) -> VIOLATED(nothing_outlives_its_users) }
	:: else
	fi;
#endif
	run sweep(false);
	timeout;
#ifdef CHECK_SWEEP
	if
	:: atomic { ANY_DEVICE(LEFT_OVER) -> VIOLATED(sweep_leaves_nothing) }
	:: else
	fi
#endif
}

init
{
	atomic {
		vbd[0].node = NONE;
		vbd[0].read = NONE;
		run judge();
		run blkback(0);
		run toolstack(0);
#if VBDS > 1
		vbd[1].node = NONE;
		vbd[1].read = NONE;
		run blkback(1);
		run toolstack(1);
#endif
#ifdef WIPE
		run operator();
#endif
#ifdef OTHER_DEVICE
		run other_device();
#endif
#ifdef QEMU
		run qemu();
#endif
#ifdef SWEEP
		run sweep(true)
#endif
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cow disk: what attach.pml does otherwise for it. One is made, once; its store is built as a volatile
 * disk is, and the rest is done while the store is held open.
 *
 *	step					where
 *	build the store				backend/cow.c, cow_build(); volume.c, volume_build()
 *	create the snapshot, load the error	cow.c, put_over(), start(); mapping_create_over()
 *	table, open, arm
 *	load the snapshot's table, resume	cow.c, load(); mapping-load.c, mapping_load_snapshot();
 *						mapping-read.c, mapping_check_running()
 *	close the store				cow_build(): the snapshot's table has it open
 *	wipe after a failure			add.c, add_new_cow(); cow.c, cow_wipe()
 *	remove					backend/remove.c, end_mapping(), end_disk()
 *	sweep					command/sweep.c, sweep_devices()
 *	wipe					command/wipe.c, run_round(), wipe_one(), wipe_above()
 *
 * A list of devices is what there was at one moment: what is made later is not on it. The kernel lists
 * in no order that could be counted on; sweep and wipe sort what they got (command/inventory.c).
 *
 * Left out is the origin: a snapshot's table has it open, and it is read only. That its storage hangs is
 * -DORIGIN_HANGS: a snapshot's table cannot be swapped then, while the store's can.
 */
#define IS_DISK(n) (dm[n].name == SNAPSHOT_OVER_IT)

/* Of a snapshot: that it has the store open, that what is written is encrypted, that nothing is
 * written any more. */
#define HAS_SNAPSHOT(n)	   (dm[n].live == SNAPSHOT || dm[n].loaded == SNAPSHOT)
#define IS_ENCRYPTED(n)	   (dm[n].live == SNAPSHOT && dm[dm[n].below].live == CRYPT)
#define IS_STOPPED(n)                                                                  \
	(dm[n].live == ERROR || (dm[n].live == SNAPSHOT && dm[dm[n].below].live == ERROR))
#define IS_OVER_UNARMED(n) (HAS_SNAPSHOT(n) && !dm[dm[n].below].armed)

/* blkback has it open, and requests go through. */
#define RUNS(v) (vbd[v].open == SNAPSHOT_OVER_IT && dm[vbd[v].number].live == SNAPSHOT)

#define RUNS_WITH_KEY(v) (RUNS(v) && IS_ENCRYPTED(vbd[v].number))

/* A disk that is attached and in use has lost its store, or the key. */
#define STARVES(v)                                                                     \
	(vbd[v].there && vbd[v].state == WAITING && vbd[v].open == SNAPSHOT_OVER_IT && \
	 !IS_ENCRYPTED(vbd[v].number))

inline close_store()
{
	atomic {
		if
		:: has_store_open -> dm[store].openers--; has_store_open = false
		:: else
		fi
	}
}

#if defined(STORE_UNLOOKED)
#define UNLOOKED (name == STORE)
#else
#define UNLOOKED false
#endif

/* mapping_check_unwiped() */
inline check_unwiped()
{
	atomic {
		dm_find(name, found);
		if
		:: UNLOOKED || (found != NONE && dm[found].live == EMPTY)
		:: else -> goto failed
		fi;
		MAY_FAIL_IF(mortal)
	}
}

#ifdef STORE_UNLOOKED_AGAIN
#define STORE_RUNS(n) true
#else
#define STORE_RUNS(n) (n != NONE && dm[n].live == CRYPT)
#endif

/* mapping_check_running(), of the store */
inline check_running()
{
	atomic {
		dm_find(STORE, found);
		if
		:: STORE_RUNS(found)
		:: else -> goto failed
		fi;
		MAY_FAIL_IF(mortal)
	}
}

/* By the store's number, whatever has it by now. The kernel opens it, and refuses one that it cannot. */
inline load_snapshot_table()
{
	atomic {
		dm_find(name, found);
		if
		:: found != NONE && store != found && dm[store].name != 0 && dm[store].registered ->
			dm_load_snapshot(found, store)
		:: else -> goto failed
		fi;
		MAY_FAIL_IF(mortal)
	}
}

inline put_snapshot_over()
{
	atomic {
		store = n;
		has_store_open = true;
		opened = 0;
		name = SNAPSHOT_OVER_IT;
#ifdef STORE_CLOSED_EARLY
		dm[store].openers--;
		has_store_open = false;
		MAY_DIE_IF(mortal)
	};
	atomic {
#endif
		dm_create(name, OWNER(v), n);
		MAY_FAIL_IF(mortal)
	};
	load_error_table();
	open_device();
#ifdef PUBLISH_BEFORE_SNAPSHOT_ARMED
	publish();
#endif
#ifdef SNAPSHOT_BEFORE_ARM
	load_snapshot_table();
	check_unwiped();
	resume();
	arm();
#else
	arm();
#ifdef PUBLISH_BEFORE_SNAPSHOT_TABLE
	publish();
#endif
	load_snapshot_table();
	check_unwiped();
	check_running();
	resume();
#endif
	atomic { close_store(); MAY_DIE_IF(mortal) }
}

/* The store first. The snapshot is tried in any case. */
inline cow_wipe(mortal)
{
	dm_wipe(STORE, mortal);
	dm_wipe(SNAPSHOT_OVER_IT, mortal)
}

/* mapping_forget() */
inline forget(which, mortal)
{
	atomic {
		dm_find(which, found);
		if
		:: found != NONE -> dm_remove_deferred(found)
		:: else
		fi;
		MAY_DIE_IF(mortal)
	}
}

/* What there is at one moment. Locals of whoever lists. */
inline list_devices()
{
	atomic {
		dm_find(STORE, found);
		has_store = found != NONE;
		dm_find(SNAPSHOT_OVER_IT, found);
		has_snapshot = found != NONE
	}
}

proctype remove(byte v)
{
	bool has_store, has_snapshot;

	list_devices();
	do
	:: has_snapshot ->
		has_snapshot = false;
		forget(SNAPSHOT_OVER_IT, true);
		forget(STORE, true);
		atomic { /* mapping_await_end() gives up at some time; then has_another_user() */
			dm_find(SNAPSHOT_OVER_IT, found);
			if
			:: found == NONE -> goto next
			:: found != NONE && SHARED(found) -> goto next
			:: found != NONE && !SHARED(found)
			fi;
			MAY_DIE
		};
		cow_wipe(true)
	:: has_store ->
		has_store = false;
#ifndef REMOVE_STORE_FOR_ITSELF
		atomic { /* has_snapshot() */
			dm_find(SNAPSHOT_OVER_IT, found);
			if
			:: found != NONE -> goto next
			:: else
			fi;
			MAY_DIE
		};
#endif
		forget(STORE, true);
		atomic { /* nobody else can have it as a disk */
			dm_find(STORE, found);
			if
			:: found == NONE -> goto next
			:: else
			fi;
			MAY_DIE
		};
		dm_wipe(STORE, true)
	:: !has_snapshot && !has_store -> break
next:		skip
	od;
killed:
	has_store = false; has_snapshot = false
}

/* remove_device(): what is gone is not there to be wiped. */
inline sweep_device(which, mortal)
{
	forget(which, mortal);
	dm_wipe(which, mortal)
}

proctype sweep(bool mortal)
{
	bool has_store, has_snapshot;

#ifndef IDLE_SWEEP
	list_devices();
	if
	:: has_snapshot && !ON_RECORD(OWNER(0)) -> sweep_device(SNAPSHOT_OVER_IT, mortal)
	:: else
	fi;
	if
	:: has_store && !ON_RECORD(OWNER(0)) -> sweep_device(STORE, mortal)
	:: else
	fi;
#endif
killed:
	has_store = false; has_snapshot = false
}

/* What a wipe that ended had before it. It says of the disk with that store that it is wiped. */
bool met_its_key; /* a store whose key was live */
bool met_store;

/* wipe_one(): with check_wiped(). */
inline wipe_one(which)
{
	dm_wipe(which, true);
	atomic {
		dm_find(which, found);
		done = done && (found == NONE || (dm[found].live == ERROR && dm[found].loaded == EMPTY));
		MAY_DIE
	};
	forget(which, true)
}

/* xen-ephemeral wipe of a cow disk, at any time. */
proctype operator()
{
	bool has_store, has_snapshot, key, done = true;

	atomic {
		list_devices();
		dm_find(STORE, found);
		key = found != NONE && dm[found].live == CRYPT
	};
	if
	:: has_store ->
#ifdef WIPE_SNAPSHOT_FIRST
		if
		:: has_snapshot -> wipe_one(SNAPSHOT_OVER_IT)
		:: else
		fi;
		if
		:: done -> wipe_one(STORE)
		:: else
		fi
#else
#ifndef WIPE_SNAPSHOT_ALONE
		wipe_one(STORE);
#endif
		if
		:: has_snapshot ->
#ifndef WIPE_STORE_ALONE
			wipe_one(SNAPSHOT_OVER_IT)
#else
			skip
#endif
		:: else -> /* wipe_above() */
#ifndef WIPE_NOT_ABOVE
			wipe_one(SNAPSHOT_OVER_IT)
#else
			skip
#endif
		fi
#endif
	:: else
	fi;
	atomic {
#ifdef ORIGIN_HANGS
		met_its_key = key;
#else
		met_its_key = key && done;
#endif
		met_store = has_store && done
	};
killed:
	has_store = false; has_snapshot = false; key = false; done = false
}

#ifdef OTHER_DEVICE
/* A device of another program, which takes whatever number is free and gives it back. */
proctype other_device()
{
	byte n;

	atomic {
		dm_create(NOT_OURS, NONE, n);
		dm_load(n, PLAIN_TEXT);
		dm_resume(n)
	};
end_waits:
	atomic { dm[n].openers == 0 -> dm_free(n); n = 0 }
}
#endif

#ifdef QEMU
/* A second opener of the disk, which lets go of it when it likes: what serves it until the guest's own
 * driver does. */
proctype qemu()
{
	byte n = NONE;

	atomic {
		if
		:: vbd[0].result == SUCCEEDED && vbd[0].there && vbd[0].node != NONE &&
		   dm[vbd[0].node].name == vbd[0].published ->
			n = vbd[0].node;
			dm[n].openers++
		:: goto not_at_all
		fi
	};
	atomic { dm[n].openers--; n = NONE };
not_at_all:
	skip
}
#endif
